/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * verbs_qp_attr.c - the attributes of QPs with a transport. Those that the device does not go by,
 * as the sequence numbers, are kept for who asks.
 */
#include "verbs/verbs_mr.h"
#include "verbs/verbs_qp.h"

#define NUMBER_MASK 0xffffffu

/* Where it is, who may reach it, and how. */
static void
set_place(struct ibv_qp_attr *own, const struct ibv_qp_attr *attr, int mask)
{
	if ((mask & IBV_QP_PORT) != 0)
		own->port_num = attr->port_num;
	if ((mask & IBV_QP_PKEY_INDEX) != 0)
		own->pkey_index = attr->pkey_index;
	if ((mask & IBV_QP_ACCESS_FLAGS) != 0)
		own->qp_access_flags = attr->qp_access_flags & SOFT_MR_REMOTE;
	if ((mask & IBV_QP_QKEY) != 0)
		own->qkey = attr->qkey;
}

/* Whom it is connected to. */
static void
set_peer(struct ibv_qp_attr *own, const struct ibv_qp_attr *attr, int mask)
{
	if ((mask & IBV_QP_AV) != 0)
		own->ah_attr = attr->ah_attr;
	if ((mask & IBV_QP_PATH_MTU) != 0)
		own->path_mtu = attr->path_mtu;
	if ((mask & IBV_QP_DEST_QPN) != 0)
		own->dest_qp_num = attr->dest_qp_num & NUMBER_MASK;
	if ((mask & IBV_QP_RQ_PSN) != 0)
		own->rq_psn = attr->rq_psn & NUMBER_MASK;
	if ((mask & IBV_QP_SQ_PSN) != 0)
		own->sq_psn = attr->sq_psn & NUMBER_MASK;
	if ((mask & IBV_QP_MAX_QP_RD_ATOMIC) != 0)
		own->max_rd_atomic = attr->max_rd_atomic;
	if ((mask & IBV_QP_MAX_DEST_RD_ATOMIC) != 0)
		own->max_dest_rd_atomic = attr->max_dest_rd_atomic;
}

/* How often what is not answered is sent again; as many bits as the device has for each. */
static void
set_retries(struct ibv_qp_attr *own, const struct ibv_qp_attr *attr, int mask)
{
	if ((mask & IBV_QP_TIMEOUT) != 0)
		own->timeout = attr->timeout & 31;
	if ((mask & IBV_QP_RETRY_CNT) != 0)
		own->retry_cnt = attr->retry_cnt & 7;
	if ((mask & IBV_QP_RNR_RETRY) != 0)
		own->rnr_retry = attr->rnr_retry & 7;
	if ((mask & IBV_QP_MIN_RNR_TIMER) != 0)
		own->min_rnr_timer = attr->min_rnr_timer & 31;
}

/* Linux leaves no more than writes to the peers of a QP that answers no reads. */
static unsigned int
access_of(const struct ibv_qp_attr *own)
{
	return own->max_dest_rd_atomic != 0 ? own->qp_access_flags :
		own->qp_access_flags & IBV_ACCESS_REMOTE_WRITE;
}

static void
tell_device(struct soft_qp *qp)
{
	const struct ibv_qp_attr *own = &qp->attr;

	qp->hw.peer = own->dest_qp_num;
	qp->hw.qkey = own->qkey;
	qp->hw.gid = own->ah_attr.grh.dgid;
	qp->hw.access = access_of(own);
	qp->hw.timeout = own->timeout;
	qp->hw.retries = own->retry_cnt;
	qp->hw.rnr_timer = own->min_rnr_timer;
	qp->hw.rnr_retries = own->rnr_retry;
}

void
soft_qp_set_attributes(struct soft_qp *qp, const struct ibv_qp_attr *attr, int mask)
{
	set_place(&qp->attr, attr, mask);
	set_peer(&qp->attr, attr, mask);
	set_retries(&qp->attr, attr, mask);
	tell_device(qp);
}

void
soft_qp_forget_attributes(struct soft_qp *qp)
{
	qp->attr = (struct ibv_qp_attr){.port_num = 1};
	tell_device(qp);
}
