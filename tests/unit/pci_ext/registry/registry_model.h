/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A naive model of registry: arrays that are searched linearly. A step consists of a few bytes,
 * from a random number generator or from a fuzzer; it is applied to the registry and to the model,
 * and any difference is reported.
 *
 * Devices 0 and 1 are of the private backend, 2 and 3 of the shared one.
 */
#ifndef REGISTRY_MODEL_H
#define REGISTRY_MODEL_H

#include <stddef.h>
#include <stdint.h>

#define MODEL_STEP_SIZE 8 /* bytes */

/* Resets registry and model. */
void model_reset(void);
/* Returns NULL, or the difference. */
const char *model_step(const uint8_t bytes[MODEL_STEP_SIZE]);
/* Compares all state; returns NULL, or the difference. */
const char *model_compare(void);

#endif /* REGISTRY_MODEL_H */
