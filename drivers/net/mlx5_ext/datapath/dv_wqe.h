/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dv_wqe.h - work requests and completions as an mlx5 device reads and writes them. The one place
 * of byte order, barriers and doorbells: everything here has host order outside.
 *
 * Tx: the requests are written, then the doorbell record, which says how far they go, then the UAR
 * register, which says look. Rx: the segments are written, then the record. Completions: the last
 * byte is written last by the device and read first here. Each "then" is a barrier for the device
 * (io), not only for other processors.
 * Source: mlx5dv.h of rdma-core; enhanced multi-packet requests, the in-tree mlx5 PMD.
 */
#ifndef MLX5X_DV_WQE_H_
#define MLX5X_DV_WQE_H_

#include <stdbool.h>
#include <assert.h>
#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <infiniband/mlx5dv.h>
#include <rte_atomic.h>
#include <rte_branch_prediction.h>
#include <rte_common.h>

#include "queue/dv_rings.h"

#define MLX5X_DV_BLOCK_SEGS (MLX5_SEND_WQE_BB / sizeof(struct mlx5x_dv_seg))
#define MLX5X_DV_OPCODE_MPW 0x29

/* Of an Ethernet segment: the inlined bytes begin inside it. */
#define MLX5X_DV_ETH_INLINE offsetof(struct mlx5_wqe_eth_seg, inline_hdr_start)

/* A request counts its segments in six bits; others keep to these, since some devices do. */
#define MLX5X_DV_MAX_SEGS 60u

/* Of the doorbell record of a CQ; the consumer index is its first word. */
#define MLX5X_DV_ARM_DBR 1

/* Packets of one multi-packet request, as the in-tree PMD has it. */
#define MLX5X_DV_MPW_MAX 32u
#define MLX5X_DV_MPW_BLOCKS 9u

/* Indices of send requests have 16 bits on the wire, and half of that tells old from new. */
#define MLX5X_DV_MAX_BLOCKS (1u << 15)

static_assert(sizeof(struct mlx5_cqe64) == 64, "completions are copied from the device as they are");
static_assert((2 + MLX5X_DV_MPW_MAX) <= MLX5X_DV_MPW_BLOCKS * MLX5X_DV_BLOCK_SEGS, "they fit");
static_assert(sizeof(struct mlx5_wqe_data_seg) == sizeof(struct mlx5x_dv_seg), "one unit each");

/* Blocks that n segments take. */
static inline uint32_t
mlx5x_dv_blocks(uint32_t n)
{
	return (n + MLX5X_DV_BLOCK_SEGS - 1) / MLX5X_DV_BLOCK_SEGS;
}

/* Segments behind the Ethernet segment for len inlined bytes, of which it has the first two itself. */
static inline uint32_t
mlx5x_dv_inline_segs(uint32_t len)
{
	return len <= 2 ? 0 : (len - 2 + sizeof(struct mlx5x_dv_seg) - 1) / sizeof(struct mlx5x_dv_seg);
}

/* Control segment of request number pi of n segments, without a completion. */
static inline void
mlx5x_dv_put_ctrl(struct mlx5x_dv_seg *seg, uint8_t opcode, uint32_t pi, uint32_t qpn, uint32_t n)
{
	seg->words[0] = htobe64((uint64_t)((pi & 0xffff) << 8 | opcode) << 32 | qpn | n);
	seg->words[1] = 0;
}

/* This request is to be completed. */
static inline void
mlx5x_dv_ask_completion(struct mlx5x_dv_seg *ctrl)
{
	ctrl->words[1] = htobe64((uint64_t)MLX5_WQE_CTRL_CQ_UPDATE << 32);
}

/* Checksum flags (MLX5_ETH_WQE_L3_CSUM and _L4_CSUM) as a word of the Ethernet segment. */
static inline uint64_t
mlx5x_dv_eth_word(uint8_t checksums)
{
	return htobe64((uint64_t)checksums << 24);
}

