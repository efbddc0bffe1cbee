/* SPDX-License-Identifier: BSD-3-Clause */
#include "provider/provider_request.h"
#include "provider/provider_wr.h"
#include "provider/provider_wr_request.h"

static void
send_imm(struct ibv_qp_ex *ex, __be32 imm)
{
	struct ibv_send_wr wr = {.opcode = IBV_WR_SEND_WITH_IMM, .imm_data = imm};

	soft_wr_begin(ex, &wr);
}

static void
begin_rdma(struct ibv_qp_ex *ex, enum ibv_wr_opcode opcode, uint32_t key, uint64_t addr, __be32 imm)
{
	struct ibv_send_wr wr = {
		.opcode = opcode,
		.imm_data = imm,
		.wr.rdma = {.remote_addr = addr, .rkey = key},
	};

	soft_wr_begin(ex, &wr);
}

static void
rdma_write(struct ibv_qp_ex *ex, uint32_t key, uint64_t addr)
{
	begin_rdma(ex, IBV_WR_RDMA_WRITE, key, addr, 0);
}

static void
rdma_write_imm(struct ibv_qp_ex *ex, uint32_t key, uint64_t addr, __be32 imm)
{
	begin_rdma(ex, IBV_WR_RDMA_WRITE_WITH_IMM, key, addr, imm);
}

static void
rdma_read(struct ibv_qp_ex *ex, uint32_t key, uint64_t addr)
{
	begin_rdma(ex, IBV_WR_RDMA_READ, key, addr, 0);
}

static void
begin_atomic(struct ibv_qp_ex *ex, enum ibv_wr_opcode opcode, uint32_t key, uint64_t addr,
	uint64_t compare_add, uint64_t swap)
{
	struct ibv_send_wr wr = {
		.opcode = opcode,
		.wr.atomic = {addr, compare_add, swap, key},
	};

	soft_wr_begin(ex, &wr);
}

static void
compare_and_swap(struct ibv_qp_ex *ex, uint32_t key, uint64_t addr, uint64_t compare, uint64_t swap)
{
	begin_atomic(ex, IBV_WR_ATOMIC_CMP_AND_SWP, key, addr, compare, swap);
}

static void
fetch_and_add(struct ibv_qp_ex *ex, uint32_t key, uint64_t addr, uint64_t add)
{
	begin_atomic(ex, IBV_WR_ATOMIC_FETCH_AND_ADD, key, addr, add, 0);
}

/* Before the data, or behind it. */
static void
set_address(struct ibv_qp_ex *ex, struct ibv_ah *ah, uint32_t number, uint32_t qkey)
{
	struct soft_qp *qp = (struct soft_qp *)ex;
	struct ibv_send_wr *wr = &qp->builder.wr;

	wr->wr.ud.ah = ah;
	wr->wr.ud.remote_qpn = number;
	wr->wr.ud.remote_qkey = qkey;
	if (!qp->builder.begun && qp->builder.error == 0)
		soft_write_address(qp, qp->builder.at, wr);
}

void
soft_wr_fill_requests(struct ibv_qp_ex *ex)
{
	ex->wr_send_imm = send_imm;
	if (ex->qp_base.qp_type == IBV_QPT_UD) {
		ex->wr_set_ud_addr = set_address;
		return;
	}
	ex->wr_rdma_write = rdma_write;
	ex->wr_rdma_write_imm = rdma_write_imm;
	if (ex->qp_base.qp_type != IBV_QPT_RC)
		return;
	ex->wr_rdma_read = rdma_read;
	ex->wr_atomic_cmp_swp = compare_and_swap;
	ex->wr_atomic_fetch_add = fetch_and_add;
}
