/* SPDX-License-Identifier: BSD-3-Clause */
/* dispatch.c with memory of another access, and of dma-bufs. */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dispatch_rig.h"
#include "log_lines.h"
#include "unit.h"

static int
map_access(uint64_t addr, uint64_t len, enum pci_ext_access access)
{
	static const struct pci_ext_target named = {.name = "0000:00:10.0"};
	struct pci_ext_memory memory = at(addr, 0, len);

	memory.access = access;
	return pci_ext_dispatch_map(&named, &memory);
}

static void
an_access_is_passed_on(void **state)
{
	assert_int_equal(map_access(0x100000, PAGE, PCI_EXT_ACCESS_READ), 0);
	assert_int_equal(seen.iova, 0x100000);
	assert_int_equal(seen.access, PCI_EXT_ACCESS_READ);
	assert_int_equal(map_access(0x100000, PAGE, PCI_EXT_ACCESS_READ_WRITE), 0);
	assert_int_equal(seen.access, PCI_EXT_ACCESS_READ_WRITE);
	fake_result = -EEXIST;
	assert_int_equal(map_access(0x100000, PAGE, PCI_EXT_ACCESS_READ), -EEXIST);
	assert_int_equal(calls_of_map, 3);
}

static void
a_wrong_access_is_not_passed_on(void **state)
{
	log_open();
	assert_int_equal(map_access(0x100000, PAGE, PCI_EXT_ACCESS_READ + 1), -EINVAL);
	assert_true(log_has("0000:00:10.0: no access 2"));
	assert_int_equal(map_access(0x300000, PAGE, PCI_EXT_ACCESS_READ), -EINVAL);
	assert_int_equal(map_access(0x100000, 0, PCI_EXT_ACCESS_READ), -EINVAL);
	assert_true(log_has(" len 0x0 is empty or wraps"));
	fake_process = RTE_PROC_SECONDARY;
	assert_int_equal(map_access(0x100000, PAGE, PCI_EXT_ACCESS_READ + 1), -EINVAL);
	assert_int_equal(calls_of_map + asked, 0);
	assert_int_equal(count_lines(), 4);
	log_close();
}

static int
map_dmabuf(int fd, uint64_t offset, uint64_t addr, uint64_t len)
{
	static const struct pci_ext_target named = {.name = "0000:00:10.0"};
	const struct pci_ext_memory memory = {.addr = (void *)(uintptr_t)addr,
		.len = len,
		.access = PCI_EXT_ACCESS_READ,
		.is_dmabuf = 1,
		.fd = fd,
		.offset = offset};

	return pci_ext_dispatch_map(&named, &memory);
}

/* The primary process gets what there is; an unmap needs none of it. */
static void
secondary_passes_all_on(void **state)
{
	const struct pci_ext_memory memory = {.addr = (void *)0x100000,
		.len = PAGE,
		.access = PCI_EXT_ACCESS_READ,
		.is_dmabuf = 1,
		.fd = 77,
		.offset = 5};

	fake_process = RTE_PROC_SECONDARY;
	assert_int_equal(pci_ext_dispatch_map(&with_callbacks, &memory), 0);
	assert_ptr_equal(asked_memory.addr, memory.addr);
	assert_int_equal(asked_memory.access, PCI_EXT_ACCESS_READ);
	assert_int_equal(asked_memory.is_dmabuf, 1);
	assert_int_equal(asked_memory.fd, 77);
	assert_int_equal(asked_memory.offset, 5);
	assert_int_equal(pci_ext_dispatch_unmap(&with_callbacks, &memory), 0);
	assert_int_equal(asked_memory.len, PAGE);
	assert_int_equal(asked_memory.access, PCI_EXT_ACCESS_READ_WRITE);
	assert_false(asked_memory.is_dmabuf);
	assert_int_equal(asked, 2);
}

