/* SPDX-License-Identifier: BSD-3-Clause */
/* A striding receive queue, by its ring: frames into one WQE after the other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include <infiniband/mlx5dv.h>

#include "engine/engine.h"
#include "rig.h"

#define LOG_BYTES 6u
#define LOG_COUNT 9u
#define COUNT	  (1u << LOG_COUNT)
#define BUFFER	  ((size_t)COUNT << LOG_BYTES)
#define WQES	  4u
#define FILLER	  (1u << 31)

struct queue {
	struct rig *rig;
	struct ibv_cq *cq;
	struct ibv_wq *wq;
	struct ibv_rwq_ind_table *table;
	struct ibv_qp *qp;
	struct ibv_flow *flow;
	struct ibv_mr *mr;
	struct mlx5dv_cq dv_cq;
	struct mlx5dv_rwq dv;
	uint8_t *mem;		/* of all WQEs */
	uint32_t ci;
	uint16_t posted;
};

static void
make_wq(struct queue *queue, bool shift)
{
	struct rig *rig = queue->rig;
	struct ibv_wq_init_attr init = {
		.wq_type = IBV_WQT_RQ, .max_wr = WQES, .max_sge = 1, .pd = rig->pd, .cq = queue->cq};
	struct mlx5dv_wq_init_attr more = {
		.comp_mask = MLX5DV_WQ_INIT_ATTR_MASK_STRIDING_RQ,
		.striding_rq_attrs = {LOG_BYTES, LOG_COUNT, shift},
	};
	struct ibv_wq_attr attr = {.attr_mask = IBV_WQ_ATTR_STATE, .wq_state = IBV_WQS_RDY};
	struct mlx5dv_obj obj;

	queue->wq = mlx5dv_create_wq(rig->ctx, &init, &more);
	assert_non_null(queue->wq);
	assert_int_equal(ibv_modify_wq(queue->wq, &attr), 0);
	obj.rwq.in = queue->wq;
	obj.rwq.out = &queue->dv;
	obj.cq.in = queue->cq;
	obj.cq.out = &queue->dv_cq;
	assert_int_equal(mlx5dv_init_obj(&obj, MLX5DV_OBJ_RWQ | MLX5DV_OBJ_CQ), 0);
	/* A segment for the next WQE, and one of data. */
	assert_int_equal(queue->dv.stride, 32);
	assert_int_equal(queue->dv.wqe_cnt, WQES);
}

/* All frames to it. */
static void
make_qp(struct queue *queue)
{
	static uint8_t key[40];
	struct rig *rig = queue->rig;
	struct ibv_rwq_ind_table_init_attr table = {.ind_tbl = &queue->wq};
	struct ibv_qp_init_attr_ex init = {
		.qp_type = IBV_QPT_RAW_PACKET,
		.comp_mask = IBV_QP_INIT_ATTR_PD | IBV_QP_INIT_ATTR_IND_TABLE |
			IBV_QP_INIT_ATTR_RX_HASH,
		.pd = rig->pd,
		.rx_hash_conf = {
			.rx_hash_function = IBV_RX_HASH_FUNC_TOEPLITZ,
			.rx_hash_key_len = sizeof(key),
			.rx_hash_key = key,
		},
	};

	init.rwq_ind_tbl = queue->table = ibv_create_rwq_ind_table(rig->ctx, &table);
	assert_non_null(queue->table);
	queue->qp = ibv_create_qp_ex(rig->ctx, &init);
	assert_non_null(queue->qp);
	assert_int_equal(ibv_destroy_flow(rig->flow), 0);
	queue->flow = rig_take_all(queue->qp);
}

/* bytes: of each WQE's segment. */
static void
post(struct queue *queue, uint32_t bytes)
{
	const uint32_t at = queue->posted++ % WQES;
	struct mlx5_wqe_data_seg *seg =
		(void *)((uint8_t *)queue->dv.buf + at * queue->dv.stride + 16);

	mlx5dv_set_data_seg(seg, bytes, queue->mr->lkey, (uintptr_t)queue->mem + at * BUFFER);
	__atomic_store_n(queue->dv.dbrec, htobe32(queue->posted), __ATOMIC_RELEASE);
}

