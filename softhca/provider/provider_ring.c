/* SPDX-License-Identifier: BSD-3-Clause */
#include <endian.h>
#include <string.h>

#include "provider/provider_ring.h"

bool
soft_has_room(const struct soft_ring *ring)
{
	/* Acquire: pairs with whoever polls. */
	return ring->posted - __atomic_load_n(&ring->completed, __ATOMIC_ACQUIRE) < ring->limit;
}

void
soft_ring_count(struct soft_ring *ring, uint64_t id, uint16_t end)
{
	uint32_t at = ring->head & (ring->size - 1);

	ring->ids[at] = id;
	ring->raw[at] = false;
	ring->counts[at] = ++ring->posted;
	ring->head = end;
}

uint8_t
soft_control_flags(const struct soft_qp *qp, const struct ibv_send_wr *wr)
{
	uint8_t flags = 0;

	if (qp->signal_all || (wr->send_flags & IBV_SEND_SIGNALED) != 0)
		flags |= MLX5_WQE_CTRL_CQ_UPDATE;
	if ((wr->send_flags & IBV_SEND_SOLICITED) != 0)
		flags |= MLX5_WQE_CTRL_SOLICITED;
	if ((wr->send_flags & IBV_SEND_FENCE) != 0)
		flags |= qp->ibv.qp_type != IBV_QPT_RAW_PACKET ? MLX5_WQE_CTRL_FENCE : 0;
	return flags;
}

void
soft_scatter_list(struct mlx5_wqe_data_seg *list, uint32_t max, const struct ibv_recv_wr *wr)
{
	uint32_t used = 0;
	int i;

	for (i = 0; i < wr->num_sge; i++)
		if (wr->sg_list[i].length != 0)
			mlx5dv_set_data_seg(&list[used++], wr->sg_list[i].length,
				wr->sg_list[i].lkey, wr->sg_list[i].addr);
	if (used < max)
		mlx5dv_set_data_seg(&list[used], 0, MLX5_INVALID_LKEY, 0);
}

void
soft_ring_send(struct soft_qp *qp, const struct mlx5_wqe_ctrl_seg *ctrl)
{
	uint64_t doorbell;

	memcpy(&doorbell, ctrl, sizeof(doorbell));
	/* Release, twice: WQEs before the record, the record before the doorbell. */
	__atomic_store_n(&qp->dbrec[MLX5_SND_DBR], htobe32(qp->send.head), __ATOMIC_RELEASE);
	__atomic_store_n((uint64_t *)(qp->sq.uar + HCA_SQ_DOORBELL_AT), doorbell, __ATOMIC_RELEASE);
}
