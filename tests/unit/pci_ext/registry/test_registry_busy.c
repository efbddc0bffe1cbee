/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * registry.c and record.c during a call of a backend: calls that wait, calls that do not, and the
 * results.
 */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <string.h>

#include "gate.h"
#include "unit.h"

static void
devices_do_not_wait_for_each_other(void **state)
{
	struct caller first = CALLER(map, &gate_a, &gate_low);

	caller_start_at_gate(&first);
	assert_int_equal(gate_map(&gate_b, &gate_low), 0);
	assert_int_equal(gate_map(&gate_v, &gate_low), 0);
	assert_int_equal(gate_unmap(&gate_b, &gate_low), 0);
	gate_open();
	assert_int_equal(caller_finish(&first), 0);
	assert_int_equal(gate_unmap(&gate_a, &gate_low), 0);
}

static void
a_reader_does_not_wait(void **state)
{
	struct caller first = CALLER(map, &gate_a, &gate_low),
		      last = CALLER(unmap, &gate_a, &gate_low);
	struct pci_ext_registry_totals totals;
	struct pci_ext_device device;

	caller_start_at_gate(&first);
	assert_int_equal(gate_mapping(&gate_a).state, PCI_EXT_BUSY);
	assert_int_equal(gate_mapping(&gate_a).references, 1);
	assert_int_equal(pci_ext_registry_copy_devices(gate_a.name, &device, 1), 1);
	assert_int_equal(device.pending, 1);
	assert_int_equal(device.active, 0);
	pci_ext_registry_count(&totals);
	assert_int_equal(totals.pending, 1);
	gate_open();
	assert_int_equal(caller_finish(&first), 0);
	assert_int_equal(gate_mapping(&gate_a).state, PCI_EXT_ACTIVE);

	caller_start_at_gate(&last);
	assert_int_equal(gate_mapping(&gate_a).state, PCI_EXT_BUSY);
	pci_ext_registry_count(&totals);
	assert_int_equal(totals.active, 1);
	assert_int_equal(totals.active_bytes, gate_low.len);
	gate_open();
	assert_int_equal(caller_finish(&last), 0);
	assert_int_equal(pci_ext_registry_copy_mappings(gate_a.name, NULL, 0), 0);
}

/* A driver has one call at a time per device. */
static void
calls_for_one_device_take_turns(void **state)
{
	struct caller first = CALLER(map, &gate_a, &gate_low);
	struct caller second = CALLER(map, &gate_a, &gate_high);
	struct caller third = CALLER(unmap, &gate_a, &gate_high);

	caller_start_at_gate(&first);
	caller_start_waiting(&second);
	assert_int_equal(gate_calls, 1);
	gate_open();
	assert_int_equal(caller_finish(&first), 0);
	assert_int_equal(caller_finish(&second), 0);
	assert_int_equal(gate_space_a.n, 2);

	first.act = gate_unmap;
	caller_start_at_gate(&first);
	caller_start_waiting(&third);
	assert_int_equal(gate_calls, 3);
	gate_open();
	assert_int_equal(caller_finish(&first), 0);
	assert_int_equal(caller_finish(&third), 0);
	assert_int_equal(gate_space_a.n, 0);
}

static void
same_range_waits_and_counts(void **state)
{
	struct caller first = CALLER(map, &gate_a, &gate_low),
		      second = CALLER(map, &gate_a, &gate_low);

	caller_start_at_gate(&first);
	caller_start_waiting(&second);
	gate_open();
	assert_int_equal(caller_finish(&first), 0);
	assert_int_equal(caller_finish(&second), 0);
	assert_int_equal(gate_calls, 1);
	assert_int_equal(gate_mapping(&gate_a).references, 2);
}

