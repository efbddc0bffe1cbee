/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * qp.h - the device's side of a queue pair with a transport, RC, UC or UD: what joins its queues to
 * each other and to those of its peer. A raw packet QP has none of it.
 *
 * A message goes from one QP to another of the same device, whole and at once. There are no
 * packets, and so no sequence numbers; what is not there to answer is asked again after a while, as
 * often as the QP says.
 *
 * No locks: the caller holds the device's.
 */
#ifndef SOFTHCA_QP_H_
#define SOFTHCA_QP_H_

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include <infiniband/verbs.h>

struct hca_cq;
struct hca_device;
struct hca_rq;
struct hca_sq;
struct hca_srq;

/* Bytes of a packet, and so of a datagram: the port's, IBV_MTU_1024. */
#define HCA_QP_MTU     1024u
#define HCA_QP_MESSAGE (1u << 30)
/* RDMA reads and atomics under way at a time, either way: 1 << log_max_ra_res_qp of the kernel. */
#define HCA_QP_READS_MAX 16u

struct hca_qp {
	TAILQ_ENTRY(hca_qp) next;	/* of the device */
	struct hca_device *dev;
	struct hca_sq *sq;		/* NULL: none */
	struct hca_rq *rq;
	struct hca_srq *srq;		/* in the place of rq */
	struct hca_cq *cq;		/* of what is received */
	const void *pd;
	enum ibv_qp_type type;
	uint32_t number;
	bool receives;			/* RTR or RTS */
	bool failed;			/* as a whole: both queues are in error */
	/* As the user has set them. */
	uint32_t peer, qkey;
	union ibv_gid gid;		/* of the peer's port */
	unsigned int access;		/* IBV_ACCESS_REMOTE_* */
	uint8_t timeout, retries;	/* of what does not answer */
	uint8_t rnr_timer, rnr_retries;	/* the timer is for the peer: "receiver not ready" */
	/* The request that was not answered yet. */
	uint64_t until;			/* when it is sent again */
	uint32_t tries, rnr_tries;
};

/* NULL: there is none. */
struct hca_qp *hca_qp_find(struct hca_device *dev, uint32_t number);

/* Whom a connected QP talks to: of the same type, ready, and connected to it. NULL: nobody. */
struct hca_qp *hca_qp_peer(struct hca_qp *qp);

/* Something went wrong: both queues are in error, and flush. */
void hca_qp_fail(struct hca_qp *qp);

/* An error completion of its send queue: of a reliable connection, nothing works any more. */
void hca_qp_send_failed(struct hca_qp *qp);

/* No answer, or a refusal for now: false if that was once too often. */
bool hca_qp_retry(struct hca_qp *qp);
bool hca_qp_retry_later(struct hca_qp *qp, uint8_t rnr_timer);

/* The request was answered, or is gone. */
void hca_qp_answered(struct hca_qp *qp);

#endif
