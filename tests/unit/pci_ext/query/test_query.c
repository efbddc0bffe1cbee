/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * query.c and published.c on the registry with fake backends: what is answered for ranges that are
 * mapped, in part, no longer, by EAL, or without memory to note it.
 */
#include <errno.h>
#include <stdlib.h>

#include "failing_alloc.h"
#include "fake_backend.h"
#include "common/memory.h"
#include "query/published.h"
#include "query/query.h"
#include "registry/registry.h"
#include "unit.h"

static struct fake_space space;
static struct pci_ext_target own, shared;

/* EAL has one page of its own. */
#define EAL_PAGE UINT64_C(0x80000)
#define EAL_IOVA UINT64_C(0x123000)

uint64_t
pci_ext_memory_eal_run(uint64_t addr, uint64_t *iova)
{
	if (addr - EAL_PAGE >= 0x1000)
		return 0;
	*iova = EAL_IOVA + (addr - EAL_PAGE);
	return 0x1000 - (addr - EAL_PAGE);
}

bool
pci_ext_memory_is_eal(uint64_t addr)
{
	return addr - EAL_PAGE < 0x1000;
}

static int
map_range(const struct pci_ext_target *target, const struct pci_ext_range *range)
{
	const struct pci_ext_backend *backend = target == &own ? &fake_private : &fake_shared;
	struct pci_ext_conflict conflict;

	return pci_ext_registry_map(
		target, backend, range, fake_registration(range->addr), NULL, &conflict);
}

static int
change(const struct pci_ext_target *target, uint64_t addr, uint64_t iova, uint64_t len, bool is_map)
{
	const struct pci_ext_range range = {addr, iova, len};
	struct pci_ext_conflict conflict;

	return is_map ? map_range(target, &range)
		      : pci_ext_registry_unmap(target->name, &range, &conflict);
}

static void
map(const struct pci_ext_target *target, uint64_t addr, uint64_t len)
{
	assert_int_equal(change(target, addr, addr, len, true), 0);
}

static void
unmap(const struct pci_ext_target *target, uint64_t addr, uint64_t len)
{
	assert_int_equal(change(target, addr, addr, len, false), 0);
}

static struct pci_ext_answer
ask(const struct pci_ext_target *target, uint64_t addr, uint64_t len)
{
	const struct pci_ext_published *device = pci_ext_published_device(target->dev);
	struct pci_ext_answer answer;

	assert_non_null(device);
	assert_ptr_equal(device, pci_ext_published_name(target->name));
	assert_int_equal(pci_ext_query_range(device, addr, len, &answer), 0);
	return answer;
}

static void
expect(const struct pci_ext_target *target, uint64_t addr, uint64_t len,
	enum pci_ext_answer_state state, uint64_t mapped)
{
	const struct pci_ext_answer answer = ask(target, addr, len);

	assert_int_equal(answer.state, state);
	assert_int_equal(answer.len, mapped);
}

static int
reset(void **state)
{
	fake_reset();
	space.n = space.violations = 0;
	own = fake_target("0a", &space);
	shared = fake_target("12", &fake_shared_space);
	assert_int_equal(pci_ext_registry_attach(&own, &fake_private), 0);
	assert_int_equal(pci_ext_registry_attach(&shared, &fake_shared), 0);
	assert_int_equal(pci_ext_published_start(), 0);
	return 0;
}

static int
cleanup(void **state)
{
	int result;

	fake_suspend(own.name, &result);
	fake_suspend(shared.name, &result);
	pci_ext_registry_clear();
	assert_null(pci_ext_published_device(own.dev));
	pci_ext_published_end();
	assert_int_equal(space.violations + fake_shared_space.violations, 0);
	return 0;
}