/* A failed call leaves nothing: the waiting one becomes the first. */
static void
same_range_of_a_failure_is_mapped_again(void **state)
{
	struct caller first = CALLER(map, &gate_a, &gate_low, .error = -ENOMEM);
	struct caller second = CALLER(map, &gate_a, &gate_low),
		      third = CALLER(unmap, &gate_b, &gate_low);

	caller_start_at_gate(&first);
	caller_start_waiting(&second);
	gate_open();
	assert_int_equal(caller_finish(&first), -ENOMEM);
	assert_int_equal(caller_finish(&second), 0);
	assert_int_equal(gate_mapping(&gate_a).references, 1);

	assert_int_equal(gate_map_name(&gate_b, &gate_low), 0);
	assert_int_equal(pci_ext_registry_attach(&gate_b, &fake_private), 0);
	first = (struct caller)CALLER(
		map, &gate_b, &gate_low, .error = -ENOMEM); /* of a PENDING mapping */
	caller_start_at_gate(&first);
	caller_start_waiting(&third);
	gate_open();
	assert_int_equal(caller_finish(&first), -ENOMEM);
	assert_int_equal(caller_finish(&third), 0);
	assert_int_equal(pci_ext_registry_copy_mappings(gate_b.name, NULL, 0), 0);
}

static void
overlap_depends_on_the_other_call(void **state)
{
	struct caller first = CALLER(map, &gate_a, &gate_low),
		      second = CALLER(map, &gate_a, &gate_inside);

	caller_start_at_gate(&first);
	caller_start_waiting(&second);
	gate_open();
	assert_int_equal(caller_finish(&first), 0);
	assert_int_equal(caller_finish(&second), -EEXIST);

	first = (struct caller)CALLER(unmap, &gate_a, &gate_low);
	caller_start_at_gate(&first);
	caller_start_waiting(&second);
	gate_open();
	assert_int_equal(caller_finish(&first), 0);
	assert_int_equal(caller_finish(&second), 0);
	assert_int_equal(gate_unmap(&gate_a, &gate_inside), 0);

	first = (struct caller)CALLER(map, &gate_a, &gate_low, .error = -EFAULT);
	caller_start_at_gate(&first);
	caller_start_waiting(&second);
	gate_open();
	assert_int_equal(caller_finish(&first), -EFAULT);
	assert_int_equal(caller_finish(&second), 0);
}

static void
unmap_during_a_map_waits(void **state)
{
	struct caller first = CALLER(map, &gate_a, &gate_low),
		      last = CALLER(unmap, &gate_a, &gate_low);
	struct caller wrong = CALLER(unmap, &gate_a, &gate_inside);

	caller_start_at_gate(&first);
	caller_start_waiting(&wrong);
	gate_open();
	assert_int_equal(caller_finish(&first), 0);
	assert_int_equal(caller_finish(&wrong), -EINVAL);
	assert_int_equal(gate_unmap(&gate_a, &gate_low), 0);

	caller_start_at_gate(&first);
	caller_start_waiting(&last);
	gate_open();
	assert_int_equal(caller_finish(&first), 0);
	assert_int_equal(caller_finish(&last), 0);
	assert_int_equal(gate_space_a.n, 0);

	first.error = -ENOMEM;
	caller_start_at_gate(&first);
	caller_start_waiting(&wrong);
	gate_open();
	assert_int_equal(caller_finish(&first), -ENOMEM);
	assert_int_equal(caller_finish(&wrong), -ENOENT);
}

/* Two calls for the last reference: one ends it, the other creates a new mapping. */
static void
map_during_an_unmap_is_new(void **state)
{
	struct caller last = CALLER(unmap, &gate_a, &gate_low),
		      again = CALLER(map, &gate_a, &gate_low);

	assert_int_equal(gate_map(&gate_a, &gate_low), 0);
	caller_start_at_gate(&last);
	caller_start_waiting(&again);
	gate_open();
	assert_int_equal(caller_finish(&last), 0);
	assert_int_equal(caller_finish(&again), 0);
	assert_int_equal(gate_calls, 3);
	assert_int_equal(gate_mapping(&gate_a).references, 1);

	last.error = -EBUSY;
	caller_start_at_gate(&last);
	caller_start_waiting(&again);
	gate_open();
	assert_int_equal(caller_finish(&last), -EBUSY);
	assert_int_equal(caller_finish(&again), 0);
	assert_int_equal(gate_mapping(&gate_a).references, 2);
	assert_int_equal(gate_mapping(&gate_a).state, PCI_EXT_ACTIVE);
}

