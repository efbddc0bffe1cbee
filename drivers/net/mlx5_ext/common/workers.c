/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdatomic.h>
#include <stddef.h>

#include <rte_common.h>

#include "common/compat.h"
#include "common/workers.h"

struct work {
	mlx5x_workers_step_t step;
	void *job;
	uint32_t n;
	_Atomic uint32_t next;
	atomic_int error;	/* the first one */
};

static void
do_steps(struct work *work)
{
	int error, none = 0;
	uint32_t i;

	while (atomic_load(&work->error) == 0 && (i = atomic_fetch_add(&work->next, 1)) < work->n) {
		error = work->step(work->job, i);
		if (error != 0)
			atomic_compare_exchange_strong(&work->error, &none, error);
	}
}

static MLX5X_THREAD_RESULT
run_thread(void *work)
{
	do_steps(work);
	return 0;
}

static int
run_alone(uint32_t n, mlx5x_workers_step_t step, void *job)
{
	uint32_t i;
	int ret = 0;

	for (i = 0; i < n && ret == 0; i++)
		ret = step(job, i);
	return ret;
}

static int
run_together(unsigned int threads, struct work *work)
{
	mlx5x_thread others[MLX5X_WORKERS_MAX];
	unsigned int i = 0;

	while (i + 1 < threads &&
	       mlx5x_compat_thread_create(&others[i], "mlx5x-reg", run_thread, work) == 0)
		i++;
	do_steps(work);
	while (i != 0)
		mlx5x_compat_thread_join(others[--i]);
	return work->error;
}

int
mlx5x_workers_run(unsigned int threads, uint32_t n, mlx5x_workers_step_t step, void *job)
{
	struct work work = {.step = step, .job = job, .n = n};

	threads = RTE_MIN(RTE_MIN(threads, n), MLX5X_WORKERS_MAX);
	return threads > 1 ? run_together(threads, &work) : run_alone(n, step, job);
}
