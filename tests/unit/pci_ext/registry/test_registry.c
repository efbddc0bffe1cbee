/* SPDX-License-Identifier: BSD-3-Clause */
/* registry.c and record.c: the cases of the contract one by one, with fake backends. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fake_backend.h"
#include "nth_failure.h"
#include "registry/registry.h"
#include "unit.h"

static struct fake_space space_a, space_b;
static struct pci_ext_target a, b; /* devices of the private backend */
static struct pci_ext_target v, w; /* of the shared one */
static struct pci_ext_conflict conflict;

static int
reset(void **state)
{
	fake_reset();
	memset(&space_a, 0, sizeof(space_a));
	memset(&space_b, 0, sizeof(space_b));
	a = fake_target("0000:00:0a.0", &space_a);
	b = fake_target("0000:00:0b.0", &space_b);
	v = fake_target("0000:00:12.0", &fake_shared_space);
	w = fake_target("0000:00:13.0", &fake_shared_space);
	return 0;
}

static int
cleanup(void **state)
{
	fake_unmap_error = fake_fail_at = 0;
	fake_remove(a.name);
	fake_remove(b.name);
	fake_remove(v.name);
	fake_remove(w.name);
	pci_ext_registry_clear();
	assert_int_equal(pci_ext_registry_copy_devices(NULL, NULL, 0), 0);
	assert_int_equal(space_a.n + space_b.n + fake_shared_space.n, 0);
	assert_int_equal(space_a.violations + space_b.violations + fake_shared_space.violations, 0);
	return 0;
}

static int
map(const struct pci_ext_target *target, uint64_t addr, uint64_t iova, uint64_t len)
{
	struct pci_ext_range range = {addr, iova, len};
	bool shared = target->dev == (struct rte_device *)&fake_shared_space;

	return pci_ext_registry_map(target, shared ? &fake_shared : &fake_private, &range,
		fake_registration(range.addr), NULL, &conflict);
}

static int
unmap(const struct pci_ext_target *target, uint64_t addr, uint64_t iova, uint64_t len)
{
	struct pci_ext_range range = {addr, iova, len};

	return pci_ext_registry_unmap(target->name, &range, &conflict);
}

static int
map_name(const char *name, uint64_t addr, uint64_t iova, uint64_t len)
{
	struct pci_ext_range range = {addr, iova, len};
	struct pci_ext_target target = {.name = name};

	return pci_ext_registry_map(
		&target, NULL, &range, fake_registration(range.addr), NULL, &conflict);
}

/* The range at 0x100 of a, the only one, has two references. */
static void
check_two_references(void)
{
	assert_int_equal(space_a.n, 1);
	assert_int_equal(unmap(&a, 0x100, 0x100, 0x40), 0);
	assert_int_equal(space_a.n, 1);
	assert_int_equal(unmap(&a, 0x100, 0x100, 0x40), 0);
	assert_int_equal(space_a.n, 0);
	assert_int_equal(unmap(&a, 0x100, 0x100, 0x40), -ENOENT);
}

static void
references_are_counted(void **state)
{
	assert_int_equal(map(&a, 0x100, 0x100, 0x40), 0);
	assert_int_equal(map(&a, 0x100, 0x100, 0x40), 0);
	check_two_references();
}

static void
every_kind_of_overlap_is_rejected(void **state)
{
	static const struct pci_ext_range shapes[] = {
		{0x100, 0x100, 0x41}, {0x100, 0x100, 0x3f}, {0xf0, 0xf0, 0x11},
		{0x13f, 0x13f, 0x10}, {0x110, 0x110, 0x10}, {0xf0, 0xf0, 0x100},
		{0x100, 0x500, 0x40}, /* the same VA at another IOVA */
	};
	size_t i;

	assert_int_equal(map(&a, 0x100, 0x100, 0x40), 0);
	for (i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		assert_int_equal(map(&a, shapes[i].addr, shapes[i].iova, shapes[i].len), -EEXIST);
		assert_true(conflict.found);
		assert_int_equal(conflict.range.addr, 0x100);
		assert_int_equal(conflict.range.len, 0x40);
	}
	/* Adjacent, and another device. */
	assert_int_equal(map(&a, 0xf0, 0xf0, 0x10), 0);
	assert_int_equal(map(&a, 0x140, 0x140, 0x10), 0);
	assert_int_equal(map(&b, 0x101, 0x101, 0x40), 0);
	assert_int_equal(space_a.n, 3);
}

