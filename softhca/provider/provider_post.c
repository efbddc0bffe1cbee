/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * provider_post.c - work requests become WQEs, and the doorbell is rung once for all of a call.
 */
#include <endian.h>
#include <string.h>

#include <infiniband/mlx5dv.h>

#include "device/faults.h"
#include "provider/pen.h"
#include "provider/provider.h"
#include "provider/provider_post.h"
#include "provider/provider_request.h"
#include "provider/provider_ring.h"
#include "refusals/refusals.h"

/* Of a control segment: the index of the WQE; how many segments it has. */
#define INDEX_AT      8u
#define INDEX_MASK    0xffff00u
#define SEGMENTS_MASK 0x3fu

uint32_t
soft_inline_min(const struct soft_qp *qp)
{
	return qp->ibv.qp_type == IBV_QPT_RAW_PACKET ?
		soft_device(qp->ibv.context)->model->inline_min : 0;
}

static uint32_t
eth_segments(uint32_t header)
{
	return header != 0 ? 1 + (header - 2 + HCA_SEGMENT - 1) / HCA_SEGMENT : 1;
}

static void
put_eth(struct soft_pen *pen, const struct ibv_send_wr *wr, uint32_t header)
{
	uint8_t eth[14] = {0};
	uint32_t left = header, n;
	int i;

	if ((wr->send_flags & IBV_SEND_IP_CSUM) != 0)
		eth[4] = MLX5_ETH_WQE_L3_CSUM | MLX5_ETH_WQE_L4_CSUM;
	eth[13] = header;
	soft_pen_put(pen, eth, sizeof(eth));
	for (i = 0; i < wr->num_sge && left != 0; i++, left -= n) {
		n = left < wr->sg_list[i].length ? left : wr->sg_list[i].length;
		soft_pen_put(pen, (const void *)(uintptr_t)wr->sg_list[i].addr, n);
	}
	soft_pen_pad(pen);
}

/* Of a frame: a header that the device requires inline. */
static enum hca_rule
check_header(const struct soft_qp *qp, const struct ibv_send_wr *wr)
{
	if (qp->ibv.qp_type != IBV_QPT_RAW_PACKET)
		return HCA_RULE_NONE;
	if (wr->num_sge < 1)
		return HCA_RULE_POST_SEND_NO_SGE;
	return soft_pen_bytes(wr) < soft_inline_min(qp) ? HCA_RULE_POST_SEND_HEADER :
		HCA_RULE_NONE;
}

/* In the order of libmlx5, which knows the state by what it was changed to. */
static enum hca_rule
check_send(const struct soft_qp *qp, const struct ibv_send_wr *wr)
{
	int most = __atomic_load_n(&qp->may_send, __ATOMIC_RELAXED) ? (int)qp->send_size.sge : -1;
	enum hca_rule rule;

	if ((uint32_t)wr->opcode > IBV_WR_DRIVER1)
		return HCA_RULE_POST_SEND_OPCODE;
	if (!qp->has_sq || !soft_has_room(&qp->send))
		return HCA_RULE_POST_SEND_FULL;
	if (wr->num_sge > most)
		return HCA_RULE_POST_SEND_SGE;
	rule = check_header(qp, wr);
	if (rule != HCA_RULE_NONE)
		return rule;
	return (wr->send_flags & IBV_SEND_INLINE) != 0 &&
		soft_pen_bytes(wr) - soft_inline_min(qp) > qp->send_size.max_inline ?
		HCA_RULE_POST_SEND_INLINE : HCA_RULE_NONE;
}

static void
write_frame(struct soft_qp *qp, const struct ibv_send_wr *wr, struct mlx5_wqe_ctrl_seg *ctrl)
{
	struct soft_ring *ring = &qp->send;
	uint32_t header = soft_inline_min(qp);
	uint32_t segments = 1 + eth_segments(header) + soft_pen_segments(wr, header);
	struct soft_pen pen = soft_pen_at(qp, ring->head);

	mlx5dv_set_ctrl_seg(ctrl, ring->head, MLX5_OPCODE_SEND, 0, ring->number,
		soft_control_flags(qp, wr), segments, 0, 0);
	soft_pen_put(&pen, ctrl, sizeof(*ctrl));
	put_eth(&pen, wr, header);
	soft_pen_data(&pen, wr, header);
	soft_ring_count(ring, wr->wr_id, ring->head + hca_wqebbs(segments));
}

void
soft_write_send(struct soft_qp *qp, const struct ibv_send_wr *wr, struct mlx5_wqe_ctrl_seg *ctrl)
{
	if (qp->ibv.qp_type == IBV_QPT_RAW_PACKET)
		write_frame(qp, wr, ctrl);
	else
		soft_write_request(qp, wr, ctrl);
}

