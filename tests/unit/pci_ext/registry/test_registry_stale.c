/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * registry.c, record.c and backing.c: memory that is unregistered, or freed, while it is mapped,
 * and other memory at its address.
 */
#include <errno.h>
#include <string.h>

#include "fake_backend.h"
#include "registry/registry.h"
#include "unit.h"

static struct fake_space space;
static struct pci_ext_target a, v, w; /* of a private backend; two of the shared one */
static struct pci_ext_conflict conflict;

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
	fake_unmap_error = 0;
	fake_remove(a.name);
	fake_remove(v.name);
	fake_remove(w.name);
	pci_ext_registry_clear();
	assert_int_equal(pci_ext_registry_copy_devices(NULL, NULL, 0), 0);
	assert_int_equal(space.n + fake_shared_space.n, 0);
	assert_int_equal(space.violations + fake_shared_space.violations, 0);
	return 0;
}

static int
map(const struct pci_ext_target *target, uint64_t addr, uint64_t len)
{
	struct pci_ext_range range = {addr, addr, len};

	return pci_ext_registry_map(target, target == &a ? &fake_private : &fake_shared, &range,
		fake_registration(addr), NULL, &conflict);
}

static int
map_name(const struct pci_ext_target *target, uint64_t addr, uint64_t len)
{
	struct pci_ext_target named = {.name = target->name};
	struct pci_ext_range range = {addr, addr, len};

	return pci_ext_registry_map(&named, NULL, &range, fake_registration(addr), NULL, &conflict);
}

static int
unmap(const struct pci_ext_target *target, uint64_t addr, uint64_t len)
{
	struct pci_ext_range range = {addr, addr, len};

	return pci_ext_registry_unmap(target->name, &range, &conflict);
}

static uint32_t
references(const struct pci_ext_target *target)
{
	struct pci_ext_mapping mapping;

	assert_int_equal(pci_ext_registry_copy_mappings(target->name, &mapping, 1), 1);
	return mapping.references;
}

/* Counts calls of the backend. */
static int calls;

static void
count_call(const struct pci_ext_target *target, const struct pci_ext_range *range)
{
	calls++;
}

static void
count_calls(void)
{
	calls = 0;
	fake_hook = count_call;
}

static void
other_memory_is_mapped_again(void **state)
{
	assert_int_equal(map(&a, 0x100, 0x40), 0);
	assert_int_equal(map(&a, 0x100, 0x40), 0);
	assert_int_equal(conflict.ended, 0);
	fake_register_anew(0x100);
	count_calls();
	assert_int_equal(map(&a, 0x100, 0x40), 0);
	assert_int_equal(calls, 2);
	assert_int_equal(conflict.ended, 1);
	assert_int_equal(conflict.last_ended.addr, 0x100);
	assert_int_equal(conflict.last_ended.len, 0x40);
	assert_int_equal(references(&a), 1);
	assert_int_equal(map(&a, 0x100, 0x40), 0);
	assert_int_equal(conflict.ended, 0);
	assert_int_equal(references(&a), 2);
}

static void
overlapping_ones_are_ended_too(void **state)
{
	assert_int_equal(map(&a, 0x100, 0x20), 0);
	assert_int_equal(map(&a, 0x120, 0x20), 0);
	assert_int_equal(map(&a, 0x180, 0x20), 0);
	assert_int_equal(map(&a, 0x200, 0x20), 0);
	fake_register_anew(0x100);
	assert_int_equal(map(&a, 0x110, 0x100), -EEXIST); /* that at 0x200 is not stale */
	assert_true(conflict.found);
	assert_int_equal(conflict.range.addr, 0x200);
	assert_int_equal(map(&a, 0x110, 0x80), 0);
	assert_int_equal(space.n, 2);
	assert_int_equal(unmap(&a, 0x200, 0x20), 0);
}

static void
busy_queue_keeps_it(void **state)
{
	assert_int_equal(map(&a, 0x100, 0x40), 0);
	fake_register_anew(0x100);
	fake_unmap_error = -EBUSY;
	assert_int_equal(map(&a, 0x100, 0x40), -EBUSY);
	assert_true(conflict.found);
	assert_int_equal(map(&a, 0x120, 0x40), -EBUSY);
	assert_int_equal(conflict.ended, 0);
	assert_int_equal(space.n, 1);
	fake_unmap_error = 0;
	assert_int_equal(map(&a, 0x120, 0x40), 0);
	assert_int_equal(conflict.ended, 1);
	assert_true(fake_holds(&space, 0x120, 0x120, 0x40));
}

static void
lose_all(const struct pci_ext_target *target, const struct pci_ext_range *range)
{
	space.n = 0;
}

static void
other_errors_end_nothing(void **state)
{
	assert_int_equal(map(&a, 0x100, 0x40), 0);
	fake_register_anew(0x100);
	fake_unmap_error = -EIO;
	fake_hook = lose_all; /* but by then it has ended */
	assert_int_equal(map(&a, 0x100, 0x40), 0);
	fake_hook = NULL;
	assert_int_equal(conflict.ended, 1);
	assert_int_equal(references(&a), 1);
	space.violations = 0;
}

