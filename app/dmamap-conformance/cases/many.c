/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The case about the number of mappings: each works, and the cost of an unmap does not grow with
 * their number.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rte_random.h>

#include "error_name.h"
#include "suite.h"

#define MOST 65536u
#define LEAST 4096u		/* required minimum */
#define FEW 16u
#define BUDGET_S 8.0		/* for mapping; a slow machine maps fewer */
#define FLAT 20.0		/* loose: emulated machines have pauses */
#define TIMED 256u		/* measured unmaps */
#define ATTEMPTS 3

/* CPU time, not waiting: a lock may be held by a thread of the driver that is not scheduled. */
#define COST_CLOCK CLOCK_THREAD_CPUTIME_ID

static double
seconds(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
shuffle(uint32_t *order, uint32_t n)
{
	uint32_t i, k, swap;

	for (i = n; i > 1; i--) {
		k = (uint32_t)rte_rand_max(i);
		swap = order[i - 1];
		order[i - 1] = order[k];
		order[k] = swap;
	}
}

/* Returns the number of mapped pages; less than n after an error or the time limit. */
static uint32_t
map_pages(struct test *t, const struct memory *memory, const uint32_t *order, uint32_t n)
{
	double end = seconds(CLOCK_MONOTONIC) + BUDGET_S;
	struct outcome outcome = {0, 0};
	struct span span;
	uint32_t i;

	for (i = 0; i < n && (i % 64 != 0 || seconds(CLOCK_MONOTONIC) < end); i++) {
		span = test_pages(memory, order[i], 1);
		outcome = call_map(t->rig, &span);
		if (outcome.ret != 0)
			break;
	}
	if (outcome.ret != 0) {
		test_note(t, "map number %u refused: %s", i + 1, error_name(outcome.error));
		test_check(t, outcome.error == ENOMEM && i >= LEAST,
			"refused at %u mappings with %s: expected %u at least, then ENOMEM",
			i, error_name(outcome.error), LEAST);
	}
	return i;
}

/* Unmaps in another order. Returns the median microseconds of the first TIMED unmaps. */
static double
unmap_pages(struct test *t, const struct memory *memory, uint32_t *order, uint32_t n)
{
	static double cost[TIMED];
	struct outcome outcome;
	struct span span;
	uint32_t i;
	double start;

	shuffle(order, n);
	for (i = 0; i < n; i++) {
		span = test_pages(memory, order[i], 1);
		start = i < TIMED ? seconds(COST_CLOCK) : 0;
		outcome = call_unmap(t->rig, &span);
		if (i < TIMED)
			cost[i] = (seconds(COST_CLOCK) - start) * 1e6;
		if (outcome.ret == 0)
			continue;
		t->spoilt = true;
		test_fail(t, "unmap number %u of %u: %s", i + 1, n, error_name(outcome.error));
		break;
	}
	n = RTE_MIN(n, TIMED);
	qsort(cost, n, sizeof(cost[0]), compare);
	return n > 0 ? cost[n / 2] : 0;
}

/* The cost of an unmap with n mappings; *n is set to the number of mappings made. */
static double
measure(struct test *t, const struct memory *memory, uint32_t *order, uint32_t *n)
{
	double start = seconds(COST_CLOCK), map_us, unmap_us;

	*n = map_pages(t, memory, order, *n);
	map_us = (seconds(COST_CLOCK) - start) * 1e6 / RTE_MAX(*n, 1u);
	if (*n > 0 && t->verdict == VERDICT_OK && must_read(t, test_pages(memory, order[0], 1)))
		must_read(t, test_pages(memory, order[*n - 1], 1));
	unmap_us = unmap_pages(t, memory, order, *n);
	test_note(t, "%u mappings: map %.1f us on average, unmap %.1f us (median of the first %u)",
		*n, map_us, unmap_us, RTE_MIN(*n, TIMED));
	return unmap_us;
}

/*
 * Whether an unmap with many mappings costs about as much as with few. A machine that is busy just
 * then slows down either measurement, but hardly all of them; a look-up that grows slows down all.
 */
static void
compare_costs(struct test *t, const struct memory *memory, uint32_t *order)
{
	double before = 0, after = 0;
	uint32_t few, most;
	int i;

	for (i = 0; i < ATTEMPTS; i++) {
		few = FEW;
		most = MOST;
		before = measure(t, memory, order, &few);
		after = t->verdict == VERDICT_OK ? measure(t, memory, order, &most) : 0;
		if (t->verdict != VERDICT_OK || after <= before * FLAT)
			return;
	}
	test_fail(t,
		"an unmap costs %.1f us with %u mappings and %.1f us with %u: expected no more "
		"than %.0f times as much",
		before, few, after, most, FLAT);
}

void
case_many(struct test *t)
{
	struct memory *memory = test_memory_of(t, MEMORY_ANON, MOST * memory_page());
	uint32_t *order = calloc(MOST, sizeof(*order));
	uint32_t i;

	for (i = 0; order != NULL && i < MOST; i++)
		order[i] = i;
	if (order != NULL && memory != NULL) {
		shuffle(order, MOST);
		compare_costs(t, memory, order);
	}
	free(order);
}
