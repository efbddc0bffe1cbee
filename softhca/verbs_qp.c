/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * verbs_qp.c - raw packet queue pairs: with a send queue, a receive queue or both; or none, and a
 * table of work queues that frames are spread over.
 */
#include <stdlib.h>
#include <string.h>

#include "checks.h"
#include "export.h"
#include "faults.h"
#include "objects.h"
#include "pages.h"
#include "provider.h"
#include "refusals.h"
#include "verbs_qp.h"

#define WQES_MAX   32768u
#define SGE_MAX	   30u
#define INLINE_MAX 960u
/* Of a send WQE: the control segment, and an Ethernet segment with the longest inline header. */
#define OVERHEAD   (16u + 32u)

static const uint32_t hash_fields = IBV_RX_HASH_SRC_IPV4 | IBV_RX_HASH_DST_IPV4 |
	IBV_RX_HASH_SRC_IPV6 | IBV_RX_HASH_DST_IPV6 | IBV_RX_HASH_SRC_PORT_TCP |
	IBV_RX_HASH_DST_PORT_TCP | IBV_RX_HASH_SRC_PORT_UDP | IBV_RX_HASH_DST_PORT_UDP;

static int
check_attr(const struct ibv_qp_init_attr_ex *attr)
{
	const uint32_t known = IBV_QP_INIT_ATTR_PD | IBV_QP_INIT_ATTR_IND_TABLE |
		IBV_QP_INIT_ATTR_RX_HASH | IBV_QP_INIT_ATTR_MAX_TSO_HEADER |
		IBV_QP_INIT_ATTR_CREATE_FLAGS;
	const uint32_t table = IBV_QP_INIT_ATTR_IND_TABLE | IBV_QP_INIT_ATTR_RX_HASH;
	const struct ibv_qp_cap *cap = &attr->cap;

	if (attr->qp_type != IBV_QPT_RAW_PACKET || attr->srq != NULL ||
	    (attr->comp_mask & ~known) != 0)
		return EOPNOTSUPP;
	if ((attr->comp_mask & IBV_QP_INIT_ATTR_MAX_TSO_HEADER) != 0 && attr->max_tso_header != 0)
		return EOPNOTSUPP;
	if ((attr->comp_mask & table) != 0 && (attr->comp_mask & table) != table)
		return EINVAL;
	if ((attr->comp_mask & IBV_QP_INIT_ATTR_PD) == 0 || attr->pd == NULL ||
	    cap->max_send_wr > WQES_MAX || cap->max_recv_wr > WQES_MAX ||
	    cap->max_send_sge > SGE_MAX || cap->max_recv_sge > SGE_MAX ||
	    cap->max_inline_data > INLINE_MAX)
		return EINVAL;
	return 0;
}

/* How many WQEBBs a request takes at most, as libmlx5 reckons. */
static uint32_t
wqebbs_of(const struct ibv_qp_cap *cap)
{
	uint32_t data = cap->max_send_sge * 16, inlined = (cap->max_inline_data + 4 + 15) & ~15u;

	if (cap->max_inline_data != 0 && inlined > data)
		data = inlined;
	return (OVERHEAD + data + HCA_WQEBB - 1) / HCA_WQEBB;
}

static int
init_send(struct soft_qp *qp, const struct ibv_qp_init_attr_ex *attr)
{
	uint32_t wqebbs = soft_power_of_two(attr->cap.max_send_wr * wqebbs_of(&attr->cap));
	int ret;

	if (wqebbs > WQES_MAX || attr->send_cq == NULL)
		return -EINVAL;
	ret = hca_sq_init(&qp->sq, soft_device(qp->ibv.context), wqebbs);
	if (ret != 0)
		return ret;
	qp->has_sq = true;
	qp->sq.dbrec = qp->dbrec;
	qp->sq.number = qp->ibv.qp_num;
	qp->sq.pd = attr->pd;
	qp->sq.cq = &soft_cq(attr->send_cq)->hw;
	qp->max_send_sge = attr->cap.max_send_sge;
	qp->max_inline = attr->cap.max_inline_data;
	qp->signal_all = attr->sq_sig_all != 0;
	return soft_ring_init(&qp->send, soft_cq(attr->send_cq), qp->ibv.qp_num, wqebbs, false);
}