/* As any other, with as many unmaps as maps. */
static void
stale_one_can_be_unmapped(void **state)
{
	assert_int_equal(map(&a, 0x100, 0x40), 0);
	assert_int_equal(map(&a, 0x100, 0x40), 0);
	fake_register_anew(0x100);
	assert_int_equal(unmap(&a, 0x110, 0x10), -EINVAL);
	assert_int_equal(unmap(&a, 0x100, 0x40), 0);
	assert_int_equal(space.n, 1);
	assert_int_equal(unmap(&a, 0x100, 0x40), 0);
	assert_int_equal(space.n, 0);
	assert_int_equal(unmap(&a, 0x100, 0x40), -ENOENT);
}

static void
shared_one_ends_for_all_holders(void **state)
{
	assert_int_equal(map(&v, 0x100, 0x40), 0);
	assert_int_equal(map(&w, 0x100, 0x40), 0);
	fake_register_anew(0x100);
	count_calls();
	assert_int_equal(map(&v, 0x100, 0x40), 0); /* not merged with w's mapping */
	assert_int_equal(calls, 2);
	assert_int_equal(conflict.ended, 1);
	assert_int_equal(fake_shared_space.n, 1);
	assert_int_equal(unmap(&w, 0x100, 0x40), 0); /* its old one, which has ended */
	assert_int_equal(calls, 2);
	assert_int_equal(unmap(&w, 0x100, 0x40), -ENOENT);
	assert_int_equal(map(&w, 0x100, 0x40), 0);
	assert_int_equal(calls, 3); /* confirmed */
	assert_int_equal(unmap(&v, 0x100, 0x40), 0);
	assert_int_equal(fake_shared_space.n, 1);
	assert_int_equal(unmap(&w, 0x100, 0x40), 0);
}

static void
shared_one_of_another_device_is_ended(void **state)
{
	assert_int_equal(map(&v, 0x100, 0x40), 0);
	assert_int_equal(map(&v, 0x140, 0x40), 0);
	fake_register_anew(0x100);
	fake_unmap_error = -EBUSY;
	assert_int_equal(map(&w, 0x120, 0x40), -EBUSY);
	assert_int_equal(fake_shared_space.n, 2);
	fake_unmap_error = 0;
	assert_int_equal(map(&w, 0x120, 0x40), 0);
	assert_int_equal(conflict.ended, 2);
	assert_int_equal(fake_shared_space.n, 1);
	assert_int_equal(fake_remove(v.name), 2); /* no call: both have ended */
	assert_int_equal(fake_shared_space.n, 1);
	assert_int_equal(map(&w, 0x100, 0x20), 0);
}

static void
pending_one_is_not_mapped(void **state)
{
	struct pci_ext_range range = {0x100, 0x100, 0x40};

	assert_int_equal(map_name(&a, 0x100, 0x40), 0);
	assert_int_equal(map_name(&a, 0x200, 0x40), 0);
	fake_register_anew(0x100);
	assert_int_equal(pci_ext_registry_attach(&a, &fake_private), 0);
	assert_int_equal(pci_ext_registry_activate(a.name, &range, &conflict), -ENOENT);
	assert_int_equal(conflict.ended, 1);
	assert_int_equal(space.n, 0);
	range.addr = range.iova = 0x200;
	assert_int_equal(pci_ext_registry_activate(a.name, &range, &conflict), 0);
	assert_int_equal(conflict.ended, 0);
}

static void
pending_one_is_replaced(void **state)
{
	assert_int_equal(map_name(&a, 0x100, 0x40), 0);
	assert_int_equal(map_name(&a, 0x100, 0x40), 0);
	fake_register_anew(0x100);
	assert_int_equal(map_name(&a, 0x100, 0x40), 0);
	assert_int_equal(conflict.ended, 1);
	assert_int_equal(references(&a), 1);
	fake_register_anew(0x100);
	assert_int_equal(map(&a, 0x120, 0x40), 0);
	assert_int_equal(conflict.ended, 1);
	assert_int_equal(space.n, 1);
}

/* EAL's own memory has no registration; its free is reported. */
static void
freed_memory_is_gone(void **state)
{
	assert_int_equal(map(&a, 0x100, 0x40), 0);
	assert_int_equal(map(&a, 0x140, 0x40), 0);
	assert_int_equal(map(&v, 0x100, 0x80), 0);
	pci_ext_registry_forget(0x17f, 0x200);
	count_calls();
	assert_int_equal(map(&a, 0x100, 0x40), 0);
	assert_int_equal(calls, 0);
	assert_int_equal(conflict.ended, 0);
	assert_int_equal(map(&a, 0x140, 0x40), 0);
	assert_int_equal(calls, 2);
	assert_int_equal(conflict.ended, 1);
	assert_int_equal(map(&v, 0x100, 0x80), 0);
	assert_int_equal(conflict.ended, 1);
	assert_int_equal(references(&v), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, reset, cleanup)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(other_memory_is_mapped_again),
		TEST(overlapping_ones_are_ended_too),
		TEST(busy_queue_keeps_it),
		TEST(other_errors_end_nothing),
		TEST(stale_one_can_be_unmapped),
		TEST(shared_one_ends_for_all_holders),
		TEST(shared_one_of_another_device_is_ended),
		TEST(pending_one_is_not_mapped),
		TEST(pending_one_is_replaced),
		TEST(freed_memory_is_gone),
	};

	return cmocka_run_group_tests_name("registry_stale", tests, NULL, NULL);
}