static void
wrong_unmaps_change_nothing(void **state)
{
	assert_int_equal(map(&a, 0x100, 0x100, 0x40), 0);
	assert_int_equal(map(&a, 0x140, 0x140, 0x40), 0);
	assert_int_equal(unmap(&a, 0x100, 0x100, 0x20), -EINVAL);
	assert_int_equal(unmap(&a, 0x100, 0x100, 0x41), -EINVAL);
	assert_int_equal(unmap(&a, 0x110, 0x110, 0x10), -EINVAL);
	assert_int_equal(unmap(&a, 0x100, 0x100, 0x80), -EINVAL); /* across two */
	assert_int_equal(unmap(&a, 0x100, 0x200, 0x40), -EINVAL); /* another IOVA */
	assert_int_equal(unmap(&a, 0x180, 0x180, 0x40), -ENOENT);
	assert_int_equal(unmap(&b, 0x100, 0x100, 0x40), -ENOENT);
	assert_int_equal(space_a.n, 2);
}

static void
shared_mapping_ends_with_its_last_holder(void **state)
{
	assert_int_equal(map(&v, 0x100, 0x100, 0x40), 0);
	assert_int_equal(map(&w, 0x100, 0x100, 0x40), 0);
	assert_int_equal(fake_shared_space.n, 1);
	assert_int_equal(unmap(&v, 0x100, 0x100, 0x40), 0);
	assert_int_equal(fake_shared_space.n, 1);
	assert_int_equal(unmap(&v, 0x100, 0x100, 0x40), -ENOENT);
	assert_int_equal(unmap(&w, 0x100, 0x100, 0x40), 0);
	assert_int_equal(fake_shared_space.n, 0);
}

static void
shared_conflicts_are_in_iova(void **state)
{
	assert_int_equal(map(&v, 0x100, 0x100, 0x40), 0);
	assert_int_equal(map(&v, 0x100, 0x500, 0x40), 0); /* one VA at two IOVAs */
	assert_int_equal(map(&v, 0x800, 0x100, 0x40), -EEXIST);
	assert_int_equal(map(&w, 0x800, 0x100, 0x40), -EEXIST); /* overlaps one of another device */
	assert_true(conflict.shared);
	assert_int_equal(map(&w, 0x100, 0x100, 0x20), -EEXIST);
	assert_int_equal(unmap(&v, 0x900, 0x100, 0x40), -EINVAL);
	assert_int_equal(fake_shared_space.n, 2);
}

static void
shared_space_requires_pages(void **state)
{
	assert_int_equal(map(&v, 0x108, 0x100, 0x40), -EINVAL);
	assert_int_equal(map(&v, 0x100, 0x108, 0x40), -EINVAL);
	assert_int_equal(map(&v, 0x100, 0x100, 0x48), -EINVAL);
	assert_int_equal(fake_shared_space.n, 0);
}

static void
backend_error_changes_nothing(void **state)
{
	fake_map_error = -EFAULT;
	assert_int_equal(map(&a, 0x100, 0x100, 0x40), -EFAULT);
	assert_int_equal(map(&v, 0x100, 0x100, 0x40), -EFAULT);
	fake_map_error = 0;
	assert_int_equal(unmap(&a, 0x100, 0x100, 0x40), -ENOENT);
	assert_int_equal(map(&a, 0x100, 0x100, 0x40), 0);
	assert_int_equal(map(&v, 0x100, 0x100, 0x40), 0);
	fake_unmap_error = -EBUSY;
	assert_int_equal(unmap(&a, 0x100, 0x100, 0x40), -EBUSY);
	assert_int_equal(unmap(&v, 0x100, 0x100, 0x40), -EBUSY);
	assert_int_equal(space_a.n, 1);
	fake_unmap_error = 0;
	assert_int_equal(unmap(&a, 0x100, 0x100, 0x40), 0);
	assert_int_equal(unmap(&v, 0x100, 0x100, 0x40), 0);
}

