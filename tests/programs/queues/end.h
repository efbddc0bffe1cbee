/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * end.h - one end of a cable: a port with some queues, which sends a few numbered frames by each Tx
 * queue, and checks at which Rx queue those of the other end arrive. One thread.
 */
#ifndef QUEUES_END_H
#define QUEUES_END_H

#include <stdbool.h>
#include <stdint.h>

struct rte_mempool;

/* Frames by each Tx queue: fewer than a ring has slots, so that none is lost without a buffer. */
#define END_FRAMES 16
#define END_DESC 128u

struct end_numbers {
	uint16_t rx;
	uint16_t tx;
};

/* What an end has seen, to be compared with the other one. */
struct end_report {
	uint32_t buffers;	/* of the pool, in the rings before traffic */
	uint32_t sent;
	uint32_t received;
	uint32_t misplaced;	/* frames in another Rx queue than Tx queue modulo Rx queues */
	uint64_t opackets;	/* the port's own counters */
	uint64_t ipackets;
	uint64_t errors;	/* all counters of frames that were dropped or lost */
};

struct end {
	uint16_t port;
	struct rte_mempool *pool;
	struct end_numbers queues;
	struct end_report report;
};

/* The port at that PCI address. 0 or -errno. */
int end_open(struct end *end, const char *device);
void end_close(struct end *end);

/*
 * With that many queues, and wait for the link. 0 or -errno; stop also after a failure. Stop: true
 * if all buffers are back in the pool.
 */
int end_start(struct end *end, struct end_numbers queues);
int end_wait_link(struct end *end);
bool end_stop(struct end *end);

/* Instead of stop and start, with the same queues: 0 or -errno. */
int end_link_down(struct end *end);
int end_link_up(struct end *end);

/* Sends and receives some frames. True: all are sent, and so many have arrived. */
bool end_work(struct end *end, uint32_t expected);

/* Completes the report. */
void end_count(struct end *end);

#endif
