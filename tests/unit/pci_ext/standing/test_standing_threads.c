/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * standing.c with threads that map and unmap for all devices while these come and go; built with
 * ThreadSanitizer if it exists. Afterwards nothing is left. The number of rounds is the first
 * argument.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "fake_backend.h"
#include "query/published.h"
#include "registry/registry.h"
#include "standing_rig.h"
#include "unit.h"

static int rounds = 1000;

struct worker {
	pthread_t thread;
	int number;
	int odd;
};

static void *
come_and_go(void *arg)
{
	struct worker *me = arg;
	int i;

	for (i = 0; i < rounds; i++) {
		standing_plug(me->number);
		standing_unplug(me->number);
	}
	return NULL;
}

/* Each has a reference of its own while it runs. */
static void *
map_for_all(void *arg)
{
	struct worker *me = arg;
	int i;

	for (i = 0; i < rounds; i++) {
		me->odd += standing_map_all(i % STANDING_RANGES) != 0;
		me->odd += standing_unmap_all(i % STANDING_RANGES) != 0;
	}
	return NULL;
}

static void
run(struct worker *workers, int n, void *(*work)(void *arg))
{
	int i;

	for (i = 0; i < n; i++) {
		workers[i] = (struct worker){.number = i};
		pthread_create(&workers[i].thread, NULL, work, &workers[i]);
	}
}

/* A range that begins while a device comes has it, whichever is first. */
static void *
come(void *arg)
{
	struct worker *me = arg;

	standing_plug(me->number);
	return NULL;
}

static void
no_device_is_missed(void **state)
{
	struct worker pluggers[STANDING_DEVICES];
	bool is_mapped;
	int i, d;

	for (i = 0; i < rounds; i++) {
		run(pluggers, STANDING_DEVICES, come);
		assert_int_equal(standing_map_all(0), 0);
		for (d = 0; d < STANDING_DEVICES; d++)
			pthread_join(pluggers[d].thread, NULL);
		for (d = 0; d < STANDING_DEVICES; d++) {
			assert_int_equal(standing_references(d, 0, &is_mapped), 1);
			assert_true(is_mapped);
		}
		assert_int_equal(standing_unmap_all(0), 0);
		for (d = 0; d < STANDING_DEVICES; d++)
			standing_unplug(d);
	}
}

static void
nothing_is_left(void **state)
{
	struct worker pluggers[STANDING_DEVICES], mappers[3];
	int i;

	assert_int_equal(pci_ext_published_start(), 0);
	run(pluggers, STANDING_DEVICES, come_and_go);
	run(mappers, 3, map_for_all);
	for (i = 0; i < STANDING_DEVICES; i++)
		pthread_join(pluggers[i].thread, NULL);
	for (i = 0; i < 3; i++) {
		pthread_join(mappers[i].thread, NULL);
		assert_int_equal(mappers[i].odd, 0);
	}
	assert_int_equal(pci_ext_registry_copy_mappings(NULL, NULL, 0), 0);
	pci_ext_published_end();
}

int
main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			no_device_is_missed, standing_reset, standing_cleanup),
		cmocka_unit_test_setup_teardown(nothing_is_left, standing_reset, standing_cleanup),
	};

	if (argc > 1)
		rounds = atoi(argv[1]);
	return cmocka_run_group_tests_name("standing_threads", tests, NULL, NULL);
}