static void
mappings_lost_by_the_backend_can_be_unmapped(void **state)
{
	assert_int_equal(map(&a, 0x100, 0x100, 0x40), 0);
	assert_int_equal(map(&v, 0x100, 0x100, 0x40), 0);
	fake_unmap_error = -ENOENT; /* a port that was closed */
	assert_int_equal(unmap(&a, 0x100, 0x100, 0x40), 0);
	assert_int_equal(unmap(&v, 0x100, 0x100, 0x40), 0);
	space_a.n = fake_shared_space.n = 0;
	assert_int_equal(unmap(&a, 0x100, 0x100, 0x40), -ENOENT);
}

static void
before_probe_is_pending(void **state)
{
	struct pci_ext_cursor cursor = {0};
	struct pci_ext_range range = {0x100, 0x100, 0x40};

	assert_int_equal(map_name(a.name, 0x100, 0x100, 0x40), 0);
	assert_int_equal(map_name(a.name, 0x100, 0x100, 0x40), 0);
	assert_int_equal(map_name(a.name, 0x110, 0x110, 0x40), -EEXIST);
	assert_int_equal(space_a.n, 0);
	assert_int_equal(pci_ext_registry_activate(a.name, &range, &conflict), -ENOENT);
	assert_int_equal(pci_ext_registry_attach(&a, &fake_private), 0);
	assert_true(pci_ext_registry_next_pending(a.name, &cursor));
	assert_int_equal(pci_ext_registry_activate(a.name, &cursor.at, &conflict), 0);
	assert_int_equal(pci_ext_registry_activate(a.name, &cursor.at, &conflict), 0);
	assert_false(pci_ext_registry_next_pending(a.name, &cursor));
	check_two_references();
}

/* The backend rejects it at probe, and once more. */
static void
rejected_pending_one_is_tried_again(void **state)
{
	struct pci_ext_range range = {0x100, 0x100, 0x40};

	assert_int_equal(map_name(a.name, 0x100, 0x100, 0x40), 0);
	assert_int_equal(pci_ext_registry_attach(&a, &fake_private), 0);
	fake_map_error = -EFAULT;
	assert_int_equal(pci_ext_registry_activate(a.name, &range, &conflict), -EFAULT);
	assert_int_equal(map(&a, 0x100, 0x100, 0x40), -EFAULT);
	fake_map_error = 0;
	assert_int_equal(space_a.n, 0);
	assert_int_equal(map(&a, 0x100, 0x100, 0x40), 0);
	check_two_references();
}

static void
name_of_a_present_device_maps_at_once(void **state)
{
	assert_int_equal(pci_ext_registry_attach(&a, &fake_private), 0);
	assert_int_equal(map_name(a.name, 0x100, 0x100, 0x40), 0);
	assert_int_equal(space_a.n, 1);
	assert_int_equal(pci_ext_registry_attach(&b, NULL), 0);
	assert_int_equal(map_name(b.name, 0x100, 0x100, 0x40), -ENOTSUP);
}

static void
pending_ones_can_be_unmapped_and_dropped(void **state)
{
	struct pci_ext_range range = {0x200, 0x200, 0x40};

	assert_int_equal(map_name(a.name, 0x100, 0x100, 0x40), 0);
	assert_int_equal(map_name(a.name, 0x200, 0x200, 0x40), 0);
	assert_int_equal(unmap(&a, 0x100, 0x100, 0x40), 0);
	assert_int_equal(pci_ext_registry_drop(a.name, &range), 0);
	assert_int_equal(pci_ext_registry_drop(a.name, &range), -ENOENT);
	assert_int_equal(pci_ext_registry_copy_devices(NULL, NULL, 0), 0);
	assert_int_equal(map(&a, 0x200, 0x200, 0x40), 0);
	assert_int_equal(pci_ext_registry_drop(a.name, &range), -ENOENT); /* ACTIVE */
}

