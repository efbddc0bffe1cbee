/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The registry with mappings of dma-bufs, by fake backends: their identity, and the descriptors
 * that it keeps. memfds are the dma-bufs.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/dmabuf.h"
#include "descriptors.h"
#include "fake_backend.h"
#include "nth_failure.h"
#include "registry/registry.h"
#include "unit.h"

#define NAME "dmabuf test"
#define SIZE 0x4000

static struct fake_space space;
static struct pci_ext_target a; /* a device of the private backend */
static struct pci_ext_target v; /* of the shared one */
static struct pci_ext_conflict conflict;
static int fd, other; /* the two dma-bufs */
static const struct pci_ext_range low = {0x100, 0x100, 0x40};

static int
make(void)
{
	int made = memfd_create(NAME, 0);

	return made < 0 || ftruncate(made, SIZE) != 0 ? -1 : made;
}

static int
reset(void **state)
{
	fake_reset();
	memset(&space, 0, sizeof(space));
	a = fake_target("0000:00:0a.0", &space);
	v = fake_target("0000:00:12.0", &fake_shared_space);
	fd = make();
	other = make();
	return fd < 0 || other < 0;
}

/* Descriptors of the registry's own. */
static int
kept(void)
{
	return count_descriptors(NAME) - 2;
}

static int
cleanup(void **state)
{
	fake_remove(a.name);
	fake_remove(v.name);
	pci_ext_registry_clear();
	assert_int_equal(pci_ext_registry_copy_devices(NULL, NULL, 0), 0);
	assert_int_equal(space.n + fake_shared_space.n, 0);
	assert_int_equal(space.violations + fake_shared_space.violations, 0);
	assert_int_equal(kept(), 0);
	close(fd);
	close(other);
	return 0;
}

static int
map_dmabuf(const struct pci_ext_target *target, int from, uint64_t offset)
{
	const bool shared = target->dev == (struct rte_device *)&fake_shared_space;
	struct pci_ext_dmabuf *dmabuf;
	int ret = pci_ext_dmabuf_create(from, offset, low.len, &dmabuf);

	if (ret != 0)
		return ret;
	return pci_ext_registry_map(target, shared ? &fake_shared : &fake_private, &low,
		fake_registration(low.addr), dmabuf, &conflict);
}

static int
map_dmabuf_by_name(int from, uint64_t offset)
{
	const struct pci_ext_target named = {.name = a.name};

	return map_dmabuf(&named, from, offset);
}

static int
map_memory(void)
{
	return pci_ext_registry_map(
		&a, &fake_private, &low, fake_registration(low.addr), NULL, &conflict);
}

static int
unmap(void)
{
	return pci_ext_registry_unmap(a.name, &low, &conflict);
}

static struct pci_ext_mapping
mapping(void)
{
	struct pci_ext_mapping copy = {0};

	assert_int_equal(pci_ext_registry_copy_mappings(a.name, &copy, 1), 1);
	return copy;
}

static size_t
count_mappings(void)
{
	return pci_ext_registry_copy_mappings(NULL, NULL, 0);
}

static void
its_descriptor_lasts_as_long_as_the_mapping(void **state)
{
	assert_int_equal(map_dmabuf(&a, fd, 0x1000), 0);
	assert_int_not_equal(fake_seen_dmabuf.fd, fd);
	assert_int_equal(fake_seen_dmabuf.offset, 0x1000);
	assert_int_equal(space.n, 1);
	assert_int_equal(mapping().is_dmabuf, 1);
	assert_int_equal(kept(), 1);
	assert_int_equal(unmap(), 0);
	assert_int_equal(space.n, 0);
	assert_int_equal(kept(), 0);
	assert_int_equal(map_memory(), 0);
	assert_int_equal(mapping().is_dmabuf, 0);
}

static void
the_same_file_is_counted(void **state)
{
	int again = dup(fd);

	assert_int_equal(map_dmabuf(&a, fd, 0), 0);
	assert_int_equal(map_dmabuf(&a, again, 0), 0);
	close(again);
	assert_int_equal(mapping().references, 2);
	assert_int_equal(space.n, 1);
	assert_int_equal(kept(), 1);
	assert_int_equal(unmap(), 0);
	assert_int_equal(kept(), 1);
	assert_int_equal(unmap(), 0);
	assert_int_equal(kept(), 0);
	assert_int_equal(unmap(), -ENOENT);
}

/* What a map for a would return. */
static int
check(const struct pci_ext_dmabuf *dmabuf)
{
	const struct pci_ext_backend *called;

	return pci_ext_registry_check(
		a.name, &low, fake_registration(low.addr), dmabuf, &called, &conflict);
}

