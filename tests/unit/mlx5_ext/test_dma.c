/* SPDX-License-Identifier: BSD-3-Clause */
/* dma.c: requests that are rejected before the MR table, and the reports of the table's errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <string.h>
#include <sys/resource.h>

#include "dma_fixture.h"

static void
memory_of_the_application_is_mapped(void **state)
{
	assert_int_equal(map(), 0);
	assert_int_equal(maps, 1);
	assert_string_equal(read_line(), "");
}

static void
other_memory_is_mapped_again(void **state)
{
	assert_int_equal(map(), 0);
	assert_int_equal(map(), 0);
	assert_int_equal(ended, 0);
	registration = 8;
	assert_int_equal(map(), 0);
	assert_int_equal(maps, 1);
	assert_int_equal(ended, 1);
	assert_int_equal(mapped_of, 8);
	assert_non_null(strstr(read_line(), "registered with EAL again"));
}

static void
the_same_memory_by_another_number_is_counted(void **state)
{
	assert_int_equal(map(), 0);
	registration = 8;
	still_there = true;
	assert_int_equal(map(), 0);
	assert_int_equal(maps, 2);
	assert_int_equal(mapped_of, 7);
	assert_int_equal(ended, 0);
	assert_string_equal(read_line(), "");
}

/* Posted buffers keep their lkey; but buffers that a recovery returns may be released. */
static void
owned_buffers_keep_the_mapping(void **state)
{
	assert_int_equal(map(), 0);
	registration = 8;
	end_error = -EBUSY;
	assert_int_equal(map(), -EBUSY);
	assert_int_equal(rte_errno, EBUSY);
	assert_int_equal(maps, 1);
	assert_int_equal(mapped_of, 7);
	assert_non_null(strstr(read_line(), "stop the port"));
	recoveries = 1;
	assert_int_equal(map(), 0);
	assert_int_equal(ended, 1);
	assert_int_equal(mapped_of, 8);
}

static void
implicit_memory_is_eexist(void **state)
{
	in_heap = true;
	assert_int_equal(map(), -EEXIST);
	assert_int_equal(rte_errno, EEXIST);
	assert_int_equal(maps, 0);
	assert_non_null(strstr(read_line(), "needs no map"));
	assert_non_null(strstr(line, "4096 bytes at 0x5000"));
	assert_non_null(strstr(line, "mr_implicit=none"));
}

static void
with_none_it_is_mapped(void **state)
{
	device.implicit = false;
	in_heap = true;
	assert_int_equal(map(), 0);
	assert_int_equal(maps, 1);
}

/* A mapping may have become part of a heap, and can be unmapped all the same. */
static void
an_unmap_does_not_depend_on_heaps(void **state)
{
	assert_int_equal(map(), 0);
	in_heap = true;
	assert_int_equal(mlx5x_dma_unmap(&pci, (void *)0x5000, 0, 0x1000), 0);
	assert_int_equal(maps, 0);
}

static void
a_secondary_process_maps_nothing(void **state)
{
	process = RTE_PROC_SECONDARY;
	assert_int_equal(map(), -ENOTSUP);
	assert_int_equal(rte_errno, ENOTSUP);
	assert_true(log_has("0000:03:00.0: only the primary process can map"));
	assert_int_equal(unmap(), -ENOTSUP);
	assert_int_equal(rte_errno, ENOTSUP);
	assert_int_equal(maps, 0);
}

static uint64_t
iova_of(uint64_t iova)
{
	uint64_t mapped_at;

	assert_int_equal(mlx5x_dma_map(&pci, (void *)0x5000, iova, 0x1000), 0);
	mapped_at = last_iova;
	assert_int_equal(mlx5x_dma_unmap(&pci, (void *)0x5000, iova, 0x1000), 0);
	assert_int_equal(last_iova, mapped_at);
	return mapped_at;
}

