/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * lookup.c with readers beside its writer; built with ThreadSanitizer if it exists. Entries that
 * stay are found by every look-up; of those that come and go, an entry is found as it was added or
 * not at all. The number of changes is the first argument.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/lookup.h"
#include "unit.h"

#define READERS 3
#define SLOTS	1000 /* ranges of 16 numbers; every other one stays */

static int changes = 20000;
static struct pci_ext_lookup lookup;
static _Atomic bool end;

struct reader {
	pthread_t thread;
	uint64_t found;
	uint64_t wrong;
};

static struct pci_ext_lookup_entry
entry_of(uint64_t slot, uint64_t round)
{
	return (struct pci_ext_lookup_entry){
		slot * 16, slot * 16 + 15, slot * 1000 + round, slot ^ round, round % 2};
}

static bool
is_right(uint64_t slot, const struct pci_ext_lookup_entry *found)
{
	const struct pci_ext_lookup_entry expected = entry_of(slot, found->registration ^ slot);

	return found->first == expected.first && found->last == expected.last &&
	       found->iova == expected.iova && found->to_read == expected.to_read;
}

static void *
read_all(void *arg)
{
	struct reader *reader = arg;
	struct pci_ext_lookup_entry found;
	uint64_t slot = 0;

	while (!atomic_load(&end)) {
		slot = (slot * 5 + 7) % SLOTS;
		if (pci_ext_lookup_find(&lookup, slot * 16 + 9, &found)) {
			reader->found++;
			reader->wrong += !is_right(slot, &found);
		} else {
			reader->wrong += slot % 2 == 0;
		}
	}
	return NULL;
}

static void
change(unsigned int *seed, uint8_t round_of[SLOTS])
{
	const int slot = 1 + 2 * (rand_r(seed) % (SLOTS / 2));
	struct pci_ext_lookup_entry entry = entry_of(slot, round_of[slot]);

	if (round_of[slot] != 0) {
		assert_int_equal(pci_ext_lookup_remove(&lookup, &entry), 0);
		round_of[slot] = 0;
		return;
	}
	round_of[slot] = 1 + rand_r(seed) % 250;
	entry = entry_of(slot, round_of[slot]);
	assert_int_equal(pci_ext_lookup_add(&lookup, &entry), 0);
}

static void
readers_find_what_stays(void **state)
{
	struct reader readers[READERS] = {{0}};
	uint8_t round_of[SLOTS] = {0};
	struct pci_ext_lookup_entry entry;
	unsigned int seed = 1;
	uint64_t found = 0;
	int i;

	for (i = 0; i < SLOTS; i += 2) {
		entry = entry_of(i, 3);
		assert_int_equal(pci_ext_lookup_add(&lookup, &entry), 0);
	}
	for (i = 0; i < READERS; i++)
		assert_int_equal(
			pthread_create(&readers[i].thread, NULL, read_all, &readers[i]), 0);
	for (i = 0; i < changes; i++)
		change(&seed, round_of);
	atomic_store(&end, true);
	for (i = 0; i < READERS; i++) {
		pthread_join(readers[i].thread, NULL);
		assert_int_equal(readers[i].wrong, 0);
		found += readers[i].found;
	}
	printf("# %d changes beside %" PRIu64 " hits\n", changes, found);
	pci_ext_lookup_destroy(&lookup);
}

int
main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(readers_find_what_stays),
	};

	if (argc > 1)
		changes = atoi(argv[1]);
	return cmocka_run_group_tests_name("lookup_threads", tests, NULL, NULL);
}