/* The dma-buf, as a caller has it. */
static const struct pci_ext_dmabuf *
fd_of(struct pci_ext_dmabuf *dmabuf, uint64_t offset)
{
	struct stat file;

	assert_int_equal(fstat(fd, &file), 0);
	*dmabuf = (struct pci_ext_dmabuf){fd, offset, file.st_dev, file.st_ino};
	return dmabuf;
}

static void
other_memory_of_the_same_range_is_eexist(void **state)
{
	struct pci_ext_dmabuf again;

	assert_int_equal(map_dmabuf(&a, fd, 0), 0);
	assert_int_equal(map_dmabuf(&a, other, 0), -EEXIST);
	assert_true(conflict.found);
	assert_int_equal(map_dmabuf(&a, fd, 0x1000), -EEXIST);
	assert_int_equal(map_memory(), -EEXIST);
	assert_int_equal(check(NULL), -EEXIST);
	assert_int_equal(check(fd_of(&again, 0)), 0);
	assert_int_equal(check(fd_of(&again, 0x1000)), -EEXIST);
	assert_int_equal(mapping().references, 1);
	assert_int_equal(kept(), 1);
	assert_int_equal(unmap(), 0);
	assert_int_equal(map_memory(), 0);
	assert_int_equal(map_dmabuf(&a, fd, 0), -EEXIST);
	assert_int_equal(kept(), 0);
}

static void
also_before_probe(void **state)
{
	assert_int_equal(map_dmabuf_by_name(fd, 0), 0);
	assert_int_equal(map_dmabuf_by_name(fd, 0), 0);
	assert_int_equal(map_dmabuf_by_name(other, 0), -EEXIST);
	assert_int_equal(mapping().state, PCI_EXT_PENDING);
	assert_int_equal(mapping().references, 2);
	assert_int_equal(mapping().is_dmabuf, 1);
	assert_int_equal(kept(), 1);
	assert_int_equal(unmap(), 0);
	assert_int_equal(unmap(), 0);
	assert_int_equal(kept(), 0);
}

static void
it_comes_back_with_its_device(void **state)
{
	int plug;

	assert_int_equal(map_dmabuf_by_name(fd, 0x2000), 0);
	for (plug = 0; plug < 3; plug++) {
		assert_int_equal(pci_ext_registry_attach(&a, &fake_private), 0);
		fake_seen_dmabuf.offset = 0;
		assert_int_equal(pci_ext_registry_activate(a.name, &low, &conflict), 0);
		assert_int_equal(fake_seen_dmabuf.offset, 0x2000);
		assert_int_equal(space.n, 1);
		assert_int_equal(mapping().state, PCI_EXT_ACTIVE);
		fake_remove(a.name);
		assert_int_equal(space.n, 0);
		assert_int_equal(mapping().state, PCI_EXT_PENDING);
		assert_int_equal(kept(), 1);
	}
	assert_int_equal(unmap(), 0);
}

static void
a_stale_one_makes_room(void **state)
{
	assert_int_equal(map_dmabuf(&a, fd, 0), 0);
	fake_register_anew(low.addr);
	assert_int_equal(map_dmabuf(&a, other, 0x1000), 0);
	assert_int_equal(conflict.ended, 1);
	assert_int_equal(fake_seen_dmabuf.offset, 0x1000);
	assert_int_equal(kept(), 1);
	fake_register_anew(low.addr);
	assert_int_equal(map_memory(), 0);
	assert_int_equal(conflict.ended, 1);
	assert_int_equal(kept(), 0);
}

static void
a_stale_one_is_dropped_at_probe(void **state)
{
	assert_int_equal(map_dmabuf_by_name(fd, 0), 0);
	fake_register_anew(low.addr);
	assert_int_equal(pci_ext_registry_attach(&a, &fake_private), 0);
	assert_int_equal(pci_ext_registry_activate(a.name, &low, &conflict), -ENOENT);
	assert_int_equal(conflict.ended, 1);
	assert_int_equal(count_mappings(), 0);
	assert_int_equal(kept(), 0);
}

static void
a_refusal_is_known_to_be_of_one(void **state)
{
	fake_map_error = -ENOMEM;
	assert_int_equal(map_dmabuf(&a, fd, 0), -ENOMEM);
	assert_true(conflict.of_dmabuf);
	assert_int_equal(map_memory(), -ENOMEM);
	assert_false(conflict.of_dmabuf);
	fake_map_error = 0;
}

