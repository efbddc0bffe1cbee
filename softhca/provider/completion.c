/* SPDX-License-Identifier: BSD-3-Clause */
#include <endian.h>
#include <string.h>

#include "provider/completion.h"

/* Of sop_drop_qpn and flags_rqpn, whose other bytes are something else. */
#define NUMBER_MASK 0xffffffu
#define ATOMIC_LEN  8u

static uint8_t
opcode_of(const struct mlx5_cqe64 *cqe)
{
	return cqe->op_own >> 4;
}

bool
soft_cqe_is_receive(const struct mlx5_cqe64 *cqe)
{
	return opcode_of(cqe) != MLX5_CQE_REQ && opcode_of(cqe) != MLX5_CQE_REQ_ERR;
}

static enum ibv_wc_status
status_of(const struct mlx5_err_cqe *cqe)
{
	switch (cqe->syndrome) {
	case MLX5_CQE_SYNDROME_LOCAL_LENGTH_ERR:
		return IBV_WC_LOC_LEN_ERR;
	case MLX5_CQE_SYNDROME_LOCAL_QP_OP_ERR:
		return IBV_WC_LOC_QP_OP_ERR;
	case MLX5_CQE_SYNDROME_LOCAL_PROT_ERR:
		return IBV_WC_LOC_PROT_ERR;
	case MLX5_CQE_SYNDROME_WR_FLUSH_ERR:
		return IBV_WC_WR_FLUSH_ERR;
	case MLX5_CQE_SYNDROME_REMOTE_INVAL_REQ_ERR:
		return IBV_WC_REM_INV_REQ_ERR;
	case MLX5_CQE_SYNDROME_REMOTE_ACCESS_ERR:
		return IBV_WC_REM_ACCESS_ERR;
	case MLX5_CQE_SYNDROME_REMOTE_OP_ERR:
		return IBV_WC_REM_OP_ERR;
	case MLX5_CQE_SYNDROME_TRANSPORT_RETRY_EXC_ERR:
		return IBV_WC_RETRY_EXC_ERR;
	case MLX5_CQE_SYNDROME_RNR_RETRY_EXC_ERR:
		return IBV_WC_RNR_RETRY_EXC_ERR;
	default:
		return IBV_WC_GENERAL_ERR;
	}
}

/* By the opcode of the WQE. */
static enum ibv_wc_opcode
sent_opcode(const struct mlx5_cqe64 *cqe)
{
	switch (be32toh(cqe->sop_drop_qpn) >> 24) {
	case MLX5_OPCODE_RDMA_WRITE:
	case MLX5_OPCODE_RDMA_WRITE_IMM:
		return IBV_WC_RDMA_WRITE;
	case MLX5_OPCODE_RDMA_READ:
		return IBV_WC_RDMA_READ;
	case MLX5_OPCODE_ATOMIC_CS:
		return IBV_WC_COMP_SWAP;
	case MLX5_OPCODE_ATOMIC_FA:
		return IBV_WC_FETCH_ADD;
	default:
		return IBV_WC_SEND;
	}
}

static enum ibv_wc_opcode
wc_opcode(const struct mlx5_cqe64 *cqe)
{
	switch (opcode_of(cqe)) {
	case MLX5_CQE_REQ:
		return sent_opcode(cqe);
	case MLX5_CQE_REQ_ERR:
		return IBV_WC_SEND;
	case MLX5_CQE_RESP_WR_IMM:
		return IBV_WC_RECV_RDMA_WITH_IMM;
	default:
		return IBV_WC_RECV;
	}
}

uint32_t
soft_wc_number(const struct mlx5_cqe64 *cqe)
{
	return be32toh(cqe->sop_drop_qpn) & NUMBER_MASK;
}

static bool
has_good_checksums(const struct mlx5_cqe64 *cqe)
{
	const uint8_t both = MLX5_CQE_L3_OK | MLX5_CQE_L4_OK;
	bool ipv4 = ((cqe->l4_hdr_type_etc >> 2) & 3) == MLX5_CQE_L3_HDR_TYPE_IPV4;

	return ipv4 && (cqe->hds_ip_ext & both) == both;
}

unsigned int
soft_wc_flags(const struct mlx5_cqe64 *cqe)
{
	unsigned int flags = has_good_checksums(cqe) ? IBV_WC_IP_CSUM_OK : 0;

	if ((be32toh(cqe->flags_rqpn) >> 28 & 3) != 0)
		flags |= IBV_WC_GRH;
	if (opcode_of(cqe) == MLX5_CQE_RESP_SEND_IMM || opcode_of(cqe) == MLX5_CQE_RESP_WR_IMM)
		flags |= IBV_WC_WITH_IMM;
	return flags;
}

static void
fill_sent(struct ibv_wc *wc, const struct mlx5_cqe64 *cqe)
{
	switch (be32toh(cqe->sop_drop_qpn) >> 24) {
	case MLX5_OPCODE_RDMA_READ:
		wc->byte_len = be32toh(cqe->byte_cnt);
		break;
	case MLX5_OPCODE_ATOMIC_CS:
	case MLX5_OPCODE_ATOMIC_FA:
		wc->byte_len = ATOMIC_LEN;
		break;
	case MLX5_OPCODE_SEND_IMM:
	case MLX5_OPCODE_RDMA_WRITE_IMM:
		wc->wc_flags = IBV_WC_WITH_IMM;
		break;
	}
}

void
soft_wc_fill(struct ibv_wc *wc, const struct mlx5_cqe64 *cqe)
{
	const struct mlx5_err_cqe *err = (const struct mlx5_err_cqe *)cqe;

	*wc = (struct ibv_wc){.opcode = wc_opcode(cqe), .qp_num = soft_wc_number(cqe)};
	if (opcode_of(cqe) == MLX5_CQE_REQ_ERR || opcode_of(cqe) == MLX5_CQE_RESP_ERR) {
		wc->status = status_of(err);
		wc->vendor_err = err->vendor_err_synd;
		return;
	}
	if (!soft_cqe_is_receive(cqe)) {
		fill_sent(wc, cqe);
		return;
	}
	wc->byte_len = be32toh(cqe->byte_cnt);
	wc->wc_flags = soft_wc_flags(cqe);
	wc->imm_data = cqe->imm_inval_pkey;
	wc->src_qp = be32toh(cqe->flags_rqpn) & NUMBER_MASK;
}
