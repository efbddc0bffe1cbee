/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Cases about concurrent map and unmap.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "error_name.h"
#include "port.h"
#include "suite.h"

#define THREADS 8
#define ROUNDS 100
#define ROUNDS_SECONDS 4	/* time limit of the rounds */
#define RANGE_PAGES 4
#define CHURN_SECONDS 4
#define CHURN_US 1000

struct job {
	struct test *t;
	pthread_t thread;
	bool started;
	struct span span;
	atomic_bool *stop;	/* NULL: ROUNDS rounds */
	atomic_uint rounds;
	atomic_bool over;
	const char *failed;	/* the failed call, or NULL */
	struct outcome outcome;
};

static bool
try(struct job *job, const char *call, struct outcome outcome)
{
	if (outcome.ret == 0)
		return true;
	job->failed = call;
	job->outcome = outcome;
	return false;
}

static void *
map_and_unmap(void *arg)
{
	struct job *job = arg;
	time_t end = time(NULL) + ROUNDS_SECONDS;
	unsigned int i;

	for (i = 0; job->stop == NULL ? i < ROUNDS && time(NULL) < end :
			!atomic_load(job->stop); i++) {
		if (!try(job, "map", call_map(job->t->rig, &job->span)) ||
				!try(job, "unmap", call_unmap(job->t->rig, &job->span)))
			break;
		job->rounds++;
		if (job->stop != NULL)
			usleep(CHURN_US);
	}
	atomic_store(&job->over, true);
	return NULL;
}

static bool
start(struct job *job)
{
	job->started = pthread_create(&job->thread, NULL, map_and_unmap, job) == 0;
	return test_check(job->t, job->started, "cannot create a thread");
}

static void
finish(struct job *job)
{
	if (!job->started)
		return;
	pthread_join(job->thread, NULL);
	test_check(job->t, job->failed == NULL, "%s number %u of a thread: expected 0, got %d with "
		"rte_errno %d (%s)", job->failed != NULL ? job->failed : "", job->rounds + 1,
		job->outcome.ret, job->outcome.error, error_name(job->outcome.error));
}

/* All threads at once, each with its own range (step > 0) or all with the same one. */
static void
run_threads(struct test *t, const struct memory *memory, size_t step)
{
	struct job jobs[THREADS];
	unsigned int i;

	memset(jobs, 0, sizeof(jobs));
	for (i = 0; i < THREADS; i++) {
		jobs[i].t = t;
		jobs[i].span = test_pages(memory, i * step, RANGE_PAGES);
		start(&jobs[i]);
	}
	for (i = 0; i < THREADS; i++)
		finish(&jobs[i]);
	for (i = 0; i < THREADS; i++)
		if (t->verdict == VERDICT_OK)
			must_not_unmap(t, jobs[i].span, ENOENT, 0);
}

void
case_threads_disjoint(struct test *t)
{
	struct memory *memory = test_memory(t, THREADS * RANGE_PAGES);
	struct span span;

	if (memory == NULL)
		return;
	run_threads(t, memory, RANGE_PAGES);
	span = test_pages(memory, 0, RANGE_PAGES);
	if (t->verdict == VERDICT_OK && must_not_read(t, span) && must_map(t, span) &&
			must_read(t, span))
		must_unmap(t, span);
}

void
case_threads_same(struct test *t)
{
	struct memory *memory = test_memory(t, RANGE_PAGES);
	struct span span;

	if (memory == NULL)
		return;
	span = test_pages(memory, 0, RANGE_PAGES);
	run_threads(t, memory, 0);
	if (t->verdict == VERDICT_OK && must_not_read(t, span) && must_map(t, span) &&
			must_read(t, span))
		must_unmap(t, span);
}

static bool
has_worked(const struct job *job)
{
	return atomic_load(&job->rounds) > 0 || atomic_load(&job->over);
}

/* Reads for at least so many seconds, and until the other thread has done a round. */
static unsigned int
read_beside(struct test *t, struct span span, const struct job *other, unsigned int seconds)
{
	struct timespec start, now;
	unsigned int reads = 0;
	bool good = true;

	clock_gettime(CLOCK_MONOTONIC, &start);
	do {
		span.len = RIG_READ_MAX;
		good = must_read(t, span);
		reads++;
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (good && (now.tv_sec - start.tv_sec < (time_t)seconds || !has_worked(other)));
	return reads;
}

void
case_churn_vs_traffic(struct test *t)
{
	struct memory *memory = test_memory(t, 2 * RANGE_PAGES);
	struct job churn = {.t = t};
	atomic_bool stop = false;
	struct span span;
	int64_t errors;
	unsigned int reads;

	if (memory == NULL)
		return;
	span = test_pages(memory, 0, RANGE_PAGES);
	churn.span = test_pages(memory, RANGE_PAGES, RANGE_PAGES);
	churn.stop = &stop;
	errors = port_errors(t->rig);
	if (!must_map(t, span) || !start(&churn))
		return;
	reads = read_beside(t, span, &churn, CHURN_SECONDS);
	atomic_store(&stop, true);
	finish(&churn);
	test_note(t, "%u maps and unmaps beside %u reads in %d s", churn.rounds, reads,
		CHURN_SECONDS);
	test_check(t, port_errors(t->rig) == errors, "error counters grew by %jd",
		(intmax_t)(port_errors(t->rig) - errors));
	if (t->verdict == VERDICT_OK)
		must_unmap(t, span);
}