/* Ethernet segment, nothing inlined. */
static inline void
mlx5x_dv_put_eth(struct mlx5x_dv_seg *seg, uint64_t word)
{
	seg->words[0] = word;
	seg->words[1] = 0;
}

/* Ethernet segment around len bytes that are inlined, the first two of them inside it. */
static inline void
mlx5x_dv_put_eth_inline(struct mlx5x_dv_seg *seg, uint64_t word, uint16_t len)
{
	struct mlx5_wqe_eth_seg *eth = (struct mlx5_wqe_eth_seg *)seg;

	seg->words[0] = word;
	eth->rsvd2 = 0;
	eth->inline_hdr_sz = htobe16(len);
}

/* Length and key of a data segment; len is not 0, which a device takes for 2 GiB. */
static inline uint64_t
mlx5x_dv_data_word(uint64_t len, uint64_t lkey)
{
	return htobe64(len << 32 | lkey);
}

static inline void
mlx5x_dv_put_data(struct mlx5x_dv_seg *seg, uintptr_t addr, uint64_t word)
{
	seg->words[0] = word;
	seg->words[1] = htobe64(addr);
}

/* Data segment of a receive request that has fewer than fit. */
static inline void
mlx5x_dv_put_no_data(struct mlx5x_dv_seg *seg)
{
	mlx5x_dv_put_data(seg, 0, mlx5x_dv_data_word(0, MLX5_INVALID_LKEY));
}

static inline bool
mlx5x_dv_window_holds(const struct mlx5x_dv_window *window, uintptr_t addr)
{
	return addr - window->start <= window->last;
}

static inline void
mlx5x_dv_window_set(struct mlx5x_dv_window *window, uintptr_t start, size_t len, uint32_t lkey,
	uint32_t max_len)
{
	window->lkey = lkey;
	window->start = UINTPTR_MAX;
	window->last = 0;
	if (len < max_len)
		return;
	window->start = start;
	window->last = len - max_len;
}

/* All up to block pi is written, the last request at ctrl: have the device look. */
static inline void
mlx5x_dv_ring_sq(const struct mlx5x_dv_sq *sq, const struct mlx5x_dv_seg *ctrl)
{
	rte_io_wmb();
	__atomic_store_n(&sq->doorbell[MLX5_SND_DBR], htobe32(sq->pi & 0xffff),
		__ATOMIC_RELAXED);
	rte_wmb();
	__atomic_store_n(sq->uar, ctrl->words[0], __ATOMIC_RELAXED);
	/* The register may be write-combining: out with it. */
	rte_wmb();
}

/* All slots up to pi are written. */
static inline void
mlx5x_dv_ring_rq(const struct mlx5x_dv_rq *rq, uint32_t pi)
{
	rte_io_wmb();
	__atomic_store_n(&rq->doorbell[MLX5_RCV_DBR], htobe32(pi & 0xffff),
		__ATOMIC_RELAXED);
}

/* All completions before ci are read: the device may write over them. */
static inline void
mlx5x_dv_ring_cq(const struct mlx5x_dv_cq *cq)
{
	rte_io_rmb();
	__atomic_store_n(cq->doorbell, htobe32(cq->ci & 0xffffff), __ATOMIC_RELAXED);
}

/*
 * Have completion ci, if the device writes it or has written it, make an event. Each time with
 * another number, by which the device knows it from one that it has answered.
 */
static inline void
mlx5x_dv_arm_cq(struct mlx5x_dv_cq *cq)
{
	uint32_t word = (cq->arms++ & 3) << 28 | (cq->ci & 0xffffff);

	__atomic_store_n(&cq->doorbell[MLX5X_DV_ARM_DBR], htobe32(word), __ATOMIC_RELAXED);
	rte_wmb();
	__atomic_store_n(cq->uar, htobe64((uint64_t)word << 32 | cq->number), __ATOMIC_RELAXED);
	rte_wmb();
}

enum mlx5x_dv_completion {
	MLX5X_DV_CQE_HW_OWNED,		/* the device has not written it yet */
	MLX5X_DV_CQE_OK,
	MLX5X_DV_CQE_ERR,
};

