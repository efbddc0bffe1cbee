/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * heap.h - which memory belongs to EAL's heaps, and in which units EAL allocates and frees it.
 *
 * Reads EAL's memseg lists without EAL's memory lock, as EAL itself does in rte_dev_dma_map(): the
 * caller may be inside a memory event callback, which holds that lock, or may be a burst, which
 * should not wait for an allocation. This is safe: a memseg list keeps its address until
 * rte_eal_cleanup(), a removed one has length 0, and memory in use by the caller is not freed.
 * Any thread.
 */
#ifndef MLX5X_HEAP_H_
#define MLX5X_HEAP_H_

#include <stdbool.h>
#include <stdint.h>

#include "mr/range.h"

/*
 * Bytes of a unit at most, where EAL frees no single pages. Larger units need fewer MRs; smaller
 * ones pin less memory that no packet uses.
 */
#define MLX5X_HEAP_BLOCK (UINT64_C(32) << 20)

/* EAL frees no memory (--legacy-mem, --no-huge). Call once, before any other function here. */
void mlx5x_heap_set_fixed(void);

/*
 * True if any byte of the range belongs to a heap. For registered external memory the memseg list
 * of the last answer is tried first, so that the cost does not depend on the number of lists.
 */
bool mlx5x_heap_touches(const struct mlx5x_range *range);

/*
 * The registration of the range with EAL, as a number that differs from that of any memory
 * registered there before; 0 if EAL does not know the range. After mlx5x_heap_touches(), whose hint
 * it uses, the cost does not depend on the number of lists either.
 */
uint64_t mlx5x_heap_registration(const struct mlx5x_range *range);

/*
 * True if the memory of an earlier mlx5x_heap_registration() is still there. EAL accepts
 * overlapping registrations, so that the number of a range may change although its memory is the
 * same. Walks all lists.
 */
bool mlx5x_heap_is_current(const struct mlx5x_range *range, uint64_t registration);

/* True if the address belongs to a heap. Tries the memseg list of the last answer first. */
bool mlx5x_heap_has(uintptr_t addr);

/*
 * True if any byte of the range belongs to a heap or is registered with EAL: all memory that is
 * not, EAL has never heard of. Walks all lists, unless that of the last answer holds the range.
 */
bool mlx5x_heap_knows(const struct mlx5x_range *range);

/*
 * The unit in which EAL frees the memory at the address: its page; or, where EAL frees no single
 * pages, the used pages around it within an aligned block of MLX5X_HEAP_BLOCK.
 * 0; -ENOENT: in no heap, nor is any other byte of *unit, which holds the address; -EFAULT: in a
 * heap, but EAL has no memory in *unit.
 */
int mlx5x_heap_unit(uintptr_t addr, struct mlx5x_range *unit);

#endif