static void
second_unmap_of_the_last_reference_is_enoent(void **state)
{
	struct caller last = CALLER(unmap, &gate_a, &gate_low),
		      late = CALLER(unmap, &gate_a, &gate_low);

	assert_int_equal(gate_map(&gate_a, &gate_low), 0);
	caller_start_at_gate(&last);
	caller_start_waiting(&late);
	gate_open();
	assert_int_equal(caller_finish(&last), 0);
	assert_int_equal(caller_finish(&late), -ENOENT);
}

static void
second_holder_waits_and_joins(void **state)
{
	struct caller first = CALLER(map, &gate_v, &gate_low),
		      second = CALLER(map, &gate_w, &gate_low);

	caller_start_at_gate(&first);
	caller_start_waiting(&second);
	gate_open();
	assert_int_equal(caller_finish(&first), 0);
	assert_int_equal(caller_finish(&second), 0);
	assert_int_equal(gate_calls, 2); /* confirmed */
	assert_int_equal(gate_unmap(&gate_v, &gate_low), 0);
	assert_int_equal(fake_shared_space.n, 1);
	assert_int_equal(gate_unmap(&gate_w, &gate_low), 0);

	first.error = -ENOMEM;
	caller_start_at_gate(&first);
	caller_start_waiting(&second);
	gate_open();
	assert_int_equal(caller_finish(&first), -ENOMEM);
	assert_int_equal(caller_finish(&second), 0);
	assert_int_equal(fake_shared_space.n, 1);

	first = (struct caller)CALLER(unmap, &gate_w, &gate_low);
	second = (struct caller)CALLER(map, &gate_v, &gate_low);
	caller_start_at_gate(&first);
	caller_start_waiting(&second);
	gate_open();
	assert_int_equal(caller_finish(&first), 0);
	assert_int_equal(caller_finish(&second), 0);
	assert_int_equal(fake_shared_space.n, 1);
}

static void
overlap_in_the_shared_space_waits_too(void **state)
{
	struct caller first = CALLER(map, &gate_v, &gate_low),
		      second = CALLER(map, &gate_w, &gate_inside);

	caller_start_at_gate(&first);
	caller_start_waiting(&second);
	gate_open();
	assert_int_equal(caller_finish(&first), 0);
	assert_int_equal(caller_finish(&second), -EEXIST);
}

/* A call that needs no backend does not wait. */
static void
counting_does_not_wait(void **state)
{
	struct caller first = CALLER(map, &gate_v, &gate_low);

	assert_int_equal(gate_map(&gate_v, &gate_high), 0);
	assert_int_equal(gate_map(&gate_v, &gate_high), 0);
	assert_int_equal(gate_map(&gate_w, &gate_high), 0);
	caller_start_at_gate(&first);
	assert_int_equal(gate_unmap(&gate_v, &gate_high), 0);
	assert_int_equal(gate_unmap(&gate_w, &gate_high), 0);
	assert_int_equal(gate_map_name(&gate_b, &gate_low), 0);
	gate_open();
	assert_int_equal(caller_finish(&first), 0);
	assert_int_equal(gate_map_name(&gate_b, &gate_inside), -EEXIST);
}