static void
what_is_mapped_is_answered(void **state)
{
	struct pci_ext_answer answer;

	expect(&own, 0x1000, 0x10, PCI_EXT_IS_UNMAPPED, 0);
	assert_int_equal(change(&own, 0x1000, 0x9000, 0x100, true), 0);
	answer = ask(&own, 0x1010, 0x10);
	assert_int_equal(answer.state, PCI_EXT_IS_MAPPED);
	assert_int_equal(answer.by, PCI_EXT_BY_CALL);
	assert_string_equal(answer.backend, fake_private.name);
	assert_int_equal(answer.iova, 0x9010);
	assert_int_equal(answer.len, 0x10);
	expect(&own, 0x1000, 0x100, PCI_EXT_IS_MAPPED, 0x100);
	expect(&own, 0x1000, 0x101, PCI_EXT_IS_PARTLY, 0x100);
	expect(&own, 0x0fff, 0x10, PCI_EXT_IS_UNMAPPED, 0);
	expect(&own, 0x1100, 1, PCI_EXT_IS_UNMAPPED, 0);
	expect(&shared, 0x1000, 0x10, PCI_EXT_IS_UNMAPPED, 0);
	answer = ask(&own, 0x1100, 1);
	assert_int_equal(answer.by, PCI_EXT_BY_NOBODY);
	assert_int_equal(answer.iova, 0);
	assert_int_equal(change(&own, 0x1000, 0x9000, 0x100, false), 0);
	expect(&own, 0x1000, 0x10, PCI_EXT_IS_UNMAPPED, 0);
}

static void
a_reference_more_changes_nothing(void **state)
{
	map(&own, 0x1000, 0x100);
	map(&own, 0x1000, 0x100);
	unmap(&own, 0x1000, 0x100);
	expect(&own, 0x1000, 0x100, PCI_EXT_IS_MAPPED, 0x100);
	unmap(&own, 0x1000, 0x100);
	expect(&own, 0x1000, 0x100, PCI_EXT_IS_UNMAPPED, 0);
}

static void
mappings_that_adjoin_are_one(void **state)
{
	uint64_t addr;

	for (addr = 0x1000; addr < 0x3000; addr += 0x100)
		map(&own, addr, 0x100);
	expect(&own, 0x1008, 0x1ff0, PCI_EXT_IS_MAPPED, 0x1ff0);
	unmap(&own, 0x2000, 0x100);
	expect(&own, 0x1008, 0x1ff0, PCI_EXT_IS_PARTLY, 0xff8);
	expect(&own, 0x2000, 0x10, PCI_EXT_IS_UNMAPPED, 0);
}

/* For reading and writing, for reading alone, and for both again. */
static void
what_may_only_be_read_is_told(void **state)
{
	const struct pci_ext_range range = {0x1100, 0x1100, 0x100, PCI_EXT_ACCESS_READ};

	map(&own, 0x1000, 0x100);
	assert_int_equal(map_range(&own, &range), 0);
	map(&own, 0x1200, 0x100);
	expect(&own, 0x1000, 0x300, PCI_EXT_IS_MAPPED, 0x300);
	assert_int_equal(ask(&own, 0x1000, 0x100).access, PCI_EXT_ACCESS_READ_WRITE);
	assert_int_equal(ask(&own, 0x1000, 0x101).access, PCI_EXT_ACCESS_READ);
	assert_int_equal(ask(&own, 0x11ff, 1).access, PCI_EXT_ACCESS_READ);
	assert_int_equal(ask(&own, 0x11ff, 0x101).access, PCI_EXT_ACCESS_READ);
	assert_int_equal(ask(&own, 0x1200, 0x200).access, PCI_EXT_ACCESS_READ_WRITE);
	unmap(&own, 0x1200, 0x100);
	assert_int_equal(ask(&own, 0x1000, 0x300).access, PCI_EXT_ACCESS_READ);
	assert_int_equal(ask(&own, 0x1200, 1).access, PCI_EXT_ACCESS_READ_WRITE);
	unmap(&own, 0x1100, 0x100);
	map(&own, 0x1100, 0x100);
	assert_int_equal(ask(&own, 0x1100, 0x100).access, PCI_EXT_ACCESS_READ_WRITE);
}

static void
ranges_end_with_the_address_space(void **state)
{
	map(&own, UINT64_MAX - 0xff, 0x100);
	map(&own, 0, 0x100);
	expect(&own, UINT64_MAX - 0xff, 0x100, PCI_EXT_IS_MAPPED, 0x100);
	expect(&own, UINT64_MAX, 1, PCI_EXT_IS_MAPPED, 1);
	expect(&own, 0, 0x100, PCI_EXT_IS_MAPPED, 0x100);
	expect(&own, 0, UINT64_MAX, PCI_EXT_IS_PARTLY, 0x100);
}

