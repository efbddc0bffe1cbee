/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The registry with mappings that the device may only read, by fake backends: they are mappings
 * like any other, and two of one range with different accesses are a conflict.
 */
#include <errno.h>
#include <string.h>

#include "fake_backend.h"
#include "registry/registry.h"
#include "unit.h"

static struct fake_space space;
static struct pci_ext_target a;	   /* a device of the private backend */
static struct pci_ext_target v, w; /* of the shared one */
static struct pci_ext_conflict conflict;
static const struct pci_ext_range to_read = {0x100, 0x100, 0x40, PCI_EXT_ACCESS_READ};
static const struct pci_ext_range to_write = {0x100, 0x100, 0x40, PCI_EXT_ACCESS_READ_WRITE};
/* As an unmap has it, which names no access. */
static const struct pci_ext_range unmapped = {0x100, 0x100, 0x40};

static int
reset(void **state)
{
	fake_reset();
	memset(&space, 0, sizeof(space));
	a = fake_target("0000:00:0a.0", &space);
	v = fake_target("0000:00:12.0", &fake_shared_space);
	w = fake_target("0000:00:13.0", &fake_shared_space);
	return 0;
}

static int
cleanup(void **state)
{
	fake_remove(a.name);
	fake_remove(v.name);
	fake_remove(w.name);
	pci_ext_registry_clear();
	assert_int_equal(space.n + fake_shared_space.n, 0);
	assert_int_equal(space.violations + fake_shared_space.violations, 0);
	return 0;
}

static int
map(const struct pci_ext_target *target, const struct pci_ext_range *range)
{
	const bool shared = target->dev == (struct rte_device *)&fake_shared_space;

	return pci_ext_registry_map(target, shared ? &fake_shared : &fake_private, range,
		fake_registration(range->addr), NULL, &conflict);
}

static int
map_by_name(const struct pci_ext_range *range)
{
	const struct pci_ext_target named = {.name = a.name};

	return map(&named, range);
}

static int
unmap(const struct pci_ext_target *target)
{
	return pci_ext_registry_unmap(target->name, &unmapped, &conflict);
}

static struct pci_ext_mapping
mapping(const struct pci_ext_target *target)
{
	struct pci_ext_mapping copy = {0};

	assert_int_equal(pci_ext_registry_copy_mappings(target->name, &copy, 1), 1);
	return copy;
}

static void
the_backend_is_told(void **state)
{
	assert_int_equal(map(&a, &to_read), 0);
	assert_int_equal(space.held[0].access, PCI_EXT_ACCESS_READ);
	assert_int_equal(mapping(&a).access, PCI_EXT_ACCESS_READ);
	assert_int_equal(unmap(&a), 0);
	assert_int_equal(map(&a, &to_write), 0);
	assert_int_equal(space.held[0].access, PCI_EXT_ACCESS_READ_WRITE);
	assert_int_equal(mapping(&a).access, PCI_EXT_ACCESS_READ_WRITE);
}

static void
the_same_again_is_counted(void **state)
{
	assert_int_equal(map(&a, &to_read), 0);
	assert_int_equal(map(&a, &to_read), 0);
	assert_int_equal(mapping(&a).references, 2);
	assert_int_equal(unmap(&a), 0);
	assert_int_equal(unmap(&a), 0);
	assert_int_equal(unmap(&a), -ENOENT);
}

static void
another_access_conflicts(void **state)
{
	assert_int_equal(map(&a, &to_read), 0);
	assert_int_equal(map(&a, &to_write), -EEXIST);
	assert_int_equal(conflict.range.access, PCI_EXT_ACCESS_READ);
	assert_int_equal(unmap(&a), 0);
	assert_int_equal(map(&a, &to_write), 0);
	assert_int_equal(map(&a, &to_read), -EEXIST);
	assert_int_equal(conflict.range.access, PCI_EXT_ACCESS_READ_WRITE);
}