static int
init_receive(struct soft_qp *qp, const struct ibv_qp_init_attr_ex *attr)
{
	uint32_t wqes = soft_power_of_two(attr->cap.max_recv_wr);
	uint32_t segments = attr->cap.max_recv_sge != 0 ? attr->cap.max_recv_sge : 1;
	int ret;

	if (attr->recv_cq == NULL)
		return -EINVAL;
	ret = hca_rq_init(&qp->rq, soft_device(qp->ibv.context), wqes, soft_power_of_two(segments));
	if (ret != 0)
		return ret;
	qp->has_rq = true;
	qp->rq.dbrec = qp->dbrec;
	qp->rq.number = qp->ibv.qp_num;
	qp->rq.pd = attr->pd;
	qp->rq.cq = &soft_cq(attr->recv_cq)->hw;
	qp->max_recv_sge = segments;
	qp->only = &qp->rq;
	qp->rss = (struct hca_rss){.queues = &qp->only, .size = 1};
	return soft_ring_init(&qp->receive, soft_cq(attr->recv_cq), qp->ibv.qp_num, wqes, true);
}

static int
init_table(struct soft_qp *qp, const struct ibv_qp_init_attr_ex *attr)
{
	const struct ibv_rx_hash_conf *hash = &attr->rx_hash_conf;
	struct soft_table *table = (struct soft_table *)attr->rwq_ind_tbl;
	uint32_t i;

	if ((hash->rx_hash_fields_mask & ~(uint64_t)hash_fields) != 0)
		return -EOPNOTSUPP;
	qp->rss.queues = calloc(table->size, sizeof(*qp->rss.queues));
	if (qp->rss.queues == NULL)
		return -ENOMEM;
	qp->table = table;
	qp->rss.size = table->size;
	qp->rss.fields = hash->rx_hash_fields_mask;
	memcpy(qp->rss.key, hash->rx_hash_key, HCA_RSS_KEY_LEN);
	for (i = 0; i < table->size; i++)
		qp->rss.queues[i] = &table->queues[i]->hw;
	return 0;
}

static int
init_queues(struct soft_qp *qp, const struct ibv_qp_init_attr_ex *attr)
{
	int ret = 0;

	qp->dbrec = hca_pages_alloc(HCA_PAGE);
	if (qp->dbrec == NULL)
		return -ENOMEM;
	if ((attr->comp_mask & IBV_QP_INIT_ATTR_IND_TABLE) != 0)
		return init_table(qp, attr);
	if (attr->cap.max_send_wr != 0)
		ret = init_send(qp, attr);
	if (ret == 0 && attr->cap.max_recv_wr != 0)
		ret = init_receive(qp, attr);
	return ret;
}

static void
fini_queues(struct soft_qp *qp)
{
	if (qp->has_sq) {
		soft_ring_fini(&qp->send, soft_cq(qp->ibv.send_cq));
		hca_sq_fini(&qp->sq);
	}
	if (qp->has_rq) {
		soft_ring_fini(&qp->receive, soft_cq(qp->ibv.recv_cq));
		hca_rq_fini(&qp->rq);
	}
	if (qp->table != NULL)
		free(qp->rss.queues);
	hca_pages_free(qp->dbrec, HCA_PAGE);
}

/* by: 1 or -1. Under the device's lock. */
static void
count_uses(struct soft_qp *qp, int by)
{
	((struct soft_pd *)qp->ibv.pd)->users += by;
	if (qp->ibv.send_cq != NULL)
		soft_cq(qp->ibv.send_cq)->users += by;
	if (qp->ibv.recv_cq != NULL)
		soft_cq(qp->ibv.recv_cq)->users += by;
	if (qp->table != NULL)
		qp->table->users += by;
}

static void
attach(struct soft_qp *qp)
{
	struct hca_device *dev = soft_device(qp->ibv.context);

	hca_device_lock(dev);
	count_uses(qp, 1);
	if (qp->has_sq)
		TAILQ_INSERT_TAIL(&dev->sqs, &qp->sq, next);
	if (qp->has_rq)
		TAILQ_INSERT_TAIL(&dev->rqs, &qp->rq, next);
	hca_device_unlock(dev);
}

