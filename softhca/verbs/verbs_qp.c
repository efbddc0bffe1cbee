/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * verbs_qp.c - queue pairs: with a send queue, a receive queue or both; or, for raw packets, none,
 * and a table of work queues that frames are spread over.
 */
#include <stdlib.h>
#include <string.h>

#include "common/checks.h"
#include "common/export.h"
#include "common/pages.h"
#include "device/faults.h"
#include "provider/objects.h"
#include "provider/provider.h"
#include "provider/provider_srq.h"
#include "provider/provider_wr.h"
#include "provider/provider_wr_request.h"
#include "refusals/refusals.h"
#include "verbs/verbs_qp.h"

static const uint32_t hash_fields = IBV_RX_HASH_SRC_IPV4 | IBV_RX_HASH_DST_IPV4 |
	IBV_RX_HASH_SRC_IPV6 | IBV_RX_HASH_DST_IPV6 | IBV_RX_HASH_SRC_PORT_TCP |
	IBV_RX_HASH_DST_PORT_TCP | IBV_RX_HASH_SRC_PORT_UDP | IBV_RX_HASH_DST_PORT_UDP;

/* A table is for raw packets. */
static bool
is_modelled(const struct ibv_qp_init_attr_ex *attr)
{
	const uint32_t rss = IBV_QP_INIT_ATTR_IND_TABLE | IBV_QP_INIT_ATTR_RX_HASH;

	switch (attr->qp_type) {
	case IBV_QPT_RAW_PACKET:
		return true;
	case IBV_QPT_RC:
	case IBV_QPT_UC:
	case IBV_QPT_UD:
		return (attr->comp_mask & rss) == 0;
	default:
		return false;
	}
}

/* What a device may have that the model has not. */
static int
check_modelled(const struct ibv_qp_init_attr_ex *attr, const struct mlx5dv_qp_init_attr *more)
{
	const uint64_t known = MLX5DV_QP_INIT_ATTR_MASK_QP_CREATE_FLAGS |
		MLX5DV_QP_INIT_ATTR_MASK_SEND_OPS_FLAGS;
	const uint64_t windows = IBV_QP_EX_WITH_BIND_MW | IBV_QP_EX_WITH_LOCAL_INV |
		IBV_QP_EX_WITH_SEND_WITH_INV;

	if (!is_modelled(attr) || (attr->srq != NULL && attr->qp_type == IBV_QPT_RAW_PACKET))
		return EOPNOTSUPP;
	if ((attr->comp_mask & IBV_QP_INIT_ATTR_SEND_OPS_FLAGS) != 0 &&
	    (attr->send_ops_flags & windows) != 0)
		return EOPNOTSUPP;
	if ((attr->comp_mask & IBV_QP_INIT_ATTR_MAX_TSO_HEADER) != 0 && attr->max_tso_header != 0)
		return EOPNOTSUPP;
	if ((attr->comp_mask & IBV_QP_INIT_ATTR_RX_HASH) != 0 &&
	    (attr->rx_hash_conf.rx_hash_fields_mask & ~(uint64_t)hash_fields) != 0)
		return EOPNOTSUPP;
	if (more == NULL)
		return 0;
	if ((more->comp_mask & MLX5DV_QP_INIT_ATTR_MASK_SEND_OPS_FLAGS) != 0 &&
	    (more->send_ops_flags & ~(uint64_t)MLX5DV_QP_EX_WITH_RAW_WQE) != 0)
		return EOPNOTSUPP;
	return (more->comp_mask & ~known) != 0 ? EOPNOTSUPP : 0;
}

static int
init_send(struct soft_qp *qp, const struct ibv_qp_init_attr_ex *attr)
{
	struct hca_device *dev = soft_device(qp->ibv.context);
	int ret;

	/* It has been refused if it has no size. */
	soft_send_size(&qp->send_size, attr, dev->model);
	ret = hca_sq_init(&qp->sq, dev, qp->send_size.wqebbs);
	if (ret != 0)
		return ret;
	qp->has_sq = true;
	qp->sq.dbrec = qp->dbrec;
	qp->sq.number = qp->ibv.qp_num;
	qp->sq.pd = soft_pd(attr->pd);
	qp->sq.qp = soft_qp_has_transport(qp) ? &qp->hw : NULL;
	qp->sq.cq = &soft_cq(attr->send_cq)->hw;
	qp->signal_all = attr->sq_sig_all != 0;
	return soft_ring_init(&qp->send, soft_cq(attr->send_cq), qp->ibv.qp_num,
		qp->send_size.wqebbs, qp->send_size.requests, false);
}

