/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dv_tx.h - what the writers of send WQEs have in common: places in the ring, the Ethernet segment,
 * the lkey of a buffer, the state of a run of packets.
 *
 * A writer fills the ring of a queue, in its burst, inside the gate. dv_write.h has the writers of
 * usual packets, dv_packet.c that of any packet, dp_dv_tx.c the burst.
 */
#ifndef MLX5X_DV_TX_H_
#define MLX5X_DV_TX_H_

#include "datapath/dp_dv.h"
#include "datapath/dv_wqe.h"
#include "datapath/tx_burst.h"

/* Of the ring, in WQEBBs. */
static inline uint32_t
mlx5x_dv_room(const struct mlx5x_dv_sq *sq)
{
	return sq->size - (sq->pi - sq->done);
}

/* Segment n of the WQE that begins at WQEBB pi. */
static inline struct mlx5x_dv_seg *
mlx5x_dv_seg_at(const struct mlx5x_dv_sq *sq, uint32_t n)
{
	return &sq->segs[(sq->pi * MLX5X_DV_BLOCK_SEGS + n) & (sq->size * MLX5X_DV_BLOCK_SEGS - 1)];
}

/* The checksum flags of a packet, in 32 bits, to be masked in one instruction. */
static inline uint32_t
mlx5x_dv_checksum_flags(const struct rte_mbuf *pkt)
{
	return (uint32_t)(pkt->ol_flags >> 32) & (uint32_t)(MLX5X_DP_DV_CHECKSUMS >> 32);
}

/* The word of the Ethernet segment for these flags. */
static inline uint64_t
mlx5x_dv_eth_word_of(const struct mlx5x_txq *txq, uint32_t flags)
{
	RTE_BUILD_BUG_ON(MLX5X_DP_DV_CHECKSUMS >> MLX5X_DP_DV_CHECKSUMS_SHIFT != 7);
	return txq->dv.checksums[flags >> (MLX5X_DP_DV_CHECKSUMS_SHIFT - 32)];
}

/* One segment of a valid length, which the fast paths accept if one lkey covers it. */
static inline bool
mlx5x_dv_is_simple(const struct rte_mbuf *pkt, uint32_t limit)
{
	return likely(pkt->nb_segs == 1) && mlx5x_tx_fits(pkt->data_len, limit);
}

/* Finds the lkey of len bytes, for the queue's cache. False if they have none, or more than one. */
bool mlx5x_dv_find_key(struct mlx5x_txq *txq, uintptr_t addr, uint32_t len);

/* For a loop that keeps the window of the last look-up in registers. len is a valid length. */
static inline bool
mlx5x_dv_has_key(struct mlx5x_txq *txq, uintptr_t addr, uint32_t len,
	struct mlx5x_dv_window *window)
{
	if (likely(mlx5x_dv_window_holds(window, addr)))
		return true;
	if (unlikely(!mlx5x_dv_find_key(txq, addr, len))) {
		mlx5x_counter_add(&txq->stats.lookups, 1);
		return false;
	}
	mlx5x_dv_window_set(window, &txq->user.cache, txq->max_frame);
	return true;
}

/* Slow path: any packet, as one WQE. The ring has room for max_blocks. */
enum mlx5x_drop_reason mlx5x_dv_put_packet(struct mlx5x_txq *txq, const struct rte_mbuf *pkt,
	struct mlx5x_dv_batch *batch);

#endif
