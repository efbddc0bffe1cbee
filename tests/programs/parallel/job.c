/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_memory.h>

#include "job.h"

#define PAGE 4096
#define RANGE (16 * PAGE)	/* bytes per job */
#define STRIDE (2 * RANGE)	/* not adjacent */

int
jobs_create(struct jobs *jobs)
{
	struct rte_eth_dev_info info;
	struct job *job;
	uint16_t id;

	jobs->len = JOB_MAX * STRIDE;
	jobs->memory = mmap(NULL, jobs->len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (jobs->memory == MAP_FAILED)
		return -errno;
	memset(jobs->memory, 1, jobs->len);
	if (rte_extmem_register(jobs->memory, jobs->len, NULL, 0, PAGE) != 0)
		return -rte_errno;
	jobs->n = 0;
	RTE_ETH_FOREACH_DEV(id) {
		if (jobs->n == JOB_MAX || rte_eth_dev_info_get(id, &info) != 0)
			continue;
		job = &jobs->jobs[jobs->n];
		*job = (struct job){
			.dev = info.device,
			.addr = jobs->memory + (size_t)jobs->n * STRIDE,
			.len = RANGE,
		};
		jobs->n++;
	}
	return jobs->n == 0 ? -ENODEV : 0;
}

static void *
run(void *arg)
{
	struct job *job = arg;
	int ret;

	rte_errno = 0;
	if (job->call == JOB_MAP)
		ret = rte_dev_dma_map(job->dev, job->addr, (uintptr_t)job->addr, job->len);
	else
		ret = rte_dev_dma_unmap(job->dev, job->addr, (uintptr_t)job->addr, job->len);
	if (ret != 0)
		job->error = rte_errno != 0 ? rte_errno : EIO;
	return NULL;
}

int
jobs_start(struct jobs *jobs, unsigned int n, enum job_call call)
{
	struct job *job;
	int ret;

	for (job = jobs->jobs; job < jobs->jobs + n; job++) {
		job->call = call;
		job->error = 0;
		ret = pthread_create(&job->thread, NULL, run, job);
		if (ret != 0)
			return -ret;
		job->started = true;
	}
	return 0;
}

unsigned int
jobs_join(struct jobs *jobs)
{
	unsigned int failed = 0;
	struct job *job;

	for (job = jobs->jobs; job < jobs->jobs + jobs->n; job++) {
		if (!job->started)
			continue;
		pthread_join(job->thread, NULL);
		job->started = false;
		if (job->error == 0)
			continue;
		failed++;
		fprintf(stderr, "%s of %s: %s\n", job->call == JOB_MAP ? "map" : "unmap",
			rte_dev_name(job->dev), rte_strerror(job->error));
	}
	return failed;
}
