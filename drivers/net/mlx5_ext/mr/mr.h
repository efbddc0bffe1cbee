/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mr.h - the memory regions of one protection domain.
 *
 * A region is mapped, by the application, counted, and ended by its unmap; or implicit, made by the
 * driver itself of memory that EAL owns. One ordered set has all of both kinds whose keys can be found,
 * without overlaps; bursts find these keys in an index over the set. A region comes into both, and
 * goes out of both, in one scope of the lock. Besides there are four lists:
 *
 *   state     it is                              set, index   who ends it
 *   -------   --------------------------------   ----------   ----------------------------------------
 *   arriving  being registered                   no           its thread; at once, if memory goes
 *   live      in use                             yes          mapped: the last unmap. implicit: the pool's
 *                                                             end, or a region that takes its place. all:
 *                                                             the end of its memory, of the table
 *   leaving   mapped, being deregistered;        no, but the  its thread; if the kernel keeps it, it is
 *             others wait until it is settled    room stays   live again
 *   kept      implicit, a queue owns buffers     no           the first step that closes the gates after no
 *             that were posted with its key                   queue owns any; the end of all its memory
 *   gone      mapped, EAL freed its memory       no           its unmap, or a map of what is there now
 *
 *              unmap: nothing owned          deregistered
 *      live ------------------------> leaving -----------> (freed)
 *      ^  ^                              |
 *      |  +-- the kernel keeps it -------+
 *      |
 *   arriving      live, implicit -- pool's end, replaced --> kept, if owned --> (freed)
 *                 live, implicit -- EAL frees its memory --> (freed), by force
 *                 live, mapped   -- EAL frees its memory --> gone --> (freed)
 *
 * No queue loses the key of what it has posted, unless the memory itself goes. Where a pool ends, the implicit regions end that lie wholly inside its
 * memory; where EAL frees memory, those inside it, and of a mapping that reaches beyond only this part
 * (a hole in it). An implicit region that reaches beyond is replaced: what is left of it is registered
 * first, and its keys change in one closing of the gates. A mapping displaces implicit regions in its
 * way as a whole: what reaches beyond it is registered again when a queue next needs it.
 *
 * Readers are bursts, inside their gate, without a lock. Writers hold the table's lock. A map adds to
 * the index, which readers do not notice, unless the index has to grow or there are implicit regions
 * in the way. These close the gate of every user for a moment, as an unmap does while it looks whether
 * a queue owns buffers there and takes the key away: a reader never holds a key longer than its burst.
 *
 * Lock order: EAL's memory lock, then the table's lock, then gates. Registration itself (a system
 * call that may pin gigabytes), allocation and logging happen outside the table's lock.
 */
#ifndef MLX5X_MR_H_
#define MLX5X_MR_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <infiniband/verbs.h>

#include "mr/mr_table.h"

/* One region, as it was at the time of the call that gave it. */
struct mlx5x_mr_info {
	struct mlx5x_range range;
	uint64_t iova;
	uint32_t lkey;		/* of the first MR; 0: none is registered */
	uint32_t nb_mrs;	/* registered */
	uint32_t refs;
	bool implicit;
};

/* max_size: bytes that one MR of the device can hold; 0: no limit. 0 or -ENOMEM. */
int mlx5x_mr_init(struct mlx5x_mr_table *table, struct ibv_pd *pd, size_t max_size);

/* Deregisters everything. No user may be left, and no call be under way. */
void mlx5x_mr_fini(struct mlx5x_mr_table *table);

/* Let bursts of the user use the table, or no longer. The gate may be open or closed. */
void mlx5x_mr_add_user(struct mlx5x_mr_table *table, struct mlx5x_mr_user *user);
void mlx5x_mr_remove_user(struct mlx5x_mr_table *table, struct mlx5x_mr_user *user);

/*
 * Maps a range, or counts one more reference of the very same mapping. Any thread. Implicit regions in
 * the way end: whoever maps has seen that the memory is no longer EAL's. memory: what the range
 * is known to EAL as, another one after each registration (mlx5x_heap_registration()).
 * 0; -EEXIST: overlaps another mapping (put into *conflict); -ESTALE: the very same is mapped, but as
 * what mlx5x_mr_memory() says; -EFAULT, -ENOMEM, -EINVAL of registration.
 */
