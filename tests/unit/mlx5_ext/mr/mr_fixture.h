/* SPDX-License-Identifier: BSD-3-Clause */
/* mr_fixture.h - an MR table over fake verbs, with one fake queue. For one test program. */
#ifndef MR_FIXTURE_H_
#define MR_FIXTURE_H_

#include <errno.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/verbs.h"
#include "mr/mr.h"
#include "mr/mr_cache.h"

int mlx5x_logtype;

/* The fake neighbour: MRs are numbers, and existing ones are counted. Any thread. */
static unsigned int live, registrations;
static unsigned int to_read;	/* registrations without writes */
static uint32_t next_lkey;
static int reg_error, dereg_error;
static void (*on_register)(void), (*on_deregister)(void);

int
mlx5x_verbs_reg_mr(struct ibv_pd *pd, void *addr, size_t len, bool writes, struct ibv_mr **mr)
{
	void (*hook)(void) = on_register;

	__atomic_add_fetch(&to_read, !writes, __ATOMIC_RELAXED);
	if (hook != NULL) {
		on_register = NULL;
		hook();
	}
	if (reg_error != 0)
		return reg_error;
	*mr = calloc(1, sizeof(**mr));
	(*mr)->lkey = __atomic_add_fetch(&next_lkey, 1, __ATOMIC_RELAXED);
	__atomic_add_fetch(&live, 1, __ATOMIC_RELAXED);
	__atomic_add_fetch(&registrations, 1, __ATOMIC_RELAXED);
	return 0;
}

/* What the dma-bufs' MRs were of, the last one. */
static struct mlx5x_source last_dmabuf;
static uint64_t dmabuf_bytes;	/* of all of them */

int
mlx5x_verbs_reg_dmabuf_mr(struct ibv_pd *pd, int fd, uint64_t offset, void *addr, size_t len,
	bool writes, struct ibv_mr **mr)
{
	last_dmabuf = (struct mlx5x_source){MLX5X_OF_DMABUF, fd, offset};
	dmabuf_bytes += len;
	return mlx5x_verbs_reg_mr(pd, addr, len, writes, mr);
}

int
mlx5x_verbs_dereg_mr(struct ibv_mr *mr)
{
	if (mr == NULL)
		return 0;
	if (on_deregister != NULL)
		on_deregister();
	if (dereg_error != 0)
		return dereg_error;
	__atomic_sub_fetch(&live, 1, __ATOMIC_RELAXED);
	free(mr);
	return 0;
}

/* Large enough for all cases except the one about it. */
#define MAX_SIZE 4096

static struct ibv_pd pd;
static struct mlx5x_mr_table table;

/* A queue that owns one range, or none if its length is 0. */
struct fake_queue {
	struct mlx5x_mr_user user;
	struct mlx5x_range owned;
};

static struct fake_queue queue;
static uint64_t cache_misses;

static inline bool
queue_owns(struct mlx5x_mr_user *user, const struct mlx5x_range *range)
{
	struct fake_queue *q = (struct fake_queue *)user;

	/* Called only with the gate closed. */
	assert_false(mlx5x_gate_enter(&user->gate));
	return q->owned.len != 0 && mlx5x_range_touches(range, q->owned.start, q->owned.len);
}

static inline int
set_up(void **state)
{
	live = registrations = 0;
	dmabuf_bytes = 0;
	reg_error = dereg_error = 0;
	on_register = on_deregister = NULL;
	if (mlx5x_mr_init(&table, &pd, MAX_SIZE) != 0)
		return -1;
	queue = (struct fake_queue){.user = {.owns = queue_owns, .cache = {.misses = &cache_misses}}};
	mlx5x_mr_add_user(&table, &queue.user);
	return 0;
}

static inline int
tear_down(void **state)
{
	struct mlx5x_mr_usage usage;

	mlx5x_mr_get_usage(&table, &usage);
	assert_int_equal(usage.device_mrs, live);
	mlx5x_mr_remove_user(&table, &queue.user);
	mlx5x_mr_fini(&table);
	assert_int_equal(live, 0);
	assert_int_equal(queue.user.gate.word, 0);
	return 0;
}

static inline bool
has_key(uintptr_t addr)
{
	return mlx5x_mr_find(&table, addr) != NULL;
}

static inline uint32_t
lkey_at(uintptr_t addr)
{
	return has_key(addr) ? mlx5x_mr_find(&table, addr)->lkey : 0;
}

static inline int
map(uintptr_t start, size_t len)
{
	struct mlx5x_range range = {start, len}, conflict;

	return mlx5x_mr_map(&table, &range, start, 0, &conflict);
}

static inline int
unmap(uintptr_t start, size_t len)
{
	struct mlx5x_range range = {start, len}, conflict;

	return mlx5x_mr_unmap(&table, &range, start, &conflict);
}

static inline int
cover(uintptr_t start, size_t len)
{
	struct mlx5x_range range = {start, len};

	return mlx5x_mr_ensure(&table, &range);
}

static inline void
forget(uintptr_t start, size_t len)
{
	struct mlx5x_range range = {start, len};
	struct mlx5x_mr_loss loss;

	mlx5x_mr_invalidate(&table, &range, &loss);
}

static inline int
cover_whole(uintptr_t start, size_t len)
{
	struct mlx5x_range range = {start, len};

	return mlx5x_mr_ensure_whole(&table, &range);
}

static inline void
retire(uintptr_t start, size_t len)
{
	struct mlx5x_range range = {start, len};

	mlx5x_mr_retire(&table, &range, 1);
}

#endif
