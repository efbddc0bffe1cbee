/* SPDX-License-Identifier: BSD-3-Clause */
/* job.h - threads that map and unmap, one per device, each its own range. Main thread only. */
#ifndef JOB_H
#define JOB_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_dev.h>

#define JOB_MAX 8

enum job_call { JOB_MAP, JOB_UNMAP };

struct job {
	struct rte_device *dev;
	void *addr;
	size_t len;
	enum job_call call;
	pthread_t thread;
	bool started;
	int error;		/* of the call: 0 or positive */
};

struct jobs {
	struct job jobs[JOB_MAX];
	unsigned int n;
	uint8_t *memory;	/* registered with EAL */
	size_t len;
};

/* One job for each port of EAL, JOB_MAX at most, and memory for all. Returns 0 or -errno. */
int jobs_create(struct jobs *jobs);

/* The first n jobs make the call, each in its own thread. Returns 0 or -errno. */
int jobs_start(struct jobs *jobs, unsigned int n, enum job_call call);

/* Waits for them. Returns the number of failed calls. */
unsigned int jobs_join(struct jobs *jobs);

#endif
