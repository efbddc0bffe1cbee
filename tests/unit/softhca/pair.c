/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <endian.h>

#include <cmocka.h>

#include "engine/engine.h"
#include "pair.h"

struct ibv_qp *
pair_make_qp(const struct pair *pair, int side)
{
	struct ibv_qp_init_attr init = {
		.qp_type = pair->type,
		.send_cq = pair->cqs[side],
		.recv_cq = pair->cqs[side],
		.cap = {PAIR_WQES, PAIR_WQES, 4, 4, 0},
	};

	return ibv_create_qp(pair->rig->pd, &init);
}

struct ibv_qp_attr
pair_attributes(const struct rig *rig, uint32_t peer)
{
	struct ibv_qp_attr attr = {
		.port_num = 1,
		.qp_access_flags = PAIR_ACCESS,
		.qkey = PAIR_QKEY,
		.path_mtu = IBV_MTU_1024,
		.dest_qp_num = peer,
		.rq_psn = 0x11,
		.sq_psn = 0x22,
		.max_rd_atomic = 1,
		.max_dest_rd_atomic = 2,
		.timeout = 1,
		.retry_cnt = 3,
		.rnr_retry = 7,
		.min_rnr_timer = 1,
		.ah_attr = {.is_global = 1, .port_num = 1},
	};

	assert_int_equal(ibv_query_gid(rig->ctx, 1, 0, &attr.ah_attr.grh.dgid), 0);
	return attr;
}

int
pair_mask(enum ibv_qp_type type, enum ibv_qp_state state)
{
	const int reliable = IBV_QP_MAX_DEST_RD_ATOMIC | IBV_QP_MIN_RNR_TIMER;
	const int peer = IBV_QP_AV | IBV_QP_PATH_MTU | IBV_QP_DEST_QPN | IBV_QP_RQ_PSN;
	const int retries = IBV_QP_TIMEOUT | IBV_QP_RETRY_CNT | IBV_QP_RNR_RETRY |
		IBV_QP_MAX_QP_RD_ATOMIC;

	switch (state) {
	case IBV_QPS_INIT:
		return IBV_QP_STATE | IBV_QP_PKEY_INDEX | IBV_QP_PORT |
			(type == IBV_QPT_UD ? IBV_QP_QKEY : IBV_QP_ACCESS_FLAGS);
	case IBV_QPS_RTR:
		return IBV_QP_STATE | (type == IBV_QPT_UD ? 0 : peer) |
			(type == IBV_QPT_RC ? reliable : 0);
	case IBV_QPS_RTS:
		return IBV_QP_STATE | IBV_QP_SQ_PSN | (type == IBV_QPT_RC ? retries : 0);
	default:
		return IBV_QP_STATE;
	}
}

void
pair_start(struct ibv_qp *qp, const struct ibv_qp_attr *attr, enum ibv_qp_state last)
{
	struct ibv_qp_attr step = *attr;
	enum ibv_qp_state to;

	for (to = IBV_QPS_INIT; to <= last; to++) {
		step.qp_state = to;
		assert_int_equal(ibv_modify_qp(qp, &step, pair_mask(qp->qp_type, to)), 0);
	}
}

void
pair_reconnect(struct ibv_qp *qp, const struct ibv_qp_attr *attr)
{
	struct ibv_qp_attr reset = {.qp_state = IBV_QPS_RESET};

	assert_int_equal(ibv_modify_qp(qp, &reset, IBV_QP_STATE), 0);
	pair_start(qp, attr, IBV_QPS_RTS);
}

void
pair_restart(struct pair *pair, unsigned int access)
{
	struct ibv_qp_attr attr = {.qp_state = IBV_QPS_RESET};
	int i;

	for (i = 0; i < 2; i++)
		assert_int_equal(ibv_modify_qp(pair->qps[i], &attr, IBV_QP_STATE), 0);
	for (i = 0; i < 2; i++) {
		attr = pair_attributes(pair->rig, pair->qps[1 - i]->qp_num);
		attr.qp_access_flags = access;
		pair_start(pair->qps[i], &attr, IBV_QPS_RTS);
	}
}

static void
make_address(struct pair *pair)
{
	struct ibv_qp_attr attr = pair_attributes(pair->rig, 0);

	attr.ah_attr.grh.traffic_class = 0xab;
	attr.ah_attr.grh.flow_label = 0x12345;
	attr.ah_attr.grh.hop_limit = 7;
	pair->ah = ibv_create_ah(pair->rig->pd, &attr.ah_attr);
	assert_non_null(pair->ah);
}

