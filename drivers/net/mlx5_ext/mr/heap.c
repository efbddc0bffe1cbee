/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdatomic.h>

#include <rte_common.h>
#include <rte_fbarray.h>
#include <rte_memory.h>

#include "mr/heap.h"

/* Hints only: every use checks the list again. */
static _Atomic(const struct rte_memseg_list *) recent_external;
static _Atomic(struct rte_memseg_list *) recent_heap;

static bool fixed;

void
mlx5x_heap_set_fixed(void)
{
	fixed = true;
}

static struct mlx5x_range
range_of(const struct rte_memseg_list *msl)
{
	return (struct mlx5x_range){msl->addr_64, msl->len};
}

static bool
is_external(const struct rte_memseg_list *msl)
{
	return msl->external && !msl->heap;
}

static bool
list_holds(const struct rte_memseg_list *msl, const struct mlx5x_range *range)
{
	struct mlx5x_range list = range_of(msl);

	return mlx5x_range_holds(&list, range->start, range->len);
}

static int
look_for_heap(const struct rte_memseg_list *msl, void *arg)
{
	const struct mlx5x_range *range = arg;

	if (msl->heap)
		return mlx5x_range_touches(range, msl->addr_64, msl->len);
	if (is_external(msl) && list_holds(msl, range))
		atomic_store_explicit(&recent_external, msl, memory_order_relaxed);
	return 0;
}

/* The list of the hint, if it holds the whole range. */
static const struct rte_memseg_list *
find_external(const struct mlx5x_range *range)
{
	const struct rte_memseg_list *msl;

	msl = atomic_load_explicit(&recent_external, memory_order_relaxed);
	return msl != NULL && is_external(msl) && list_holds(msl, range) ? msl : NULL;
}

bool
mlx5x_heap_touches(const struct mlx5x_range *range)
{
	return find_external(range) == NULL &&
		rte_memseg_list_walk_thread_unsafe(look_for_heap, (void *)(uintptr_t)range) > 0;
}

struct registration {
	const struct mlx5x_range *range;
	uint64_t number;
};

/* EAL never uses the socket ID of an external registration again. */
static uint64_t
add_socket(uint64_t number, const struct rte_memseg_list *msl)
{
	return number * UINT64_C(0x9e3779b97f4a7c15) + msl->socket_id + 1;
}

static int
add_list(const struct rte_memseg_list *msl, void *arg)
{
	struct registration *sum = arg;

	if (msl->len != 0 && mlx5x_range_touches(sum->range, msl->addr_64, msl->len))
		sum->number = add_socket(sum->number, msl);
	return 0;
}

/* The number made of all lists that touch the range. */
static uint64_t
number_of_all(const struct mlx5x_range *range)
{
	struct registration sum = {.range = range};

	rte_memseg_list_walk_thread_unsafe(add_list, &sum);
	return sum.number;
}

uint64_t
mlx5x_heap_registration(const struct mlx5x_range *range)
{
	const struct rte_memseg_list *msl = find_external(range);

	return msl != NULL ? add_socket(0, msl) : number_of_all(range);
}

/* Looks for the list itself: overlapping lists may have changed the number of the range. */
static int
is_registration(const struct rte_memseg_list *msl, void *arg)
{
	const struct registration *wanted = arg;

	return is_external(msl) && list_holds(msl, wanted->range) &&
		add_socket(0, msl) == wanted->number;
}

bool
mlx5x_heap_is_current(const struct mlx5x_range *range, uint64_t registration)
{
	struct registration wanted = {range, registration};

	return rte_memseg_list_walk_thread_unsafe(is_registration, &wanted) > 0 ||
		number_of_all(range) == registration;
}

/* The memseg list of a heap that holds the address, or NULL. */
static struct rte_memseg_list *
find_heap(uintptr_t addr)
{
	const struct mlx5x_range byte = {addr, 1};
	struct rte_memseg_list *msl;

	msl = atomic_load_explicit(&recent_heap, memory_order_relaxed);
	if (msl != NULL && msl->heap && list_holds(msl, &byte))
		return msl;
	msl = rte_mem_virt2memseg_list((const void *)addr);
	if (msl == NULL || !msl->heap)
		return NULL;
	atomic_store_explicit(&recent_heap, msl, memory_order_relaxed);
	return msl;
}

bool
mlx5x_heap_has(uintptr_t addr)
{
	return find_heap(addr) != NULL;
}

static int
is_touched(const struct rte_memseg_list *msl, void *arg)
{
	const struct mlx5x_range *range = arg;

	return msl->len != 0 && mlx5x_range_touches(range, msl->addr_64, msl->len);
}

bool
mlx5x_heap_knows(const struct mlx5x_range *range)
{
	return find_external(range) != NULL ||
		rte_memseg_list_walk_thread_unsafe(is_touched, (void *)(uintptr_t)range) > 0;
}

/* The gap between heaps around an address, both ends included; narrowed list by list. */
struct space {
	uintptr_t addr;
	uintptr_t first;
	uintptr_t last;
};

static int
narrow(const struct rte_memseg_list *msl, void *arg)
{
	struct space *space = arg;

	if (!msl->heap || msl->len == 0)
		return 0;
	if (msl->addr_64 > space->addr)
		space->last = RTE_MIN(space->last, msl->addr_64 - 1);
	else
		space->first = RTE_MAX(space->first, msl->addr_64 + msl->len);
	return 0;
}

/* The gap around the address, up to the next heaps. */
static struct mlx5x_range
space_around(uintptr_t addr)
{
	struct space space = {.addr = addr, .first = 0, .last = UINTPTR_MAX - 1};

	rte_memseg_list_walk_thread_unsafe(narrow, &space);
	return (struct mlx5x_range){space.first, space.last - space.first + 1};
}

/* The used pages around a used page, within an aligned block. */
static struct mlx5x_range
block_around(struct rte_memseg_list *msl, uint64_t page, int index)
{
	uintptr_t addr = msl->addr_64 + index * page;
	uint64_t block = RTE_MAX(page, MLX5X_HEAP_BLOCK), offset = addr & (block - 1);
	int before = rte_fbarray_find_rev_contig_used(&msl->memseg_arr, index);
	int after = rte_fbarray_find_contig_used(&msl->memseg_arr, index);
	uint64_t down = RTE_MIN((RTE_MAX(before, 1) - 1) * page, offset);
	uint64_t up = RTE_MIN(RTE_MAX(after, 1) * page, block - offset);

	return (struct mlx5x_range){addr - down, down + up};
}

int
mlx5x_heap_unit(uintptr_t addr, struct mlx5x_range *unit)
{
	struct rte_memseg_list *msl = find_heap(addr);
	uint64_t page = msl != NULL ? msl->page_sz : 0;
	int index;

	if (page == 0) {
		*unit = space_around(addr);
		return -ENOENT;
	}
	index = (addr - msl->addr_64) / page;
	*unit = (struct mlx5x_range){msl->addr_64 + index * page, page};
	if (rte_fbarray_is_used(&msl->memseg_arr, index) != 1)
		return -EFAULT;
	if (fixed || msl->external)
		*unit = block_around(msl, page, index);
	return 0;
}
