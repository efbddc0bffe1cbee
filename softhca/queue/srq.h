/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * srq.h - the device's side of a shared receive queue: WQEs in a list, each with the index of the
 * next one and a scatter list, that the messages of several QPs use up.
 *
 * No locks: the caller holds the device's. ring and dbrec are shared with the user.
 */
#ifndef SOFTHCA_SRQ_H_
#define SOFTHCA_SRQ_H_

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "common/checks.h"
#include "queue/spans.h"

struct hca_device;
struct hca_events;

struct hca_srq {
	TAILQ_ENTRY(hca_srq) next;	/* of the device */
	struct hca_device *dev;
	void *user;			/* what events call it; the caller's to set */
	struct hca_events *listener;	/* who is told of them; the caller's too */
	const void *pd;
	uint8_t *ring;
	uint32_t *dbrec;		/* [0] is ours */
	uint32_t number;
	uint32_t wqes, stride;		/* powers of two; stride in bytes */
	uint16_t first;			/* the index of the WQE that is used next */
	uint16_t used, posted;		/* WQEs so far */
	uint16_t limit;			/* when fewer are left there is an event; 0: no */
};

/* wqes, stride: powers of two. dbrec, number, pd and user are the caller's. 0 or -ENOMEM. */
int hca_srq_init(struct hca_srq *srq, struct hca_device *dev, uint32_t wqes, uint32_t stride);
void hca_srq_fini(struct hca_srq *srq);

/* As hca_rq_is_ready() and hca_rq_map(); but nothing stops, and the caller completes. */
bool hca_srq_is_ready(struct hca_srq *srq);
enum hca_check hca_srq_map(struct hca_srq *srq, uint64_t len, struct hca_spans *spans);
/* The WQE of the index that is returned is used. */
uint16_t hca_srq_use(struct hca_srq *srq);

/* A WQE that was posted and is not used yet names the key. */
bool hca_srq_uses_key(struct hca_srq *srq, uint32_t key);

#endif
