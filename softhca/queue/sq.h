/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sq.h - the device's side of a send queue: it takes the doorbell, fetches WQEs, checks them, sends
 * what they name and completes them.
 *
 * No locks: the caller holds the device's. ring, dbrec and uar are shared with the user.
 */
#ifndef SOFTHCA_SQ_H_
#define SOFTHCA_SQ_H_

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "queue/segment.h"

struct hca_cq;
struct hca_device;
struct hca_qp;

/* Where in the doorbell page the queue is rung. */
#define HCA_SQ_DOORBELL_AT 0x800u

/* IDLE: may be posted to (a receive queue), and does nothing yet. */
enum hca_state { HCA_RESET, HCA_IDLE, HCA_READY, HCA_ERROR };

struct hca_sq {
	TAILQ_ENTRY(hca_sq) next;	/* of the device */
	struct hca_device *dev;
	struct hca_qp *qp;		/* with a transport; or NULL: it sends frames */
	const void *pd;
	struct hca_cq *cq;
	uint8_t *ring;
	uint32_t *dbrec;		/* of the QP: [1] is ours */
	uint8_t *uar;			/* a page of its own */
	uint32_t number, wqebbs;	/* wqebbs: a power of two, 32768 at most */
	uint16_t done, posted;		/* WQEBBs: executed; rung for */
	uint16_t released;		/* executed and completed: may be written over */
	enum hca_state state;
};

/* dbrec, number, pd, cq and qp are the caller's to set. 0 or -ENOMEM. */
int hca_sq_init(struct hca_sq *sq, struct hca_device *dev, uint32_t wqebbs);
void hca_sq_fini(struct hca_sq *sq);

/* RESET forgets all that was posted; from ERROR on, WQEs complete as flushed. */
void hca_sq_set_state(struct hca_sq *sq, enum hca_state state);

/* Executes up to budget WQEs; true if there was something to do. */
bool hca_sq_run(struct hca_sq *sq, int budget);

/* A WQE that was posted and is not executed yet names the key. */
bool hca_sq_uses_key(struct hca_sq *sq, uint32_t key);

#endif
