/* SPDX-License-Identifier: BSD-3-Clause */
/* pinned.h - memory of this process that the kernel has pinned for devices. */
#ifndef SOAK_PINNED_H_
#define SOAK_PINNED_H_

/* KiB, from VmPin of /proc/self/status; 0 if the kernel does not report it. */
long pinned_kb(void);

#endif
