/* SPDX-License-Identifier: BSD-3-Clause */
/* The MR table: mappings of dma-bufs, and of memory that the device may only read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mr_fixture.h"

#define FD 9
#define OFFSET 0x100000

/* The n-th deregistration fails, once. */
static unsigned int deregs_left;

static void
fail_in_time(void)
{
	dereg_error = --deregs_left == 0 ? -EBUSY : 0;
}

static int
map_dmabuf(uintptr_t start, size_t len, uint64_t memory)
{
	struct mlx5x_range range = {start, len}, conflict;
	const struct mlx5x_source dmabuf = {MLX5X_OF_DMABUF, FD, OFFSET};

	return mlx5x_mr_map_source(&table, &range, start, memory, &dmabuf, &conflict);
}

static uint64_t
pinned(void)
{
	struct mlx5x_mr_usage usage;

	mlx5x_mr_get_usage(&table, &usage);
	return usage.pinned_bytes;
}

static void
it_has_an_lkey_until_its_unmap(void **state)
{
	struct mlx5x_mr_info info;

	assert_int_equal(map_dmabuf(0x1000, 100, 0), 0);
	assert_int_equal(last_dmabuf.fd, FD);
	assert_int_equal(last_dmabuf.offset, OFFSET);
	assert_int_equal(dmabuf_bytes, 100);
	assert_int_not_equal(lkey_at(0x1000), 0);
	assert_int_equal(mlx5x_mr_list(&table, &info, 1), 1);
	assert_true(info.of_dmabuf);
	assert_int_equal(unmap(0x1000, 100), 0);
	assert_false(has_key(0x1000));
	assert_int_equal(live, 0);
}

/* They count neither for RLIMIT_MEMLOCK nor in VmPin. */
static void
pages_of_a_dmabuf_are_not_pinned(void **state)
{
	assert_int_equal(map_dmabuf(0x1000, 4096, 0), 0);
	assert_int_equal(pinned(), 0);
	assert_int_equal(map(0x5000, 4096), 0);
	assert_int_equal(pinned(), 4096);
	assert_int_equal(unmap(0x1000, 4096), 0);
	assert_int_equal(pinned(), 4096);
}

static void
each_mr_is_of_its_part(void **state)
{
	assert_int_equal(map_dmabuf(0x1000, 2 * MAX_SIZE + 10, 0), 0);
	assert_int_equal(live, 3);
	assert_int_equal(last_dmabuf.offset, OFFSET + 2 * MAX_SIZE);
	assert_int_equal(dmabuf_bytes, 2 * MAX_SIZE + 10);
	assert_int_equal(unmap(0x1000, 2 * MAX_SIZE + 10), 0);
}

/* Which dma-buf a descriptor is of is not known here. */
static void
a_second_map_is_eexist(void **state)
{
	assert_int_equal(map_dmabuf(0x1000, 100, 0), 0);
	assert_int_equal(map_dmabuf(0x1000, 100, 0), -EEXIST);
	assert_int_equal(map(0x1000, 100), -EEXIST);
	assert_int_equal(map_dmabuf(0x1000, 50, 0), -EEXIST);
	assert_int_equal(map(0x2000, 100), 0);
	assert_int_equal(map_dmabuf(0x2000, 100, 0), -EEXIST);
	/* Memory that has been registered with EAL since: the one who asks ends the old one. */
	assert_int_equal(map_dmabuf(0x1000, 100, 5), -ESTALE);
	assert_int_equal(live, 2);
	assert_int_equal(unmap(0x1000, 100), 0);
	assert_int_equal(unmap(0x1000, 100), -ENOENT);
}

static void
a_refused_dmabuf_leaves_nothing(void **state)
{
	reg_error = -EOPNOTSUPP;
	assert_int_equal(map_dmabuf(0x1000, 100, 0), -ENOTSUP);
	assert_false(has_key(0x1000));
	reg_error = 0;
	assert_int_equal(map(0x1000, 100), 0);
}

