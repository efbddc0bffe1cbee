/* SPDX-License-Identifier: BSD-3-Clause */
#include <endian.h>
#include <string.h>

#include "provider/pen.h"
#include "provider/provider_request.h"
#include "provider/provider_ring.h"

/* Of the destination's number: the address vector is a whole one. */
#define WHOLE	    (1u << 31)
#define ATOMIC_LEN  8u

/* By enum ibv_wr_opcode; 0 is no operation. */
static const uint8_t opcodes[] = {
	[IBV_WR_RDMA_WRITE] = MLX5_OPCODE_RDMA_WRITE,
	[IBV_WR_RDMA_WRITE_WITH_IMM] = MLX5_OPCODE_RDMA_WRITE_IMM,
	[IBV_WR_SEND] = MLX5_OPCODE_SEND,
	[IBV_WR_SEND_WITH_IMM] = MLX5_OPCODE_SEND_IMM,
	[IBV_WR_RDMA_READ] = MLX5_OPCODE_RDMA_READ,
	[IBV_WR_ATOMIC_CMP_AND_SWP] = MLX5_OPCODE_ATOMIC_CS,
	[IBV_WR_ATOMIC_FETCH_AND_ADD] = MLX5_OPCODE_ATOMIC_FA,
};

bool
soft_has_opcode(const struct soft_qp *qp, enum ibv_wr_opcode opcode)
{
	if (qp->ibv.qp_type == IBV_QPT_RAW_PACKET)
		return opcode == IBV_WR_SEND;
	return opcode < sizeof(opcodes) && opcodes[opcode] != 0;
}

static bool
is_atomic(const struct ibv_send_wr *wr)
{
	return wr->opcode == IBV_WR_ATOMIC_CMP_AND_SWP || wr->opcode == IBV_WR_ATOMIC_FETCH_AND_ADD;
}

static bool
is_rdma(const struct ibv_send_wr *wr)
{
	return wr->opcode == IBV_WR_RDMA_WRITE || wr->opcode == IBV_WR_RDMA_WRITE_WITH_IMM ||
		wr->opcode == IBV_WR_RDMA_READ;
}

/* libmlx5 leaves these segments out where the transport does not know the operation. */
static bool
has_remote(const struct soft_qp *qp, const struct ibv_send_wr *wr)
{
	if (qp->ibv.qp_type == IBV_QPT_RC)
		return is_rdma(wr) || is_atomic(wr);
	return qp->ibv.qp_type == IBV_QPT_UC && is_rdma(wr) && wr->opcode != IBV_WR_RDMA_READ;
}

static void
put_address(struct soft_pen *pen, const struct ibv_send_wr *wr)
{
	const struct soft_ah *ah = (const struct soft_ah *)wr->wr.ud.ah;
	struct mlx5_wqe_av av = {.rlid = 0};

	if (ah != NULL)
		av = ah->av;
	av.dqp_dct = htobe32(wr->wr.ud.remote_qpn | WHOLE);
	av.key.qkey.qkey = htobe32(wr->wr.ud.remote_qkey);
	soft_pen_put(pen, &av, sizeof(av));
}

static void
put_remote(struct soft_pen *pen, uint64_t addr, uint32_t key)
{
	struct mlx5_wqe_raddr_seg remote = {.raddr = htobe64(addr), .rkey = htobe32(key)};

	soft_pen_put(pen, &remote, sizeof(remote));
}

static void
put_atomic(struct soft_pen *pen, const struct ibv_send_wr *wr)
{
	bool swaps = wr->opcode == IBV_WR_ATOMIC_CMP_AND_SWP;
	struct mlx5_wqe_atomic_seg atomic = {
		.swap_add = htobe64(swaps ? wr->wr.atomic.swap : wr->wr.atomic.compare_add),
		.compare = swaps ? htobe64(wr->wr.atomic.compare_add) : 0,
	};

	put_remote(pen, wr->wr.atomic.remote_addr, wr->wr.atomic.rkey);
	soft_pen_put(pen, &atomic, sizeof(atomic));
}

/* What is between the control segment and the data. */
static uint32_t
middle_segments(const struct soft_qp *qp, const struct ibv_send_wr *wr)
{
	if (qp->ibv.qp_type == IBV_QPT_UD)
		return sizeof(struct mlx5_wqe_datagram_seg) / HCA_SEGMENT;
	if (!has_remote(qp, wr))
		return 0;
	return is_atomic(wr) ? 2 : 1;
}

static void
put_middle(struct soft_pen *pen, const struct soft_qp *qp, const struct ibv_send_wr *wr)
{
	if (qp->ibv.qp_type == IBV_QPT_UD)
		put_address(pen, wr);
	else if (!has_remote(qp, wr))
		return;
	else if (is_atomic(wr))
		put_atomic(pen, wr);
	else
		put_remote(pen, wr->wr.rdma.remote_addr, wr->wr.rdma.rkey);
}

/* An atomic operation has one, always of this many bytes. */
static struct ibv_sge
first_segment(const struct ibv_send_wr *wr)
{
	struct ibv_sge sge = {0, 0, 0};

	if (wr->num_sge > 0)
		sge = wr->sg_list[0];
	if (sge.length != 0)
		sge.length = ATOMIC_LEN;
	return sge;
}

static uint32_t
imm_of(const struct ibv_send_wr *wr)
{
	return wr->opcode == IBV_WR_SEND_WITH_IMM || wr->opcode == IBV_WR_RDMA_WRITE_WITH_IMM ?
		wr->imm_data : 0;
}

void
soft_write_request(struct soft_qp *qp, const struct ibv_send_wr *given,
	struct mlx5_wqe_ctrl_seg *ctrl)
{
	struct ibv_sge first = first_segment(given);
	struct soft_ring *ring = &qp->send;
	struct soft_pen pen = soft_pen_at(qp, ring->head);
	struct ibv_send_wr wr = *given;
	uint32_t segments;

	if (is_atomic(&wr)) {
		wr.sg_list = &first;
		wr.num_sge = 1;
	}
	segments = 1 + middle_segments(qp, &wr) + soft_pen_segments(&wr, 0);
	mlx5dv_set_ctrl_seg(ctrl, ring->head, opcodes[wr.opcode], 0, ring->number,
		soft_control_flags(qp, &wr), segments, 0, imm_of(&wr));
	soft_pen_put(&pen, ctrl, sizeof(*ctrl));
	put_middle(&pen, qp, &wr);
	soft_pen_data(&pen, &wr, 0);
	soft_ring_count(ring, wr.wr_id, ring->head + hca_wqebbs(segments));
}

void
soft_write_address(struct soft_qp *qp, uint16_t index, const struct ibv_send_wr *wr)
{
	struct soft_pen pen = soft_pen_at(qp, index);

	pen.at = (pen.at + HCA_SEGMENT) % pen.size;
	put_address(&pen, wr);
}
