/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * heap.c on made-up lists of EAL; the fakes take the place of EAL's functions of the same name.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>

#include <cmocka.h>

#include <rte_common.h>
#include <rte_fbarray.h>
#include <rte_memory.h>

#include "mr/heap.h"

#define KB UINT64_C(1024)
#define MB (1024 * KB)

enum {HEAP, SMALL_PAGES, REGISTERED, REGISTERED_TOO, NB_LISTS};

/*
 * EAL's own memory of 2 MiB pages, an application's heap in pages of 4 KiB, two registered ranges.
 */
static struct rte_memseg_list lists[NB_LISTS];
/* Bit i: page i of the first list is in use. All pages of the others are. */
static uint64_t used;
static int searches, walks;

static int
set_up(void **state)
{
	lists[HEAP] = (struct rte_memseg_list){
		.addr_64 = 1024 * MB, .len = 64 * 2 * MB, .page_sz = 2 * MB, .heap = 1};
	lists[SMALL_PAGES] = (struct rte_memseg_list){
		.addr_64 = 4096 * MB + 4 * KB, .len = 80 * MB, .page_sz = 4 * KB, .heap = 1,
		.external = 1};
	lists[REGISTERED] = (struct rte_memseg_list){
		.addr_64 = 2048 * MB, .len = 16 * MB, .page_sz = 4 * KB, .external = 1,
		.socket_id = 256};
	lists[REGISTERED_TOO] = (struct rte_memseg_list){
		.addr_64 = 2064 * MB, .len = 16 * MB, .page_sz = 4 * KB, .external = 1,
		.socket_id = 257};
	used = 0xff;
	searches = walks = 0;
	return 0;
}

struct rte_memseg_list *
rte_mem_virt2memseg_list(const void *addr)
{
	int i;

	searches++;
	for (i = 0; i < NB_LISTS; i++)
		if ((uintptr_t)addr - lists[i].addr_64 < lists[i].len)
			return &lists[i];
	return NULL;
}

int
rte_memseg_list_walk_thread_unsafe(rte_memseg_list_walk_t func, void *arg)
{
	int i, ret = 0;

	walks++;
	for (i = 0; i < NB_LISTS && ret == 0; i++)
		ret = func(&lists[i], arg);
	return ret;
}

static bool
is_first(const struct rte_fbarray *arr)
{
	return arr == &lists[HEAP].memseg_arr;
}

int
rte_fbarray_is_used(struct rte_fbarray *arr, unsigned int i)
{
	return !is_first(arr) || (used >> i & 1) != 0;
}

int
rte_fbarray_find_contig_used(struct rte_fbarray *arr, unsigned int i)
{
	int n = 0;

	if (!is_first(arr))
		return 80 * MB / (4 * KB) - i;
	while (used >> (i + n) & 1)
		n++;
	return n;
}

int
rte_fbarray_find_rev_contig_used(struct rte_fbarray *arr, unsigned int i)
{
	int n = 0;

	if (!is_first(arr))
		return i + 1;
	while (n <= (int)i && used >> (i - n) & 1)
		n++;
	return n;
}

static bool
touches(uintptr_t start, size_t len)
{
	const struct mlx5x_range range = {start, len};

	return mlx5x_heap_touches(&range);
}

static void
a_byte_of_a_heap_is_enough(void **state)
{
	assert_false(touches(1024 * MB - 1, 1));
	assert_true(touches(1024 * MB - 1, 2));
	assert_true(touches(1152 * MB - 1, 1));
	assert_false(touches(1152 * MB, MB));
	assert_true(touches(4096 * MB, MB));
	assert_true(touches(1, UINTPTR_MAX - 1));
	assert_false(touches(2048 * MB, 32 * MB));
	assert_true(touches(2048 * MB, 4096 * MB));
}

static bool
knows(uintptr_t start, size_t len)
{
	const struct mlx5x_range range = {start, len};

	return mlx5x_heap_knows(&range);
}

static void
a_byte_of_any_list_is_known(void **state)
{
	assert_false(knows(1024 * MB - 1, 1));
	assert_true(knows(1024 * MB - 1, 2));
	assert_true(knows(2048 * MB - 1, 2));
	assert_true(knows(2080 * MB - 1, MB));
	assert_false(knows(2080 * MB, MB));
	assert_false(knows(4096 * MB, 4 * KB));
	/* It has been unregistered. */
	lists[REGISTERED_TOO].len = 0;
	assert_false(knows(2064 * MB, 16 * MB));
	assert_false(touches(2048 * MB, 16 * MB));
	walks = 0;
	assert_true(knows(2048 * MB, 16 * MB));
	assert_int_equal(walks, 0);
}

static void
registered_memory_is_found_at_once(void **state)
{
	assert_false(touches(2048 * MB, MB));
	walks = 0;
	assert_false(touches(2048 * MB, 16 * MB));
	assert_false(touches(2055 * MB, 4 * KB));
	assert_int_equal(walks, 0);
	/* Only a hint: by now it may belong to a heap. */
	lists[REGISTERED].heap = 1;
	assert_true(touches(2048 * MB, MB));
	assert_false(touches(2064 * MB, MB));
	walks = 0;
	assert_false(touches(2064 * MB, MB));
	assert_int_equal(walks, 0);
}

