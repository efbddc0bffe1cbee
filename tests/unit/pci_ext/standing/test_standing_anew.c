/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * standing.c: map_all of a range that stands for memory that is there no more, when it fails. The
 * backend is called to end the stale mapping of a device, and to map, for one device after the
 * other; then to undo.
 */
#include <errno.h>
#include <string.h>

#include "request/dispatch.h"
#include "failing_alloc.h"
#include "fake_backend.h"
#include "registry/registry.h"
#include "standing_rig.h"
#include "unit.h"

#define DEVICES 3

/* For three devices, of which one is away, and with as many references. Then it is stale. */
static void
stand_stale(enum standing_kind kind)
{
	int d;

	for (d = 0; d < DEVICES; d++)
		standing_plug(d);
	assert_int_equal(standing_map_all_as(0, kind), 0);
	assert_int_equal(standing_map_all_as(0, kind), 0);
	fake_register_anew(standing_addr_of(0));
}

static void
expect_stands(enum standing_kind kind)
{
	int d;

	standing_count[0] = 1;
	standing_kind_of_all[0] = kind;
	for (d = 0; d < DEVICES; d++) {
		standing_holds[d][0] = true;
		standing_kind_of[d][0] = kind;
	}
	standing_check_all();
}

static void
expect_nothing(void)
{
	memset(standing_holds, 0, sizeof(standing_holds));
	standing_count[0] = 0;
	standing_check_all();
	assert_int_equal(standing_unmap_all(0), -ENOENT);
}

static void
end(enum standing_kind kind)
{
	expect_stands(kind);
	assert_int_equal(standing_unmap_all(0), 0);
	expect_nothing();
}

/* Each device in turn refuses the map. */
static void
one_that_refuses_leaves_nothing(void **state)
{
	int d;

	for (d = 0; d < DEVICES; d++) {
		stand_stale(STANDING_DMABUF);
		fake_fail_at = 2 * d + 2;
		assert_int_equal(standing_map_all_as(0, STANDING_BEHIND), -ENOMEM);
		expect_nothing();
	}
	assert_int_equal(standing_map_all_as(0, STANDING_READ), 0);
	end(STANDING_READ);
}

/* What a device maps by its name after that is its own. */
static void
what_is_mapped_after_that_stays(void **state)
{
	const struct pci_ext_target named = {.name = standing_names[0]};
	const struct pci_ext_memory memory = standing_memory(0, STANDING_PLAIN);

	stand_stale(STANDING_PLAIN);
	fake_fail_at = 4;
	assert_int_equal(standing_map_all(0), -ENOMEM);
	assert_int_equal(pci_ext_dispatch_map(&named, &memory), 0);
	standing_own[0][0] = 1;
	expect_nothing();
}

/* It has mapped other memory there already, by its name. */
static void
one_that_has_mapped_another_kind_keeps_that(void **state)
{
	const struct pci_ext_target named = {.name = standing_names[1]};
	const struct pci_ext_memory memory = standing_memory(0, STANDING_READ);

	stand_stale(STANDING_PLAIN);
	assert_int_equal(pci_ext_dispatch_map(&named, &memory), 0);
	assert_int_equal(standing_map_all(0), -EEXIST);
	standing_own[1][0] = 1;
	standing_kind_of[1][0] = STANDING_READ;
	expect_nothing();
}

static int calls, refused_from, refused_to;

static void
refuse_unmaps(const struct pci_ext_target *target, const struct pci_ext_range *range)
{
	calls++;
	fake_unmap_error = refused_from <= calls && calls <= refused_to ? -EBUSY : 0;
}

static void
refuse(int from, int to)
{
	calls = 0;
	refused_from = from;
	refused_to = to;
	fake_hook = refuse_unmaps;
	fake_unmap_error = 0;
}

static void
refuse_no_more(void)
{
	fake_hook = NULL;
	fake_unmap_error = 0;
}

/*
 * A queue owns buffers in the stale mapping of the first device, when it is to be ended and when it
 * is undone: the others have nothing.
 */
static void
keep_stale(enum standing_kind kind)
{
	stand_stale(STANDING_DMABUF);
	refuse(1, 100);
	assert_int_equal(standing_map_all_as(0, kind), -EBUSY);
	refuse_no_more();
}

static void
one_that_is_busy_is_mapped_by_the_next_call(void **state)
{
	keep_stale(STANDING_PLAIN);
	assert_int_equal(standing_map_all_as(0, STANDING_BEHIND), 0);
	end(STANDING_BEHIND);
}

static void
one_that_is_busy_is_unmapped_by_the_next_call(void **state)
{
	keep_stale(STANDING_PLAIN);
	standing_plug(DEVICES); /* nothing is to be mapped there */
	assert_int_equal(standing_unmap_all(0), 0);
	expect_nothing();
}

/*
 * The second device refuses the map; then the first one does not let go of its new mapping, twice:
 * that has to be ended before the range is mapped again.
 */
static void
refuse_and_keep(const struct pci_ext_target *target, const struct pci_ext_range *range)
{
	calls++;
	fake_map_error = calls == 4 ? -ENOMEM : 0;
	fake_unmap_error = calls >= 7 && strcmp(target->name, standing_names[0]) == 0 ? -EBUSY : 0;
}

static void
one_that_keeps_the_new_mapping_has_to_end_it(void **state)
{
	stand_stale(STANDING_PLAIN);
	calls = 0;
	fake_hook = refuse_and_keep;
	assert_int_equal(standing_map_all(0), -ENOMEM);
	standing_holds[0][0] = true;
	standing_check_all();
	assert_int_equal(standing_map_all(0), -EBUSY);
	fake_hook = NULL;
	fake_map_error = fake_unmap_error = 0;
	assert_int_equal(standing_unmap_all(0), 0);
	expect_nothing();
}

/* Nothing of the new memory is left; what was there may be. Before any device has been asked, so
 * that all of it is, with all its references. */
static void
without_memory_nothing_is_left(void **state)
{
	int nth, ret = -ENOMEM;

	for (nth = 1; ret != 0; nth++) {
		stand_stale(STANDING_DMABUF);
		allocations_until_failure = nth;
		ret = standing_map_all_as(0, STANDING_BEHIND);
		allocations_until_failure = 0;
		if (ret == 0)
			break;
		assert_int_equal(ret, -ENOMEM);
		while (standing_unmap_all(0) == 0)
			;
		expect_nothing();
	}
	assert_true(nth > 2);
	end(STANDING_BEHIND);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, standing_reset, standing_cleanup)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(one_that_refuses_leaves_nothing),
		TEST(what_is_mapped_after_that_stays),
		TEST(one_that_has_mapped_another_kind_keeps_that),
		TEST(one_that_is_busy_is_mapped_by_the_next_call),
		TEST(one_that_is_busy_is_unmapped_by_the_next_call),
		TEST(one_that_keeps_the_new_mapping_has_to_end_it),
		TEST(without_memory_nothing_is_left),
	};

	return cmocka_run_group_tests_name("standing_anew", tests, NULL, NULL);
}