int mlx5x_mr_map(struct mlx5x_mr_table *table, const struct mlx5x_range *range, uint64_t iova,
	uint64_t memory, struct mlx5x_range *conflict);

/* What the first mapping that touches the range was mapped as; 0: none does. */
uint64_t mlx5x_mr_memory(struct mlx5x_mr_table *table, const struct mlx5x_range *range);

/*
 * Ends a mapping with all its references, if it is of this memory. Any thread. 0, also if there is none;
 * -EBUSY and errors of the kernel as mlx5x_mr_unmap(), and all is as before.
 */
int mlx5x_mr_end_mapping(struct mlx5x_mr_table *table, const struct mlx5x_range *range, uint64_t iova,
	uint64_t memory);

/*
 * Ends one reference of a mapping, and with the last one the mapping. Any thread.
 * 0; -ENOENT: nothing there; -EINVAL: not exactly one mapping (the first that it touches is put
 * into *conflict); -EBUSY: a queue owns buffers in it; another error of the kernel, which keeps an MR.
 * After any error the mapping is there as before; after one of the kernel's, with other keys, and, if
 * the MRs that had ended cannot be had again, with a line in the log and without these.
 */
int mlx5x_mr_unmap(struct mlx5x_mr_table *table, const struct mlx5x_range *range, uint64_t iova,
	struct mlx5x_range *conflict);

/*
 * Registers, implicitly, whatever part of the range has no region; the parts have keys of their own.
 * Any thread. 0; -errno of registration; -EFAULT also if its memory went meanwhile.
 */
int mlx5x_mr_ensure(struct mlx5x_mr_table *table, const struct mlx5x_range *range);

/*
 * The same, in one region, so that no buffer in it lies under two keys, unless it is longer than one MR
 * of the device can be. Implicit regions in the way end; where there is a mapping, the gaps around it
 * are covered.
 */
int mlx5x_mr_ensure_whole(struct mlx5x_mr_table *table, const struct mlx5x_range *range);

/* What ended with a call of mlx5x_mr_invalidate(), for the log. */
struct mlx5x_mr_loss {
	struct mlx5x_range mapping;	/* len 0: none was touched */
	unsigned int mappings;		/* that were touched; the first is in mapping */
};

/*
 * The memory of the range is about to go, or is another by now: nobody finds a key for it any more.
 * Its MRs are deregistered, by force, but for those of a kept region that reaches beyond it. Any thread,
 * also in EAL's callbacks.
 */
void mlx5x_mr_invalidate(struct mlx5x_mr_table *table, const struct mlx5x_range *range,
	struct mlx5x_mr_loss *loss);

/* Changes when EAL's memory does: what could not be registered before may be now. */
static inline uint32_t
mlx5x_mr_losses(const struct mlx5x_mr_table *table)
{
	return __atomic_load_n(&table->losses, __ATOMIC_RELAXED);
}

/* The pool of these n ranges, one at least, ends: with it the implicit regions inside, unless queues own buffers there. */
void mlx5x_mr_retire(struct mlx5x_mr_table *table, const struct mlx5x_range *ranges, size_t n);

void mlx5x_mr_get_usage(struct mlx5x_mr_table *table, struct mlx5x_mr_usage *usage);

/* References of the first mapping that touches the range; 0: none does. */
uint32_t mlx5x_mr_refs(struct mlx5x_mr_table *table, const struct mlx5x_range *range);

/* Copies of the first n live regions, by address; returns how many. */
size_t mlx5x_mr_list(struct mlx5x_mr_table *table, struct mlx5x_mr_info *list, size_t n);

/*
 * The range that holds addr, with its key, or NULL. Only inside an open gate of a user, or under
 * the lock; the pointer is good for as long.
 */
static inline const struct mlx5x_mr_entry *
mlx5x_mr_find(const struct mlx5x_mr_table *table, uintptr_t addr)
{
	return mlx5x_mr_index_find(&table->index, addr);
}

#endif
