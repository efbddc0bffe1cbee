/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * registry.c and record.c: a device is removed, or the bus cleans up, during a call of a backend
 * for it.
 */
#include <errno.h>

#include "gate.h"
#include "unit.h"

static void
unplug_waits_for_a_map(void **state)
{
	struct caller first = CALLER(map, &gate_a, &gate_low), unplug = CALLER(suspend, &gate_a, NULL);

	assert_int_equal(gate_map(&gate_a, &gate_high), 0);
	caller_start_at_gate(&first);
	caller_start_waiting(&unplug);
	assert_int_equal(gate_map(&gate_a, &gate_inside), -EINVAL); /* LEAVING */
	assert_int_equal(gate_space_a.n, 1);
	gate_open();
	assert_int_equal(caller_finish(&first), 0);
	assert_int_equal(caller_finish(&unplug), 2);
	assert_int_equal(gate_space_a.n, 0);
	pci_ext_registry_detach(gate_a.name);
	assert_int_equal(gate_unmap(&gate_a, &gate_low), 0);
	assert_int_equal(gate_unmap(&gate_a, &gate_high), 0);
}

static void
unplug_waits_for_an_unmap(void **state)
{
	struct caller last = CALLER(unmap, &gate_a, &gate_low),
		      unplug = CALLER(suspend, &gate_a, NULL);

	assert_int_equal(gate_map(&gate_a, &gate_low), 0);
	caller_start_at_gate(&last);
	caller_start_waiting(&unplug);
	gate_open();
	assert_int_equal(caller_finish(&last), 0);
	assert_int_equal(caller_finish(&unplug), 0);
	pci_ext_registry_detach(gate_a.name);

	assert_int_equal(gate_map(&gate_a, &gate_low), 0);
	last.error = -EBUSY;
	caller_start_at_gate(&last);
	caller_start_waiting(&unplug);
	gate_open();
	assert_int_equal(caller_finish(&last), -EBUSY);
	assert_int_equal(caller_finish(&unplug), 1); /* by force */
	assert_int_equal(gate_mapping(&gate_a).state, PCI_EXT_PENDING);
}

/* Its struct rte_device has been freed when its turn comes. */
static void
a_call_waiting_for_a_leaving_device_fails(void **state)
{
	struct caller first = CALLER(map, &gate_a, &gate_low),
		      late = CALLER(map, &gate_a, &gate_high);
	struct caller named = CALLER(map_name, &gate_a, &gate_high),
		      unplug = CALLER(suspend, &gate_a, NULL);

	caller_start_at_gate(&first);
	caller_start_waiting(&late);
	caller_start_waiting(&unplug);
	gate_open();
	assert_int_equal(caller_finish(&first), 0);
	assert_int_equal(caller_finish(&late), -EINVAL);
	assert_int_equal(caller_finish(&unplug), 1);
	pci_ext_registry_detach(gate_a.name);
	assert_int_equal(pci_ext_registry_attach(&gate_a, &fake_private), 0);

	caller_start_at_gate(&first); /* PENDING */
	caller_start_waiting(&named);
	caller_start_waiting(&unplug);
	gate_open();
	assert_int_equal(caller_finish(&first), 0);
	assert_int_equal(caller_finish(&named), 0); /* kept for the next probe */
	caller_finish(&unplug);
	pci_ext_registry_detach(gate_a.name);
	assert_int_equal(gate_space_a.n, 0);
	assert_int_equal(pci_ext_registry_copy_mappings(gate_a.name, NULL, 0), 2);
}

/* While the bus cleans up: no object in use is freed. */
static void
clear_beside_a_call(void **state)
{
	struct caller first = CALLER(map, &gate_a, &gate_low),
		      late = CALLER(map_name, &gate_a, &gate_low);

	caller_start_at_gate(&first);
	caller_start_waiting(&late);
	pci_ext_registry_clear();
	gate_open();
	assert_int_equal(caller_finish(&first), 0);
	assert_int_equal(caller_finish(&late), 0);
	assert_int_equal(gate_mapping(&gate_a).references, 2);
	assert_int_equal(
		pci_ext_registry_attach(&gate_a, &fake_private), 0); /* for its suspension */
}