/* Of an unmap addr, iova and len count. */
static void
unmap_looks_at_the_place_alone(void **state)
{
	const struct pci_ext_memory memory = {.addr = (void *)0x100000,
		.len = PAGE,
		.access = PCI_EXT_ACCESS_READ + 1,
		.is_dmabuf = 1,
		.fd = -1};

	assert_int_equal(pci_ext_dispatch_unmap(&with_callbacks, &memory), 0);
	assert_int_equal(calls_of_unmap, 1);
}

/* What there is at the addresses of a dma-buf tells nothing of it. */
static void
a_check_of_a_dmabuf_looks_at_no_pages(void **state)
{
	static const struct pci_ext_target named = {.name = "0000:00:10.0"};
	struct pci_ext_memory memory = {
		.addr = (void *)0x100000, .len = PAGE, .is_dmabuf = 1, .fd = -1};

	fake_called = &fake_driver;
	fake_check = -EFAULT;
	assert_int_equal(pci_ext_dispatch_check(&named, &memory), -EBADF);
	memory.fd = memfd_create("dmabuf", 0);
	assert_int_equal(ftruncate(memory.fd, PAGE), 0);
	assert_int_equal(pci_ext_dispatch_check(&named, &memory), 0);
	assert_true(checked_dmabuf);
	memory.is_dmabuf = 0;
	assert_int_equal(pci_ext_dispatch_check(&named, &memory), -EFAULT);
	assert_false(checked_dmabuf);
	close(memory.fd);
}

static void
a_dmabuf_is_passed_on(void **state)
{
	int fd = memfd_create("dmabuf", 0);

	assert_int_equal(ftruncate(fd, 4 * PAGE), 0);
	assert_int_equal(map_dmabuf(fd, 2 * PAGE, 0x100000, PAGE), 0);
	assert_int_equal(seen.iova, 0x100000);
	assert_int_equal(seen_offset, 2 * PAGE);
	assert_int_equal(seen.access, PCI_EXT_ACCESS_READ);
	assert_int_equal(map_dmabuf(fd, PAGE + 8, 0x100008, 16), 0);
	fake_result = -ENOTSUP;
	assert_int_equal(map_dmabuf(fd, 0, 0x100000, PAGE), -ENOTSUP);
	assert_int_equal(calls_of_map_dmabuf, 3);
	close(fd);
}

static void
a_wrong_dmabuf_is_not_passed_on(void **state)
{
	int fd = memfd_create("dmabuf", 0);

	log_open();
	assert_int_equal(ftruncate(fd, 2 * PAGE), 0);
	assert_int_equal(map_dmabuf(fd, 8, 0x100000, PAGE), -EINVAL);
	assert_true(log_has("of the dma-buf are not at the same place in their pages"));
	assert_int_equal(map_dmabuf(fd, 0, 0x100008, PAGE), -EINVAL);
	assert_int_equal(map_dmabuf(fd, PAGE, 0x100000, 2 * PAGE), -EINVAL);
	assert_true(log_has("Invalid argument: the dma-buf ends before"));
	assert_int_equal(map_dmabuf(fd, 0, 0x300000, PAGE), -EINVAL);
	assert_int_equal(map_dmabuf(fd, 0, 0x100000, 0), -EINVAL);
	assert_int_equal(map_dmabuf(-1, 0, 0x100000, PAGE), -EBADF);
	assert_true(log_has(" of the dma-buf of descriptor -1: Bad file descriptor"));
	assert_int_equal(calls_of_map + asked, 0);
	assert_int_equal(count_lines(), 6);
	log_close();
	close(fd);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(secondary_passes_all_on, reset),
		cmocka_unit_test_setup(unmap_looks_at_the_place_alone, reset),
		cmocka_unit_test_setup(a_check_of_a_dmabuf_looks_at_no_pages, reset),
		cmocka_unit_test_setup(a_dmabuf_is_passed_on, reset),
		cmocka_unit_test_setup(a_wrong_dmabuf_is_not_passed_on, reset),
		cmocka_unit_test_setup(an_access_is_passed_on, reset),
		cmocka_unit_test_setup(a_wrong_access_is_not_passed_on, reset),
	};

	return cmocka_run_group_tests_name("dispatch_memory", tests, NULL, NULL);
}
