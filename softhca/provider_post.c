/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * provider_post.c - work requests become WQEs, and the doorbell is rung once for all of a call.
 */
#include <endian.h>
#include <string.h>

#include <infiniband/mlx5dv.h>

#include "faults.h"
#include "provider.h"

#define SEGMENT 16u

/* Where a send WQE is being written: any segment may be the last before the ring's end. */
struct pen {
	uint8_t *ring;
	uint32_t size, at;
};

static void
put(struct pen *pen, const void *bytes, uint32_t len)
{
	const uint8_t *from = bytes;
	uint32_t n;

	while (len != 0) {
		n = len < pen->size - pen->at ? len : pen->size - pen->at;
		memcpy(pen->ring + pen->at, from, n);
		pen->at = (pen->at + n) % pen->size;
		from += n;
		len -= n;
	}
}

static void
pad(struct pen *pen)
{
	static const uint8_t zeros[SEGMENT];

	if (pen->at % SEGMENT != 0)
		put(pen, zeros, SEGMENT - pen->at % SEGMENT);
}

/* Segments of the WQE behind the control and the Ethernet one. */
static uint32_t
data_segments(const struct ibv_send_wr *wr)
{
	uint32_t bytes = 0, segments = 0;
	int i;

	for (i = 0; i < wr->num_sge; i++) {
		bytes += wr->sg_list[i].length;
		segments += wr->sg_list[i].length != 0;
	}
	if ((wr->send_flags & IBV_SEND_INLINE) == 0)
		return segments;
	return bytes != 0 ? (4 + bytes + SEGMENT - 1) / SEGMENT : 0;
}

static void
put_inline(struct pen *pen, const struct ibv_send_wr *wr)
{
	uint32_t bytes = 0, header;
	int i;

	for (i = 0; i < wr->num_sge; i++)
		bytes += wr->sg_list[i].length;
	header = htobe32(MLX5_INLINE_SEG | bytes);
	put(pen, &header, sizeof(header));
	for (i = 0; i < wr->num_sge; i++)
		put(pen, (const void *)(uintptr_t)wr->sg_list[i].addr, wr->sg_list[i].length);
	pad(pen);
}

static void
put_pointers(struct pen *pen, const struct ibv_send_wr *wr)
{
	struct mlx5_wqe_data_seg seg;
	int i;

	for (i = 0; i < wr->num_sge; i++) {
		if (wr->sg_list[i].length == 0)
			continue;
		mlx5dv_set_data_seg(&seg, wr->sg_list[i].length, wr->sg_list[i].lkey,
			wr->sg_list[i].addr);
		put(pen, &seg, sizeof(seg));
	}
}

static bool
has_room(const struct soft_ring *ring, uint32_t more)
{
	/* Acquire: pairs with whoever polls. */
	uint16_t tail = __atomic_load_n(&ring->tail, __ATOMIC_ACQUIRE);

	return (uint16_t)(ring->head - tail) + more <= ring->size;
}

static int
check_send(const struct soft_qp *qp, const struct ibv_send_wr *wr, uint32_t segments)
{
	uint32_t bytes = 0;
	int i;

	if (wr->opcode != IBV_WR_SEND || wr->num_sge < 0 ||
	    (uint32_t)wr->num_sge > qp->max_send_sge)
		return EINVAL;
	for (i = 0; i < wr->num_sge; i++)
		bytes += wr->sg_list[i].length;
	if ((wr->send_flags & IBV_SEND_INLINE) != 0 && bytes > qp->max_inline)
		return EINVAL;
	return has_room(&qp->send, (segments * SEGMENT + HCA_WQEBB - 1) / HCA_WQEBB) ? 0 : ENOMEM;
}

static uint8_t
control_flags(const struct soft_qp *qp, const struct ibv_send_wr *wr)
{
	uint8_t flags = 0;

	if (qp->signal_all || (wr->send_flags & IBV_SEND_SIGNALED) != 0)
		flags |= MLX5_WQE_CTRL_CQ_UPDATE;
	if ((wr->send_flags & IBV_SEND_SOLICITED) != 0)
		flags |= MLX5_WQE_CTRL_SOLICITED;
	return flags;
}

/* Writes one WQE of so many segments; ctrl becomes what the doorbell wants. */
static void
write_send(struct soft_qp *qp, const struct ibv_send_wr *wr, uint32_t segments,
	struct mlx5_wqe_ctrl_seg *ctrl)
{
	struct soft_ring *ring = &qp->send;
	uint16_t index = ring->head, wqebbs = (segments * SEGMENT + HCA_WQEBB - 1) / HCA_WQEBB;
	struct pen pen = {
		.ring = qp->sq.ring,
		.size = ring->size * HCA_WQEBB,
		.at = (index & (ring->size - 1)) * HCA_WQEBB,
	};
	uint8_t eth[SEGMENT] = {0};

