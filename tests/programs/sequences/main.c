/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * main.c - random sequences of map, unmap, register, unregister, munmap, hot-plug and changes of a
 * heap, against a model of the contract of pci_ext.h:
 *
 * sequences EAL-ARGUMENTS -- SEED COUNT REACH
 *
 * Sequence i has the seed SEED + i, which determines it: a COUNT of 1 repeats it, with the same
 * REACH. One of REACH steps is followed by a read of the device, to see what it reaches; 0 for
 * none. The devices are those of EAL-ARGUMENTS, all of them on VFIO or none. Prints TAP; a
 * violation with its seed and the steps that led to it.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <rte_eal.h>

#include "../../bench/now.h"
#include "sequence.h"
#include "tap.h"

#define FAILURES 5	/* sequences, after which no further is run */
#define SURE 100	/* sequences in which everything happens */

static bool
happened(const struct sequence *sequence, uint64_t n)
{
	const struct tally *tally = sequence->tally;
	static const int errors[] = {EINVAL, EEXIST, EFAULT, ENOENT, ENOTSUP};
	bool all = tally->maps && tally->unmaps && tally->counted && tally->renewed &&
		tally->plugs && tally->replayed && tally->pending && tally->heaps &&
		tally->replaced && (!sequence->reach || (tally->moved && tally->blocked));
	unsigned int i;

	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		all = all && tally->refused[errors[i] % 64] != 0;
	return all || n < SURE;
}

static void
print_tally(const struct tally *tally, uint64_t n, double took)
{
	printf("# %" PRIu64 " sequences, %" PRIu64 " steps, %.1f s\n", n, tally->steps, took);
	printf("# %" PRIu64 " maps, of which %" PRIu64 " counted and %" PRIu64 " of stale"
		" ranges; %" PRIu64 " unmaps\n", tally->maps, tally->counted, tally->renewed,
		tally->unmaps);
	printf("# refused: EINVAL %" PRIu64 ", EEXIST %" PRIu64 ", EFAULT %" PRIu64 ", ENOENT %"
		PRIu64 ", ENOTSUP %" PRIu64 "\n", tally->refused[EINVAL], tally->refused[EEXIST],
		tally->refused[EFAULT], tally->refused[ENOENT], tally->refused[ENOTSUP % 64]);
	printf("# %" PRIu64 " plugs, %" PRIu64 " ranges mapped again, %" PRIu64 " not; %" PRIu64
		" additions to the heap; %" PRIu64 " munmaps\n", tally->plugs, tally->replayed,
		tally->pending, tally->heaps, tally->replaced);
	printf("# reads of devices: %" PRIu64 " of mapped memory, %" PRIu64 " blocked\n",
		tally->moved, tally->blocked);
}

static bool
run(struct sequence *sequence, uint64_t seed, uint64_t count)
{
	const double start = now_ns();
	unsigned int failures = 0;
	uint64_t i;

	for (i = 0; i < count && failures < FAILURES; i++) {
		if (sequence_run(sequence, seed + i) == 0)
			continue;
		printf("# the steps above are of seed %" PRIu64 "\n", seed + i);
		failures++;
	}
	print_tally(sequence->tally, i, (now_ns() - start) / 1e9);
	tap_result(failures == 0, "%" PRIu64 " sequences: %u with violations", i, failures);
	tap_result(happened(sequence, i), "each kind of step and of result occurred");
	tap_result(fleet_is_healthy(sequence->fleet), "the devices still work");
	return tap_done();
}

int
main(int argc, char **argv)
{
	static struct tally tally;
	static struct arena arena;
	static struct fleet fleet;
	static struct sequence sequence = {.fleet = &fleet, .arena = &arena, .tally = &tally};
	int used = rte_eal_init(argc, argv);
	char err[256] = "no memory";
	bool good;

	if (used < 0 || argc - used != 4) {
		fprintf(stderr, "usage: sequences EAL-ARGUMENTS -- SEED COUNT REACH\n");
		return 2;
	}
	argv += used;
	if (arena_create(&arena) != 0 || fleet_open(&fleet, err, sizeof(err)) != 0) {
		fprintf(stderr, "sequences: %s\n", err);
		return 2;
	}
	sequence.reach = strtoul(argv[3], NULL, 10);
	sequence.pins = look_at_pins(fleet.vfio);
	good = run(&sequence, strtoull(argv[1], NULL, 10), strtoull(argv[2], NULL, 10));
	fleet_close(&fleet);
	arena_destroy(&arena);
	return rte_eal_cleanup() != 0 || !good;
}
