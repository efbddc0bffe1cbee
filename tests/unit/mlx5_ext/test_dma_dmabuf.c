/* SPDX-License-Identifier: BSD-3-Clause */
/* dma.c: maps of dma-bufs and of memory to read, and the reports of their errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "dma_fixture.h"

#define FD 11
#define OFFSET 0x20000

static int
map_dmabuf(void)
{
	return mlx5x_dma_map_memory(&pci, &(struct pci_ext_memory){.addr = (void *)0x5000,
		.len = 0x1000, .is_dmabuf = 1, .fd = FD, .offset = OFFSET});
}

static void
a_dmabuf_is_mapped_and_unmapped(void **state)
{
	assert_int_equal(map_dmabuf(), 0);
	assert_int_equal(maps, 1);
	assert_int_equal(last_source.kind, MLX5X_OF_DMABUF);
	assert_int_equal(last_source.fd, FD);
	assert_int_equal(last_source.offset, OFFSET);
	assert_int_equal(last_iova, 0x5000);
	assert_int_equal(unmap(), 0);
	assert_int_equal(maps, 0);
	assert_int_equal(count_lines(), 0);
}

static void
inlining_is_warned_of(void **state)
{
	assert_int_equal(map_dmabuf(), 0);
	assert_int_equal(unmap(), 0);
	assert_int_equal(count_lines(), 0);
	inlined = 64;
	assert_int_equal(map_dmabuf(), 0);
	assert_int_equal(unmap(), 0);
	inlined = 0;
	pci.id.device_id = 0x1013; /* ConnectX-4 */
	assert_int_equal(map_dmabuf(), 0);
	assert_int_equal(unmap(), 0);
	pci.id.device_id = 0;
	assert_int_equal(count_lines(), 2);
	assert_true(log_has("0000:03:00.0: it inlines bytes of packets"));
	assert_int_equal(holds, 0);
}

static int
map_access(enum pci_ext_access access)
{
	return mlx5x_dma_map_memory(&pci, &(struct pci_ext_memory){.addr = (void *)0x5000,
		.len = 0x1000, .access = access});
}

static void
memory_to_read_is_mapped_and_unmapped(void **state)
{
	last_source.kind = MLX5X_OF_DMABUF;
	assert_int_equal(map_access(PCI_EXT_ACCESS_READ), 0);
	assert_int_equal(last_source.kind, MLX5X_TO_READ);
	assert_int_equal(last_iova, 0x5000);
	assert_int_equal(unmap(), 0);
	last_source.kind = MLX5X_OF_DMABUF;
	assert_int_equal(map_access(PCI_EXT_ACCESS_READ_WRITE), 0);
	assert_int_equal(last_source.kind, MLX5X_OF_DMABUF); /* as dma_map */
	assert_int_equal(unmap(), 0);
	assert_int_equal(map_access(PCI_EXT_ACCESS_READ + 1), -EINVAL);
	assert_int_equal(rte_errno, EINVAL);
	assert_int_equal(maps, 0);
}

static void
a_dmabuf_can_be_to_read(void **state)
{
	const struct pci_ext_memory memory = {.addr = (void *)0x5000, .len = 0x1000,
		.access = PCI_EXT_ACCESS_READ, .is_dmabuf = 1, .fd = FD, .offset = OFFSET};

	assert_int_equal(mlx5x_dma_map_memory(&pci, &memory), 0);
	assert_int_equal(last_source.kind, MLX5X_OF_DMABUF | MLX5X_TO_READ);
	assert_int_equal(last_source.fd, FD);
	assert_int_equal(last_source.offset, OFFSET);
	assert_int_equal(unmap(), 0);
}

static void
checks_are_those_of_any_map(void **state)
{
	const struct pci_ext_memory endless = {.addr = (void *)0x5000, .len = SIZE_MAX,
		.is_dmabuf = 1, .fd = FD};

	assert_int_equal(mlx5x_dma_map_memory(&pci, &endless), -EINVAL);
	assert_int_equal(rte_errno, EINVAL);
	find_error = -EIO;
	assert_int_equal(map_dmabuf(), -EIO);
	find_error = 0;
	in_heap = true;
	assert_int_equal(map_dmabuf(), -EEXIST);
	assert_int_equal(rte_errno, EEXIST);
	process = RTE_PROC_SECONDARY;
	assert_int_equal(map_dmabuf(), -ENOTSUP);
	assert_int_equal(maps, 0);
}

static void
a_stale_mapping_is_ended_first(void **state)
{
	assert_int_equal(map_dmabuf(), 0);
	registration = 8;
	assert_int_equal(map_dmabuf(), 0);
	assert_int_equal(ended, 1);
	assert_int_equal(mapped_of, 8);
}

static void
refusals_are_explained(void **state)
{
	map_error = -ENOTSUP;
	assert_int_equal(map_dmabuf(), -ENOTSUP);
	assert_int_equal(rte_errno, ENOTSUP);
	assert_true(log_has("cannot map 4096 bytes at 0x5000 of a dma-buf from 0x20000 on: "
		"Operation not supported: the kernel's driver of the rdma device"));
	assert_true(log_has("has no dma-bufs for this"));
	map_error = -EINVAL;
	assert_int_equal(map_dmabuf(), -EINVAL);
	assert_true(log_has("Invalid argument: not a dma-buf, or it ends before"));
	map_error = -EBADF;
	assert_int_equal(map_dmabuf(), -EBADF);
	assert_true(log_has("the descriptor is not open"));
	map_error = -ENOMEM;	/* with no limit of locked memory, which does not count it */
	assert_int_equal(map_dmabuf(), -ENOMEM);
	assert_false(log_has("RLIMIT_MEMLOCK"));
	map_error = -EEXIST;
	assert_int_equal(map_dmabuf(), -EEXIST);
	assert_true(log_has("overlaps the mapping of 8192 bytes at 0x4000"));
	assert_int_equal(count_lines(), 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_dmabuf_is_mapped_and_unmapped),
		CASE(inlining_is_warned_of),
		CASE(memory_to_read_is_mapped_and_unmapped),
		CASE(a_dmabuf_can_be_to_read),
		CASE(checks_are_those_of_any_map),
		CASE(a_stale_mapping_is_ended_first),
		CASE(refusals_are_explained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