static struct soft_qp *
begin(struct ibv_context *context, const struct ibv_qp_init_attr_ex *attr)
{
	struct hca_device *dev = soft_device(context);
	struct soft_qp *qp = calloc(1, sizeof(*qp));

	if (qp == NULL)
		return NULL;
	qp->ibv.context = context;
	qp->ibv.qp_context = attr->qp_context;
	qp->ibv.pd = attr->pd;
	qp->ibv.send_cq = attr->send_cq;
	qp->ibv.recv_cq = attr->recv_cq;
	qp->ibv.qp_type = attr->qp_type;
	qp->ibv.state = IBV_QPS_RESET;
	pthread_mutex_init(&qp->ibv.mutex, NULL);
	hca_device_lock(dev);
	qp->ibv.qp_num = qp->ibv.handle = hca_device_number(dev);
	hca_device_unlock(dev);
	return qp;
}

static uint32_t
table_size(const struct ibv_qp_init_attr_ex *attr)
{
	return (attr->comp_mask & IBV_QP_INIT_ATTR_IND_TABLE) != 0 ?
		((const struct soft_table *)attr->rwq_ind_tbl)->size : 0;
}

struct ibv_qp *
soft_qp_create(struct ibv_context *context, struct ibv_qp_init_attr_ex *attr)
{
	struct soft_qp *qp;
	int error;

	error = check_attr(attr);
	if (error == 0)
		error = hca_refuse(hca_refusal_of_qp(attr, table_size(attr)));
	if (error != 0)
		return soft_refuse(error);
	if (hca_faults_hit(soft_device(context), HCA_FAULT_CREATE_QP))
		return soft_refuse(ENOMEM);
	qp = begin(context, attr);
	if (qp == NULL)
		return soft_refuse(ENOMEM);
	error = -init_queues(qp, attr);
	if (error != 0) {
		fini_queues(qp);
		free(qp);
		return soft_refuse(error);
	}
	attach(qp);
	hca_trace("create_qp: %#x, %u WQEBBs to send, %u WQEs to receive, table of %u",
		qp->ibv.qp_num, qp->sq.wqebbs, qp->rq.wqes,
		qp->table != NULL ? qp->table->size : 0);
	return &qp->ibv;
}

EXPORT struct ibv_qp *
ibv_create_qp(struct ibv_pd *pd, struct ibv_qp_init_attr *attr)
{
	struct ibv_qp_init_attr_ex ex = {
		.qp_context = attr->qp_context,
		.send_cq = attr->send_cq,
		.recv_cq = attr->recv_cq,
		.srq = attr->srq,
		.cap = attr->cap,
		.qp_type = attr->qp_type,
		.sq_sig_all = attr->sq_sig_all,
		.comp_mask = IBV_QP_INIT_ATTR_PD,
		.pd = pd,
	};

	return soft_qp_create(pd->context, &ex);
}

EXPORT int
ibv_destroy_qp(struct ibv_qp *ibv)
{
	struct hca_device *dev = soft_device(ibv->context);
	struct soft_qp *qp = (struct soft_qp *)ibv;
	bool busy;

	hca_trace("destroy_qp(%#x)", ibv->qp_num);
	hca_device_lock(dev);
	busy = qp->users != 0;
	if (!busy) {
		count_uses(qp, -1);
		if (qp->has_sq)
			TAILQ_REMOVE(&dev->sqs, &qp->sq, next);
		if (qp->has_rq)
			TAILQ_REMOVE(&dev->rqs, &qp->rq, next);
	}
	hca_device_unlock(dev);
	if (busy)
		return EBUSY;
	fini_queues(qp);
	pthread_mutex_destroy(&ibv->mutex);
	free(qp);
	return 0;
}

/* The kernel's table for raw packet QPs; RESET and ERR can always be gone to. */
static bool
may_go(enum ibv_qp_state from, enum ibv_qp_state to, int mask)
{
	switch (to) {
	case IBV_QPS_RESET:
	case IBV_QPS_ERR:
		return true;
	case IBV_QPS_INIT:
		return from == IBV_QPS_INIT || (from == IBV_QPS_RESET && (mask & IBV_QP_PORT) != 0);
	case IBV_QPS_RTR:
		return from == IBV_QPS_INIT;
	case IBV_QPS_RTS:
		return from == IBV_QPS_RTR || from == IBV_QPS_RTS;
	default:
		return false;
	}
}

