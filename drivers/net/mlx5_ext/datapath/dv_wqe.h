/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dv_wqe.h - WQEs and CQEs in the format of an mlx5 device. The only place of byte order, barriers
 * and doorbells: arguments and results are in host order.
 *
 * Tx: write the WQEs, then the doorbell record with the producer index, then the UAR register. Rx:
 * write the segments, then the doorbell record. CQ: the device writes the last byte of a CQE last,
 * and it is read first here. Each "then" is an I/O barrier, not only one for other processors.
 * Source: mlx5dv.h of rdma-core; enhanced multi-packet WQEs, the in-tree mlx5 PMD.
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

#include "mr/mr_cache.h"
#include "queue/dv_rings.h"

#define MLX5X_DV_BLOCK_SEGS (MLX5_SEND_WQE_BB / sizeof(struct mlx5x_dv_seg))
#define MLX5X_DV_OPCODE_MPW 0x29

/* Offset of the inlined bytes, which begin inside the Ethernet segment. */
#define MLX5X_DV_ETH_INLINE offsetof(struct mlx5_wqe_eth_seg, inline_hdr_start)

/*
 * Segments of a WQE: the count has six bits; other drivers use at most 60, since some devices do.
 */
#define MLX5X_DV_MAX_SEGS 60u

/* Word of a CQ's doorbell record; word 0 is the consumer index. */
#define MLX5X_DV_ARM_DBR 1

/* Packets and WQEBBs of one multi-packet WQE, as in the in-tree PMD. */
#define MLX5X_DV_MPW_MAX 32u
#define MLX5X_DV_MPW_BLOCKS 9u

/* WQE indices have 16 bits in a CQE, and half of that range distinguishes old from new. */
#define MLX5X_DV_MAX_BLOCKS (1u << 15)

static_assert(sizeof(struct mlx5_cqe64) == 64, "CQEs are read in the layout of the device");
static_assert((2 + MLX5X_DV_MPW_MAX) <= MLX5X_DV_MPW_BLOCKS * MLX5X_DV_BLOCK_SEGS, "they fit");
static_assert(sizeof(struct mlx5_wqe_data_seg) == sizeof(struct mlx5x_dv_seg), "one unit each");

/* WQEBBs of n segments. */
static inline uint32_t
mlx5x_dv_blocks(uint32_t n)
{
	return (n + MLX5X_DV_BLOCK_SEGS - 1) / MLX5X_DV_BLOCK_SEGS;
}

/* Segments behind the Ethernet segment for len inlined bytes, of which that has the first two. */
static inline uint32_t
mlx5x_dv_inline_segs(uint32_t len)
{
	return len <= 2 ? 0 :
		(len - 2 + sizeof(struct mlx5x_dv_seg) - 1) / sizeof(struct mlx5x_dv_seg);
}

/* Control segment of an unsignalled WQE of n segments at index pi. */
static inline void
mlx5x_dv_put_ctrl(struct mlx5x_dv_seg *seg, uint8_t opcode, uint32_t pi, uint32_t qpn, uint32_t n)
{
	seg->words[0] = htobe64((uint64_t)((pi & 0xffff) << 8 | opcode) << 32 | qpn | n);
	seg->words[1] = 0;
}

/* Makes the WQE signalled. */
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

/* Ethernet segment before len inlined bytes, the first two of which are inside it. */
static inline void
mlx5x_dv_put_eth_inline(struct mlx5x_dv_seg *seg, uint64_t word, uint16_t len)
{
	struct mlx5_wqe_eth_seg *eth = (struct mlx5_wqe_eth_seg *)seg;

	seg->words[0] = word;
	eth->rsvd2 = 0;
	eth->inline_hdr_sz = htobe16(len);
}

/* Length and lkey of a data segment; len is not 0, which means 2 GiB to the device. */
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

/* The same of a length and an lkey that the caller has in network order: without a shift. */
static inline void
mlx5x_dv_put_data_be(struct mlx5x_dv_seg *seg, uintptr_t addr, uint32_t len, __be32 lkey)
{
	struct mlx5_wqe_data_seg *data = (struct mlx5_wqe_data_seg *)seg;

	data->byte_count = htobe32(len);
	data->lkey = lkey;
	data->addr = htobe64(addr);
}

/* Unused data segment of a receive WQE. */
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

/* The window of the cached region, for buffers of up to max_len bytes. */
static inline void
mlx5x_dv_window_set(struct mlx5x_dv_window *window, const struct mlx5x_mr_cache *cache,
	uint32_t max_len)
{
	window->lkey = cache->lkey;
	window->start = UINTPTR_MAX;
	window->last = 0;
	if (cache->len < max_len)
		return;
	window->start = cache->start;
	window->last = cache->len - max_len;
}