static void
a_missing_iova_is_the_address(void **state)
{
	assert_int_equal(iova_of(0), 0x5000);
	assert_int_equal(iova_of(RTE_BAD_IOVA), 0x5000);
	assert_int_equal(iova_of(0x9000), 0x9000);
	iova_mode = RTE_IOVA_PA;
	assert_int_equal(iova_of(0), 0);
	/* As with pci_ext: the range wraps. */
	assert_int_equal(mlx5x_dma_map(&pci, (void *)0x5000, RTE_BAD_IOVA, 0x1000), -EINVAL);
}

static void
a_function_that_was_not_probed_has_no_mappings(void **state)
{
	find_error = -ENOENT;
	assert_int_equal(map(), -EINVAL);
	assert_int_equal(rte_errno, EINVAL);
	assert_true(log_has("0000:03:00.0: cannot map: the function is not probed"));
	assert_int_equal(unmap(), -ENOENT);
	assert_int_equal(rte_errno, ENOENT);
	assert_int_equal(count_lines(), 1);
}

/* Its port was closed, which ended all mappings. */
static void
a_removed_device_has_no_mappings(void **state)
{
	find_error = -EIO;
	assert_int_equal(map(), -EIO);
	assert_int_equal(rte_errno, EIO);
	assert_true(log_has("its rdma device is dead; detach the device"));
	assert_int_equal(unmap(), -ENOENT);
	assert_int_equal(rte_errno, ENOENT);
}

static void
on_a_dead_device_mappings_end(void **state)
{
	assert_int_equal(map(), 0);
	device.dead = true;
	assert_int_equal(map(), -EIO);
	assert_int_equal(rte_errno, EIO);
	assert_true(log_has("its rdma device is dead; detach the device"));
	assert_int_equal(maps, 1);
	assert_int_equal(unmap(), 0);
	assert_int_equal(maps, 0);
}

static void
failed_maps_are_explained(void **state)
{
	struct rlimit before, low;

	map_error = -EEXIST;
	assert_int_equal(map(), -EEXIST);
	assert_int_equal(rte_errno, EEXIST);
	assert_true(log_has("cannot map 4096 bytes at 0x5000: overlaps"));
	assert_true(log_has("8192 bytes at 0x4000"));
	map_error = -EFAULT;
	assert_int_equal(map(), -EFAULT);
	assert_true(log_has("cannot map 4096 bytes at 0x5000: Bad address: 0x5000-0x6000 is not mapped"));
	map_error = -ENOMEM;
	assert_int_equal(getrlimit(RLIMIT_MEMLOCK, &before), 0);
	low = before;
	low.rlim_cur = 4096;
	assert_int_equal(setrlimit(RLIMIT_MEMLOCK, &low), 0);
	assert_int_equal(map(), -ENOMEM);
	assert_int_equal(setrlimit(RLIMIT_MEMLOCK, &before), 0);
	assert_true(log_has("cannot map 4096 bytes at 0x5000: Cannot allocate memory: "));
	assert_true(log_has("RLIMIT_MEMLOCK (ulimit -l) is 4096 bytes, 0 of them used"));
	assert_true(log_has("the device has 77 MRs"));
	assert_int_equal(count_lines(), 3);
}

/* Both errors are useless to the caller: another thread called in between. */
static void
memory_mapped_meanwhile_is_eexist(void **state)
{
	map_error = -ESTALE;
	assert_int_equal(map(), -EEXIST);
	assert_int_equal(rte_errno, EEXIST);
}

static void
failed_unmaps_are_explained(void **state)
{
	unmap_error = -EINVAL;
	assert_int_equal(unmap(), -EINVAL);
	assert_int_equal(rte_errno, EINVAL);
	assert_true(log_has("cannot unmap 4096 bytes at 0x5000: not exactly one mapping; the first "
		"there has 8192 bytes at 0x4000"));
	unmap_error = -ENOENT;
	assert_int_equal(unmap(), -ENOENT);
	assert_true(log_has("cannot unmap 4096 bytes at 0x5000: No such file"));
	assert_int_equal(count_lines(), 2);
}

