/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * workers.h - the steps of one job, done by several threads at once. No state; any thread.
 */
#ifndef MLX5X_WORKERS_H_
#define MLX5X_WORKERS_H_

#include <stdint.h>

#define MLX5X_WORKERS_MAX 16

/* 0 or -errno. For several threads at once, each with another i. */
typedef int (*mlx5x_workers_step_t)(void *job, uint32_t i);

/*
 * Calls step(job, i) for i from 0 to n - 1, in the calling thread and in as many others as there
 * are to be with it, at most MLX5X_WORKERS_MAX; in fewer, if threads cannot be created. They are
 * control threads, so that none runs on the core of an EAL worker, and have ended on return. After
 * an error no other step begins. 0, or an error of a step.
 */
int mlx5x_workers_run(unsigned int threads, uint32_t n, mlx5x_workers_step_t step, void *job);

#endif
