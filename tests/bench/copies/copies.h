/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * copies.h - what the examples do without a copy, beside a copy of the same bytes: a row each. A
 * file here includes the example, and so calls its own functions.
 */
#ifndef BENCH_COPIES_H
#define BENCH_COPIES_H

#include <stddef.h>

#include <rte_mbuf.h>

/*
 * Either of the first two functions makes a frame of so many bytes, to be sent by port 0 or, if it
 * is received, to be freed; NULL ends the program. Or, where they are NULL, once does what the
 * example does once for so many bytes, and again the reverse: 0, or the program ends. The copy of
 * as many is the reference.
 */
struct copies_row {
	const char *example;
	size_t bytes;
	bool is_received;
	struct rte_mbuf *(*in_place)(size_t bytes);
	struct rte_mbuf *(*copy)(size_t bytes);
	int (*once)(size_t bytes);
};

#define COPIES_ROWS 4	/* of an example, at most */
extern const struct copies_row copies_file_send[COPIES_ROWS], copies_shared_ring[COPIES_ROWS];
extern const struct copies_row copies_growing_arena[COPIES_ROWS], copies_dmabuf_rx[COPIES_ROWS];

/* Prepare an example for the device of port 0: 0, or -errno. pool: of buffers for 2,048 bytes. */
int copies_file_send_open(const char *device, struct rte_mempool *pool);
int copies_shared_ring_open(const char *device, struct rte_mempool *pool);
int copies_growing_arena_open(const char *device, struct rte_mempool *pool);
int copies_dmabuf_rx_open(const char *device, struct rte_mempool *pool);

#endif
