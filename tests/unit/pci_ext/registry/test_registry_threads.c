/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * registry.c under eight threads; built with ThreadSanitizer if it exists. The fake backends have
 * no lock of their own, so that two concurrent calls for one device are a data race. Rounds per
 * thread are the first argument, the seed of the random ones is the second.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/dmabuf.h"
#include "descriptors.h"
#include "fake_backend.h"
#include "query/published.h"
#include "registry/registry.h"
#include "unit.h"

#define THREADS 8

static int rounds = 2000;
static unsigned int seed = 1;
static struct fake_space space, second_space;
static struct pci_ext_target device, second, shared[2];

struct worker {
	pthread_t thread;
	int number;
	int mapped;   /* successes */
	int unmapped; /* likewise */
	int odd;      /* invalid results */
};

static const struct pci_ext_backend *
backend_of(const struct pci_ext_target *target)
{
	return target == &device || target == &second ? &fake_private : &fake_shared;
}

static int
map(const struct pci_ext_target *target, uint64_t addr, uint64_t len)
{
	struct pci_ext_range range = {addr, addr, len};
	struct pci_ext_conflict conflict;

	return pci_ext_registry_map(
		target, backend_of(target), &range, fake_registration(addr), NULL, &conflict);
}

static int
map_name(const struct pci_ext_target *target, uint64_t addr, uint64_t len)
{
	struct pci_ext_target named = {.name = target->name};
	struct pci_ext_range range = {addr, addr, len};
	struct pci_ext_conflict conflict;

	return pci_ext_registry_map(
		&named, NULL, &range, fake_registration(range.addr), NULL, &conflict);
}

static int
unmap(const struct pci_ext_target *target, uint64_t addr, uint64_t len)
{
	struct pci_ext_range range = {addr, addr, len};
	struct pci_ext_conflict conflict;

	return pci_ext_registry_unmap(target->name, &range, &conflict);
}

static void
run_threads(void *(*work)(void *), struct worker workers[THREADS])
{
	int i;

	for (i = 0; i < THREADS; i++) {
		workers[i] = (struct worker){.number = i};
		assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
	}
	for (i = 0; i < THREADS; i++)
		pthread_join(workers[i].thread, NULL);
}

static int
reset(void **state)
{
	fake_reset();
	space.n = space.violations = 0;
	second_space.n = second_space.violations = 0;
	device = fake_target("0a", &space);
	second = fake_target("0b", &second_space);
	shared[0] = fake_target("12", &fake_shared_space);
	shared[1] = fake_target("13", &fake_shared_space);
	/* Of two devices of one struct rte_device the published one would be either. */
	shared[1].dev = (struct rte_device *)&shared[1];
	assert_int_equal(pci_ext_published_start(), 0);
	return 0;
}

static int
cleanup(void **state)
{
	fake_remove(device.name);
	fake_remove(second.name);
	fake_remove(shared[0].name);
	fake_remove(shared[1].name);
	pci_ext_registry_clear();
	assert_null(pci_ext_published_device(device.dev));
	pci_ext_published_end();
	assert_int_equal(pci_ext_registry_copy_devices(NULL, NULL, 0), 0);
	assert_int_equal(space.n + second_space.n + fake_shared_space.n, 0);
	assert_int_equal(space.violations + second_space.violations, 0);
	assert_int_equal(fake_shared_space.violations, 0);
	return 0;
}

/* What is published of a range at the moment. */
static bool
is_published(const struct pci_ext_target *target, uint64_t addr)
{
	const struct pci_ext_published *known = pci_ext_published_device(target->dev);
	struct pci_ext_lookup_entry entry;

	return known != NULL && pci_ext_lookup_find(&known->ranges, addr, &entry) &&
	       entry.first <= addr && addr <= entry.last && entry.iova == entry.first;
}

static void *
map_own_ranges(void *arg)
{
	struct worker *me = arg;
	uint64_t base = 0x10000 * (me->number + 1);
	int i;

	for (i = 0; i < rounds; i++) {
		me->odd += map(&device, base + i % 8 * 0x100, 0x100) != 0;
		me->odd += map(&shared[i % 2], base, 0x100) != 0;
		me->odd += !is_published(&device, base + i % 8 * 0x100);
		me->odd += !is_published(&shared[i % 2], base + 0xff);
		me->odd += unmap(&shared[i % 2], base, 0x100) != 0;
		me->odd += unmap(&device, base + i % 8 * 0x100, 0x100) != 0;
		me->odd += is_published(&device, base + i % 8 * 0x100);
		me->odd += is_published(&shared[i % 2], base);
	}
	return NULL;
}