static void
other_memory_at_the_address_is_told(void **state)
{
	map(&own, 0x1000, 0x100);
	map(&own, 0x1100, 0x100);
	fake_register_anew(0x1100);
	expect(&own, 0x1000, 0x100, PCI_EXT_IS_MAPPED, 0x100);
	expect(&own, 0x1000, 0x200, PCI_EXT_IS_STALE, 0x100);
	expect(&own, 0x1180, 0x10, PCI_EXT_IS_STALE, 0);
	map(&own, 0x1100, 0x100); /* ends the stale one */
	expect(&own, 0x1000, 0x200, PCI_EXT_IS_MAPPED, 0x200);
	pci_ext_registry_forget(0x1000, 0x10);
	expect(&own, 0x1000, 0x100, PCI_EXT_IS_STALE, 0);
}

static void
memory_of_eal_is_told_apart(void **state)
{
	struct pci_ext_answer answer = ask(&shared, EAL_PAGE + 0x10, 0x20);

	assert_int_equal(answer.state, PCI_EXT_IS_MAPPED);
	assert_int_equal(answer.by, PCI_EXT_BY_EAL);
	assert_int_equal(answer.iova, EAL_IOVA + 0x10);
	expect(&shared, EAL_PAGE + 0xff0, 0x20, PCI_EXT_IS_PARTLY, 0x10);
	map(&shared, EAL_PAGE + 0x1000, 0x100);
	expect(&shared, EAL_PAGE + 0xff0, 0x20, PCI_EXT_IS_MAPPED, 0x20);
	expect(&own, EAL_PAGE, 0x10, PCI_EXT_IS_UNKNOWN, 0);
	map(&own, EAL_PAGE - 0x100, 0x100);
	expect(&own, EAL_PAGE - 0x10, 0x20, PCI_EXT_IS_PARTLY, 0x10);
}

static void
one_of_two_iovas_is_enough(void **state)
{
	assert_int_equal(change(&shared, 0x1000, 0x5000, 0x1000, true), 0);
	assert_int_equal(change(&shared, 0x1100, 0x7000, 0x100, true), 0);
	expect(&shared, 0x1000, 0x1000, PCI_EXT_IS_MAPPED, 0x1000);
	assert_int_equal(change(&shared, 0x1100, 0x7000, 0x100, false), 0);
	expect(&shared, 0x1100, 0x100, PCI_EXT_IS_MAPPED, 0x100);
	assert_int_equal(change(&shared, 0x1100, 0x7000, 0x100, true), 0);
	assert_int_equal(change(&shared, 0x1000, 0x5000, 0x1000, false), 0);
	expect(&shared, 0x1000, 0x1000, PCI_EXT_IS_UNMAPPED, 0);
	expect(&shared, 0x1100, 0x101, PCI_EXT_IS_PARTLY, 0x100);
}

/* One thread confirms a mapping that counts again, while another unmaps something that overlaps. */
static void
unmap_the_other(const struct pci_ext_target *target, const struct pci_ext_range *range)
{
	fake_hook = NULL;
	assert_int_equal(change(&shared, 0x1100, 0x7000, 0x100, false), 0);
	expect(&shared, 0x1000, 0x1000, PCI_EXT_IS_MAPPED, 0x1000);
}

static void
a_mapping_in_a_call_is_there(void **state)
{
	assert_int_equal(change(&shared, 0x1000, 0x5000, 0x1000, true), 0);
	assert_int_equal(change(&shared, 0x1100, 0x7000, 0x100, true), 0);
	assert_int_equal(change(&shared, 0x1100, 0x7000, 0x100, true), 0);
	fake_hook = unmap_the_other;
	assert_int_equal(change(&shared, 0x1000, 0x5000, 0x1000, true), 0);
	assert_null(fake_hook);
	assert_int_equal(change(&shared, 0x1000, 0x5000, 0x1000, false), 0);
	assert_int_equal(change(&shared, 0x1100, 0x7000, 0x100, true), 0);
	fake_hook = unmap_the_other; /* in an unmap that is refused */
	fake_unmap_error = -EBUSY;
	assert_int_equal(change(&shared, 0x1000, 0x5000, 0x1000, false), -EBUSY);
	fake_unmap_error = 0;
	assert_null(fake_hook);
	expect(&shared, 0x1000, 0x1000, PCI_EXT_IS_MAPPED, 0x1000);
}

