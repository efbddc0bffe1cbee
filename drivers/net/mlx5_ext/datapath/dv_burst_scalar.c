/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dv_burst_scalar.c - transmit bursts, one packet at a time; and bursts of one usual packet, which
 * do without the frame of a longer one: what it prepares would cost more than the packet.
 */
#include "datapath/dv_write.h"

static __rte_always_inline uint32_t
put_none(struct mlx5x_txq *txq, struct rte_mbuf **pkts, uint32_t n, struct rte_mbuf **elts,
	struct mlx5x_dv_batch *batch)
{
	return 0;
}

MLX5X_DV_BURST(inline, put_none)

/* Whether the packet is plain, of a valid length, and in the last region; and there is room. */
static __rte_always_inline bool
is_lone_usual(const struct mlx5x_txq *txq, const struct rte_mbuf *pkt)
{
	const struct mlx5x_mr_cache *cache = &txq->user.cache;
	uintptr_t offset = rte_pktmbuf_mtod(pkt, uintptr_t) - cache->start;

	return likely(mlx5x_tx_is_plain(pkt, pkt->pool)) &&
		likely(mlx5x_tx_fits(pkt->data_len, mlx5x_tx_limit(txq))) &&
		likely(offset < cache->len) && likely(offset + pkt->data_len <= cache->len) &&
		likely(txq->head - txq->freed != txq->size) &&
		likely(mlx5x_dv_room(&txq->dv.sq) >= txq->dv.max_blocks);
}

static __rte_noinline uint16_t
send_unusual(struct mlx5x_txq *txq, struct rte_mbuf **pkts, enum mlx5x_drop_reason *why)
{
	return send_plain(txq, pkts, 1, why);
}

/* A mlx5x_tx_send_t. */
static __rte_always_inline uint16_t
send_one(struct mlx5x_txq *txq, struct rte_mbuf **pkts, uint16_t n, enum mlx5x_drop_reason *why)
{
	struct mlx5x_dv_sq *sq = &txq->dv.sq;
	struct mlx5x_dv_seg *ctrl = mlx5x_dv_seg_at(sq, 0);
	struct rte_mbuf *pkt = pkts[0];

	if (unlikely(!is_lone_usual(txq, pkt)))
		return send_unusual(txq, pkts, why);
	mlx5x_dv_put_ctrl(ctrl, MLX5_OPCODE_SEND, sq->pi, sq->qpn, 3);
	mlx5x_dv_ask_completion(ctrl);
	mlx5x_dv_put_eth(&ctrl[1], mlx5x_dv_eth_word_of(txq, mlx5x_dv_checksum_flags(pkt)));
	mlx5x_dv_put_data(&ctrl[2], rte_pktmbuf_mtod(pkt, uintptr_t),
		mlx5x_dv_data_word(pkt->data_len, txq->user.cache.lkey));
	txq->elts[txq->head & (txq->size - 1)] = pkt;
	mlx5x_tx_keep(txq, 1, pkt->pool);
	sq->marks[sq->pi & (sq->size - 1)] =
		(struct mlx5x_dv_mark){.head = txq->head, .pi = sq->pi + 1};
	sq->pi++;
	mlx5x_dv_ring_sq(sq, ctrl);
	mlx5x_counter_add(&txq->stats.lookups, 1);
	mlx5x_counter_add(&txq->stats.packets, 1);
	mlx5x_counter_add(&txq->stats.bytes, pkt->data_len);
	return 1;
}

/* Not inlined into the longer bursts: it needs few registers. */
static __rte_noinline uint16_t
burst_one(void *queue, struct rte_mbuf **pkts)
{
	return mlx5x_tx_burst(queue, pkts, 1, mlx5x_dv_reap, send_one);
}

static uint16_t
burst_plain_or_one(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	return n == 1 ? burst_one(queue, pkts) : burst_plain(queue, pkts, n);
}

static uint16_t
burst_mpw_or_one(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	return n == 1 ? burst_one(queue, pkts) : burst_mpw(queue, pkts, n);
}

const struct mlx5x_dv_bursts mlx5x_dv_bursts_scalar = {
	.plain = burst_plain_or_one,
	.mpw = burst_mpw_or_one,
	.plain_promised = burst_plain_or_one,
	.mpw_promised = burst_mpw_or_one,
	.inlined = burst_inline,
};