static void
leaving_device_accepts_no_mappings(void **state)
{
	struct pci_ext_cursor cursor = {0};
	int result;

	assert_int_equal(map(&a, 0x100, 0x100, 0x40), 0);
	pci_ext_registry_leave(a.name);
	assert_int_equal(map(&a, 0x200, 0x200, 0x40), -EINVAL);
	assert_int_equal(map_name(a.name, 0x300, 0x300, 0x40), 0);
	assert_true(pci_ext_registry_suspend(a.name, false, &cursor, &result));
	assert_int_equal(result, 0);
	assert_false(pci_ext_registry_suspend(a.name, false, &cursor, &result));
	assert_int_equal(space_a.n, 0);
	pci_ext_registry_detach(a.name);
	assert_int_equal(map_name(a.name, 0x100, 0x100, 0x40), 0); /* one more reference */
	assert_int_equal(unmap(&a, 0x100, 0x100, 0x40), 0);
	assert_int_equal(unmap(&a, 0x100, 0x100, 0x40), 0);
	assert_int_equal(unmap(&a, 0x100, 0x100, 0x40), -ENOENT);
}

static void
suspending_continues_after_an_error(void **state)
{
	struct pci_ext_cursor cursor = {0};
	int result;

	assert_int_equal(map(&a, 0x100, 0x100, 0x40), 0);
	fake_unmap_error = -EBUSY;
	assert_true(pci_ext_registry_suspend(a.name, false, &cursor, &result));
	assert_int_equal(result, -EBUSY);
	assert_false(pci_ext_registry_suspend(a.name, false, &cursor, &result));
	space_a.n = 0; /* the driver has freed it on removal */
}

static void
suspending_one_holder_leaves_the_other(void **state)
{
	assert_int_equal(map(&v, 0x100, 0x100, 0x40), 0);
	assert_int_equal(map(&w, 0x100, 0x100, 0x40), 0);
	fake_remove(v.name);
	assert_int_equal(fake_shared_space.n, 1);
	fake_remove(w.name);
	assert_int_equal(fake_shared_space.n, 0);
}

static void
devices_are_in_order(void **state)
{
	char name[PCI_EXT_NAME_SIZE] = "";

	assert_false(pci_ext_registry_next_device(name));
	assert_int_equal(map(&v, 0x100, 0x100, 0x40), 0);
	assert_int_equal(map(&a, 0x100, 0x100, 0x40), 0);
	assert_true(pci_ext_registry_next_device(name));
	assert_string_equal(name, a.name);
	fake_remove(a.name);
	assert_int_equal(unmap(&a, 0x100, 0x100, 0x40), 0);
	assert_true(pci_ext_registry_next_device(name)); /* that one does not exist any more */
	assert_string_equal(name, v.name);
	assert_false(pci_ext_registry_next_device(name));
}

static void
copies_are_complete(void **state)
{
	struct pci_ext_mapping mappings[4];
	struct pci_ext_device copies[4];
	struct pci_ext_registry_totals totals;

	assert_int_equal(map(&v, 0x200, 0x200, 0x40), 0);
	assert_int_equal(map(&v, 0x100, 0x300, 0x20), 0);
	assert_int_equal(map(&v, 0x100, 0x300, 0x20), 0);
	assert_int_equal(map_name(a.name, 0x100, 0x100, 0x40), 0);
	assert_int_equal(pci_ext_registry_copy_mappings(NULL, NULL, 0), 3);
	assert_int_equal(pci_ext_registry_copy_mappings(NULL, mappings, 4), 3);
	assert_string_equal(mappings[0].device, a.name);
	assert_string_equal(mappings[0].backend, "");
	assert_int_equal(mappings[0].state, PCI_EXT_PENDING);
	assert_string_equal(mappings[1].device, v.name);
	assert_string_equal(mappings[1].backend, "vfio");
	assert_int_equal(mappings[1].addr, 0x100);
	assert_int_equal(mappings[1].iova, 0x300);
	assert_int_equal(mappings[1].len, 0x20);
	assert_int_equal(mappings[1].references, 2);
	assert_int_equal(mappings[1].state, PCI_EXT_ACTIVE);
	assert_true(mappings[1].age < 60);
	assert_int_equal(pci_ext_registry_copy_mappings(v.name, mappings, 1), 2);
	assert_int_equal(pci_ext_registry_copy_devices(NULL, copies, 4), 2);
	assert_false(copies[0].present);
	assert_int_equal(copies[0].pending, 1);
	assert_true(copies[1].present);
	assert_int_equal(copies[1].active, 2);
	assert_int_equal(copies[1].active_bytes, 0x60);
	pci_ext_registry_count(&totals);
	assert_int_equal(totals.devices, 2);
	assert_int_equal(totals.active, 2);
	assert_int_equal(totals.pending, 1);
	assert_int_equal(totals.active_bytes, 0x60);
}