static int
init_receive(struct soft_qp *qp, const struct ibv_qp_init_attr_ex *attr)
{
	struct soft_receive_size *size = &qp->receive_size;
	int ret;

	soft_receive_size(size, attr->cap.max_recv_wr, attr->cap.max_recv_sge);
	ret = hca_rq_init(&qp->rq, soft_device(qp->ibv.context), size->wqes, size->segments);
	if (ret != 0)
		return ret;
	qp->has_rq = true;
	qp->rq.dbrec = qp->dbrec;
	qp->rq.number = qp->ibv.qp_num;
	qp->rq.pd = soft_pd(attr->pd);
	qp->rq.cq = &soft_cq(attr->recv_cq)->hw;
	qp->rq.strip_vlan = (attr->comp_mask & IBV_QP_INIT_ATTR_CREATE_FLAGS) != 0 &&
		(attr->create_flags & IBV_QP_CREATE_CVLAN_STRIPPING) != 0;
	if (!soft_qp_has_transport(qp)) {
		qp->only = &qp->rq;
		qp->rss = (struct hca_rss){.queues = &qp->only, .size = 1};
	}
	return soft_ring_init(&qp->receive, soft_cq(attr->recv_cq), qp->ibv.qp_num, size->wqes,
		size->wqes, true);
}

