/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pins.h - registered memory stays in RAM and counts against RLIMIT_MEMLOCK, as the kernel has it.
 * A page that several registrations share is locked once, until the last of them is gone. For the
 * whole process, any thread.
 */
#ifndef SOFTHCA_PINS_H_
#define SOFTHCA_PINS_H_

#include <stddef.h>

/* The pages that the range touches. 0 or -ENOMEM (a limit), and then nothing is locked by it. */
int hca_pins_add(void *addr, size_t len);
void hca_pins_remove(void *addr, size_t len);

#endif