/* Where all devices have one address space, one of them may not change what another may do. */
static void
it_conflicts_for_another_device(void **state)
{
	assert_int_equal(map(&v, &to_read), 0);
	assert_int_equal(map(&w, &to_write), -EEXIST);
	assert_true(conflict.shared);
	assert_int_equal(conflict.range.access, PCI_EXT_ACCESS_READ);
	assert_int_equal(map(&w, &to_read), 0);
	assert_int_equal(unmap(&v), 0);
	assert_int_equal(fake_shared_space.held[0].access, PCI_EXT_ACCESS_READ);
	assert_int_equal(map(&v, &to_write), -EEXIST);
	assert_int_equal(unmap(&w), 0);
	assert_int_equal(map(&v, &to_write), 0);
}

static void
it_is_kept_for_a_device_that_comes(void **state)
{
	assert_int_equal(map_by_name(&to_read), 0);
	assert_int_equal(map_by_name(&to_write), -EEXIST);
	assert_int_equal(pci_ext_registry_attach(&a, &fake_private), 0);
	assert_int_equal(pci_ext_registry_activate(a.name, &unmapped, &conflict), 0);
	assert_int_equal(space.held[0].access, PCI_EXT_ACCESS_READ);
	fake_remove(a.name);
	assert_int_equal(space.n, 0);
	assert_int_equal(pci_ext_registry_attach(&a, &fake_private), 0);
	assert_int_equal(pci_ext_registry_activate(a.name, &unmapped, &conflict), 0);
	assert_int_equal(space.held[0].access, PCI_EXT_ACCESS_READ);
}

/* What a shared backend confirms is what it has mapped. */
static void
it_is_made_again_as_it_was(void **state)
{
	assert_int_equal(map(&v, &to_read), 0);
	fake_shared_space.n = 0;
	assert_int_equal(map(&v, &to_read), 0);
	assert_true(conflict.was_gone);
	assert_int_equal(fake_shared_space.held[0].access, PCI_EXT_ACCESS_READ);
}

/* What a map for a would return. */
static int
check(const struct pci_ext_range *range)
{
	const struct pci_ext_backend *called;

	return pci_ext_registry_check(
		a.name, range, fake_registration(range->addr), NULL, &called, &conflict);
}

static void
a_driver_without_it_is_enotsup(void **state)
{
	a.has_map_memory = false;
	assert_int_equal(map(&a, &to_read), -ENOTSUP);
	assert_int_equal(check(&to_read), -ENOTSUP);
	assert_ptr_equal(conflict.unable, &fake_private);
	assert_int_equal(space.n, 0);
	assert_int_equal(check(&to_write), 0);
	assert_int_equal(map(&a, &to_write), 0);
	assert_int_equal(check(&to_read), -EEXIST);
	v.has_map_memory = false; /* of no concern to the backend of VFIO */
	assert_int_equal(map(&v, &to_read), 0);
}

static void
a_driver_without_it_leaves_it_pending(void **state)
{
	assert_int_equal(map_by_name(&to_read), 0);
	a.has_map_memory = false;
	assert_int_equal(pci_ext_registry_attach(&a, &fake_private), 0);
	assert_int_equal(pci_ext_registry_activate(a.name, &to_read, &conflict), -ENOTSUP);
	assert_ptr_equal(conflict.unable, &fake_private);
	assert_int_equal(mapping(&a).state, PCI_EXT_PENDING);
	assert_int_equal(unmap(&a), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, reset, cleanup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_backend_is_told),
		TEST(the_same_again_is_counted),
		TEST(another_access_conflicts),
		TEST(it_conflicts_for_another_device),
		TEST(it_is_kept_for_a_device_that_comes),
		TEST(it_is_made_again_as_it_was),
		TEST(a_driver_without_it_is_enotsup),
		TEST(a_driver_without_it_leaves_it_pending),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
