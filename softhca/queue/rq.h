/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rq.h - the device's side of a receive queue: a ring of WQEs, each a list of data segments, into
 * which it scatters frames.
 *
 * No locks: the caller holds the device's. ring and dbrec are shared with the user.
 */
#ifndef SOFTHCA_RQ_H_
#define SOFTHCA_RQ_H_

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "packet/frame.h"
#include "queue/checker.h"
#include "queue/spans.h"
#include "queue/sq.h"
#include "queue/strides.h"

struct hca_rq {
	TAILQ_ENTRY(hca_rq) next;	/* of the device */
	struct hca_device *dev;
	const void *pd;
	struct hca_cq *cq;
	uint8_t *ring;
	uint32_t *dbrec;		/* [0] is ours */
	uint32_t number;
	uint32_t wqes, stride;		/* powers of two; 32768 at most; stride in bytes */
	uint16_t done, posted;		/* WQEs */
	enum hca_state state;
	bool strip_vlan;
	struct hca_strides strides;	/* the caller's to set; used is not */
	struct hca_checker checker;
};

/* The frame, and what steering found out about it. */
struct hca_arrival {
	struct hca_frame *frame;
	uint8_t *bytes;		/* of the frame, to write to */
	uint32_t hash, tag;
};

/* wqes, segments: powers of two. dbrec, number, pd and cq are the caller's. 0 or -ENOMEM. */
int hca_rq_init(struct hca_rq *rq, struct hca_device *dev, uint32_t wqes, uint32_t segments);
void hca_rq_fini(struct hca_rq *rq);

void hca_rq_set_state(struct hca_rq *rq, enum hca_state state);

/* False: no buffer is posted, the queue is not ready, or the CQ is full; nothing was done. */
bool hca_rq_receive(struct hca_rq *rq, const struct hca_arrival *arrival);

/* For a message of a transport, which is no frame: is there a buffer, and a CQ to tell of it? */
bool hca_rq_is_ready(struct hca_rq *rq);
/*
 * Then: adds the memory of the next WQE that len bytes go to. Not HCA_FINE: it is too little, or
 * may not be written to, and the queue has stopped, by an error completion.
 */
enum hca_check hca_rq_map(struct hca_rq *rq, uint64_t len, struct hca_spans *spans);
/* Then: the WQE of the index that is returned is used. The completion is the caller's to write. */
uint16_t hca_rq_use(struct hca_rq *rq);
/* Instead: the WQE completes with an error, and the queue stops. */
void hca_rq_stop(struct hca_rq *rq, uint8_t syndrome);

/* Flushes what is posted to a queue in error; true if there was some. */
bool hca_rq_run(struct hca_rq *rq);

/* A WQE that was posted and is not used yet names the key. */
bool hca_rq_uses_key(struct hca_rq *rq, uint32_t key);

#endif
