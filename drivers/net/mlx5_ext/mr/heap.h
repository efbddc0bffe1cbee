/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * heap.h - what memory belongs to EAL's heaps, and what of it comes and goes together.
 *
 * EAL's lists of memory are read without its lock, as EAL itself does in rte_dev_dma_map(): who asks
 * may be within one of its memory callbacks, which hold that lock, and may be a burst, which should
 * not wait while EAL allocates. A list stays where it is until rte_eal_cleanup(); one that is gone has
 * length 0; and memory that the caller uses does not go. Any thread.
 */
#ifndef MLX5X_HEAP_H_
#define MLX5X_HEAP_H_

#include <stdbool.h>
#include <stdint.h>

#include "mr/range.h"

/* At most this much for one address, where memory never goes page by page. */
#define MLX5X_HEAP_BLOCK (UINT64_C(32) << 20)

/* EAL gives no memory back (--legacy-mem, --no-huge). Once, before anything is asked. */
void mlx5x_heap_set_fixed(void);

/*
 * True if some of the range is a heap's. Of memory that is merely registered, the list that had the last
 * answer is looked at first, so that this costs the same however many lists there are.
 */
bool mlx5x_heap_touches(const struct mlx5x_range *range);

/*
 * What EAL knows the range as: a number that differs from that of any memory which was registered there
 * before. 0 if it does not know it. As quick as mlx5x_heap_touches(), which asks first.
 */
uint64_t mlx5x_heap_registration(const struct mlx5x_range *range);

/*
 * Whether the memory that the range was known as then is there still. EAL takes registrations that
 * overlap: the numbers of a range may differ, and mean the same. Looks at all lists.
 */
bool mlx5x_heap_is_current(const struct mlx5x_range *range, uint64_t registration);

/* True if the address is a heap's. Of a heap, too, the list that had the last answer comes first. */
bool mlx5x_heap_has(uintptr_t addr);

/*
 * What goes together with the address: its page, if EAL gives back pages; else what is in use around
 * it, within an aligned block.
 * 0; -ENOENT: in no heap, and no byte of *unit, which holds the address, is; -EFAULT: in a heap, but EAL
 * has no memory in *unit.
 */
int mlx5x_heap_unit(uintptr_t addr, struct mlx5x_range *unit);

#endif
