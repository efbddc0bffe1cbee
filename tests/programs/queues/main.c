/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * main.c - a cable between ends with 1 to 4 Rx and 1 to 4 Tx queues each: all that one sends by any
 * Tx queue arrives at the other, at the right Rx queue, and is counted; and the rings hold no more
 * buffers than requested. Prints TAP, a result for each combination of the first end's numbers. In
 * half of them the first end is not stopped between those of the other end, but its link set down.
 *
 * queues [EAL arguments] -- COUNT both DEVICE DEVICE
 * queues [EAL arguments] -- COUNT first|second DEVICE
 *
 * Both ends, or one of them, whose process reads from descriptor 3, and writes to 4, what the two
 * tell each other; the port of the first one listens. COUNT combinations are tested: all 256; 64,
 * in which each three of the four numbers have all values; or 16, in which each two have, as the
 * numbers of Tx queues here and of Rx queues there.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>

#include "deadline.h"
#include "end.h"
#include "tap.h"

#define MAX_QUEUES 4
#define COMBINATIONS (MAX_QUEUES * MAX_QUEUES)	/* of one end */
#define ALL (COMBINATIONS * COMBINATIONS)
#define EACH_THREE (ALL / MAX_QUEUES)
#define EACH_TWO (EACH_THREE / MAX_QUEUES)
#define TRAFFIC_MS 300000
#define FROM_OTHER 3
#define TO_OTHER 4

struct cable {
	struct end ends[2];
	bool here[2];		/* the ends of this process */
	bool is_down;		/* the first end has started, and its link is set down */
};

static struct end_numbers
numbers(unsigned int combination)
{
	return (struct end_numbers){
		.rx = 1 + combination % MAX_QUEUES,
		.tx = 1 + combination / MAX_QUEUES % MAX_QUEUES,
	};
}

/*
 * The words of a Reed-Solomon code over GF(4), where the sum is an exclusive or: with one check
 * symbol any three symbols are free, with two any two. Equal numbers are among them.
 */
static bool
is_chosen(struct end_numbers first, struct end_numbers second, unsigned int count)
{
	static const uint8_t twice[MAX_QUEUES] = {0, 2, 3, 1};
	uint8_t a = first.rx - 1, b = first.tx - 1, c = second.rx - 1, d = second.tx - 1;

	if (count == ALL)
		return true;
	return (a ^ b ^ c ^ d) == 0 &&
		(count == EACH_THREE || (b ^ twice[c] ^ twice[d] ^ d) == 0);
}

/* Exchanges the reports with the other process, which has come as far. */
static int
meet(struct cable *cable)
{
	int i = cable->here[0] ? 0 : 1;
	struct end *mine = &cable->ends[i], *other = &cable->ends[1 - i];

	if (cable->here[0] && cable->here[1])
		return 0;
	if (write(TO_OTHER, &mine->report, sizeof(mine->report)) != sizeof(mine->report) ||
	    read(FROM_OTHER, &other->report, sizeof(other->report)) != sizeof(other->report))
		return -EPIPE;
	return 0;
}

/* The first end first, so that the second one finds it. */
static int
start(struct cable *cable, const struct end_numbers *queues)
{
	int i, ret = 0;

	for (i = 0; i < 2 && ret == 0; i++) {
		cable->ends[i].queues = queues[i];
		if (i == 0 && cable->is_down)
			ret = end_link_up(&cable->ends[i]);
		else if (cable->here[i])
			ret = end_start(&cable->ends[i], queues[i]);
		if (ret == 0 && i == 0)
			ret = meet(cable);
	}
	for (i = 0; i < 2 && ret == 0; i++)
		if (cable->here[i])
			ret = end_wait_link(&cable->ends[i]);
	return ret == 0 ? meet(cable) : ret;
}

static bool
is_done(struct cable *cable)
{
	bool done = true;
	int i;

	for (i = 0; i < 2; i++)
		if (cable->here[i])
			done &= end_work(&cable->ends[i],
				END_FRAMES * cable->ends[1 - i].queues.tx);
	return done;
}

static int
carry(struct cable *cable)
{
	struct deadline limit = deadline_in_ms(TRAFFIC_MS);
	int i;

	while (!is_done(cable) && !deadline_passed(limit))
		;
	for (i = 0; i < 2; i++)
		if (cable->here[i])
			end_count(&cable->ends[i]);
	return meet(cable);
}

/* keep: the first end stays started. *clean is cleared if a stopped port has kept buffers. */
static int
stop(struct cable *cable, bool keep, bool *clean)
{
	int i, ret = 0;

	cable->is_down = keep && cable->here[0];
	if (cable->is_down)
		ret = end_link_down(&cable->ends[0]);
	for (i = cable->is_down ? 1 : 0; i < 2; i++)
		if (cable->here[i])
			*clean &= end_stop(&cable->ends[i]);
	return ret == 0 ? meet(cable) : ret;
}