static void
own_ranges_never_fail(void **state)
{
	struct worker workers[THREADS];
	int i;

	run_threads(map_own_ranges, workers);
	for (i = 0; i < THREADS; i++)
		assert_int_equal(workers[i].odd, 0);
}

/* Every map succeeds, at least by a reference, so every unmap has a mapping to end. */
static void *
map_one_range(void *arg)
{
	struct worker *me = arg;
	int i;

	for (i = 0; i < rounds; i++) {
		me->odd += map(&device, 0x1000, 0x100) != 0;
		me->odd += map(&shared[me->number % 2], 0x1000, 0x100) != 0;
		me->odd += unmap(&shared[me->number % 2], 0x1000, 0x100) != 0;
		me->odd += unmap(&device, 0x1000, 0x100) != 0;
	}
	return NULL;
}

static void
one_range_ends_at_zero(void **state)
{
	struct worker workers[THREADS];
	int i;

	run_threads(map_one_range, workers);
	for (i = 0; i < THREADS; i++)
		assert_int_equal(workers[i].odd, 0);
	assert_int_equal(unmap(&device, 0x1000, 0x100), -ENOENT);
	assert_int_equal(unmap(&shared[0], 0x1000, 0x100), -ENOENT);
	assert_int_equal(space.n + fake_shared_space.n, 0);
}

static void *
map_overlapping_ranges(void *arg)
{
	struct worker *me = arg;
	uint64_t addr = 0x1000 + me->number * 0x80;
	int i, ret;

	for (i = 0; i < rounds; i++) {
		ret = map(&device, addr, 0x100);
		me->odd += ret != 0 && ret != -EEXIST;
		if (ret != 0)
			continue;
		me->mapped++;
		me->odd += unmap(&device, addr, 0x100) != 0;
	}
	return NULL;
}

static void
overlapping_ranges_exclude_each_other(void **state)
{
	struct worker workers[THREADS];
	int i;

	run_threads(map_overlapping_ranges, workers);
	for (i = 0; i < THREADS; i++)
		assert_int_equal(workers[i].odd, 0);
	assert_int_equal(space.n, 0);
}

/* The same range of two dma-bufs: whoever is there first. */
#define DMABUFS "dmabufs of threads"
static int dmabufs[2];

static void *
map_one_of_two_dmabufs(void *arg)
{
	const struct pci_ext_range range = {0x1000, 0x1000, 0x100};
	struct pci_ext_conflict conflict;
	struct pci_ext_dmabuf *dmabuf;
	struct worker *me = arg;
	int i, ret;

	for (i = 0; i < rounds; i++) {
		ret = pci_ext_dmabuf_create(dmabufs[me->number % 2], 0, range.len, &dmabuf);
		if (ret == 0)
			ret = pci_ext_registry_map(&device, &fake_private, &range,
				fake_registration(range.addr), dmabuf, &conflict);
		me->odd += ret != 0 && ret != -EEXIST;
		if (ret == 0)
			me->odd += unmap(&device, range.addr, range.len) != 0;
	}
	return NULL;
}

static void
descriptors_of_dmabufs_end_with_them(void **state)
{
	struct worker workers[THREADS];
	int i;

	for (i = 0; i < 2; i++) {
		dmabufs[i] = memfd_create(DMABUFS, 0);
		assert_int_equal(ftruncate(dmabufs[i], 0x100), 0);
	}
	run_threads(map_one_of_two_dmabufs, workers);
	for (i = 0; i < THREADS; i++)
		assert_int_equal(workers[i].odd, 0);
	assert_int_equal(space.n, 0);
	assert_int_equal(count_descriptors(DMABUFS), 2);
	close(dmabufs[0]);
	close(dmabufs[1]);
}

/* One thread probes and removes the device, one reads, the others map by name. */
static void *
come_and_go(struct worker *me)
{
	struct pci_ext_cursor cursor;
	struct pci_ext_conflict conflict;
	int i, ret;

	for (i = 0; i < rounds / 4; i++) {
		me->odd += pci_ext_registry_attach(&device, &fake_private) != 0;
		cursor = (struct pci_ext_cursor){0};
		while (pci_ext_registry_next_pending(device.name, &cursor)) {
			ret = pci_ext_registry_activate(device.name, &cursor.at, &conflict);
			me->odd += ret != 0 && ret != -ENOENT;
		}
		fake_remove(device.name);
	}
	return NULL;
}

static void *
look(struct worker *me)
{
	static struct pci_ext_mapping copies[64];
	struct pci_ext_registry_totals totals;
	int i;

	for (i = 0; i < rounds; i++) {
		me->odd += pci_ext_registry_copy_mappings(device.name, copies, 64) > 64;
		pci_ext_registry_count(&totals);
		me->odd += totals.active + totals.pending > 64;
	}
	return NULL;
}

