/* SPDX-License-Identifier: BSD-3-Clause */
#include <endian.h>
#include <string.h>

#include <infiniband/mlx5dv.h>

#include "queue/qp.h"
#include "queue/request.h"

/* Of the control segment's flags: all but the reserved bits. */
#define FLAGS                                                                                      \
	(0x0c | MLX5_WQE_CTRL_SOLICITED | MLX5_WQE_CTRL_FENCE | MLX5_WQE_CTRL_INITIATOR_SMALL_FENCE)

static bool
is_atomic(uint8_t opcode)
{
	return opcode == MLX5_OPCODE_ATOMIC_CS || opcode == MLX5_OPCODE_ATOMIC_FA;
}

bool
hca_request_returns(uint8_t opcode)
{
	return opcode == MLX5_OPCODE_RDMA_READ || is_atomic(opcode);
}

static bool
has_opcode(enum ibv_qp_type type, uint8_t opcode)
{
	switch (opcode) {
	case MLX5_OPCODE_NOP:
	case MLX5_OPCODE_SEND:
	case MLX5_OPCODE_SEND_IMM:
		return true;
	case MLX5_OPCODE_RDMA_WRITE:
	case MLX5_OPCODE_RDMA_WRITE_IMM:
		return type != IBV_QPT_UD;
	default:
		return type == IBV_QPT_RC && hca_request_returns(opcode);
	}
}

/* Bytes between the control segment and the data. */
static uint32_t
middle(enum ibv_qp_type type, uint8_t opcode)
{
	if (opcode == MLX5_OPCODE_NOP)
		return 0;
	if (type == IBV_QPT_UD)
		return sizeof(struct mlx5_wqe_datagram_seg);
	if (is_atomic(opcode))
		return sizeof(struct mlx5_wqe_raddr_seg) + sizeof(struct mlx5_wqe_atomic_seg);
	return opcode == MLX5_OPCODE_SEND || opcode == MLX5_OPCODE_SEND_IMM ? 0 :
		sizeof(struct mlx5_wqe_raddr_seg);
}

static bool
is_reserved_zero(const uint8_t *ctrl)
{
	return ctrl[0] == 0 && (ctrl[7] & 0xc0) == 0 && ctrl[8] == 0 && ctrl[9] == 0 &&
		ctrl[10] == 0 && (ctrl[11] & ~FLAGS) == 0;
}

enum hca_check
hca_request_parse(struct hca_wqe *wqe, enum ibv_qp_type type)
{
	uint32_t at = HCA_SEGMENT + middle(type, wqe->opcode), size = wqe->ds * HCA_SEGMENT;
	enum hca_check check = HCA_FINE;

	if (!is_reserved_zero(wqe->bytes))
		return HCA_SQ_RESERVED;
	if (!has_opcode(type, wqe->opcode))
		return HCA_SQ_OPCODE;
	if (at > size)
		return HCA_SQ_DS;
	wqe->packets[0] = (struct hca_wqe_packet){0};
	while (check == HCA_FINE && at < size)
		check = hca_wqe_parse_data(wqe, &at, HCA_QP_MESSAGE);
	if (check != HCA_FINE)
		return check;
	/* What comes back must have a place outside. */
	return hca_request_returns(wqe->opcode) && wqe->inlined != 0 ? HCA_SQ_INLINE : HCA_FINE;
}

static void
read_remote(struct hca_request *request, const uint8_t *at)
{
	struct mlx5_wqe_atomic_seg atomic;
	struct mlx5_wqe_raddr_seg remote;

	memcpy(&remote, at, sizeof(remote));
	request->addr = be64toh(remote.raddr);
	request->key = be32toh(remote.rkey);
	if (!is_atomic(request->opcode))
		return;
	memcpy(&atomic, at + sizeof(remote), sizeof(atomic));
	request->operand = be64toh(atomic.swap_add);
	request->compare = be64toh(atomic.compare);
}

static void
read_address(struct hca_request *request, const uint8_t *at)
{
	struct mlx5_wqe_av av;

	memcpy(&av, at, sizeof(av));
	request->peer = be32toh(av.dqp_dct) & 0xffffff;
	request->qkey = be32toh(av.key.qkey.qkey);
	memcpy(&request->gid, av.rgid, sizeof(request->gid));
	request->flow_label = be32toh(av.grh_gid_fl) & 0xfffff;
	request->traffic_class = av.tclass;
	request->hop_limit = av.hop_limit;
}

struct hca_request
hca_request_of(const struct hca_wqe *wqe, enum ibv_qp_type type)
{
	struct hca_request request = {.opcode = wqe->opcode};

	memcpy(&request.imm, wqe->bytes + 12, sizeof(request.imm));
	if (type == IBV_QPT_UD)
		read_address(&request, wqe->bytes + HCA_SEGMENT);
	else if (middle(type, wqe->opcode) != 0)
		read_remote(&request, wqe->bytes + HCA_SEGMENT);
	return request;
}