/* A device that was removed is known by its name, and again when it is plugged in. */
static void
devices_come_and_go(void **state)
{
	struct pci_ext_cursor cursor = {0};
	struct pci_ext_conflict conflict;
	struct pci_ext_answer answer;
	struct fake_space moved = {.n = 0};
	int result = 0;

	map(&own, 0x1000, 0x100);
	fake_remove(own.name);
	assert_null(pci_ext_published_device(own.dev));
	assert_int_equal(pci_ext_query_range(pci_ext_published_name("0a"), 0x1000, 1, &answer), 0);
	assert_int_equal(answer.state, PCI_EXT_IS_UNMAPPED);
	own = fake_target("0a", &moved);
	assert_int_equal(pci_ext_registry_attach(&own, &fake_private), 0);
	expect(&own, 0x1000, 0x100, PCI_EXT_IS_UNMAPPED, 0);
	while (pci_ext_registry_next_pending("0a", &cursor))
		assert_int_equal(pci_ext_registry_activate("0a", &cursor.at, &conflict), 0);
	expect(&own, 0x1000, 0x100, PCI_EXT_IS_MAPPED, 0x100);
	unmap(&own, 0x1000, 0x100);
	assert_null(pci_ext_published_name("0000:99:00.0"));
	assert_null(pci_ext_published_device((const struct rte_device *)&result));
	fake_suspend(own.name, &result);
}

static void
a_refused_call_adds_no_device(void **state)
{
	const struct pci_ext_range range = {0x1000, 0x1000, 0x100};
	struct pci_ext_conflict conflict;

	assert_int_equal(pci_ext_registry_unmap("0f", &range, &conflict), -ENOENT);
	assert_null(pci_ext_published_name("0f"));
}

static void
what_was_mapped_before_the_first_call_is_known(void **state)
{
	pci_ext_published_end();
	map(&own, 0x1000, 0x100);
	assert_null(pci_ext_published_device(own.dev));
	assert_int_equal(pci_ext_published_start(), 0);
	expect(&own, 0x1000, 0x100, PCI_EXT_IS_MAPPED, 0x100);
}

/* Whether the failure was reached: the maps and the answers are right, or ENOMEM. */
static bool
survive(int nth)
{
	const struct pci_ext_published *device;
	struct pci_ext_answer answer;
	int i, ret = 0;
	bool reached;

	pci_ext_published_end();
	allocations_until_failure = nth;
	if (pci_ext_published_start() != 0)
		ret = pci_ext_published_start();
	for (i = 0; i < 200; i++)
		if (change(&own, 0x1000 + i * 0x20, 0x1000 + i * 0x20, 0x10, true) != 0)
			break;
	reached = allocations_until_failure == 0;
	allocations_until_failure = 0;
	assert_int_equal(ret, 0);
	device = pci_ext_published_device(own.dev);
	assert_non_null(device);
	if (i != 0 && pci_ext_query_range(device, 0x1000, 0x10, &answer) == 0)
		assert_int_equal(answer.state, PCI_EXT_IS_MAPPED);
	while (i-- != 0)
		unmap(&own, 0x1000 + i * 0x20, 0x10);
	map(&own, 0x1000, 0x10); /* a later change completes it */
	expect(&own, 0x1000, 0x20, PCI_EXT_IS_PARTLY, 0x10);
	unmap(&own, 0x1000, 0x10);
	return reached;
}

static void
each_failed_allocation_is_survived(void **state)
{
	int nth = 1;

	while (survive(nth))
		nth++;
	assert_true(nth > 8);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, reset, cleanup)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(what_is_mapped_is_answered),
		TEST(a_reference_more_changes_nothing),
		TEST(mappings_that_adjoin_are_one),
		TEST(what_may_only_be_read_is_told),
		TEST(ranges_end_with_the_address_space),
		TEST(other_memory_at_the_address_is_told),
		TEST(memory_of_eal_is_told_apart),
		TEST(one_of_two_iovas_is_enough),
		TEST(a_mapping_in_a_call_is_there),
		TEST(devices_come_and_go),
		TEST(a_refused_call_adds_no_device),
		TEST(what_was_mapped_before_the_first_call_is_known),
		TEST(each_failed_allocation_is_survived),
	};

	return cmocka_run_group_tests_name("query", tests, NULL, NULL);
}