static uint64_t
registration(uintptr_t start, size_t len)
{
	const struct mlx5x_range range = {start, len};

	return mlx5x_heap_registration(&range);
}

static void
each_registration_is_another(void **state)
{
	const uint64_t first = registration(2048 * MB, MB), both = registration(2063 * MB, 2 * MB);

	assert_int_equal(registration(2063 * MB, MB), first);
	assert_int_not_equal(registration(2064 * MB, MB), first);
	assert_int_not_equal(both, first);
	assert_int_equal(registration(3000 * MB, MB), 0);
	lists[REGISTERED_TOO].socket_id = 258;
	assert_int_equal(registration(2048 * MB, MB), first);
	assert_int_not_equal(registration(2063 * MB, 2 * MB), both);
	lists[REGISTERED].socket_id = 259;
	assert_int_not_equal(registration(2048 * MB, MB), first);
}

static bool
is_current(uintptr_t start, size_t len, uint64_t number)
{
	const struct mlx5x_range range = {start, len};

	return mlx5x_heap_is_current(&range, number);
}

/* EAL copies one over the other. The numbers differ then, whichever list was found last. */
static void
registrations_may_overlap(void **state)
{
	const uint64_t first = registration(2048 * MB, MB), small = registration(1024 * MB, MB);

	lists[REGISTERED_TOO].addr_64 = 2048 * MB;
	assert_true(is_current(2048 * MB, MB, first));
	assert_false(touches(2048 * MB, MB));
	assert_true(is_current(2048 * MB, MB, registration(2048 * MB, MB)));
	assert_true(is_current(1024 * MB, MB, small));
	lists[REGISTERED].socket_id = 258;
	assert_false(is_current(2048 * MB, MB, first));
	lists[REGISTERED].len = 0;
	assert_false(is_current(2048 * MB, MB, first));
	assert_false(is_current(3000 * MB, MB, first));
}

/* With the hint of the call before. */
static void
the_registration_is_found_at_once(void **state)
{
	uint64_t slow = registration(2048 * MB, MB);

	assert_false(touches(2048 * MB, MB));
	walks = 0;
	assert_int_equal(registration(2048 * MB, MB), slow);
	assert_int_equal(walks, 0);
}

static void
an_address_of_a_heap_is_found_at_once(void **state)
{
	assert_true(mlx5x_heap_has(1024 * MB));
	searches = 0;
	assert_true(mlx5x_heap_has(1152 * MB - 1));
	assert_int_equal(searches, 0);
	assert_false(mlx5x_heap_has(2048 * MB));
	assert_false(mlx5x_heap_has(512));
	lists[HEAP].len = 0;
	assert_false(mlx5x_heap_has(1024 * MB));
}

static void
check_unit(uintptr_t addr, int ret, uintptr_t start, size_t len)
{
	struct mlx5x_range unit;

	assert_int_equal(mlx5x_heap_unit(addr, &unit), ret);
	assert_int_equal(unit.start, start);
	assert_int_equal(unit.len, len);
}

static void
pages_that_can_be_freed_end_alone(void **state)
{
	check_unit(1024 * MB, 0, 1024 * MB, 2 * MB);
	check_unit(1028 * MB - 1, 0, 1026 * MB, 2 * MB);
	check_unit(1040 * MB, -EFAULT, 1040 * MB, 2 * MB);
}

static void
an_external_heap_ends_as_a_whole(void **state)
{
	/* Up to the end of the aligned block. */
	check_unit(4096 * MB + 4 * KB, 0, 4096 * MB + 4 * KB, 32 * MB - 4 * KB);
	check_unit(4130 * MB, 0, 4128 * MB, 32 * MB);
	check_unit(4176 * MB, 0, 4160 * MB, 16 * MB + 4 * KB);
}

static void
memory_around_is_no_heap(void **state)
{
	check_unit(2048 * MB, -ENOENT, 1152 * MB, 2944 * MB + 4 * KB);
	check_unit(3000 * MB, -ENOENT, 1152 * MB, 2944 * MB + 4 * KB);
	check_unit(5, -ENOENT, 0, 1024 * MB);
	check_unit(5000 * MB, -ENOENT, 4176 * MB + 4 * KB, UINTPTR_MAX - 4176 * MB - 4 * KB);
}

/* Permanent, so it is last. */
static void
fixed_memory_is_registered_by_the_block(void **state)
{
	mlx5x_heap_set_fixed();
	check_unit(1030 * MB, 0, 1024 * MB, 16 * MB);
	used = 0xfff0fff8;
	check_unit(1040 * MB, 0, 1030 * MB, 26 * MB);
	check_unit(1070 * MB, 0, 1064 * MB, 24 * MB);
	check_unit(1024 * MB, -EFAULT, 1024 * MB, 2 * MB);
}

#define CASE(function) cmocka_unit_test_setup(function, set_up)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_byte_of_a_heap_is_enough),
		CASE(a_byte_of_any_list_is_known),
		CASE(registered_memory_is_found_at_once),
		CASE(each_registration_is_another),
		CASE(registrations_may_overlap),
		CASE(the_registration_is_found_at_once),
		CASE(an_address_of_a_heap_is_found_at_once),
		CASE(pages_that_can_be_freed_end_alone),
		CASE(an_external_heap_ends_as_a_whole),
		CASE(memory_around_is_no_heap),
		CASE(fixed_memory_is_registered_by_the_block),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