/* The device has no records, only a waiting call. */
static void
device_stays_while_a_call_waits(void **state)
{
	struct caller first = CALLER(map, &gate_a, &gate_low, .error = -ENOMEM);
	struct caller late = CALLER(map_name, &gate_a, &gate_low);

	caller_start_at_gate(&first);
	caller_start_waiting(&late);
	pci_ext_registry_detach(gate_a.name);
	gate_open();
	assert_int_equal(caller_finish(&first), -ENOMEM);
	assert_int_equal(caller_finish(&late), 0);
	assert_int_equal(gate_mapping(&gate_a).state, PCI_EXT_PENDING);
}

/* It may have been removed by then. */
static void
refuse_dev(const struct pci_ext_target *target, const struct pci_ext_range *range)
{
	assert_null(target->dev);
}

/* A driver's mappings need the driver; shared ones need the device to be stopped. */
static void
shared_ones_are_suspended_apart(void **state)
{
	struct pci_ext_cursor cursor = {0};
	int result;

	assert_int_equal(gate_map(&gate_v, &gate_low), 0);
	pci_ext_registry_leave(gate_v.name);
	assert_false(pci_ext_registry_suspend(gate_v.name, false, &cursor, &result));
	assert_int_equal(fake_shared_space.n, 1);
	assert_int_equal(gate_map(&gate_v, &gate_high), -EINVAL);
	fake_hook = refuse_dev;
	assert_true(pci_ext_registry_suspend(gate_v.name, true, &cursor, &result));
	assert_int_equal(result, 0);
	assert_false(pci_ext_registry_suspend(gate_v.name, true, &cursor, &result));
	assert_int_equal(fake_shared_space.n, 0);
}

/* But a running call for the device is waited for, in a shared space too. */
static void
unplug_waits_in_the_shared_space(void **state)
{
	struct caller first = CALLER(map, &gate_v, &gate_low);
	struct caller unplug = CALLER(suspend, &gate_v, NULL);

	caller_start_at_gate(&first);
	caller_start_waiting(&unplug);
	gate_open();
	assert_int_equal(caller_finish(&first), 0);
	assert_int_equal(caller_finish(&unplug), 1);
	assert_int_equal(fake_shared_space.n, 0);
}

/* What is pending conflicts by address, also if a shared backend served the device before. */
static void
a_backend_of_the_past_decides_no_conflict(void **state)
{
	struct pci_ext_range elsewhere = gate_low, other = gate_high;

	elsewhere.iova = gate_low.iova + 2 * gate_low.len;
	other.iova = gate_low.iova;
	assert_int_equal(gate_map(&gate_v, &gate_low), 0);
	assert_int_equal(gate_suspend(&gate_v, NULL), 1);
	pci_ext_registry_detach(gate_v.name);
	assert_int_equal(gate_map_name(&gate_v, &elsewhere), -EEXIST);
	assert_int_equal(gate_map_name(&gate_v, &other), 0);
	assert_int_equal(gate_unmap(&gate_v, &elsewhere), -EINVAL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, gate_reset, gate_cleanup)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(unplug_waits_for_a_map),
		TEST(unplug_waits_for_an_unmap),
		TEST(a_call_waiting_for_a_leaving_device_fails),
		TEST(shared_ones_are_suspended_apart),
		TEST(unplug_waits_in_the_shared_space),
		TEST(a_backend_of_the_past_decides_no_conflict),
		TEST(clear_beside_a_call),
		TEST(device_stays_while_a_call_waits),
	};

	return cmocka_run_group_tests_name("registry_unplug", tests, NULL, NULL);
}
