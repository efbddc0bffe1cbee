/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * hw: makes memory reachable for edu devices. Yours is ibv_reg_mr(), or a command to the firmware.
 *
 * The DMA engine of edu has 28 address bits, so it cannot reach memory at iova = va as other
 * devices on VFIO do. Each range gets a place of its own below 256 MiB, and the device is told that
 * address instead. All devices of a VFIO container share one address space, so the places are one
 * set for all edu devices. A page that nothing is mapped to follows each range.
 */
#ifndef EDU_MAP_HW_H
#define EDU_MAP_HW_H

#include <stddef.h>
#include <stdint.h>

struct edu_range {
	uintptr_t start;
	size_t len; /* not 0, and start + len - 1 does not wrap */
};

/* Once a device is probed, before the others. 0, or -ENODEV without a VFIO container. */
int edu_hw_init(void);

/*
 * Any thread; sleeps in the kernel, which pins the pages: call it outside your locks. Into *address
 * goes where the device finds the first byte. 0; -EFAULT: the memory is not backed, or not
 * writable; -ENOMEM: a limit; -errno of the kernel.
 */
int edu_hw_map(const struct edu_range *range, uint64_t *address);

/* 0 when the device cannot reach it any more, or -errno, and it still can. */
int edu_hw_unmap(const struct edu_range *range, uint64_t address);

/* Bytes of the window that are left, for a log line about -ENOMEM. */
size_t edu_hw_left(void);

#endif /* EDU_MAP_HW_H */
