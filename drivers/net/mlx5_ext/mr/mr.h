/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mr.h - the memory regions of one protection domain.
 *
 * A mapped region belongs to the application: rte_dev_dma_map() creates it, it has a reference
 * count and ends with its last unmap. An implicit region is the driver's own, of memory that EAL
 * owns. One ordered set, without overlaps, holds the live regions of both kinds; bursts look up
 * their lkeys in an index of that set. A region enters both, or leaves both, in one critical
 * section. Four lists hold the regions in the other states:
 *
 *   state     region                          set, index   ends by
 *   --------  ------------------------------  -----------  ---------------------------------------
 *   arriving  being registered                no           its thread, also if the memory is freed
 *                                                          meanwhile
 *   live      in use                          yes          mapped: the last unmap; implicit: the
 *                                                          end of its pool, or a region that
 *                                                          replaces it; both: the end of its
 *                                                          memory, or of the table
 *   leaving   mapped, being deregistered;     no; hidden   its thread; if deregistration fails, it
 *             other threads wait for it       in the index is live again after an unmap, and gone
 *                                                          if its memory was freed
 *   kept      implicit, a queue owns buffers  no           the next unmap, replacement, end of a
 *             posted with its lkey                         pool or end of a user when no queue owns
 *                                                          any; the end of its memory
 *   gone      mapped, EAL freed its memory    no           its unmap, or a map of new memory there
 *
 *              unmap: no buffer owned        deregistered
 *      live ------------------------> leaving -----------> (freed)
 *      ^  ^                              |
 *      |  +--- deregistration failed ----+
 *      |
 *   arriving      live, implicit -- pool's end, replaced --> kept, if owned --> (freed)
 *                 live, implicit -- EAL frees its memory --> (freed), by force
 *                 live, mapped   -- EAL frees its memory --> gone --> (freed)
 *
 * A queue keeps the lkeys of its posted buffers, unless their memory itself is freed. The end of a
 * pool ends the implicit regions that lie entirely in its memory. Memory freed by EAL ends the
 * regions in it; a mapping that reaches beyond it loses only this part (a hole), and an implicit
 * region that reaches beyond it is replaced: its rest is registered first, and then the lkeys
 * change in one closing of the gates. A new mapping displaces overlapping implicit regions as a
 * whole: their rest is registered again when a queue next needs it.
 *
 * Readers are bursts, inside their gate, without a lock. Writers hold the table's lock. A map adds
 * to the index while readers run, unless the index has to grow or implicit regions overlap it: in
 * those cases it closes the gates of all users briefly. So does the last unmap, while it checks for
 * owned buffers and removes the lkeys: a reader uses no lkey longer than its burst.
 *
 * Lock order: EAL's memory lock, the port's lock, the table's lock, gates. Registration itself (a
 * system call that may pin gigabytes), malloc() and logging happen outside the table's lock.
 */
#ifndef MLX5X_MR_H_
#define MLX5X_MR_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <infiniband/verbs.h>

#include "mr/mr_table.h"

/* A copy of one region's data, at the time of the call. */
struct mlx5x_mr_info {
	struct mlx5x_range range;
	uint64_t iova;
	uint32_t lkey;		/* of the first MR; 0: none is registered */
	uint32_t nb_mrs;	/* registered */
	uint32_t refs;
	bool implicit;
	bool of_dmabuf;
};

/* max_size: bytes that one MR of the device can hold; 0: no limit. 0 or -ENOMEM. */
int mlx5x_mr_init(struct mlx5x_mr_table *table, struct ibv_pd *pd, size_t max_size);

/*
 * Registers ranges of MLX5X_CUT_FROM bytes and more by so many threads, up to 255, with a key for
 * the part of each. Initially by the calling one alone. Before the first range.
 */
void mlx5x_mr_set_threads(struct mlx5x_mr_table *table, unsigned int threads);

/* Deregisters everything. There must be no user and no other call in progress. */
void mlx5x_mr_fini(struct mlx5x_mr_table *table);

/* Start or end the use of the table by the user's bursts. The gate may be open or closed. */
void mlx5x_mr_add_user(struct mlx5x_mr_table *table, struct mlx5x_mr_user *user);
void mlx5x_mr_remove_user(struct mlx5x_mr_table *table, struct mlx5x_mr_user *user);

/*
 * Maps a range, or adds a reference to an identical mapping. Any thread. Overlapping implicit
 * regions end, or are kept while owned: the caller has checked that the memory is no longer EAL's.
 * memory: the number of the range's registration with EAL (mlx5x_heap_registration()).
 * 0; -EEXIST: overlaps another mapping (in *conflict), or has too many references; -ESTALE: an
 * identical range is mapped, but of other memory (mlx5x_mr_memory()); -EFAULT, -ENOMEM, -EINVAL or
 * another errno of the registration.
 */
