/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A naive model of registry: arrays that are searched from end to end. A step is made of a few
 * bytes, by a random number generator or by a fuzzer; it is done to the registry and to the model,
 * and whatever differs is told.
 *
 * Devices 0 and 1 are of the private backend, 2 and 3 of the shared one.
 */
#ifndef REGISTRY_MODEL_H
#define REGISTRY_MODEL_H

#include <stddef.h>
#include <stdint.h>

#define MODEL_STEP_SIZE 8 /* bytes */

/* Empty registry and model. */
void model_reset(void);
/* Returns NULL, or what went wrong. */
const char *model_step(const uint8_t bytes[MODEL_STEP_SIZE]);
/* Compares all of it; returns NULL, or what differs. */
const char *model_compare(void);

#endif /* REGISTRY_MODEL_H */