void
soft_write_raw(struct soft_qp *qp, const void *wqe, struct mlx5_wqe_ctrl_seg *ctrl)
{
	struct soft_ring *ring = &qp->send;
	uint32_t at = ring->head & (ring->size - 1), first, segments;
	struct soft_pen pen = soft_pen_at(qp, ring->head);

	memcpy(ctrl, wqe, sizeof(*ctrl));
	first = be32toh(ctrl->opmod_idx_opcode) & ~INDEX_MASK;
	ctrl->opmod_idx_opcode = htobe32(first | (uint32_t)ring->head << INDEX_AT);
	segments = be32toh(ctrl->qpn_ds) & SEGMENTS_MASK;
	soft_pen_put(&pen, ctrl, sizeof(*ctrl));
	if (segments > 1)
		soft_pen_put(&pen, (const uint8_t *)wqe + HCA_SEGMENT,
			(segments - 1) * HCA_SEGMENT);
	soft_ring_count(ring, qp->ex.wr_id, ring->head + hca_wqebbs(segments));
	ring->raw[at] = true;
}

int
soft_post_send(struct ibv_qp *ibv, struct ibv_send_wr *wr, struct ibv_send_wr **bad)
{
	struct soft_qp *qp = (struct soft_qp *)ibv;
	/* mlx5dv_set_ctrl_seg() leaves two reserved bytes as they are. */
	struct mlx5_wqe_ctrl_seg ctrl = {0};
	bool any = false;
	int error = 0;

	if (!qp->has_sq) {
		*bad = wr;
		return hca_refuse(check_send(qp, wr));
	}
	pthread_mutex_lock(&qp->send.lock);
	for (; wr != NULL; wr = wr->next) {
		error = hca_refuse(check_send(qp, wr));
		/* What else there is to do is not modelled. */
		if (error == 0 && !soft_has_opcode(qp, wr->opcode))
			error = EOPNOTSUPP;
		if (error == 0 && hca_faults_hit(soft_device(ibv->context), HCA_FAULT_POST))
			error = ENOMEM;
		if (error != 0) {
			*bad = wr;
			break;
		}
		soft_write_send(qp, wr, &ctrl);
		any = true;
	}
	if (any)
		soft_ring_send(qp, &ctrl);
	pthread_mutex_unlock(&qp->send.lock);
	return error;
}

/* A receive ring, whether of a QP or of a work queue. */
struct receiver {
	struct hca_device *dev;
	struct soft_ring *ring;
	const struct hca_rq *rq;
	int max_sge;
};

static void
write_recv(const struct receiver *to, const struct ibv_recv_wr *wr)
{
	struct soft_ring *ring = to->ring;
	uint32_t at = ring->head & (ring->size - 1);

	soft_scatter_list((void *)(to->rq->ring + (size_t)at * to->rq->stride),
		to->rq->stride / HCA_SEGMENT, wr);
	soft_ring_count(ring, wr->wr_id, ring->head + 1);
}

static int
post_recv(const struct receiver *to, struct ibv_recv_wr *wr, struct ibv_recv_wr **bad)
{
	int error = 0;

	pthread_mutex_lock(&to->ring->lock);
	for (; wr != NULL; wr = wr->next) {
		if (!soft_has_room(to->ring))
			error = hca_refuse(HCA_RULE_POST_RECV_FULL);
		else if (wr->num_sge > to->max_sge)
			error = hca_refuse(HCA_RULE_POST_RECV_SGE);
		else if (hca_faults_hit(to->dev, HCA_FAULT_POST))
			error = ENOMEM;
		if (error != 0) {
			*bad = wr;
			break;
		}
		write_recv(to, wr);
	}
	/* Release: the WQEs are written. */
	__atomic_store_n(&to->rq->dbrec[MLX5_RCV_DBR], htobe32(to->ring->head), __ATOMIC_RELEASE);
	pthread_mutex_unlock(&to->ring->lock);
	return error;
}

int
soft_post_recv(struct ibv_qp *ibv, struct ibv_recv_wr *wr, struct ibv_recv_wr **bad)
{
	struct soft_qp *qp = (struct soft_qp *)ibv;
	bool may = __atomic_load_n(&qp->may_receive, __ATOMIC_RELAXED);
	struct receiver to = {soft_device(ibv->context), &qp->receive, &qp->rq,
		may ? (int)qp->receive_size.segments : -1};

	if (!qp->has_rq) {
		*bad = wr;
		return hca_refuse(HCA_RULE_POST_RECV_FULL);
	}
	return post_recv(&to, wr, bad);
}

int
soft_post_wq_recv(struct ibv_wq *ibv, struct ibv_recv_wr *wr, struct ibv_recv_wr **bad)
{
	struct soft_wq *wq = (struct soft_wq *)ibv;
	int max_sge = wq->hw.stride / HCA_SEGMENT;
	struct receiver to = {soft_device(ibv->context), &wq->ring, &wq->hw, max_sge};

	return post_recv(&to, wr, bad);
}
