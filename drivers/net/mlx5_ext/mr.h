/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mr.h - the memory regions of one protection domain.
 *
 * Two sets, neither with overlaps inside: what the application mapped (explicit, counted, released
 * only by its unmap) and what the driver registered by itself for memory that EAL owns (implicit,
 * released when EAL frees it). Where both have a region, either key will do. The sets are ordered
 * and for the control path; bursts find keys in an index over both.
 *
 * Readers are bursts, inside their gate, without a lock. Writers hold the table's lock. A map only
 * adds to the index, which readers do not notice. An unmap closes the gate of every user for the
 * moment in which it looks whether a queue owns buffers there and takes the key away, so that a
 * reader never holds a key longer than its burst.
 *
 * Lock order: EAL's memory lock, then the table's lock, then gates. Registration itself (a system
 * call that may pin gigabytes), allocation and logging happen outside the table's lock.
 */
#ifndef MLX5X_MR_H_
#define MLX5X_MR_H_

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bsd/sys/queue.h>
#include <infiniband/verbs.h>

#include "gate.h"
#include "mr_index.h"
#include "mr_set.h"
#include "region.h"

/* The last region that a queue used: one compare for the usual packet. */
struct mlx5x_mr_cache {
	uintptr_t start;
	size_t len;		/* 0: none */
	uint32_t lkey;
	uint64_t *misses;	/* counts, for the queue's statistics */
};

/*
 * A queue, as the table sees it: a gate to close, a cache to clear of one region, and the question
 * whether the device may still touch a range on its behalf. owns() is called with the gate closed.
 */
struct mlx5x_mr_user {
	struct mlx5x_gate gate;
	struct mlx5x_mr_cache cache;
	bool (*owns)(struct mlx5x_mr_user *user, const struct mlx5x_range *range);
	LIST_ENTRY(mlx5x_mr_user) next;
};

/* What is registered at the moment; each region once, however many references it has. */
struct mlx5x_mr_usage {
	uint64_t mapped_regions;
	uint64_t mapped_bytes;
	uint64_t implied_regions;
	uint64_t implied_bytes;
	uint64_t device_mrs;	/* MRs of the device behind all of these */
	uint64_t pinned_bytes;	/* whole pages, as the kernel counts them: once for each MR on them */
};

/* One region, as it was at the time of the call that gave it. */
struct mlx5x_mr_info {
	struct mlx5x_range range;
	uint64_t iova;
	uint32_t lkey;		/* of the first piece */
	uint32_t nb_pieces;
	uint32_t refs;
	bool implied;
};

struct mlx5x_mr_table {
	struct mlx5x_mr_index index;	/* all that bursts read */
	struct mlx5x_mr_set mapped;	/* explicit */
	struct mlx5x_mr_set implied;	/* implicit */
	size_t max_size;		/* bytes of one MR of the device */
	pthread_mutex_t lock;
	pthread_cond_t left;		/* a region that was leaving is gone, or back */
	struct mlx5x_mr_usage usage;
	struct ibv_pd *pd;
	LIST_HEAD(, mlx5x_mr_user) users;
};

/* max_size: bytes that one MR of the device can hold. 0 or -ENOMEM. */
int mlx5x_mr_init(struct mlx5x_mr_table *table, struct ibv_pd *pd, size_t max_size);

/* Deregisters everything. No user may be left. */
void mlx5x_mr_fini(struct mlx5x_mr_table *table);

/* Let bursts of the user use the table, or no longer. The gate may be open or closed. */
void mlx5x_mr_add_user(struct mlx5x_mr_table *table, struct mlx5x_mr_user *user);
void mlx5x_mr_remove_user(struct mlx5x_mr_table *table, struct mlx5x_mr_user *user);

/*
 * Maps a range explicitly, or counts one more reference of the very same one. Any thread.
 * 0; -EEXIST: overlaps another (put into *conflict); -EFAULT, -ENOMEM, -EINVAL of registration.
 */
int mlx5x_mr_map(struct mlx5x_mr_table *table, const struct mlx5x_range *range, uint64_t iova,
	struct mlx5x_range *conflict);

/*
 * Ends one reference of a mapping, and with the last one the mapping. Any thread.
 * 0; -ENOENT: nothing there; -EINVAL: not exactly one mapping (the first that it touches is put
 * into *conflict); -EBUSY: a queue owns buffers in it; another error of the kernel, which keeps the
 * registration. After any error all is as before.
 */
int mlx5x_mr_unmap(struct mlx5x_mr_table *table, const struct mlx5x_range *range, uint64_t iova,
	struct mlx5x_range *conflict);

/* Registers, implicitly, whatever part of the range is in neither set. 0 or -errno. */
int mlx5x_mr_cover(struct mlx5x_mr_table *table, const struct mlx5x_range *range);

/* Releases every implicit region that touches the range: its memory is about to go. */
void mlx5x_mr_forget(struct mlx5x_mr_table *table, const struct mlx5x_range *range);

void mlx5x_mr_get_usage(struct mlx5x_mr_table *table, struct mlx5x_mr_usage *usage);

/* References of the first mapping that touches the range; 0: none does. */
uint32_t mlx5x_mr_refs(struct mlx5x_mr_table *table, const struct mlx5x_range *range);

/* Copies of the first n regions, the explicit ones first, by address; returns how many. */
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
