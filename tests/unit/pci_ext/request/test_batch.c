/* SPDX-License-Identifier: BSD-3-Clause */
/* batch.c with a fake dispatch: all or none, whichever device refuses; in parallel; without
 * threads. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <rte_lcore.h>
#include <rte_thread.h>

#include "request/batch.h"
#include "common/compat.h"
#include "request/dispatch.h"
#include "log_lines.h"
#include "registry/registry.h"
#include "unit.h"

#define DEVICES 40

static const struct pci_ext_memory the_memory; /* whatever there is in it */

static atomic_int mapped[DEVICES];
static int map_error[DEVICES], unmap_error[DEVICES];
static atomic_int unmaps;
static pthread_barrier_t *together;

static int
index_of(const struct pci_ext_target *target)
{
	int i = -1;

	assert_null(target->dev);
	assert_int_equal(sscanf(target->name, "device %d", &i), 1);
	return i;
}

int
pci_ext_dispatch_map(const struct pci_ext_target *target, const struct pci_ext_memory *memory)
{
	const int i = index_of(target);

	assert_ptr_equal(memory, &the_memory);
	if (together != NULL)
		pthread_barrier_wait(together);
	if (map_error[i] == 0)
		mapped[i]++;
	return map_error[i];
}

int
pci_ext_dispatch_unmap(const struct pci_ext_target *target, const struct pci_ext_memory *memory)
{
	const int i = index_of(target);

	assert_ptr_equal(memory, &the_memory);
	unmaps++;
	if (unmap_error[i] == 0)
		mapped[i]--;
	return unmap_error[i];
}

static bool is_calling;

bool
pci_ext_registry_is_calling(void)
{
	return is_calling;
}

/* Linked with --wrap: so many threads can be made. */
static int threads_left = 1000;

/* Of DPDK 23.11 and on, and of those before. EAL, which is not initialised, has no control threads.
 */
int __wrap_rte_thread_create_control(
	rte_thread_t *thread, const char *name, rte_thread_func run, void *arg);
int __wrap_rte_ctrl_thread_create(pthread_t *thread, const char *name, const pthread_attr_t *attr,
	void *(*run)(void *arg), void *arg);

static rte_thread_func thread_run;

static void *
start(void *arg)
{
	thread_run(arg);
	return NULL;
}

int
__wrap_rte_thread_create_control(
	rte_thread_t *thread, const char *name, rte_thread_func run, void *arg)
{
	thread_run = run;
	if (threads_left-- <= 0)
		return EAGAIN;
	return pthread_create((pthread_t *)&thread->opaque_id, NULL, start, arg);
}

int
__wrap_rte_ctrl_thread_create(pthread_t *thread, const char *name, const pthread_attr_t *attr,
	void *(*run)(void *arg), void *arg)
{
	if (threads_left-- <= 0)
		return -EAGAIN;
	return -pthread_create(thread, attr, run, arg);
}

static struct pci_ext_batch_item items[DEVICES];

static int
reset(void **state)
{
	int i;

	for (i = 0; i < DEVICES; i++) {
		items[i].result = 1;
		snprintf(items[i].name, sizeof(items[i].name), "device %d", i);
		mapped[i] = 0;
		map_error[i] = unmap_error[i] = 0;
	}
	unmaps = 0;
	is_calling = false;
	threads_left = 1000;
	together = NULL;
	return 0;
}

static int
map(unsigned int n)
{
	return pci_ext_batch_map(items, n, &the_memory);
}

static int
unmap(unsigned int n)
{
	return pci_ext_batch_unmap(items, n, &the_memory);
}

static int
count_mapped(void)
{
	int i, n = 0;

	for (i = 0; i < DEVICES; i++)
		n += mapped[i];
	return n;
}

static void
each_is_mapped_once(void **state)
{
	int i;

	assert_int_equal(map(DEVICES), 0);
	for (i = 0; i < DEVICES; i++) {
		assert_int_equal(mapped[i], 1);
		assert_int_equal(items[i].result, 0);
	}
	assert_int_equal(unmap(DEVICES), 0);
	assert_int_equal(count_mapped(), 0);
	assert_int_equal(map(0), 0);
	assert_int_equal(count_mapped(), 0);
}

static void
one_that_refuses_undoes_all(void **state)
{
	int i;

	for (i = 0; i < DEVICES; i++) {
		reset(NULL);
		map_error[i] = -EEXIST;
		assert_int_equal(map(DEVICES), -EEXIST);
		assert_int_equal(count_mapped(), 0);
		assert_int_equal(unmaps, DEVICES - 1);
		assert_int_equal(items[i].result, -EEXIST);
		assert_int_equal(items[(i + 1) % DEVICES].result, 0);
	}
}

static void
the_first_error_is_returned(void **state)
{
	map_error[7] = -ENOMEM;
	map_error[30] = -EEXIST;
	assert_int_equal(map(DEVICES), -ENOMEM);
	assert_int_equal(items[30].result, -EEXIST);
	assert_int_equal(count_mapped(), 0);
}

static void
a_device_may_refuse_to_let_go(void **state)
{
	map_error[3] = -ENOMEM;
	unmap_error[5] = -EBUSY;
	log_open();
	assert_int_equal(map(DEVICES), -ENOMEM);
	assert_true(
		log_has("device 5: does not let go of a mapping that another device has refused"));
	assert_int_equal(count_lines(), 1);
	log_close();
	assert_int_equal(count_mapped(), 1);
	assert_true(items[5].is_left);
	assert_false(items[3].is_left);
	assert_false(items[6].is_left);
	reset(NULL);
	assert_int_equal(map(DEVICES), 0);
	unmap_error[5] = -EBUSY;
	assert_int_equal(unmap(DEVICES), -EBUSY);
	assert_int_equal(items[5].result, -EBUSY);
	assert_int_equal(count_mapped(), 1);
}

/* Threads of a batch would wait for a call that waits for them. */
static void
from_a_drivers_call_it_is_refused(void **state)
{
	is_calling = true;
	assert_int_equal(map(DEVICES), -EDEADLK);
	assert_int_equal(items[7].result, -EDEADLK);
	assert_int_equal(unmap(DEVICES), -EDEADLK);
	assert_int_equal(count_mapped() + unmaps, 0);
}

/* Each waits for all others. */
static void
devices_are_mapped_at_the_same_time(void **state)
{
	pthread_barrier_t barrier;

	pthread_barrier_init(&barrier, NULL, 16);
	together = &barrier;
	assert_int_equal(map(16), 0);
	assert_int_equal(count_mapped(), 16);
	pthread_barrier_destroy(&barrier);
}

static void
threads_are_no_need(void **state)
{
	int left;

	for (left = 0; left <= 3; left += 3) {
		threads_left = left;
		assert_int_equal(map(DEVICES), 0);
		assert_int_equal(count_mapped(), DEVICES);
		threads_left = left;
		assert_int_equal(unmap(DEVICES), 0);
		assert_int_equal(count_mapped(), 0);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(each_is_mapped_once, reset),
		cmocka_unit_test_setup(one_that_refuses_undoes_all, reset),
		cmocka_unit_test_setup(the_first_error_is_returned, reset),
		cmocka_unit_test_setup(a_device_may_refuse_to_let_go, reset),
		cmocka_unit_test_setup(from_a_drivers_call_it_is_refused, reset),
		cmocka_unit_test_setup(devices_are_mapped_at_the_same_time, reset),
		cmocka_unit_test_setup(threads_are_no_need, reset),
	};

	return cmocka_run_group_tests_name("batch", tests, NULL, NULL);
}