/* Of what `from` has sent, and `to` received. */
static bool
is_complete(const struct end *from, const struct end *to)
{
	const struct end_report *out = &from->report, *in = &to->report;

	return out->sent == END_FRAMES * from->queues.tx && out->opackets == out->sent &&
		in->received == out->sent && in->ipackets == in->received &&
		in->misplaced == 0 && in->errors == 0 &&
		in->buffers <= END_DESC * to->queues.rx;
}

static void
explain(const struct cable *cable)
{
	const struct end *end;
	int i;

	for (i = 0; i < 2; i++) {
		end = &cable->ends[i];
		printf("# end %d, %u Rx and %u Tx queues: %u buffers, sent %u, received %u, "
			"misplaced %u, opackets %" PRIu64 ", ipackets %" PRIu64 ", errors %" PRIu64
			"\n", i, end->queues.rx, end->queues.tx, end->report.buffers,
			end->report.sent, end->report.received, end->report.misplaced,
			end->report.opackets, end->report.ipackets, end->report.errors);
	}
}

/* True: as it has to be. Exits if the ends have lost each other. */
static bool
try(struct cable *cable, const struct end_numbers *queues, bool keep)
{
	bool good, clean = true;
	int ret;

	ret = start(cable, queues);
	if (ret == 0)
		ret = carry(cable);
	good = ret == 0 && is_complete(&cable->ends[0], &cable->ends[1]) &&
		is_complete(&cable->ends[1], &cable->ends[0]);
	if (!good)
		explain(cable);
	if (ret == 0)
		ret = stop(cable, keep, &clean);
	if (!clean)
		printf("# a stopped port has kept buffers\n");
	if (ret == 0)
		return good && clean;
	tap_result(false, "ends: %s", rte_strerror(-ret));
	exit(EXIT_FAILURE);
}

/* The numbers of the second end that are tested with those of the first one; returns how many. */
static unsigned int
choose(struct end_numbers first, unsigned int count, struct end_numbers chosen[COMBINATIONS])
{
	struct end_numbers second;
	unsigned int i, n = 0;

	for (i = 0; i < COMBINATIONS; i++) {
		/* Neither more and more queues, nor fewer and fewer. */
		second = numbers(i * 7);
		if (is_chosen(first, second, count))
			chosen[n++] = second;
	}
	return n;
}

static void
try_all(struct cable *cable, unsigned int count)
{
	struct end_numbers chosen[COMBINATIONS], queues[2];
	unsigned int first, i, n;
	bool good, keep;

	for (first = 0; first < COMBINATIONS; first++) {
		good = true;
		queues[0] = numbers(first);
		n = choose(queues[0], count, chosen);
		keep = n > 1 && (first + first / MAX_QUEUES) % 2 == 0;
		for (i = 0; i < n; i++) {
			queues[1] = chosen[i];
			good &= try(cable, queues, keep && i + 1 < n);
		}
		tap_result(good, "%u Rx and %u Tx queues%s, and %u combinations at the other end: "
			"all arrives and is counted", queues[0].rx, queues[0].tx,
			keep ? ", link set down in between" : "", n);
	}
}

static int
open_ends(struct cable *cable, char **args, int n)
{
	bool first = n >= 2 && strcmp(args[0], "second") != 0;
	int ret = -EINVAL;

	cable->here[0] = first;
	cable->here[1] = !first || (n == 3 && strcmp(args[0], "both") == 0);
	if (first && n >= 2)
		ret = end_open(&cable->ends[0], args[1]);
	if (cable->here[1] && n >= 2 && (!first || ret == 0))
		ret = end_open(&cable->ends[1], args[n - 1]);
	return ret;
}

int
main(int argc, char **argv)
{
	struct cable cable = {0};
	unsigned int count;
	int ret, i;

	ret = rte_eal_init(argc, argv);
	if (ret < 0 || argc - ret < 4)
		return EXIT_FAILURE;
	argv += ret + 1;
	argc -= ret + 1;
	count = strtoul(argv[0], NULL, 10);
	ret = count == ALL || count == EACH_THREE || count == EACH_TWO ?
		open_ends(&cable, argv + 1, argc - 1) : -EINVAL;
	if (ret != 0) {
		fprintf(stderr, "queues: %s\n", rte_strerror(-ret));
		return EXIT_FAILURE;
	}
	try_all(&cable, count);
	for (i = 0; i < 2; i++)
		if (cable.here[i])
			end_close(&cable.ends[i]);
	rte_eal_cleanup();
	return tap_done() ? EXIT_SUCCESS : EXIT_FAILURE;
}