/* Rings the send doorbell: all WQEs up to pi are written, the last one at ctrl. */
static inline void
mlx5x_dv_ring_sq(const struct mlx5x_dv_sq *sq, const struct mlx5x_dv_seg *ctrl)
{
	rte_io_wmb();
	__atomic_store_n(&sq->doorbell[MLX5_SND_DBR], htobe32(sq->pi & 0xffff),
		__ATOMIC_RELAXED);
	rte_wmb();
	__atomic_store_n(sq->uar, ctrl->words[0], __ATOMIC_RELAXED);
	/* Flush the write-combining buffer. */
	rte_wmb();
}

/* Rings the receive doorbell: all slots up to pi are written. */
static inline void
mlx5x_dv_ring_rq(const struct mlx5x_dv_rq *rq, uint32_t pi)
{
	rte_io_wmb();
	__atomic_store_n(&rq->doorbell[MLX5_RCV_DBR], htobe32(pi & 0xffff),
		__ATOMIC_RELAXED);
}

/* Updates the consumer index: all CQEs before ci are read, and the device may overwrite them. */
static inline void
mlx5x_dv_ring_cq(const struct mlx5x_dv_cq *cq)
{
	rte_io_rmb();
	__atomic_store_n(cq->doorbell, htobe32(cq->ci & 0xffffff), __ATOMIC_RELAXED);
}

/*
 * Requests an event for CQE ci, also if it is written already. With a new sequence number each
 * time, by which the device distinguishes the request from earlier ones.
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

/* The state of CQE ci; OK: with this opcode. */
static inline enum mlx5x_dv_completion
mlx5x_dv_poll_cqe(const struct mlx5x_dv_cq *cq, uint32_t ci, uint8_t opcode,
	const struct mlx5_cqe64 **completion)
{
	const struct mlx5_cqe64 *cqe = &cq->cqes[ci & (cq->size - 1)];
	uint8_t op_own = __atomic_load_n(&cqe->op_own, __ATOMIC_RELAXED);

	*completion = cqe;
	/* The owner bit is inverted on each pass of the ring. */
	if ((op_own & MLX5_CQE_OWNER_MASK) != ((ci & cq->size) != 0) ||
	    op_own >> 4 == MLX5_CQE_INVALID)
		return MLX5X_DV_CQE_HW_OWNED;
	rte_io_rmb();
	return likely(op_own >> 4 == opcode) ? MLX5X_DV_CQE_OK : MLX5X_DV_CQE_ERR;
}

/* Opcode and owner bit of a CQE without error, in the pass of the ring that ci is in. */
static inline uint8_t
mlx5x_dv_good_mark(const struct mlx5x_dv_cq *cq, uint32_t ci, uint8_t opcode)
{
	return opcode << 4 | ((ci & cq->size) != 0);
}

/* The fast path of mlx5x_dv_poll_cqe(), for a run of CQEs of one pass. */
static inline bool
mlx5x_dv_is_marked(const struct mlx5_cqe64 *cqe, uint8_t mark)
{
	uint8_t op_own = __atomic_load_n(&cqe->op_own, __ATOMIC_RELAXED);

	if ((op_own & (0xf0 | MLX5_CQE_OWNER_MASK)) != mark)
		return false;
	rte_io_rmb();
	return true;
}

/* Of a CQE, also an error one: the index of its WQE. */
static inline uint16_t
mlx5x_dv_request(const struct mlx5_cqe64 *cqe)
{
	return be16toh(cqe->wqe_counter);
}

/* Of an error CQE: MLX5_CQE_SYNDROME_*. */
static inline uint8_t
mlx5x_dv_syndrome(const struct mlx5_cqe64 *cqe)
{
	return ((const struct mlx5_err_cqe *)cqe)->syndrome;
}

/* Length of a received frame in bytes. */
static inline uint32_t
mlx5x_dv_length(const struct mlx5_cqe64 *cqe)
{
	return be32toh(cqe->byte_cnt);
}

/* RSS hash; 0 also if none was computed. */
static inline uint32_t
mlx5x_dv_hash(const struct mlx5_cqe64 *cqe)
{
	__be32 hash;

	/* mlx5dv.h has no name for bytes 12 to 15 of a CQE of a raw queue. */
	memcpy(&hash, (const uint8_t *)cqe + 12, sizeof(hash));
	return be32toh(hash);
}

static inline uint16_t
mlx5x_dv_vlan(const struct mlx5_cqe64 *cqe)
{
	return be16toh(cqe->vlan_info);
}

/* Results of parsing, checksums and VLAN stripping: decoded by the next two functions. */
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

/* Packet type, 6 bits: fragment (1), layer 4 (3), layer 3 (2). */
static inline uint32_t
mlx5x_dv_kind(uint32_t headers)
{
	return headers >> 10;
}

#endif
