/* SPDX-License-Identifier: BSD-3-Clause */
/* Extended QPs with a transport: requests that are built by calls. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <endian.h>
#include <errno.h>
#include <string.h>

#include <cmocka.h>

#include <infiniband/mlx5dv.h>

#include "engine/engine.h"
#include "pair_case.h"

#define TO  8192u
#define LEN 300u

/* In the place of the pair's first one. */
static struct ibv_qp_ex *ex;

static struct ibv_qp *
make_qp(struct rig *rig, enum ibv_qp_type type, uint64_t operations)
{
	struct ibv_qp_init_attr_ex init = {
		.qp_type = type,
		.comp_mask = IBV_QP_INIT_ATTR_PD | IBV_QP_INIT_ATTR_SEND_OPS_FLAGS,
		.pd = rig->pd,
		.send_cq = pair.cqs[0],
		.recv_cq = pair.cqs[0],
		.cap = {PAIR_WQES, PAIR_WQES, 4, 4, 64},
		.send_ops_flags = operations,
	};

	return ibv_create_qp_ex(rig->ctx, &init);
}

static void
connect(struct ibv_qp *qp, struct ibv_qp *to)
{
	struct ibv_qp_attr attr = pair_attributes(pair.rig, to->qp_num);

	pair_reconnect(qp, &attr);
}

static void
extend(void)
{
	uint32_t i;

	for (i = 0; i < RIG_MEM; i++)
		pair.rig->mem[i] = i * 3 + i / 256;
	assert_int_equal(ibv_destroy_qp(pair.qps[0]), 0);
	pair.qps[0] = make_qp(pair.rig, pair.type, IBV_QP_EX_WITH_SEND);
	assert_non_null(pair.qps[0]);
	connect(pair.qps[0], pair.qps[1]);
	connect(pair.qps[1], pair.qps[0]);
	ex = ibv_qp_to_qp_ex(pair.qps[0]);
}

static uint64_t
address(uint32_t offset)
{
	return (uintptr_t)pair.rig->mem + offset;
}

static void
begin(void)
{
	ibv_wr_start(ex);
	ex->wr_flags = IBV_SEND_SIGNALED;
	ex->wr_id = 42;
}

static struct ibv_wc
finish(uint32_t len)
{
	struct ibv_wc wc;

	ibv_wr_set_sge(ex, pair.mr->lkey, address(0), len);
	assert_int_equal(ibv_wr_complete(ex), 0);
	wc = pair_wc(&pair, 0, IBV_WC_SUCCESS);
	assert_int_equal(wc.wr_id, 42);
	return wc;
}

static void
is_moved(void)
{
	assert_memory_equal(pair.rig->mem + TO, pair.rig->mem, LEN);
}

static void
sends_and_writes(void **state)
{
	struct ibv_wc wc;

	pair_recv(&pair, TO, LEN);
	begin();
	ibv_wr_send_imm(ex, htobe32(7));
	assert_int_equal(finish(LEN).opcode, IBV_WC_SEND);
	wc = pair_wc(&pair, 1, IBV_WC_SUCCESS);
	assert_int_equal(wc.imm_data, htobe32(7));
	is_moved();
	memset(pair.rig->mem + TO, 0, LEN);
	begin();
	ibv_wr_rdma_write(ex, pair.mr->rkey, address(TO));
	assert_int_equal(finish(LEN).opcode, IBV_WC_RDMA_WRITE);
	is_moved();
	pair_recv(&pair, 30000, 1);
	begin();
	ibv_wr_rdma_write_imm(ex, pair.mr->rkey, address(TO), htobe32(8));
	finish(LEN);
	wc = pair_wc(&pair, 1, IBV_WC_SUCCESS);
	assert_int_equal(wc.opcode, IBV_WC_RECV_RDMA_WITH_IMM);
	assert_int_equal(wc.imm_data, htobe32(8));
}

static void
reads_and_atomics(void **state)
{
	uint64_t *values = (uint64_t *)(pair.rig->mem + TO);
	uint64_t *returned = (uint64_t *)pair.rig->mem, before;

	begin();
	ibv_wr_rdma_read(ex, pair.mr->rkey, address(TO));
	assert_int_equal(finish(LEN).opcode, IBV_WC_RDMA_READ);
	is_moved();
	before = values[1];
	begin();
	ibv_wr_atomic_fetch_add(ex, pair.mr->rkey, address(TO + 8), 5);
	assert_int_equal(finish(8).opcode, IBV_WC_FETCH_ADD);
	assert_int_equal(values[1], before + 5);
	assert_int_equal(returned[0], before);
	begin();
	ibv_wr_atomic_cmp_swp(ex, pair.mr->rkey, address(TO + 8), before + 5, 1);
	assert_int_equal(finish(8).opcode, IBV_WC_COMP_SWAP);
	assert_int_equal(values[1], 1);
	assert_int_equal(returned[0], before + 5);
}

static void
inline_data_in_pieces(void **state)
{
	uint8_t *mem = pair.rig->mem;
	struct ibv_data_buf data[3] = {{mem, 20}, {mem + 100, 0}, {mem + 20, 40}};
	struct ibv_data_buf more[2] = {{mem, 64}, {mem, 64}};

	pair_recv(&pair, TO, LEN);
	begin();
	ibv_wr_send(ex);
	ibv_wr_set_inline_data_list(ex, 3, data);
	assert_int_equal(ibv_wr_complete(ex), 0);
	assert_int_equal(pair_wc(&pair, 1, IBV_WC_SUCCESS).byte_len, 60);
	assert_memory_equal(mem + TO, mem, 60);
	begin();
	ibv_wr_send(ex);
	ibv_wr_set_inline_data_list(ex, 2, more);
	assert_int_equal(ibv_wr_complete(ex), ENOMEM);
}

