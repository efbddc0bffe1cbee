/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * objects.h - what the verbs hand out: the struct that libibverbs defines, first, so that a cast
 * goes from the one to the other, and behind it the device's object and what the provider keeps.
 *
 * users counts the objects that were made from one: as long as there are some it cannot be
 * destroyed (EBUSY). The counts belong to the device's lock.
 */
#ifndef SOFTHCA_OBJECTS_H_
#define SOFTHCA_OBJECTS_H_

#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include <infiniband/verbs.h>

#include "device/device.h"
#include "device/events.h"
#include "packet/flow.h"
#include "packet/rss.h"
#include "queue/cq.h"
#include "queue/qp.h"
#include "queue/rq.h"
#include "queue/sq.h"
#include "queue/srq.h"
#include "refusals/size.h"

struct soft_context {
	struct verbs_context verbs;	/* handed out is its last field, context */
	struct hca_events events;
	int users;			/* PDs, CQs, channels and what hangs on them */
};

/* Of one thread; the provider would give it a doorbell page of its own. */
struct soft_td {
	struct ibv_td ibv;
	int users;			/* parent domains */
};

/* A protection domain; or a parent domain, which stands for the one that it was made of. */
struct soft_pd {
	struct ibv_pd ibv;
	int users;			/* as the kernel counts them; a parent domain has none */
	int domains;			/* as libmlx5 does: parent domains; of one, QPs and CQs */
	struct soft_pd *of;		/* of a parent domain, which may be one itself; else NULL */
	struct soft_td *td;		/* of a parent domain; may be NULL */
};

struct soft_mr {
	struct ibv_mr ibv;
	struct soft_pd *pd;		/* the kernel's */
	unsigned int access;		/* IBV_ACCESS_* */
	bool writable;			/* its pages, as the kernel has them */
	void *map;			/* of a dma-buf, or NULL */
	size_t map_len;
};

struct soft_channel {
	struct ibv_comp_channel ibv;	/* its fd is the reading end of a pipe */
	int write_fd;
	int users;
};

/* The provider's half of a ring: where the user is, and what he called his requests. */
struct soft_ring {
	TAILQ_ENTRY(soft_ring) next;	/* of the rings that complete to a CQ */
	pthread_mutex_t lock;
	uint64_t *ids;			/* wr_id by place in the ring */
	uint32_t *counts;		/* requests as far as that at a place */
	bool *raw;			/* the user wrote the WQE at a place */
	uint32_t number;
	uint16_t head;			/* WQEBBs or WQEs posted */
	uint32_t posted, completed;	/* requests; known to be completed */
	uint32_t size, limit;		/* places; requests at a time */
	bool receives;
};

/* Events of an object that its user has read, and acknowledged; atomic. */
struct soft_told {
	unsigned int events, acked;
};

/* A shared receive queue. */
struct soft_srq {
	struct ibv_srq ibv;
	struct soft_told async;
	struct soft_pd *pd;		/* the kernel's */
	struct hca_srq hw;
	uint32_t sge;
	uint32_t known;			/* requests, as the kernel has it */
	pthread_mutex_t lock;		/* of the rest but users */
	uint64_t *ids;			/* wr_id by WQE */
	uint16_t head, tail;		/* free WQEs, which are linked; the last one is not used */
	uint16_t counter;		/* of posts */
	int users;
};

/* A QP that receives by one, in the list of its CQ. */
struct soft_share {
	TAILQ_ENTRY(soft_share) next;
	struct soft_srq *srq;		/* NULL: it does not */
	uint32_t number;		/* of the QP */
};