/* By then the caller may have closed the descriptor, or its number may be another file's. */
static void
what_an_unmap_has_deregistered_stays_so(void **state)
{
	assert_int_equal(map_dmabuf(0x1000, 2 * MAX_SIZE, 0), 0);
	deregs_left = 2;
	on_deregister = fail_in_time;
	assert_int_equal(unmap(0x1000, 2 * MAX_SIZE), -EBUSY);
	on_deregister = NULL;
	dereg_error = 0;
	assert_int_equal(registrations, 2);
	assert_int_equal(live, 1);
	assert_int_equal(lkey_at(0x1000), 0);
	assert_int_not_equal(lkey_at(0x1000 + MAX_SIZE), 0);
	assert_int_equal(unmap(0x1000, 2 * MAX_SIZE), 0);
}

static int
map_kind(uintptr_t start, size_t len, unsigned int kind)
{
	struct mlx5x_range range = {start, len}, conflict;
	const struct mlx5x_source source = {kind, FD, OFFSET};

	return mlx5x_mr_map_source(&table, &range, start, 0, &source, &conflict);
}

static int
map_to_read(uintptr_t start, size_t len)
{
	return map_kind(start, len, MLX5X_TO_READ);
}

static void
a_dmabuf_to_read_is_registered_so(void **state)
{
	struct mlx5x_mr_info info;

	to_read = 0;
	assert_int_equal(map_kind(0x1000, 100, MLX5X_OF_DMABUF | MLX5X_TO_READ), 0);
	assert_int_equal(to_read, 1);
	assert_int_equal(last_dmabuf.offset, OFFSET);
	assert_int_equal(pinned(), 0);
	assert_int_equal(mlx5x_mr_list(&table, &info, 1), 1);
	assert_true(info.of_dmabuf);
	assert_int_equal(map_to_read(0x1000, 100), -EEXIST);
	assert_int_equal(map_dmabuf(0x1000, 100, 0), -EEXIST);
	assert_int_equal(unmap(0x1000, 100), 0);
}

static void
memory_to_read_is_registered_so_and_counted(void **state)
{
	to_read = 0;
	assert_int_equal(map_to_read(0x1000, 2 * MAX_SIZE), 0);
	assert_int_equal(to_read, 2);
	assert_int_equal(pinned(), 2 * MAX_SIZE);
	assert_int_equal(map_to_read(0x1000, 2 * MAX_SIZE), 0);
	assert_int_equal(map(0x1000, 2 * MAX_SIZE), -EEXIST);
	assert_int_equal(map_dmabuf(0x1000, 2 * MAX_SIZE, 0), -EEXIST);
	assert_int_equal(to_read, 2);
	assert_int_equal(unmap(0x1000, 2 * MAX_SIZE), 0);
	assert_int_not_equal(lkey_at(0x1000), 0);
	assert_int_equal(unmap(0x1000, 2 * MAX_SIZE), 0);
	assert_int_equal(live, 0);
	assert_int_equal(map(0x1000, 100), 0);
	assert_int_equal(map_to_read(0x1000, 100), -EEXIST);
	assert_int_equal(to_read, 2);
}

/* When the unmap has failed, what it had deregistered is registered as it was. */
static void
memory_to_read_stays_so(void **state)
{
	to_read = 0;
	assert_int_equal(map_to_read(0x1000, 2 * MAX_SIZE), 0);
	deregs_left = 2;
	on_deregister = fail_in_time;
	assert_int_equal(unmap(0x1000, 2 * MAX_SIZE), -EBUSY);
	on_deregister = NULL;
	dereg_error = 0;
	assert_int_equal(to_read, 3);
	assert_int_equal(live, 2);
	assert_int_equal(unmap(0x1000, 2 * MAX_SIZE), 0);
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(it_has_an_lkey_until_its_unmap),
		CASE(pages_of_a_dmabuf_are_not_pinned),
		CASE(each_mr_is_of_its_part),
		CASE(a_second_map_is_eexist),
		CASE(a_refused_dmabuf_leaves_nothing),
		CASE(what_an_unmap_has_deregistered_stays_so),
		CASE(a_dmabuf_to_read_is_registered_so),
		CASE(memory_to_read_is_registered_so_and_counted),
		CASE(memory_to_read_stays_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