static void
last_byte_of_the_address_space_is_one(void **state)
{
	assert_int_equal(map(&a, UINT64_MAX - 0xf, UINT64_MAX - 0xf, 0x10), 0);
	assert_int_equal(map(&a, UINT64_MAX, UINT64_MAX, 1), -EEXIST);
	assert_int_equal(unmap(&a, UINT64_MAX - 0xf, UINT64_MAX - 0xf, 0x10), 0);
}

/* All steps of a scenario; the first error ends it, without a roll-back. */
static int
run_scenario(void)
{
	struct pci_ext_cursor cursor = {0};
	int ret;

	ret = map_name(a.name, 0x100, 0x100, 0x40);
	if (ret == 0)
		ret = pci_ext_registry_attach(&a, &fake_private);
	if (ret == 0 && pci_ext_registry_next_pending(a.name, &cursor))
		ret = pci_ext_registry_activate(a.name, &cursor.at, &conflict);
	if (ret == 0)
		ret = map(&a, 0x200, 0x200, 0x40);
	if (ret == 0)
		ret = map(&v, 0x100, 0x100, 0x40);
	if (ret == 0)
		ret = map(&w, 0x100, 0x100, 0x40);
	if (ret == 0)
		ret = unmap(&v, 0x100, 0x100, 0x40);
	if (ret == 0)
		ret = unmap(&w, 0x100, 0x100, 0x40);
	if (ret == 0)
		ret = unmap(&a, 0x200, 0x200, 0x40);
	return ret;
}

/*
 * Whichever allocation fails, no backend has an invalid call, nothing leaks, and a second run
 * succeeds.
 */
static void
check_after_failure(void)
{
	allocations_until_failure = fake_fail_at = 0;
	assert_int_equal(cleanup(NULL), 0);
	assert_int_equal(run_scenario(), 0);
	assert_int_equal(cleanup(NULL), 0);
}

static void
every_nth_allocation_may_fail(void **state)
{
	/* The others reuse objects of earlier ones. */
	assert_uint_in_range(fail_each_allocation(run_scenario, check_after_failure), 5, 99);
}

static void
every_nth_backend_call_may_fail(void **state)
{
	/* Three maps, two unmaps. */
	assert_int_equal(fail_each_backend_call(run_scenario, check_after_failure), 6);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, reset, cleanup)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(references_are_counted),
		TEST(every_kind_of_overlap_is_rejected),
		TEST(wrong_unmaps_change_nothing),
		TEST(shared_mapping_ends_with_its_last_holder),
		TEST(shared_conflicts_are_in_iova),
		TEST(shared_space_requires_pages),
		TEST(backend_error_changes_nothing),
		TEST(mappings_lost_by_the_backend_can_be_unmapped),
		TEST(before_probe_is_pending),
		TEST(rejected_pending_one_is_tried_again),
		TEST(name_of_a_present_device_maps_at_once),
		TEST(pending_ones_can_be_unmapped_and_dropped),
		TEST(leaving_device_accepts_no_mappings),
		TEST(suspending_continues_after_an_error),
		TEST(suspending_one_holder_leaves_the_other),
		TEST(devices_are_in_order),
		TEST(copies_are_complete),
		TEST(last_byte_of_the_address_space_is_one),
		TEST(every_nth_allocation_may_fail),
		TEST(every_nth_backend_call_may_fail),
	};

	return cmocka_run_group_tests_name("registry", tests, NULL, NULL);
}