	mlx5dv_set_ctrl_seg(ctrl, index, MLX5_OPCODE_SEND, 0, ring->number, control_flags(qp, wr),
		segments, 0, 0);
	if ((wr->send_flags & IBV_SEND_IP_CSUM) != 0)
		eth[4] = MLX5_ETH_WQE_L3_CSUM | MLX5_ETH_WQE_L4_CSUM;
	put(&pen, ctrl, sizeof(*ctrl));
	put(&pen, eth, sizeof(eth));
	if ((wr->send_flags & IBV_SEND_INLINE) != 0)
		put_inline(&pen, wr);
	else
		put_pointers(&pen, wr);
	ring->ids[index & (ring->size - 1)] = wr->wr_id;
	ring->ends[index & (ring->size - 1)] = index + wqebbs;
	ring->head = index + wqebbs;
}

static void
ring_send(struct soft_qp *qp, const struct mlx5_wqe_ctrl_seg *ctrl)
{
	uint64_t doorbell;

	memcpy(&doorbell, ctrl, sizeof(doorbell));
	/* Release, twice: WQEs before the record, the record before the doorbell. */
	__atomic_store_n(&qp->dbrec[MLX5_SND_DBR], htobe32(qp->send.head), __ATOMIC_RELEASE);
	__atomic_store_n((uint64_t *)(qp->sq.uar + HCA_SQ_DOORBELL_AT), doorbell, __ATOMIC_RELEASE);
}

int
soft_post_send(struct ibv_qp *ibv, struct ibv_send_wr *wr, struct ibv_send_wr **bad)
{
	struct soft_qp *qp = (struct soft_qp *)ibv;
	/* mlx5dv_set_ctrl_seg() leaves two reserved bytes as they are. */
	struct mlx5_wqe_ctrl_seg ctrl = {0};
	uint32_t segments;
	bool any = false;
	int error = 0;

	if (!qp->has_sq) {
		*bad = wr;
		return EINVAL;
	}
	pthread_mutex_lock(&qp->send.lock);
	for (; wr != NULL; wr = wr->next) {
		segments = 2 + data_segments(wr);
		error = check_send(qp, wr, segments);
		if (error == 0 && hca_faults_hit(soft_device(ibv->context), HCA_FAULT_POST))
			error = ENOMEM;
		if (error != 0) {
			*bad = wr;
			break;
		}
		write_send(qp, wr, segments, &ctrl);
		any = true;
	}
	if (any)
		ring_send(qp, &ctrl);
	pthread_mutex_unlock(&qp->send.lock);
	return error;
}

/* A receive ring, whether of a QP or of a work queue. */
struct receiver {
	struct hca_device *dev;
	struct soft_ring *ring;
	const struct hca_rq *rq;
	uint32_t max_sge;
};

static void
write_recv(const struct receiver *to, const struct ibv_recv_wr *wr)
{
	struct soft_ring *ring = to->ring;
	uint32_t at = ring->head & (ring->size - 1), used = 0;
	struct mlx5_wqe_data_seg *seg = (void *)(to->rq->ring + (size_t)at * to->rq->stride);
	int i;

	for (i = 0; i < wr->num_sge; i++)
		if (wr->sg_list[i].length != 0)
			mlx5dv_set_data_seg(&seg[used++], wr->sg_list[i].length,
				wr->sg_list[i].lkey, wr->sg_list[i].addr);
	if (used < to->rq->stride / SEGMENT)
		mlx5dv_set_data_seg(&seg[used], 0, MLX5_INVALID_LKEY, 0);
	ring->ids[at] = wr->wr_id;
	ring->head++;
}

static int
post_recv(const struct receiver *to, struct ibv_recv_wr *wr, struct ibv_recv_wr **bad)
{
	int error = 0;

	pthread_mutex_lock(&to->ring->lock);
	for (; wr != NULL; wr = wr->next) {
		if (wr->num_sge < 0 || (uint32_t)wr->num_sge > to->max_sge)
			error = EINVAL;
		else if (!has_room(to->ring, 1) || hca_faults_hit(to->dev, HCA_FAULT_POST))
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
	struct receiver to = {soft_device(ibv->context), &qp->receive, &qp->rq, qp->max_recv_sge};

	if (!qp->has_rq) {
		*bad = wr;
		return EINVAL;
	}
	return post_recv(&to, wr, bad);
}

int
soft_post_wq_recv(struct ibv_wq *ibv, struct ibv_recv_wr *wr, struct ibv_recv_wr **bad)
{
	struct soft_wq *wq = (struct soft_wq *)ibv;
	uint32_t max_sge = wq->hw.stride / SEGMENT;
	struct receiver to = {soft_device(ibv->context), &wq->ring, &wq->hw, max_sge};

	return post_recv(&to, wr, bad);
}