static void
set_state(struct soft_qp *qp, enum ibv_qp_state state)
{
	static const struct {
		enum hca_state send, receive;
	} states[] = {
		[IBV_QPS_RESET] = {HCA_RESET, HCA_RESET},
		[IBV_QPS_INIT] = {HCA_IDLE, HCA_IDLE},
		[IBV_QPS_RTR] = {HCA_IDLE, HCA_READY},
		[IBV_QPS_RTS] = {HCA_READY, HCA_READY},
		[IBV_QPS_ERR] = {HCA_ERROR, HCA_ERROR},
	};

	qp->ibv.state = state;
	if (qp->has_sq)
		hca_sq_set_state(&qp->sq, states[state].send);
	if (qp->has_rq)
		hca_rq_set_state(&qp->rq, states[state].receive);
}

static void
reset_rings(struct soft_qp *qp)
{
	if (qp->has_sq)
		soft_ring_reset(&qp->send, soft_cq(qp->ibv.send_cq));
	if (qp->has_rq)
		soft_ring_reset(&qp->receive, soft_cq(qp->ibv.recv_cq));
}

EXPORT int
ibv_modify_qp(struct ibv_qp *ibv, struct ibv_qp_attr *attr, int mask)
{
	struct hca_device *dev = soft_device(ibv->context);
	struct soft_qp *qp = (struct soft_qp *)ibv;
	int error = 0;

	if (hca_faults_hit(dev, HCA_FAULT_MODIFY_QP))
		return ENOMEM;
	if (qp->table != NULL)
		return EOPNOTSUPP;
	if ((mask & IBV_QP_PORT) != 0 && attr->port_num != 1)
		return EINVAL;
	hca_device_lock(dev);
	if ((mask & IBV_QP_STATE) != 0 && !may_go(ibv->state, attr->qp_state, mask))
		error = EINVAL;
	else if ((mask & IBV_QP_STATE) != 0 && attr->qp_state != ibv->state)
		/* To where it is already is no way out of an error. */
		set_state(qp, attr->qp_state);
	hca_device_unlock(dev);
	if (error == 0 && (mask & IBV_QP_STATE) != 0 && attr->qp_state == IBV_QPS_RESET)
		reset_rings(qp);
	hca_trace("modify_qp(%#x, mask %#x, state %d): %d", ibv->qp_num, mask, attr->qp_state,
		error);
	return error;
}

EXPORT int
ibv_query_qp(struct ibv_qp *ibv, struct ibv_qp_attr *attr, int mask, struct ibv_qp_init_attr *init)
{
	struct hca_device *dev = soft_device(ibv->context);
	struct soft_qp *qp = (struct soft_qp *)ibv;

	memset(attr, 0, sizeof(*attr));
	memset(init, 0, sizeof(*init));
	hca_device_lock(dev);
	/* The device may have gone to error by itself. */
	attr->qp_state = qp->sq.state == HCA_ERROR || qp->rq.state == HCA_ERROR ? IBV_QPS_ERR :
		ibv->state;
	hca_device_unlock(dev);
	attr->cur_qp_state = attr->qp_state;
	attr->port_num = 1;
	init->qp_context = ibv->qp_context;
	init->send_cq = ibv->send_cq;
	init->recv_cq = ibv->recv_cq;
	init->qp_type = ibv->qp_type;
	init->sq_sig_all = qp->signal_all;
	init->cap = (struct ibv_qp_cap){
		.max_send_wr = qp->sq.wqebbs,
		.max_recv_wr = qp->rq.wqes,
		.max_send_sge = qp->max_send_sge,
		.max_recv_sge = qp->max_recv_sge,
		.max_inline_data = qp->max_inline,
	};
	attr->cap = init->cap;
	return 0;
}

void
soft_qp_fill(struct verbs_context *verbs)
{
	verbs->create_qp_ex = soft_qp_create;
}
