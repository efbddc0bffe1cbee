/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * loop.h - a port that is looped to itself, and sends and receives in the memory of a buffer alone.
 * One thread.
 */
#ifndef DMABUF_LOOP_H
#define DMABUF_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_ether.h>
#include <rte_mbuf.h>

#include "buffer.h"

struct loop {
	uint16_t port;
	struct rte_ether_addr mac;
	const struct buffer *buffer;
	struct rte_mempool *pool;
};

/* The port of that name, started. 0 or -errno. */
int loop_start(struct loop *loop, const char *device, const struct buffer *buffer);
/* Stops and closes it; no mbuf is left in the buffer. 0 or -errno. */
int loop_stop(struct loop *loop);

/* How many of n frames came back with their bytes, until none has for some seconds. */
unsigned int loop_run(struct loop *loop, unsigned int n);

#endif
