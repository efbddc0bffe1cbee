/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * hw: makes memory accessible to edu devices. In a NIC driver this is ibv_reg_mr() or a firmware
 * command.
 *
 * The DMA engine of edu has 28 address bits and cannot use iova = va as other devices on VFIO do.
 * Each range is mapped to its own window below 256 MiB, and the device gets that address. All
 * devices of a VFIO container share one address space, so the windows of all edu devices are
 * allocated together. An unmapped guard page follows each range.
 */
#ifndef EDU_MAP_HW_H
#define EDU_MAP_HW_H

#include <stddef.h>
#include <stdint.h>

struct edu_range {
	uintptr_t start;
	size_t len; /* not 0, and start + len - 1 does not wrap */
};

/* At probe, before the other functions. 0, or -ENODEV without a VFIO container. */
int edu_hw_init(void);

/*
 * Maps a range; *address is the device's address of its first byte. Any thread; sleeps in the
 * kernel, which pins the pages: call it without locks. 0; -EFAULT: not backed, or not writable;
 * -ENOMEM: a limit; or -errno of the kernel.
 */
int edu_hw_map(const struct edu_range *range, uint64_t *address);

/* 0: the device cannot access the range any more; -errno: it still can. */
int edu_hw_unmap(const struct edu_range *range, uint64_t address);

/* Free bytes below 256 MiB, for the log line about -ENOMEM. */
size_t edu_hw_left(void);

#endif /* EDU_MAP_HW_H */
