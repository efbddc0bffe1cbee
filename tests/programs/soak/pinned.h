/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pinned.h - what the kernel has pinned of this process for devices.
 */
#ifndef SOAK_PINNED_H_
#define SOAK_PINNED_H_

/* KiB, by VmPin of /proc/self/status; 0 if the kernel does not say. */
long pinned_kb(void);

#endif