struct soft_cq {
	struct ibv_cq_ex ibv;		/* starts like struct ibv_cq */
	struct soft_pd *domain;		/* a parent domain, or NULL */
	struct hca_cq hw;
	int users;
	struct soft_told completions;	/* of its channel; arming counts by events */
	struct soft_told async;
	pthread_mutex_t lock;		/* of the three below; polling holds it */
	uint32_t consumed;
	TAILQ_HEAD(, soft_ring) rings;
	TAILQ_HEAD(, soft_share) shares;
	bool dv_owned;			/* mlx5dv_init_obj() was called: the user reads the ring */
	struct mlx5_cqe64 *current;	/* of polling.c: the completion whose fields are read */
	enum ibv_wc_opcode opcode;	/* and that of its request */
	bool alone;			/* polled as one thread: extended polling takes no lock */
};

struct soft_wq {
	struct ibv_wq ibv;
	struct soft_pd *pd;		/* the kernel's */
	struct hca_rq hw;
	struct soft_ring ring;
	int users;
};

struct soft_table {
	struct ibv_rwq_ind_table ibv;
	struct soft_wq **queues;
	uint32_t size;
	int users;
};

/* Between start and complete, by which the queue is posted to as an extended QP. */
struct soft_builder {
	uint16_t head;			/* of the ring at the start, and its requests then */
	uint32_t posted;
	int error;			/* the first one */
	bool begun;			/* a request, whose data is to come */
	struct ibv_send_wr wr;		/* what is known of it */
	uint16_t at;			/* the index of its WQE, or of the last one */
	struct mlx5_wqe_ctrl_seg ctrl;	/* of the last WQE */
};

struct soft_qp {
	union {
		struct ibv_qp ibv;
		struct ibv_qp_ex ex;	/* starts like it */
	};
	struct mlx5dv_qp_ex dv;		/* of an extended one: raw WQEs */
	bool extended;			/* ex is set */
	struct hca_qp hw;		/* of a QP with a transport */
	struct ibv_qp_attr attr;	/* as far as it was set; under the device's lock */
	struct soft_builder builder;	/* under the send ring's lock, from start on */
	uint32_t *dbrec;		/* of both queues */
	struct hca_sq sq;
	struct hca_rq rq;
	struct soft_ring send, receive;
	struct soft_share share;
	bool has_sq, has_rq, signal_all;
	struct soft_send_size send_size;
	struct soft_receive_size receive_size;
	bool may_send, may_receive;	/* as libmlx5 knows it; atomic */
	enum ibv_qp_state state;	/* as the kernel knows it; under the device's lock */
	struct soft_table *table;	/* of an RSS QP, which has no queues of its own */
	struct hca_rss rss;
	struct hca_rq *only;		/* the target of rss when there is no table */
	int users;
};

/* An address that datagrams go to. */
struct soft_ah {
	struct ibv_ah ibv;
	struct mlx5_wqe_av av;
};

struct soft_flow {
	struct ibv_flow ibv;
	struct hca_flow hw;
	struct soft_qp *qp;
};

static inline struct hca_device *
soft_device(const struct ibv_context *context)
{
	return (struct hca_device *)context->device;
}

static inline struct soft_context *
soft_context(struct ibv_context *context)
{
	return (struct soft_context *)((char *)context -
		offsetof(struct soft_context, verbs.context));
}

static inline struct soft_cq *
soft_cq(struct ibv_cq *cq)
{
	return (struct soft_cq *)cq;
}

/* The protection domain that the kernel knows. */
static inline struct soft_pd *
soft_pd(struct ibv_pd *ibv)
{
	struct soft_pd *pd = (struct soft_pd *)ibv;

	while (pd->of != NULL)
		pd = pd->of;
	return pd;
}

/* Verbs that create something: NULL, with errno. */
static inline void *
soft_refuse(int error)
{
	errno = error;
	return NULL;
}

/* Puts the operations that are the files' of the same name into a new context. */
void soft_query_fill(struct verbs_context *verbs);
void soft_cq_fill(struct verbs_context *verbs);
void soft_domain_fill(struct verbs_context *verbs);
void soft_wq_fill(struct verbs_context *verbs);
void soft_qp_fill(struct verbs_context *verbs);
void soft_flow_fill(struct verbs_context *verbs);
void soft_provider_fill(struct verbs_context *verbs);

#endif
