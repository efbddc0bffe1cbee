/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vma.h - what the kernel knows of a range of addresses: which part of it cannot be pinned for a
 * device, and why (a log line says so of an EFAULT, for which the kernel
 * gives no reason); and whether two processes have the same memory there.
 */
#ifndef DMAMAP_VMA_H
#define DMAMAP_VMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of a description, with its terminating zero; a longer path is cut. */
#define DMAMAP_VMA_TEXT 320

/*
 * Describe the first bad part of [addr, addr + len), which does not wrap, as it is now, for a
 * device that reads it, and if it writes, too; memory that is not writable is good for the former:
 *   0x7f0000-0x7f1000 is not mapped
 *   0x7f0000-0x7f1000 (r--s /dev/shm/x) is a read-only shared mapping
 *   0x7f0000-0x7f1000 (r--p) is read-only
 *   0x7f0000-0x7f1000 (---p) is not accessible
 *   0x7f0000-0x7f1000 (rw-s /dev/shm/x) is beyond the end of its file
 *   0x7f0000-0x7f1000 (rw-s /sys/.../resource0) is memory of a device, which needs a dma-buf
 * "" if all of it looks well, or the kernel does not tell (no /proc, no CONFIG_PROC_PAGE_MONITOR).
 *
 * Reads /proc/self/maps (proc_pid_maps(5)): some 30 ms for 65,530 VMAs. If that shows nothing, also
 * smaps, which visits every page: more for many gigabytes of small pages. Any thread; no lock may
 * be held.
 */
void dmamap_vma_explain(uint64_t addr, uint64_t len, bool writes, char buf[DMAMAP_VMA_TEXT]);

/*
 * The identity of the memory of [addr, addr + len), which does not wrap: the files that are mapped
 * there, and the parts of them. Two processes in which it is equal share all of this memory,
 * wherever their VMAs begin and end. False: part of the range is not mapped, or not shared.
 * Reads /proc/self/maps as above. Any thread; no lock may be held.
 */
bool dmamap_vma_identify(uint64_t addr, uint64_t len, uint64_t *identity);

struct dmamap_vma_count {
	unsigned long used;
	unsigned long limit;	/* vm.max_map_count; 0: unknown */
};

/*
 * The number of VMAs of the process. In fork mode (ibv_fork_init()) libibverbs makes up to two more
 * of each registered range, and fails at the limit. Reads /proc/self/maps: some 30 ms for 65,530 of
 * them. Any thread; no lock may be held.
 */
void dmamap_vma_count(struct dmamap_vma_count *count);

#endif