static void *
run_hotplug_worker(void *arg)
{
	struct worker *me = arg;
	struct pci_ext_target named = {.name = device.name};
	uint64_t addr = 0x10000 * (me->number + 1);
	struct pci_ext_range range = {addr, addr, 0x100};
	struct pci_ext_conflict conflict;
	int i;

	if (me->number == 0)
		return come_and_go(me);
	if (me->number == 1)
		return look(me);
	for (i = 0; i < rounds; i++) {
		me->odd += pci_ext_registry_map(&named, NULL, &range, fake_registration(range.addr),
				   NULL, &conflict) != 0;
		me->odd += pci_ext_registry_unmap(device.name, &range, &conflict) != 0;
	}
	return NULL;
}

static void
hotplug_keeps_mappings(void **state)
{
	struct worker workers[THREADS];
	int i;

	run_threads(run_hotplug_worker, workers);
	for (i = 0; i < THREADS; i++)
		assert_int_equal(workers[i].odd, 0);
}

static const struct pci_ext_target *const all[] = {&device, &second, &shared[0], &shared[1]};
static pthread_mutex_t plugging[4] = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER,
	PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER};

/* As EAL does for a device: one plug or unplug at a time. */
static void
plug_and_unplug(int i)
{
	pthread_mutex_lock(&plugging[i]);
	fake_map_error = fake_unmap_error = 0; /* mappings suspended by force stay in the fake */
	fake_remove(all[i]->name);
	pci_ext_registry_attach(all[i], i < 2 ? &fake_private : &fake_shared);
	pthread_mutex_unlock(&plugging[i]);
}

static void
look_around(struct worker *me)
{
	struct pci_ext_mapping copies[64];
	struct pci_ext_registry_totals totals;
	size_t n, i;

	n = pci_ext_registry_copy_mappings(NULL, copies, 64);
	for (i = 0; i < n && i < 64; i++)
		me->odd += copies[i].references == 0 || copies[i].state > PCI_EXT_BUSY;
	pci_ext_registry_count(&totals);
	me->odd += totals.devices > 4;
}

/* One random call; the few ranges overlap. */
static void
call_at_random(struct worker *me, unsigned int *number)
{
	int i = rand_r(number) % 4;
	uint64_t addr = 0x1000 + rand_r(number) % 6 * 0x80;
	uint64_t len = 0x80 * (1 + rand_r(number) % 2);
	int ret = 0;

	fake_map_error = rand_r(number) % 8 == 0 ? -ENOMEM : 0;
	fake_unmap_error = rand_r(number) % 8 == 0 ? -EBUSY : 0;
	switch (rand_r(number) % 16) {
	case 0:
		plug_and_unplug(i);
		break;
	case 1:
		look_around(me);
		fake_register_anew(addr);
		break;
	case 2:
		pci_ext_registry_forget(addr, len);
		break;
	case 3:
		ret = map_name(all[i], addr, len);
		break;
	case 4:
	case 5:
	case 6:
	case 7:
	case 8:
		ret = map(all[i], addr, len);
		break;
	default:
		ret = unmap(all[i], addr, len);
		me->odd += ret == -EEXIST || ret == -ENOMEM || ret > 0;
		return;
	}
	/* EINVAL: the device is leaving. EBUSY: a stale mapping cannot be ended. */
	me->odd += ret != 0 && ret != -EEXIST && ret != -ENOMEM && ret != -EINVAL && ret != -EBUSY;
}

static void *
run_random_worker(void *arg)
{
	struct worker *me = arg;
	unsigned int number = seed * THREADS + me->number;
	int i;

	for (i = 0; i < rounds; i++)
		call_at_random(me, &number);
	return NULL;
}

static void
give_way(const struct pci_ext_target *target, const struct pci_ext_range *range)
{
	sched_yield();
}

static void
random_calls_leave_nothing(void **state)
{
	struct worker workers[THREADS];
	int i;

	print_message("# seed %u\n", seed);
	fake_hook = give_way;
	run_threads(run_random_worker, workers);
	for (i = 0; i < THREADS; i++)
		assert_int_equal(workers[i].odd, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, reset, cleanup)

int
main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		TEST(own_ranges_never_fail),
		TEST(one_range_ends_at_zero),
		TEST(overlapping_ranges_exclude_each_other),
		TEST(descriptors_of_dmabufs_end_with_them),
		TEST(hotplug_keeps_mappings),
		TEST(random_calls_leave_nothing),
	};

	if (argc > 1)
		rounds = atoi(argv[1]);
	if (argc > 2)
		seed = atoi(argv[2]);
	return cmocka_run_group_tests_name("registry_threads", tests, NULL, NULL);
}