int mlx5x_mr_map(struct mlx5x_mr_table *table, const struct mlx5x_range *range, uint64_t iova,
	uint64_t memory, struct mlx5x_range *conflict);

/*
 * The same of memory with a specialty, in which mappings differ too: -EEXIST. Those of dma-bufs,
 * whose fd can be closed after the call, are not counted, since an fd does not tell which dma-buf
 * it is: -EEXIST for an identical range, if it is of this EAL memory.
 */
int mlx5x_mr_map_source(struct mlx5x_mr_table *table, const struct mlx5x_range *range,
	uint64_t iova, uint64_t memory, const struct mlx5x_source *source,
	struct mlx5x_range *conflict);

/* The memory argument of the first mapping that overlaps the range; 0: no mapping does. */
uint64_t mlx5x_mr_memory(struct mlx5x_mr_table *table, const struct mlx5x_range *range);

/*
 * Ends a mapping with all its references, if it is of this memory. Any thread. 0, also if there is
 * no such mapping; -EBUSY and errors of the kernel as mlx5x_mr_unmap().
 */
int mlx5x_mr_end_mapping(struct mlx5x_mr_table *table, const struct mlx5x_range *range,
	uint64_t iova, uint64_t memory);

/*
 * Drops one reference of a mapping, and with the last one ends the mapping. Any thread.
 * 0; -ENOENT: no mapping overlaps the range; -EINVAL: not exactly one mapping (the first that
 * overlaps is in *conflict); -EBUSY: a queue owns buffers in it; -errno of the kernel, which
 * refused to deregister an MR. After any error the mapping exists as before. After one of the
 * kernel the MRs that were deregistered already are registered again, with other lkeys; parts for
 * which this fails have no lkey any more, and a log line reports them.
 */
int mlx5x_mr_unmap(struct mlx5x_mr_table *table, const struct mlx5x_range *range, uint64_t iova,
	struct mlx5x_range *conflict);

/*
 * Makes implicit regions of all parts of the range that have no region, each with its own lkeys.
 * Any thread. 0; -errno of a registration; -EFAULT also if the memory was freed meanwhile.
 */
int mlx5x_mr_ensure(struct mlx5x_mr_table *table, const struct mlx5x_range *range);

/*
 * The same with one region for the whole range, so that no buffer in it lies under two lkeys,
 * unless the range exceeds the size of one MR. Implicit regions that overlap are replaced. If a
 * mapping overlaps, the gaps around it are registered as by mlx5x_mr_ensure().
 */
int mlx5x_mr_ensure_whole(struct mlx5x_mr_table *table, const struct mlx5x_range *range);

/* The mappings affected by a call of mlx5x_mr_invalidate(), for the log. */
struct mlx5x_mr_loss {
	struct mlx5x_range mapping;	/* the first one; len 0: there is none */
	unsigned int mappings;		/* their number */
};

/*
 * The memory of the range is about to be freed, or has been replaced: its lkeys cannot be found any
 * more. Its MRs are deregistered by force, even if queues own buffers there, except those of a
 * mapping or of a kept region that reaches beyond the range. Any thread, also in EAL's callbacks.
 */
void mlx5x_mr_invalidate(struct mlx5x_mr_table *table, const struct mlx5x_range *range,
	struct mlx5x_mr_loss *loss);

/* Calls of mlx5x_mr_invalidate() so far. When it changes, a failed registration may succeed. */
static inline uint32_t
mlx5x_mr_losses(const struct mlx5x_mr_table *table)
{
	return __atomic_load_n(&table->losses, __ATOMIC_RELAXED);
}

/*
 * The pool of these n >= 1 ranges is being freed: the implicit regions inside end, or are kept as
 * long as queues own buffers in them.
 */
void mlx5x_mr_retire(struct mlx5x_mr_table *table, const struct mlx5x_range *ranges, size_t n);

/* Copies the usage of the table. Any thread. */
void mlx5x_mr_get_usage(struct mlx5x_mr_table *table, struct mlx5x_mr_usage *usage);

/* References of the first mapping that overlaps the range; 0: no mapping does. */
uint32_t mlx5x_mr_refs(struct mlx5x_mr_table *table, const struct mlx5x_range *range);

/* Copies up to n live regions, in order of address; returns the number of copies. */
size_t mlx5x_mr_list(struct mlx5x_mr_table *table, struct mlx5x_mr_info *list, size_t n);

/*
 * The range that holds addr, with its lkey, or NULL. Only inside the gate of a user, or under the
 * lock; the pointer is valid that long.
 */
static inline const struct mlx5x_mr_entry *
mlx5x_mr_find(const struct mlx5x_mr_table *table, uintptr_t addr)
{
	return mlx5x_mr_index_find(&table->index, addr);
}

#endif
