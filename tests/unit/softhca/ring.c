/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <endian.h>
#include <string.h>

#include <cmocka.h>

#include "engine/engine.h"
#include "ring.h"

void
ring_open(struct ring *ring, struct rig *rig)
{
	struct mlx5dv_obj obj = {
		.qp = {rig->qp, &ring->qp},
		.cq = {rig->send_cq, &ring->send_cq},
	};

	memset(ring, 0, sizeof(*ring));
	ring->rig = rig;
	assert_int_equal(mlx5dv_init_obj(&obj, MLX5DV_OBJ_QP | MLX5DV_OBJ_CQ), 0);
	obj.cq.in = rig->recv_cq;
	obj.cq.out = &ring->recv_cq;
	assert_int_equal(mlx5dv_init_obj(&obj, MLX5DV_OBJ_CQ), 0);
}

void
ring_add(struct ring_wqe *wqe, uint32_t count, uint32_t key, uint64_t addr)
{
	struct mlx5_wqe_data_seg seg;

	mlx5dv_set_data_seg(&seg, count, key, addr);
	memcpy(wqe->bytes + wqe->ds * 16, &seg, sizeof(seg));
	wqe->ds++;
}

void
ring_add_inline(struct ring_wqe *wqe, const void *bytes, uint32_t count)
{
	uint32_t header = htobe32(MLX5_INLINE_SEG | count);

	memcpy(wqe->bytes + wqe->ds * 16, &header, sizeof(header));
	memcpy(wqe->bytes + wqe->ds * 16 + 4, bytes, count);
	wqe->ds += (4 + count + 15) / 16;
}

struct ring_wqe
ring_send(const struct ring *ring)
{
	struct ring_wqe wqe = {.ds = 2};
	struct mlx5_wqe_ctrl_seg ctrl = {0};

	mlx5dv_set_ctrl_seg(&ctrl, ring->sent, MLX5_OPCODE_SEND, 0, ring->rig->qp->qp_num,
		MLX5_WQE_CTRL_CQ_UPDATE, 0, 0, 0);
	memcpy(wqe.bytes, &ctrl, sizeof(ctrl));
	rig_fill(ring->rig->mem, ring->sent);
	ring_add(&wqe, RIG_FRAME, ring->rig->mr->lkey, (uintptr_t)ring->rig->mem);
	return wqe;
}

void
ring_write(struct ring *ring, struct ring_wqe *wqe)
{
	uint32_t size = ring->qp.sq.wqe_cnt * 64, i;
	uint8_t *to = ring->qp.sq.buf;

	wqe->bytes[7] |= wqe->ds;
	for (i = 0; i < wqe->ds * 16; i++)
		to[(ring->sent * 64u + i) % size] = wqe->bytes[i];
	memcpy(ring->last, wqe->bytes, sizeof(ring->last));
	ring->sent += (wqe->ds * 16 + 63) / 64;
}

void
ring_bell_as(struct ring *ring, uint16_t index, uint32_t queue)
{
	uint32_t words[2] = {0, htobe32(queue << 8)};
	uint64_t value;

	memcpy(words, ring->last, sizeof(ring->last));
	memcpy(&value, words, sizeof(value));
	__atomic_store_n(&ring->qp.dbrec[MLX5_SND_DBR], htobe32(index), __ATOMIC_RELEASE);
	__atomic_store_n((uint64_t *)ring->qp.bf.reg, value, __ATOMIC_RELEASE);
}

void
ring_bell(struct ring *ring)
{
	ring_bell_as(ring, ring->sent, ring->rig->qp->qp_num);
}

void
ring_post(struct ring *ring, struct ring_wqe *wqe)
{
	ring_write(ring, wqe);
	ring_bell(ring);
	softhca_step();
}

void
ring_recv(struct ring *ring, uint32_t count, uint32_t key, uint64_t addr)
{
	struct mlx5_wqe_data_seg *seg;
	uint32_t at = ring->received++ & (ring->qp.rq.wqe_cnt - 1);

	seg = (void *)((uint8_t *)ring->qp.rq.buf + at * ring->qp.rq.stride);
	mlx5dv_set_data_seg(&seg[0], count, key, addr);
	mlx5dv_set_data_seg(&seg[1], 0, MLX5_INVALID_LKEY, 0);
	__atomic_store_n(&ring->qp.dbrec[MLX5_RCV_DBR], htobe32(ring->received), __ATOMIC_RELEASE);
}

static const struct mlx5_cqe64 *
peek(const struct mlx5dv_cq *cq, uint32_t index)
{
	const struct mlx5_cqe64 *cqe =
		(const struct mlx5_cqe64 *)cq->buf + (index & (cq->cqe_cnt - 1));
	uint8_t own = __atomic_load_n(&cqe->op_own, __ATOMIC_ACQUIRE);

	if (own >> 4 == MLX5_CQE_INVALID || (own & 1) != ((index & cq->cqe_cnt) != 0))
		return NULL;
	return cqe;
}

static const struct mlx5_cqe64 *
take(const struct mlx5dv_cq *cq, uint32_t *index)
{
	const struct mlx5_cqe64 *cqe = peek(cq, *index);

	assert_non_null(cqe);
	++*index;
	__atomic_store_n(cq->dbrec, htobe32(*index & 0xffffff), __ATOMIC_RELEASE);
	return cqe;
}

const struct mlx5_cqe64 *
ring_sent(struct ring *ring)
{
	return take(&ring->send_cq, &ring->send_ci);
}

const struct mlx5_cqe64 *
ring_received(struct ring *ring)
{
	return take(&ring->recv_cq, &ring->recv_ci);
}

void
ring_none_sent(struct ring *ring)
{
	assert_null(peek(&ring->send_cq, ring->send_ci));
}

uint8_t
ring_syndrome(const struct mlx5_cqe64 *cqe)
{
	uint8_t opcode = cqe->op_own >> 4;

	if (opcode != MLX5_CQE_REQ_ERR && opcode != MLX5_CQE_RESP_ERR)
		return RING_OK;
	return ((const struct mlx5_err_cqe *)cqe)->syndrome;
}