/* Completion number ci of the ring, of that opcode if it is good. */
static inline enum mlx5x_dv_completion
mlx5x_dv_poll_cqe(const struct mlx5x_dv_cq *cq, uint32_t ci, uint8_t opcode,
	const struct mlx5_cqe64 **completion)
{
	const struct mlx5_cqe64 *cqe = &cq->cqes[ci & (cq->size - 1)];
	uint8_t op_own = __atomic_load_n(&cqe->op_own, __ATOMIC_RELAXED);

	*completion = cqe;
	/* The owner bit changes its meaning from one round of the ring to the next. */
	if ((op_own & MLX5_CQE_OWNER_MASK) != ((ci & cq->size) != 0) ||
	    op_own >> 4 == MLX5_CQE_INVALID)
		return MLX5X_DV_CQE_HW_OWNED;
	rte_io_rmb();
	return likely(op_own >> 4 == opcode) ? MLX5X_DV_CQE_OK : MLX5X_DV_CQE_ERR;
}

/* How a good completion of that opcode is marked, in the round of the ring that ci is in. */
static inline uint8_t
mlx5x_dv_good_mark(const struct mlx5x_dv_cq *cq, uint32_t ci, uint8_t opcode)
{
	return opcode << 4 | ((ci & cq->size) != 0);
}

/* The short way of mlx5x_dv_poll_cqe(), for a run of completions of one round. */
static inline bool
mlx5x_dv_is_marked(const struct mlx5_cqe64 *cqe, uint8_t mark)
{
	uint8_t op_own = __atomic_load_n(&cqe->op_own, __ATOMIC_RELAXED);

	if ((op_own & (0xf0 | MLX5_CQE_OWNER_MASK)) != mark)
		return false;
	rte_io_rmb();
	return true;
}

/* Of a good or bad completion: the request that it is for. */
static inline uint16_t
mlx5x_dv_request(const struct mlx5_cqe64 *cqe)
{
	return be16toh(cqe->wqe_counter);
}

/* Of a bad completion: MLX5_CQE_SYNDROME_*. */
static inline uint8_t
mlx5x_dv_syndrome(const struct mlx5_cqe64 *cqe)
{
	return ((const struct mlx5_err_cqe *)cqe)->syndrome;
}

/* Of a received frame. */
static inline uint32_t
mlx5x_dv_length(const struct mlx5_cqe64 *cqe)
{
	return be32toh(cqe->byte_cnt);
}

/* 0 also if none was computed. */
static inline uint32_t
mlx5x_dv_hash(const struct mlx5_cqe64 *cqe)
{
	__be32 hash;

	/* mlx5dv.h has no name for bytes 12 to 15 of a completion of a raw queue. */
	memcpy(&hash, (const uint8_t *)cqe + 12, sizeof(hash));
	return be32toh(hash);
}

static inline uint16_t
mlx5x_dv_vlan(const struct mlx5_cqe64 *cqe)
{
	return be16toh(cqe->vlan_info);
}

/* What the device saw, checked and took off: the bits that the next two take apart. */
static inline uint32_t
mlx5x_dv_headers(const struct mlx5_cqe64 *cqe)
{
	__le16 headers;

	memcpy(&headers, &cqe->hds_ip_ext, sizeof(headers));
	return le16toh(headers);
}

/* Bits of mlx5x_dv_found(). */
#define MLX5X_DV_L3_OK 1u
#define MLX5X_DV_L4_OK 2u
#define MLX5X_DV_VLAN_STRIPPED 4u

static inline uint32_t
mlx5x_dv_found(uint32_t headers)
{
	return (headers >> 1 & 3) | (headers >> 6 & 4);
}

/* The kind of frame, 6 bits: fragment (1), layer 4 (3), layer 3 (2). */
static inline uint32_t
mlx5x_dv_kind(uint32_t headers)
{
	return headers >> 10;
}

#endif