/* A further reference in a shared address space is confirmed, which is a call of the backend. */
static void
joining_waits_for_the_backend(void **state)
{
	struct caller first = CALLER(map, &gate_v, &gate_low),
		      second = CALLER(map, &gate_w, &gate_high);

	assert_int_equal(gate_map(&gate_v, &gate_high), 0);
	caller_start_at_gate(&first);
	caller_start_waiting(&second);
	gate_open();
	assert_int_equal(caller_finish(&first), 0);
	assert_int_equal(caller_finish(&second), 0);

	second = (struct caller)CALLER(map, &gate_w, &gate_high);
	first = (struct caller)CALLER(unmap, &gate_v, &gate_low);
	caller_start_at_gate(&first);
	caller_start_waiting(&second);
	gate_open();
	assert_int_equal(caller_finish(&first), 0);
	assert_int_equal(caller_finish(&second), 0);
	assert_int_equal(gate_mapping(&gate_w).references, 2);
}

/*
 * A driver that allocates in dma_map() makes EAL grow its heap, with a lock of EAL held during the
 * memory event callbacks; a callback that maps for another device would take both locks in the
 * other order.
 */
static pthread_mutex_t memory_lock = PTHREAD_MUTEX_INITIALIZER;
static sem_t in_driver, in_event;

static void
allocate_in_dma_map(const struct pci_ext_target *target, const struct pci_ext_range *range)
{
	if (strcmp(target->name, gate_a.name) != 0)
		return;
	sem_post(&in_driver);
	sem_wait(&in_event);
	pthread_mutex_lock(&memory_lock);
	pthread_mutex_unlock(&memory_lock);
}

static void
driver_that_allocates_beside_a_memory_event(void **state)
{
	struct caller first = CALLER(map, &gate_a, &gate_low);

	sem_init(&in_driver, 0, 0);
	sem_init(&in_event, 0, 0);
	fake_hook = allocate_in_dma_map;
	caller_start(&first);
	sem_wait(&in_driver);
	pthread_mutex_lock(&memory_lock); /* in the memory event */
	sem_post(&in_event);
	assert_int_equal(gate_map(&gate_b, &gate_low), 0);
	assert_int_equal(gate_unmap(&gate_b, &gate_low), 0);
	pthread_mutex_unlock(&memory_lock);
	assert_int_equal(caller_finish(&first), 0);
	fake_hook = NULL;
}

/* In a callback of the same thread: for its own device a call is impossible, and fails. */
static int nested[3];

static void
call_back(const struct pci_ext_target *target, const struct pci_ext_range *range)
{
	if (strcmp(target->name, gate_a.name) != 0)
		return;
	nested[0] = gate_map(&gate_a, &gate_high);
	nested[1] = gate_unmap(&gate_a, &gate_low);
	nested[2] = gate_map(&gate_b, &gate_low);
}

static void
callback_for_its_own_device_fails(void **state)
{
	fake_hook = call_back;
	assert_int_equal(gate_map(&gate_a, &gate_low), 0);
	assert_int_equal(nested[0], -EDEADLK);
	assert_int_equal(nested[1], -EDEADLK);
	assert_int_equal(nested[2], 0);
	fake_hook = NULL;
	assert_int_equal(gate_unmap(&gate_a, &gate_low), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, gate_reset, gate_cleanup)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(devices_do_not_wait_for_each_other),
		TEST(a_reader_does_not_wait),
		TEST(calls_for_one_device_take_turns),
		TEST(same_range_waits_and_counts),
		TEST(same_range_of_a_failure_is_mapped_again),
		TEST(overlap_depends_on_the_other_call),
		TEST(unmap_during_a_map_waits),
		TEST(map_during_an_unmap_is_new),
		TEST(second_unmap_of_the_last_reference_is_enoent),
		TEST(second_holder_waits_and_joins),
		TEST(overlap_in_the_shared_space_waits_too),
		TEST(counting_does_not_wait),
		TEST(joining_waits_for_the_backend),
		TEST(driver_that_allocates_beside_a_memory_event),
		TEST(callback_for_its_own_device_fails),
	};

	return cmocka_run_group_tests_name("registry_busy", tests, NULL, NULL);
}
