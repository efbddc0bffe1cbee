/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * verbs_qp_state.c - the states of queue pairs, by the verbs that change them and ask for them.
 */
#include "common/checks.h"
#include "common/export.h"
#include "device/faults.h"
#include "provider/objects.h"
#include "provider/provider.h"
#include "provider/provider_srq.h"
#include "provider/provider_wr.h"
#include "refusals/refusals.h"
#include "verbs/verbs_qp.h"

static void
set_transport(struct soft_qp *qp, enum ibv_qp_state state)
{
	qp->hw.receives = state == IBV_QPS_RTR || state == IBV_QPS_RTS;
	qp->hw.failed = state == IBV_QPS_ERR;
	hca_qp_answered(&qp->hw);
	if (state == IBV_QPS_RESET)
		soft_qp_forget_attributes(qp);
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

	qp->state = state;
	if (soft_qp_has_transport(qp))
		set_transport(qp, state);
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
	if (qp->share.srq != NULL)
		soft_share_reset(&qp->share, soft_cq(qp->ibv.recv_cq));
}

/* The user's half: what may be posted from now on. */
static void
note_state(struct soft_qp *qp, enum ibv_qp_state state)
{
	qp->ibv.state = state;
	if (state == IBV_QPS_RTS || state == IBV_QPS_RESET) {
		__atomic_store_n(&qp->may_send, state == IBV_QPS_RTS, __ATOMIC_RELAXED);
		soft_wr_allow(qp, state == IBV_QPS_RTS);
	}
	if (state == IBV_QPS_INIT || state == IBV_QPS_RESET)
		__atomic_store_n(&qp->may_receive, state == IBV_QPS_INIT, __ATOMIC_RELAXED);
}

/*
 * What hardware has it to be. After an error of its send queue alone a QP that is not reliable goes
 * on receiving.
 */
static enum ibv_qp_state
transport_state(const struct soft_qp *qp)
{
	bool send_error = qp->has_sq && qp->sq.state == HCA_ERROR;

	if (qp->hw.failed || (send_error && qp->ibv.qp_type == IBV_QPT_RC))
		return IBV_QPS_ERR;
	return send_error ? IBV_QPS_SQE : qp->state;
}

/* Under the device's lock. */
static int
change(struct soft_qp *qp, const struct ibv_qp_attr *attr, int mask)
{
	bool transport = soft_qp_has_transport(qp), moves = (mask & IBV_QP_STATE) != 0;
	int error = hca_refuse(hca_rule_of_modify_qp(qp->ibv.qp_type,
		transport ? transport_state(qp) : qp->state, attr, mask));

	if (error != 0)
		return error;
	if (transport)
		soft_qp_set_attributes(qp, attr, mask);
	/* To where it is already is no way out of an error. */
	if (moves && attr->qp_state != (transport ? transport_state(qp) : qp->state))
		set_state(qp, attr->qp_state);
	return 0;
}

EXPORT int
ibv_modify_qp(struct ibv_qp *ibv, struct ibv_qp_attr *attr, int mask)
{
	struct hca_device *dev = soft_device(ibv->context);
	struct soft_qp *qp = (struct soft_qp *)ibv;
	int error;

	if (hca_faults_hit(dev, HCA_FAULT_MODIFY_QP))
		return ENOMEM;
	if (qp->table != NULL)
		return hca_refuse(HCA_RULE_RSS_MODIFY);
	hca_device_lock(dev);
	error = change(qp, attr, mask);
	hca_device_unlock(dev);
	if (error == 0 && (mask & IBV_QP_STATE) != 0)
		note_state(qp, attr->qp_state);
	if (error == 0 && (mask & IBV_QP_STATE) != 0 && attr->qp_state == IBV_QPS_RESET)
		reset_rings(qp);
	hca_trace("modify_qp(%#x, mask %#x, state %d): %d", ibv->qp_num, mask, attr->qp_state,
		error);
	return error;
}

/*
 * What the kernel finds the state to be, by those of the two queues; -1: they do not go together.
 * It takes no notice of an error of a send queue alone.
 */
static int
state_of(const struct soft_qp *qp)
{
	bool send_error = qp->has_sq && qp->sq.state == HCA_ERROR;

	if (soft_qp_has_transport(qp))
		return transport_state(qp);
	if (!qp->has_rq)
		return qp->state;
	if (qp->rq.state == HCA_ERROR)
		return send_error || !qp->has_sq ? (int)IBV_QPS_ERR : -1;
	if (qp->rq.state == HCA_RESET)
		return IBV_QPS_RESET;
	return send_error ? IBV_QPS_SQE : qp->state;
}

EXPORT int
ibv_query_qp(struct ibv_qp *ibv, struct ibv_qp_attr *attr, int mask, struct ibv_qp_init_attr *init)
{
	struct hca_device *dev = soft_device(ibv->context);
	struct soft_qp *qp = (struct soft_qp *)ibv;
	int state;

	if (qp->table != NULL)
		return hca_refuse(HCA_RULE_RSS_QUERY);
	if ((mask & ~(IBV_QP_RATE_LIMIT - 1)) != 0)
		return hca_refuse(HCA_RULE_QUERY_QP_MASK);
	hca_device_lock(dev);
	state = state_of(qp);
	if (state >= 0)
		qp->state = state;
	*attr = qp->attr;
	attr->qp_access_flags = qp->hw.access;
	hca_device_unlock(dev);
	if (state < 0)
		return hca_refuse(HCA_RULE_QUERY_QP_STATES);
	if ((mask & IBV_QP_STATE) != 0)
		ibv->state = state;
	attr->qp_state = attr->cur_qp_state = state;
	attr->cap = soft_qp_cap(qp);
	*init = (struct ibv_qp_init_attr){
		.qp_context = ibv->qp_context,
		.send_cq = ibv->send_cq,
		.recv_cq = ibv->recv_cq,
		.srq = ibv->srq,
		.cap = attr->cap,
		.qp_type = ibv->qp_type,
		.sq_sig_all = qp->signal_all,
	};
	return 0;
}
