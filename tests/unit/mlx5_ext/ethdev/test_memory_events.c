/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * memory_events.c: the effects of EAL's events on the MR table. The fakes replace EAL's functions
 * of the same name.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ethdev_driver.h>
#include <rte_errno.h>
#include <rte_mempool.h>

#include "device/device.h"
#include "ethdev/memory_events.h"
#include "mr/heap.h"
#include "mr/implicit.h"
#include "queue/port.h"

int mlx5x_logtype;

static struct mlx5x_mr_table table;
static struct rte_eth_dev_data data = {.name = "fake"};
static struct rte_eth_dev dev = {.data = &data};
static struct mlx5x_port port = {.dev = &dev, .mrs = &table};

static rte_mem_event_callback_t on_memory;
static rte_mempool_event_callback *on_mempool;
static int mem_error, mempool_error;
static bool is_fixed, is_pinned, in_walk;
static unsigned int forgotten, retired, covered, pools;
static struct mlx5x_range last;
static struct mlx5x_mr_loss next_loss;

int
rte_mem_event_callback_register(const char *name, rte_mem_event_callback_t callback, void *arg)
{
	rte_errno = mem_error;
	if (mem_error != 0)
		return -1;
	assert_ptr_equal(arg, &port);
	on_memory = callback;
	return 0;
}

int
rte_mem_event_callback_unregister(const char *name, void *arg)
{
	on_memory = NULL;
	return 0;
}

int
rte_mempool_event_callback_register(rte_mempool_event_callback *callback, void *arg)
{
	rte_errno = mempool_error;
	if (mempool_error != 0)
		return -1;
	on_mempool = callback;
	return 0;
}

static struct rte_mempool_memhdr chunks[2] = {
	{.addr = (void *)0x10000, .len = 0x1000}, {.addr = (void *)0x30000, .len = 0x2000}};
static struct rte_mempool pool;

void
rte_mempool_walk(void (*function)(struct rte_mempool *p, void *arg), void *arg)
{
	in_walk = true;
	function(&pool, arg);
	in_walk = false;
}

struct mlx5x_port *
mlx5x_device_next_port(uintptr_t *serial, struct mlx5x_holder *holder)
{
	return (*serial)++ == 0 ? &port : NULL;
}

void
mlx5x_hold_let_go(struct mlx5x_holder *holder)
{
}

void
mlx5x_heap_set_fixed(void)
{
	is_fixed = true;
}

bool
mlx5x_heap_has(uintptr_t addr)
{
	return addr < 0x30000;
}

bool
mlx5x_implicit_is_pinned(struct rte_mempool *p)
{
	return is_pinned;
}

int
mlx5x_implicit_new_pool(const struct mlx5x_implicit *i, struct rte_mempool *which)
{
	assert_ptr_equal(which, &pool);
	pools++;
	return 0;
}

int
mlx5x_mr_ensure_whole(struct mlx5x_mr_table *t, const struct mlx5x_range *range)
{
	/* A system call, which may take any time. */
	assert_false(in_walk);
	covered++;
	last = *range;
	return 0;
}

void
mlx5x_mr_invalidate(struct mlx5x_mr_table *t, const struct mlx5x_range *range,
	struct mlx5x_mr_loss *loss)
{
	forgotten++;
	last = *range;
	*loss = next_loss;
}

void
mlx5x_mr_retire(struct mlx5x_mr_table *t, const struct mlx5x_range *ranges, size_t n)
{
	retired += n;
	last = ranges[n - 1];
}

static int
set_up(void **state)
{
	unsigned int i;

	mem_error = mempool_error = 0;
	is_fixed = is_pinned = false;
	forgotten = retired = covered = pools = 0;
	next_loss = (struct mlx5x_mr_loss){0};
	on_memory = NULL;
	on_mempool = NULL;
	memset(&pool, 0, sizeof(pool));
	STAILQ_INIT(&pool.mem_list);
	for (i = 0; i < RTE_DIM(chunks); i++)
		STAILQ_INSERT_TAIL(&pool.mem_list, &chunks[i], next);
	pool.nb_mem_chunks = RTE_DIM(chunks);
	return 0;
}

static void
start(enum mlx5x_implicit_mode mode)
{
	port.implicit.mode = mode;
	assert_int_equal(mlx5x_memory_events_start(&port), 0);
}

static void
freed_or_added_memory_has_no_key(void **state)
{
	start(MLX5X_IMPLICIT_MEMPOOL);
	on_memory(RTE_MEM_EVENT_FREE, (void *)0x5000, 0x1000, &port);
	assert_int_equal(forgotten, 1);
	assert_int_equal(last.start, 0x5000);
	assert_int_equal(last.len, 0x1000);
	on_memory(RTE_MEM_EVENT_ALLOC, (void *)0x6000, 0x1000, &port);
	assert_int_equal(forgotten, 2);
	assert_int_equal(last.start, 0x6000);
	mlx5x_memory_events_stop(&port);
	assert_null(on_memory);
	assert_int_equal(last.len, SIZE_MAX);
}