void
pair_set_up(struct pair *pair, struct rig *rig, enum ibv_qp_type type)
{
	int i;

	*pair = (struct pair){.rig = rig, .type = type};
	pair->mr = ibv_reg_mr(rig->pd, rig->mem, RIG_MEM, IBV_ACCESS_LOCAL_WRITE | PAIR_ACCESS);
	assert_non_null(pair->mr);
	make_address(pair);
	for (i = 0; i < 2; i++) {
		pair->cqs[i] = ibv_create_cq(rig->ctx, 2 * PAIR_WQES, NULL, NULL, 0);
		assert_non_null(pair->cqs[i]);
		pair->qps[i] = pair_make_qp(pair, i);
		assert_non_null(pair->qps[i]);
	}
	pair_restart(pair, PAIR_ACCESS);
}

void
pair_tear_down(struct pair *pair)
{
	int i;

	for (i = 0; i < 2; i++) {
		if (pair->qps[i] != NULL)
			assert_int_equal(ibv_destroy_qp(pair->qps[i]), 0);
		assert_int_equal(ibv_destroy_cq(pair->cqs[i]), 0);
	}
	assert_int_equal(ibv_destroy_ah(pair->ah), 0);
	assert_int_equal(ibv_dereg_mr(pair->mr), 0);
}

/* What only some operations have. */
static void
set_remote(struct pair *pair, struct ibv_send_wr *wr, const struct pair_request *request)
{
	uint64_t addr = (uintptr_t)pair->rig->mem + request->to;
	uint32_t key = request->remote_key != 0 ? request->remote_key : pair->mr->rkey;

	if (pair->type == IBV_QPT_UD) {
		wr->wr.ud.ah = pair->ah;
		wr->wr.ud.remote_qpn = pair->qps[1]->qp_num;
		wr->wr.ud.remote_qkey = request->qkey != 0 ? request->qkey : PAIR_QKEY;
	} else if (wr->opcode == IBV_WR_ATOMIC_CMP_AND_SWP ||
		wr->opcode == IBV_WR_ATOMIC_FETCH_AND_ADD) {
		wr->wr.atomic.remote_addr = addr;
		wr->wr.atomic.rkey = key;
		wr->wr.atomic.compare_add = request->compare_add;
		wr->wr.atomic.swap = request->swap;
	} else {
		wr->wr.rdma.remote_addr = addr;
		wr->wr.rdma.rkey = key;
	}
}

int
pair_post(struct pair *pair, struct pair_request request)
{
	struct ibv_sge sge = {(uintptr_t)pair->rig->mem + request.offset, request.len,
		request.key != 0 ? request.key : pair->mr->lkey};
	struct ibv_send_wr *bad, wr = {
		.wr_id = request.offset,
		.sg_list = &sge,
		.num_sge = request.len != 0,
		.opcode = request.opcode,
		.send_flags = IBV_SEND_SIGNALED | request.flags,
		.imm_data = htobe32(request.imm),
	};

	set_remote(pair, &wr, &request);
	return ibv_post_send(pair->qps[0], &wr, &bad);
}

void
pair_recv(struct pair *pair, uint32_t offset, uint32_t len)
{
	struct ibv_sge sge = {(uintptr_t)pair->rig->mem + offset, len, pair->mr->lkey};
	struct ibv_recv_wr *bad, wr = {.wr_id = offset, .sg_list = &sge, .num_sge = len != 0};

	assert_int_equal(ibv_post_recv(pair->qps[1], &wr, &bad), 0);
}

struct ibv_wc
pair_wc(struct pair *pair, int side, enum ibv_wc_status status)
{
	struct ibv_wc wc;

	softhca_step();
	wc = rig_wc(pair->cqs[side]);
	assert_int_equal(wc.status, status);
	assert_int_equal(wc.qp_num, pair->qps[side]->qp_num);
	return wc;
}

enum ibv_qp_state
pair_state(struct ibv_qp *qp)
{
	struct ibv_qp_init_attr init;
	struct ibv_qp_attr attr;

	assert_int_equal(ibv_query_qp(qp, &attr, IBV_QP_STATE, &init), 0);
	return attr.qp_state;
}