static void
begin(struct queue *queue, struct rig *rig, bool shift)
{
	*queue = (struct queue){.rig = rig, .cq = ibv_create_cq(rig->ctx, 4095, NULL, NULL, 0)};
	queue->mem = mmap(NULL, WQES * BUFFER, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(queue->mem, MAP_FAILED);
	queue->mr = ibv_reg_mr(rig->pd, queue->mem, WQES * BUFFER, IBV_ACCESS_LOCAL_WRITE);
	make_wq(queue, shift);
	make_qp(queue);
}

static void
end(struct queue *queue)
{
	assert_int_equal(ibv_destroy_flow(queue->flow), 0);
	assert_int_equal(ibv_destroy_qp(queue->qp), 0);
	assert_int_equal(ibv_destroy_rwq_ind_table(queue->table), 0);
	assert_int_equal(ibv_destroy_wq(queue->wq), 0);
	assert_int_equal(ibv_destroy_cq(queue->cq), 0);
	assert_int_equal(ibv_dereg_mr(queue->mr), 0);
	munmap(queue->mem, WQES * BUFFER);
	queue->rig->flow = rig_take_all(queue->rig->qp);
}

/* Of the next frame, which is made by seed. */
static void
send(struct queue *queue, uint32_t len, uint8_t seed)
{
	struct rig *rig = queue->rig;
	uint32_t i;

	rig_fill(rig->mem, seed);
	for (i = RIG_FRAME; i < len; i++)
		rig->mem[i] = (uint8_t)(seed * 31 + i);
	assert_int_equal(rig_send(rig, 0, len, rig->mr->lkey), 0);
	softhca_step();
	assert_int_equal(rig_wc(rig->send_cq).status, IBV_WC_SUCCESS);
}

static const struct mlx5_cqe64 *
peek(const struct queue *queue)
{
	const struct mlx5_cqe64 *cqe =
		(const struct mlx5_cqe64 *)queue->dv_cq.buf + queue->ci % queue->dv_cq.cqe_cnt;
	const bool lap = (queue->ci & queue->dv_cq.cqe_cnt) != 0;

	return cqe->op_own >> 4 == MLX5_CQE_INVALID || (cqe->op_own & 1) != lap ? NULL : cqe;
}

static const struct mlx5_cqe64 *
take(struct queue *queue)
{
	const struct mlx5_cqe64 *cqe = peek(queue);

	assert_non_null(cqe);
	queue->ci++;
	__atomic_store_n(queue->dv_cq.dbrec, htobe32(queue->ci & 0xffffff), __ATOMIC_RELEASE);
	return cqe;
}

static void
is_at(const struct mlx5_cqe64 *cqe, uint16_t wqe, uint32_t stride, uint32_t byte_cnt)
{
	assert_int_equal(cqe->op_own >> 4, MLX5_CQE_RESP_SEND);
	assert_int_equal(be16toh(cqe->wqe_id), wqe);
	assert_int_equal(be16toh(cqe->wqe_counter), stride);
	assert_int_equal(be32toh(cqe->byte_cnt), byte_cnt);
}

/* Frames of random lengths through all WQEs, several times; a model knows where each has to be. */
static void
frames_follow_each_other(struct rig *rig, bool shift)
{
	struct queue queue;
	uint32_t used = 0, len, n, i;
	const uint8_t *at;
	uint16_t wqe = 0;

	begin(&queue, rig, shift);
	for (i = 0; i < WQES; i++)
		post(&queue, BUFFER);
	for (i = 0; i < 3000; i++) {
		len = 64 + rand() % 1400;
		n = (len + 2 * shift + 63) / 64;
		send(&queue, len, (uint8_t)i);
		if (used + n > COUNT) {
			is_at(take(&queue), wqe, used, FILLER | (COUNT - used) << 16);
			wqe++;
			used = 0;
			post(&queue, BUFFER);
		}
		is_at(take(&queue), wqe, used, n << 16 | len);
		at = queue.mem + wqe % WQES * BUFFER + used * 64 + 2 * shift;
		assert_memory_equal(at, rig->mem, len);
		used += n;
		if (used == COUNT) {
			wqe++;
			used = 0;
			post(&queue, BUFFER);
		}
		assert_null(peek(&queue));
	}
	assert_true(wqe > 2 * WQES);
	end(&queue);
}

static void
whole_strides(void **state)
{
	frames_follow_each_other(*state, false);
}

static void
two_bytes_in_front(void **state)
{
	frames_follow_each_other(*state, true);
}

/* The filler has been written, and the frame waits for the next WQE. */
static void
no_further_wqe(void **state)
{
	struct queue queue;
	uint32_t i;

	begin(&queue, *state, false);
	post(&queue, BUFFER);
	for (i = 0; i < COUNT / 3; i++) {
		send(&queue, 3 * 64, (uint8_t)i);
		is_at(take(&queue), 0, 3 * i, 3 << 16 | 3 * 64);
	}
	send(&queue, 3 * 64, 77);
	is_at(take(&queue), 0, 3 * i, FILLER | (COUNT % 3) << 16);
	assert_null(peek(&queue));
	post(&queue, BUFFER);
	send(&queue, 100, 78);
	is_at(take(&queue), 1, 0, 2 << 16 | 100);
	end(&queue);
}

/* Segments shorter than the strides: the frame behind their end is refused, the queue stops. */
static void
a_segment_that_is_too_short(void **state)
{
	struct queue queue;

	begin(&queue, *state, false);
	post(&queue, 128);
	send(&queue, 128, 1);
	is_at(take(&queue), 0, 0, 2 << 16 | 128);
	send(&queue, 64, 2);
	assert_int_equal(take(&queue)->op_own >> 4, MLX5_CQE_RESP_ERR);
	rig_expect("rq.length", 1);
	end(&queue);
}

static void
a_region_that_is_too_short(void **state)
{
	struct queue queue;
	struct ibv_mr *mr;

	begin(&queue, *state, false);
	mr = queue.mr;
	queue.mr = ibv_reg_mr(queue.rig->pd, queue.mem, 128, IBV_ACCESS_LOCAL_WRITE);
	post(&queue, BUFFER);
	send(&queue, 128, 1);
	is_at(take(&queue), 0, 0, 2 << 16 | 128);
	send(&queue, 64, 2);
	assert_int_equal(take(&queue)->op_own >> 4, MLX5_CQE_RESP_ERR);
	rig_expect("key.range", 1);
	assert_int_equal(ibv_dereg_mr(mr), 0);
	end(&queue);
}

/* From the first stride again. */
static void
after_a_reset(void **state)
{
	struct ibv_wq_attr attr = {.attr_mask = IBV_WQ_ATTR_STATE, .wq_state = IBV_WQS_RESET};
	struct queue queue;

	begin(&queue, *state, false);
	post(&queue, BUFFER);
	send(&queue, 100, 1);
	is_at(take(&queue), 0, 0, 2 << 16 | 100);
	assert_int_equal(ibv_modify_wq(queue.wq, &attr), 0);
	attr.wq_state = IBV_WQS_RDY;
	assert_int_equal(ibv_modify_wq(queue.wq, &attr), 0);
	queue.posted = 0;
	post(&queue, BUFFER);
	send(&queue, 100, 2);
	is_at(take(&queue), 0, 0, 2 << 16 | 100);
	end(&queue);
}

static void
limits(void **state)
{
	static const uint8_t bad[][2] = {{5, 9}, {14, 9}, {6, 8}, {6, 17}};
	struct rig *rig = *state;
	struct ibv_wq_init_attr init = {.wq_type = IBV_WQT_RQ, .max_wr = WQES, .max_sge = 1,
		.pd = rig->pd, .cq = rig->recv_cq};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct mlx5dv_wq_init_attr more = {
			.comp_mask = MLX5DV_WQ_INIT_ATTR_MASK_STRIDING_RQ,
			.striding_rq_attrs = {bad[i][0], bad[i][1], 0},
		};

		errno = 0;
		assert_null(mlx5dv_create_wq(rig->ctx, &init, &more));
		assert_int_equal(errno, EINVAL);
	}
}