static int
init_table(struct soft_qp *qp, const struct ibv_qp_init_attr_ex *attr)
{
	const struct ibv_rx_hash_conf *hash = &attr->rx_hash_conf;
	struct soft_table *table = (struct soft_table *)attr->rwq_ind_tbl;
	uint32_t i;

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

static void
init_share(struct soft_qp *qp, const struct ibv_qp_init_attr_ex *attr)
{
	qp->share = (struct soft_share){
		.srq = (struct soft_srq *)attr->srq,
		.number = qp->ibv.qp_num,
	};
	soft_share_add(&qp->share, soft_cq(attr->recv_cq));
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
	if (attr->srq != NULL)
		init_share(qp, attr);
	else if (ret == 0 && attr->cap.max_recv_wr != 0)
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
	if (qp->share.srq != NULL)
		soft_share_remove(&qp->share, soft_cq(qp->ibv.recv_cq));
	if (qp->table != NULL)
		free(qp->rss.queues);
	hca_pages_free(qp->dbrec, HCA_PAGE);
}

/* by: 1 or -1. Under the device's lock. */
static void
count_uses(struct soft_qp *qp, int by)
{
	struct soft_pd *domain = (struct soft_pd *)qp->ibv.pd;

	soft_pd(qp->ibv.pd)->users += by;
	if (domain->of != NULL)
		domain->domains += by;
	if (qp->ibv.send_cq != NULL)
		soft_cq(qp->ibv.send_cq)->users += by;
	if (qp->ibv.recv_cq != NULL)
		soft_cq(qp->ibv.recv_cq)->users += by;
	if (qp->share.srq != NULL)
		qp->share.srq->users += by;
	if (qp->table != NULL)
		qp->table->users += by;
}

/* Under the device's lock, as is its removal. */
static void
attach_transport(struct soft_qp *qp)
{
	struct hca_device *dev = soft_device(qp->ibv.context);

	qp->hw.dev = dev;
	qp->hw.type = qp->ibv.qp_type;
	qp->hw.number = qp->ibv.qp_num;
	qp->hw.pd = soft_pd(qp->ibv.pd);
	qp->hw.sq = qp->has_sq ? &qp->sq : NULL;
	qp->hw.rq = qp->has_rq ? &qp->rq : NULL;
	qp->hw.srq = qp->share.srq != NULL ? &qp->share.srq->hw : NULL;
	qp->hw.cq = &soft_cq(qp->ibv.recv_cq)->hw;
	TAILQ_INSERT_TAIL(&dev->qps, &qp->hw, next);
}

static void
attach(struct soft_qp *qp)
{
	struct hca_device *dev = soft_device(qp->ibv.context);

	hca_device_lock(dev);
	count_uses(qp, 1);
	if (soft_qp_has_transport(qp))
		attach_transport(qp);
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
	qp->ibv.srq = attr->srq;
	qp->ibv.qp_type = attr->qp_type;
	qp->ibv.state = IBV_QPS_RESET;
	qp->attr.port_num = 1;
	pthread_mutex_init(&qp->ibv.mutex, NULL);
	if ((attr->comp_mask & IBV_QP_INIT_ATTR_SEND_OPS_FLAGS) != 0) {
		soft_wr_fill(qp);
		if (attr->qp_type != IBV_QPT_RAW_PACKET)
			soft_wr_fill_requests(&qp->ex);
	}
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

struct ibv_qp_cap
soft_qp_cap(const struct soft_qp *qp)
{
	return (struct ibv_qp_cap){
		.max_send_wr = qp->send_size.requests,
		.max_recv_wr = qp->receive_size.wqes,
		.max_send_sge = qp->send_size.sge,
		.max_recv_sge = qp->receive_size.segments,
		.max_inline_data = qp->send_size.max_inline,
	};
}

static enum hca_rule
rule_of(const struct hca_device *dev, const struct ibv_qp_init_attr_ex *attr,
	const struct mlx5dv_qp_init_attr *more)
{
	return hca_rule_of_qp(attr, more, dev->model, table_size(attr));
}

struct ibv_qp *
soft_qp_create(struct ibv_context *context, struct ibv_qp_init_attr_ex *attr,
	const struct mlx5dv_qp_init_attr *more)
{
	enum hca_rule rule = rule_of(soft_device(context), attr, more);
	struct soft_qp *qp;
	int error;

	error = hca_refuse(rule);
	/* These leave errno as it was. */
	if (rule != HCA_RULE_NONE && error == 0)
		return NULL;
	if (error == 0)
		error = check_modelled(attr, more);
	if (error != 0)
		return soft_refuse(error);
	if (!hca_pages_suffice("MLX_QP_ALLOC_TYPE") ||
	    hca_faults_hit(soft_device(context), HCA_FAULT_CREATE_QP))
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
	if (qp->table == NULL)
		attr->cap = soft_qp_cap(qp);
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
	struct ibv_qp *qp = soft_qp_create(pd->context, &ex, NULL);

	if (qp != NULL)
		attr->cap = ex.cap;
	return qp;
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
		if (soft_qp_has_transport(qp))
			TAILQ_REMOVE(&dev->qps, &qp->hw, next);
		if (qp->has_sq)
			TAILQ_REMOVE(&dev->sqs, &qp->sq, next);
		if (qp->has_rq)
			TAILQ_REMOVE(&dev->rqs, &qp->rq, next);
	}
	hca_device_unlock(dev);
	if (busy)
		return hca_refuse(HCA_RULE_QP_BUSY);
	fini_queues(qp);
	pthread_mutex_destroy(&ibv->mutex);
	free(qp);
	return 0;
}

/* Only a QP with operations to post by is one. */
EXPORT struct ibv_qp_ex *
ibv_qp_to_qp_ex(struct ibv_qp *ibv)
{
	struct soft_qp *qp = (struct soft_qp *)ibv;

	return qp->extended ? &qp->ex : NULL;
}

/* 0: not guaranteed. */
EXPORT int
ibv_query_qp_data_in_order(struct ibv_qp *qp, enum ibv_wr_opcode op, uint32_t flags)
{
	return 0;
}

static struct ibv_qp *
create_qp_ex(struct ibv_context *context, struct ibv_qp_init_attr_ex *attr)
{
	return soft_qp_create(context, attr, NULL);
}

void
soft_qp_fill(struct verbs_context *verbs)
{
	verbs->create_qp_ex = create_qp_ex;
}