static void
addressed(bool first)
{
	pair_recv(&pair, TO, 40 + LEN);
	begin();
	ibv_wr_send(ex);
	if (first)
		ibv_wr_set_ud_addr(ex, pair.ah, pair.qps[1]->qp_num, PAIR_QKEY);
	ibv_wr_set_sge(ex, pair.mr->lkey, address(0), LEN);
	if (!first)
		ibv_wr_set_ud_addr(ex, pair.ah, pair.qps[1]->qp_num, PAIR_QKEY);
	assert_int_equal(ibv_wr_complete(ex), 0);
	assert_int_equal(pair_wc(&pair, 1, IBV_WC_SUCCESS).byte_len, 40 + LEN);
	pair_wc(&pair, 0, IBV_WC_SUCCESS);
	assert_memory_equal(pair.rig->mem + TO + 40, pair.rig->mem, LEN);
}

/* Also where the WQE goes round the end of the ring. */
static void
an_address_comes_before_the_data_or_behind(void **state)
{
	int i;

	for (i = 0; i < 100; i++) {
		addressed(true);
		addressed(false);
	}
}

/* Between others; each has a place of its own in the ring. */
static void
a_wqe_of_the_users_own(void **state)
{
	struct mlx5dv_qp_ex *dv = mlx5dv_qp_ex_from_ibv_qp_ex(ex);
	uint8_t wqe[48] = {0};
	struct ibv_wc wc;
	int i;

	mlx5dv_set_ctrl_seg((void *)wqe, 0x7777, MLX5_OPCODE_SEND, 0, pair.qps[0]->qp_num,
		MLX5_WQE_CTRL_CQ_UPDATE, 3, 0, 0);
	mlx5dv_set_data_seg((void *)(wqe + 16), 100, pair.mr->lkey, address(0));
	mlx5dv_set_data_seg((void *)(wqe + 32), LEN - 100, pair.mr->lkey, address(100));
	for (i = 0; i < 100; i++) {
		pair_recv(&pair, TO, LEN);
		pair.rig->mem[LEN - 1] = i;
		begin();
		if (i % 3 != 0) {
			mlx5dv_wr_raw_wqe(dv, wqe);
			assert_int_equal(ibv_wr_complete(ex), 0);
			wc = pair_wc(&pair, 0, IBV_WC_SUCCESS);
			assert_int_equal(wc.opcode, IBV_WC_DRIVER2);
			assert_int_equal(wc.wr_id, 42);
		} else {
			ibv_wr_send(ex);
			assert_int_equal(finish(LEN).opcode, IBV_WC_SEND);
		}
		assert_int_equal(pair_wc(&pair, 1, IBV_WC_SUCCESS).byte_len, LEN);
		is_moved();
	}
}

static void
raw_wqes_fill_a_queue_too(void **state)
{
	struct mlx5dv_qp_ex *dv = mlx5dv_qp_ex_from_ibv_qp_ex(ex);
	struct mlx5_wqe_ctrl_seg nop = {0};
	uint32_t i;

	mlx5dv_set_ctrl_seg(&nop, 0, MLX5_OPCODE_NOP, 0, pair.qps[0]->qp_num,
		MLX5_WQE_CTRL_CQ_UPDATE, 1, 0, 0);
	begin();
	for (i = 0; i <= PAIR_WQES; i++)
		mlx5dv_wr_raw_wqe(dv, &nop);
	assert_int_equal(ibv_wr_complete(ex), ENOMEM);
	softhca_step();
	rig_no_wc(pair.cqs[0]);
}

static void
only_what_a_type_has_is_there(void **state)
{
	enum ibv_qp_type type = pair.type;

	assert_non_null(ex->wr_send_imm);
	assert_null(ex->wr_send_tso);
	assert_int_equal(ex->wr_rdma_write != NULL, type != IBV_QPT_UD);
	assert_int_equal(ex->wr_rdma_read != NULL, type == IBV_QPT_RC);
	assert_int_equal(ex->wr_atomic_cmp_swp != NULL, type == IBV_QPT_RC);
	assert_int_equal(ex->wr_set_ud_addr != NULL, type == IBV_QPT_UD);
	assert_null(make_qp(pair.rig, type, IBV_QP_EX_WITH_TSO));
	assert_int_equal(errno, EOPNOTSUPP);
	/* It has them, and the model has not. */
	assert_null(make_qp(pair.rig, type, IBV_QP_EX_WITH_BIND_MW));
	assert_int_equal(errno, EOPNOTSUPP);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RC(sends_and_writes),
		RC(reads_and_atomics),
		RC(inline_data_in_pieces),
		RC(a_wqe_of_the_users_own),
		RC(raw_wqes_fill_a_queue_too),
		RC(only_what_a_type_has_is_there),
		UC(sends_and_writes),
		UC(only_what_a_type_has_is_there),
		UD(an_address_comes_before_the_data_or_behind),
		UD(only_what_a_type_has_is_there),
	};

	rig_environment(1);
	pair_case_more = extend;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
