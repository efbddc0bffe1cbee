/* SPDX-License-Identifier: BSD-3-Clause */
/* Steps by several threads: each is done once, at once with others, and none begins after an error. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <pthread.h>

#include <cmocka.h>

#include "common/compat.h"
#include "common/workers.h"

#define STEPS 1000

/* Linked with --wrap, as EAL, which is not initialised, has no control threads: so many can be made. */
static unsigned int threads_left, threads_made;

static bool
can_make(void)
{
	if (threads_left == 0)
		return false;
	threads_left--;
	threads_made++;
	return true;
}

/* Of DPDK 23.11 and on, and of those before. */
int __wrap_rte_thread_create_control(rte_thread_t *thread, const char *name, rte_thread_func run,
	void *arg);
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
__wrap_rte_thread_create_control(rte_thread_t *thread, const char *name, rte_thread_func run,
	void *arg)
{
	thread_run = run;
	return can_make() ? pthread_create((pthread_t *)&thread->opaque_id, NULL, start, arg) :
		EAGAIN;
}

int
__wrap_rte_ctrl_thread_create(pthread_t *thread, const char *name, const pthread_attr_t *attr,
	void *(*run)(void *arg), void *arg)
{
	return can_make() ? -pthread_create(thread, attr, run, arg) : -EAGAIN;
}

static int
reset(void **state)
{
	threads_left = 1000;
	threads_made = 0;
	return 0;
}

struct job {
	unsigned int done[STEPS];
	uint32_t failing;	/* from this step on */
	int error;
	unsigned int errors;
};

static int
count(void *arg, uint32_t i)
{
	struct job *job = arg;

	job->done[i]++;
	if (job->error == 0 || i < job->failing)
		return 0;
	__atomic_add_fetch(&job->errors, 1, __ATOMIC_RELAXED);
	return job->error;
}

static void
assert_all_done(const struct job *job)
{
	unsigned int i;

	for (i = 0; i < STEPS; i++)
		assert_int_equal(job->done[i], 1);
}

static void
each_step_is_done_once(void **state)
{
	struct job job = {.error = 0};

	assert_int_equal(mlx5x_workers_run(4, STEPS, count, &job), 0);
	assert_int_equal(threads_made, 3);
	assert_all_done(&job);
}

/* Ends only if all are in it at once. */
static int
meet(void *barrier, uint32_t i)
{
	pthread_barrier_wait(barrier);
	return 0;
}

static void
steps_are_done_at_once(void **state)
{
	pthread_barrier_t barrier;

	pthread_barrier_init(&barrier, NULL, 4);
	assert_int_equal(mlx5x_workers_run(4, 4, meet, &barrier), 0);
	pthread_barrier_destroy(&barrier);
}

static void
no_more_threads_than_steps_or_than_the_limit(void **state)
{
	struct job job = {.error = 0};

	assert_int_equal(mlx5x_workers_run(4, 1, count, &job), 0);
	assert_int_equal(mlx5x_workers_run(4, 0, count, &job), 0);
	assert_int_equal(mlx5x_workers_run(0, 2, count, &job), 0);
	assert_int_equal(threads_made, 0);
	assert_int_equal(mlx5x_workers_run(1000, STEPS, count, &job), 0);
	assert_int_equal(threads_made, MLX5X_WORKERS_MAX - 1);
}

static void
without_threads_the_caller_does_all(void **state)
{
	struct job job = {.error = 0};

	threads_left = 0;
	assert_int_equal(mlx5x_workers_run(4, STEPS, count, &job), 0);
	assert_all_done(&job);
	job = (struct job){.error = 0};
	threads_left = 2;
	assert_int_equal(mlx5x_workers_run(8, STEPS, count, &job), 0);
	assert_int_equal(threads_made, 2);
	assert_all_done(&job);
}

static void
after_an_error_no_step_begins(void **state)
{
	struct job job = {.failing = 100, .error = -ENOMEM};

	assert_int_equal(mlx5x_workers_run(1, STEPS, count, &job), -ENOMEM);
	assert_int_equal(job.errors, 1);
	assert_int_equal(job.done[100], 1);
	assert_int_equal(job.done[101], 0);
	job = (struct job){.failing = 100, .error = -ENOMEM};
	assert_int_equal(mlx5x_workers_run(4, STEPS, count, &job), -ENOMEM);
	assert_true(job.errors >= 1 && job.errors <= 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(each_step_is_done_once, reset),
		cmocka_unit_test_setup(steps_are_done_at_once, reset),
		cmocka_unit_test_setup(no_more_threads_than_steps_or_than_the_limit, reset),
		cmocka_unit_test_setup(without_threads_the_caller_does_all, reset),
		cmocka_unit_test_setup(after_an_error_no_step_begins, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