/* A caller that unmaps until it is not EBUSY has a line a second. */
static void
a_loop_of_unmaps_does_not_fill_the_log(void **state)
{
	unmap_error = -EBUSY;
	assert_int_equal(unmap(), -EBUSY);
	assert_int_equal(rte_errno, EBUSY);
	assert_true(log_has("cannot unmap 4096 bytes at 0x5000: a queue owns buffers in the range"));
	assert_int_equal(unmap(), -EBUSY);
	assert_int_equal(unmap(), -EBUSY);
	assert_int_equal(count_lines(), 1);
	device.busy.next = 0;
	assert_int_equal(unmap(), -EBUSY);
	assert_int_equal(count_lines(), 2);
	assert_true(log_has("(repeated 2 times since)"));
}

static void
a_recovery_releases_buffers_for_the_unmap(void **state)
{
	assert_int_equal(map(), 0);
	unmap_error = -EBUSY;
	recoveries = 1;
	assert_int_equal(unmap(), 0);
	assert_int_equal(maps, 0);
	assert_int_equal(count_lines(), 0);
}

static void
a_wrapping_range_is_einval(void **state)
{
	assert_int_equal(mlx5x_dma_map(&pci, (void *)0x5000, 0, 0), -EINVAL);
	assert_int_equal(mlx5x_dma_map(&pci, (void *)0x5000, 0, SIZE_MAX), -EINVAL);
	assert_int_equal(mlx5x_dma_unmap(&pci, (void *)0x5000, 0, 0), -EINVAL);
	assert_int_equal(mlx5x_dma_unmap(&pci, (void *)0x5000, 0, SIZE_MAX), -EINVAL);
	assert_int_equal(mlx5x_dma_map(&pci, (void *)0x5000, UINT64_MAX - 4094, 4096), -EINVAL);
	assert_int_equal(mlx5x_dma_unmap(&pci, (void *)0x5000, UINT64_MAX - 4094, 4096), -EINVAL);
	assert_int_equal(rte_errno, EINVAL);
	assert_true(log_has("cannot unmap 4096 bytes at 0x5000, iova 0xfffffffffffff001: the length "
		"must be at least 1, and the range must not wrap"));
	assert_int_equal(count_lines(), 6);
	assert_int_equal(maps, 0);
	/* A range that ends with the last byte of the address space does not wrap. */
	assert_int_equal(mlx5x_dma_map(&pci, (void *)(UINTPTR_MAX - 4095), 0, 4096), 0);
	assert_int_equal(mlx5x_dma_unmap(&pci, (void *)(UINTPTR_MAX - 4095), 0, 4096), 0);
	assert_int_equal(mlx5x_dma_map(&pci, (void *)(UINTPTR_MAX - 4095), 0, 4097), -EINVAL);
	assert_int_equal(mlx5x_dma_unmap(&pci, (void *)(UINTPTR_MAX - 4095), 0, 4097), -EINVAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(memory_of_the_application_is_mapped),
		CASE(other_memory_is_mapped_again),
		CASE(the_same_memory_by_another_number_is_counted),
		CASE(owned_buffers_keep_the_mapping),
		CASE(implicit_memory_is_eexist),
		CASE(with_none_it_is_mapped),
		CASE(an_unmap_does_not_depend_on_heaps),
		CASE(a_secondary_process_maps_nothing),
		CASE(a_missing_iova_is_the_address),
		CASE(a_function_that_was_not_probed_has_no_mappings),
		CASE(a_removed_device_has_no_mappings),
		CASE(on_a_dead_device_mappings_end),
		CASE(failed_maps_are_explained),
		CASE(memory_mapped_meanwhile_is_eexist),
		CASE(failed_unmaps_are_explained),
		CASE(a_loop_of_unmaps_does_not_fill_the_log),
		CASE(a_recovery_releases_buffers_for_the_unmap),
		CASE(a_wrapping_range_is_einval),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