static void
the_device_says_so(void **state)
{
	struct rig *rig = *state;
	struct mlx5dv_context attr = {.comp_mask = MLX5DV_CONTEXT_MASK_STRIDING_RQ};

	assert_int_equal(mlx5dv_query_device(rig->ctx, &attr), 0);
	assert_int_equal(attr.comp_mask, MLX5DV_CONTEXT_MASK_STRIDING_RQ);
	assert_int_equal(attr.striding_rq_caps.min_single_stride_log_num_of_bytes, 6);
	assert_int_equal(attr.striding_rq_caps.max_single_stride_log_num_of_bytes, 13);
	assert_int_equal(attr.striding_rq_caps.min_single_wqe_log_num_of_strides, 9);
	assert_int_equal(attr.striding_rq_caps.max_single_wqe_log_num_of_strides, 16);
	assert_int_equal(attr.striding_rq_caps.supported_qpts, 1 << IBV_QPT_RAW_PACKET);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)
	const struct CMUnitTest tests[] = {
		CASE(whole_strides),
		CASE(two_bytes_in_front),
		CASE(no_further_wqe),
		CASE(a_segment_that_is_too_short),
		CASE(a_region_that_is_too_short),
		CASE(after_a_reset),
		CASE(limits),
		CASE(the_device_says_so),
	};

	rig_environment(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