static void
with_none_mappings_lose_freed_memory_too(void **state)
{
	FILE *stream = tmpfile();
	char line[400];

	start(MLX5X_IMPLICIT_NONE);
	assert_null(on_mempool);
	rte_openlog_stream(stream);
	on_memory(RTE_MEM_EVENT_FREE, (void *)0x5000, 0x1000, &port);
	next_loss = (struct mlx5x_mr_loss){.mapping = {0x5800, 0x234}, .mappings = 3};
	on_memory(RTE_MEM_EVENT_FREE, (void *)0x5000, 0x1000, &port);
	rte_openlog_stream(NULL);
	rewind(stream);
	/* One line, which contains the place. */
	assert_non_null(fgets(line, sizeof(line), stream));
	assert_non_null(strstr(line, "3 mappings"));
	assert_non_null(strstr(line, "564 bytes at 0x5800"));
	assert_non_null(strstr(line, "unmap"));
	assert_null(fgets(line, sizeof(line), stream));
	fclose(stream);
}

static void
legacy_memory_is_fixed(void **state)
{
	mem_error = ENOTSUP;
	start(MLX5X_IMPLICIT_MEMPOOL);
	assert_true(is_fixed);
	mem_error = ENOMEM;
	assert_int_equal(mlx5x_memory_events_start(&port), -ENOMEM);
}

static void
a_partial_start_is_undone(void **state)
{
	mempool_error = ENOMEM;
	port.implicit.mode = MLX5X_IMPLICIT_EAL;
	assert_int_equal(mlx5x_memory_events_start(&port), -ENOMEM);
	assert_null(on_memory);
	mempool_error = EEXIST;
	start(MLX5X_IMPLICIT_EAL);
}

static void
a_new_pool_is_registered(void **state)
{
	start(MLX5X_IMPLICIT_MEMPOOL);
	on_mempool(RTE_MEMPOOL_EVENT_READY, &pool, NULL);
	assert_int_equal(pools, 1);
	pool.flags = RTE_MEMPOOL_F_NON_IO;
	on_mempool(RTE_MEMPOOL_EVENT_READY, &pool, NULL);
	pool.flags = 0;
	is_pinned = true;
	on_mempool(RTE_MEMPOOL_EVENT_READY, &pool, NULL);
	is_pinned = false;
	port.implicit.mode = MLX5X_IMPLICIT_EAL;
	on_mempool(RTE_MEMPOOL_EVENT_READY, &pool, NULL);
	port.implicit.mode = MLX5X_IMPLICIT_NONE;
	on_mempool(RTE_MEMPOOL_EVENT_READY, &pool, NULL);
	assert_int_equal(pools, 1);
}

/* Whichever the pool and the mode: a queue may have used it. */
static void
the_end_of_a_pool_ends_its_chunks(void **state)
{
	start(MLX5X_IMPLICIT_MEMPOOL);
	on_mempool(RTE_MEMPOOL_EVENT_DESTROY, &pool, NULL);
	assert_int_equal(retired, 2);
	assert_int_equal(last.start, 0x30000);
	assert_int_equal(last.len, 0x2000);
	pool.flags = RTE_MEMPOOL_F_NON_IO;
	on_mempool(RTE_MEMPOOL_EVENT_DESTROY, &pool, NULL);
	assert_int_equal(retired, 4);
	port.implicit.mode = MLX5X_IMPLICIT_EAL;
	on_mempool(RTE_MEMPOOL_EVENT_DESTROY, &pool, NULL);
	assert_int_equal(retired, 6);
	STAILQ_INIT(&pool.mem_list);
	on_mempool(RTE_MEMPOOL_EVENT_DESTROY, &pool, NULL);
	assert_int_equal(retired, 6);
	assert_int_equal(forgotten, 0);
}

static void
existing_pools_are_registered_without_eals_lock(void **state)
{
	start(MLX5X_IMPLICIT_MEMPOOL);
	mlx5x_memory_events_cover_pools(&port);
	/* The one in the heap. */
	assert_int_equal(covered, 1);
	assert_int_equal(last.start, 0x10000);
	pool.flags = RTE_MEMPOOL_F_NON_IO;
	mlx5x_memory_events_cover_pools(&port);
	port.implicit.mode = MLX5X_IMPLICIT_EAL;
	mlx5x_memory_events_cover_pools(&port);
	assert_int_equal(covered, 1);
}

#define CASE(function) cmocka_unit_test_setup(function, set_up)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(freed_or_added_memory_has_no_key),
		CASE(with_none_mappings_lose_freed_memory_too),
		CASE(legacy_memory_is_fixed),
		CASE(a_partial_start_is_undone),
		CASE(a_new_pool_is_registered),
		CASE(the_end_of_a_pool_ends_its_chunks),
		CASE(existing_pools_are_registered_without_eals_lock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