static void
a_driver_without_dmabufs_is_enotsup(void **state)
{
	struct pci_ext_dmabuf some;

	a.has_map_memory = false;
	assert_int_equal(map_dmabuf(&a, fd, 0), -ENOTSUP);
	assert_int_equal(check(fd_of(&some, 0)), -ENOTSUP);
	assert_ptr_equal(conflict.unable, &fake_private);
	assert_int_equal(count_mappings(), 0);
	assert_int_equal(map_memory(), 0);
	assert_int_equal(unmap(), 0);
	assert_int_equal(map_dmabuf(&v, fd, 0), -ENOTSUP);
	assert_ptr_equal(conflict.unable, &fake_shared);
	assert_int_equal(kept(), 0);
}

static int
map_to_read(int from)
{
	struct pci_ext_range to_read = low;
	struct pci_ext_dmabuf *dmabuf;

	to_read.access = PCI_EXT_ACCESS_READ;
	assert_int_equal(pci_ext_dmabuf_create(from, 0, low.len, &dmabuf), 0);
	return pci_ext_registry_map(
		&a, &fake_private, &to_read, fake_registration(low.addr), dmabuf, &conflict);
}

static void
it_can_be_to_read(void **state)
{
	assert_int_equal(map_to_read(fd), 0);
	assert_int_equal(space.held[0].access, PCI_EXT_ACCESS_READ);
	assert_int_equal(map_to_read(fd), 0);
	assert_int_equal(mapping().references, 2);
	assert_int_equal(map_dmabuf(&a, fd, 0), -EEXIST);
	assert_int_equal(unmap(), 0);
	assert_int_equal(unmap(), 0);
	assert_int_equal(map_dmabuf(&a, fd, 0), 0);
	assert_int_equal(map_to_read(fd), -EEXIST);
}

/* As the next one may have them. */
static void
it_waits_for_a_driver_that_has(void **state)
{
	assert_int_equal(map_dmabuf_by_name(fd, 0), 0);
	a.has_map_memory = false;
	assert_int_equal(pci_ext_registry_attach(&a, &fake_private), 0);
	assert_int_equal(pci_ext_registry_activate(a.name, &low, &conflict), -ENOTSUP);
	assert_ptr_equal(conflict.unable, &fake_private);
	assert_int_equal(mapping().state, PCI_EXT_PENDING);
	fake_remove(a.name);
	assert_int_equal(kept(), 1);
	a.has_map_memory = true;
	assert_int_equal(pci_ext_registry_attach(&a, &fake_private), 0);
	assert_int_equal(pci_ext_registry_activate(a.name, &low, &conflict), 0);
}

static int
run_scenario(void)
{
	int ret = map_dmabuf(&a, fd, 0);

	if (ret == 0)
		ret = map_dmabuf(&a, fd, 0);
	if (ret == 0)
		ret = unmap();
	if (ret == 0)
		ret = unmap();
	return ret;
}

static void
check_after_failure(void)
{
	allocations_until_failure = fake_fail_at = 0;
	while (unmap() == 0)
		;
	assert_int_equal(count_mappings(), 0);
	assert_int_equal(space.n, 0);
	assert_int_equal(kept(), 0);
}

/* And what the registry keeps for reuse is gone, so that the next run allocates it too. */
static void
check_and_clear(void)
{
	check_after_failure();
	pci_ext_registry_clear();
}

static void
every_nth_allocation_may_fail(void **state)
{
	pci_ext_registry_clear();
	assert_uint_in_range(fail_each_allocation(run_scenario, check_and_clear), 5, 99);
	check_after_failure();
}

static void
every_nth_backend_call_may_fail(void **state)
{
	/* A map and an unmap. */
	assert_int_equal(fail_each_backend_call(run_scenario, check_after_failure), 3);
}

static void
ten_thousand_leave_no_descriptor(void **state)
{
	int i;

	for (i = 0; i < 10000; i++) {
		assert_int_equal(map_dmabuf(&a, i % 2 == 0 ? fd : other, i % 3 * 0x1000), 0);
		assert_int_equal(unmap(), 0);
	}
	assert_int_equal(kept(), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, reset, cleanup)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(its_descriptor_lasts_as_long_as_the_mapping),
		TEST(the_same_file_is_counted),
		TEST(other_memory_of_the_same_range_is_eexist),
		TEST(also_before_probe),
		TEST(it_comes_back_with_its_device),
		TEST(a_stale_one_makes_room),
		TEST(a_stale_one_is_dropped_at_probe),
		TEST(a_refusal_is_known_to_be_of_one),
		TEST(it_can_be_to_read),
		TEST(a_driver_without_dmabufs_is_enotsup),
		TEST(it_waits_for_a_driver_that_has),
		TEST(every_nth_allocation_may_fail),
		TEST(every_nth_backend_call_may_fail),
		TEST(ten_thousand_leave_no_descriptor),
	};

	return cmocka_run_group_tests_name("registry_dmabuf", tests, NULL, NULL);
}
