/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dv_packet.c - any packet as one send WQE: chains, inlined bytes, buffers over several regions;
 * and the reason why a packet cannot be sent. Look-ups of lkeys out of the loops of usual packets.
 */
#include <string.h>

#include "datapath/dv_tx.h"

/* Position in a packet: the remaining bytes begin at offset of seg. */
struct progress {
	const struct rte_mbuf *seg;
	uint32_t offset;
};

/* Copies n bytes to offset `to` of the ring, and wraps. */
static inline void
copy_into_ring(const struct mlx5x_dv_sq *sq, uint32_t to, const void *from, uint32_t n)
{
	uint32_t size = sq->size * MLX5_SEND_WQE_BB, before;
	uint8_t *ring = (uint8_t *)sq->segs;

	to &= size - 1;
	before = RTE_MIN(n, size - to);
	memcpy(&ring[to], from, before);
	memcpy(ring, RTE_PTR_ADD(from, before), n - before);
}

/*
 * Copies the first *len bytes of the packet into the WQE, two of them into the Ethernet segment.
 * Sets *len to the number of bytes copied; returns the position of the rest.
 */
static struct progress
put_inline(const struct mlx5x_dv_sq *sq, const struct rte_mbuf *pkt, uint32_t *len)
{
	uint32_t to = sq->pi * MLX5_SEND_WQE_BB + sizeof(struct mlx5x_dv_seg) + MLX5X_DV_ETH_INLINE;
	struct progress at = {.seg = pkt};
	uint32_t done = 0, n;

	while (done < *len && at.seg != NULL) {
		n = RTE_MIN(at.seg->data_len - at.offset, *len - done);
		copy_into_ring(sq, to + done, rte_pktmbuf_mtod_offset(at.seg, char *, at.offset),
			n);
		done += n;
		at.offset += n;
		if (at.offset == at.seg->data_len) {
			at.seg = at.seg->next;
			at.offset = 0;
		}
	}
	*len = done;
	return at;
}

/* Writes data segments for the rest of the packet: one per lkey, none for an empty segment. */
static enum mlx5x_drop_reason
put_data(struct mlx5x_txq *txq, struct progress at, uint32_t *nb_segs)
{
	uint32_t max = *nb_segs + txq->max_sge, lkey, left;
	uintptr_t addr;
	size_t n;

	for (; at.seg != NULL; at.seg = at.seg->next, at.offset = 0) {
		addr = rte_pktmbuf_mtod_offset(at.seg, uintptr_t, at.offset);
		for (left = at.seg->data_len - at.offset; left != 0; addr += n, left -= n) {
			mlx5x_counter_add(&txq->stats.lookups, 1);
			n = mlx5x_mr_cache_find(&txq->user.cache, &txq->mrs->index, addr, &lkey);
			if (n == 0) {
				mlx5x_miss_set_addr(&txq->miss, addr);
				return MLX5X_DROP_UNMAPPED;
			}
			if (*nb_segs == max)
				return MLX5X_DROP_SEGMENTS;
			n = RTE_MIN(n, left);
			mlx5x_dv_put_data(mlx5x_dv_seg_at(&txq->dv.sq, *nb_segs), addr,
				mlx5x_dv_data_word(n, lkey));
			++*nb_segs;
		}
	}
	return MLX5X_DROP_NOT;
}

static inline uint32_t
length_of(const struct rte_mbuf *pkt)
{
	uint32_t len = 0;

	for (; pkt != NULL; pkt = pkt->next)
		len += pkt->data_len;
	return len;
}

/* The number of bytes to inline of a packet of len bytes. */
static inline uint32_t
inlined_of(const struct mlx5x_txq *txq, uint32_t len)
{
	return len <= txq->dv.inline_max ? len : RTE_MIN(len, txq->dv.inline_min);
}

enum mlx5x_drop_reason
mlx5x_dv_put_packet(struct mlx5x_txq *txq, const struct rte_mbuf *pkt,
	struct mlx5x_dv_batch *batch)
{
	uint32_t len = length_of(pkt), inlined = inlined_of(txq, len), nb_segs = 2;
	uint64_t word = mlx5x_dv_eth_word_of(txq, mlx5x_dv_checksum_flags(pkt));
	struct progress at = {.seg = pkt};
	struct mlx5x_dv_sq *sq = &txq->dv.sq;
	enum mlx5x_drop_reason why;

	if (!mlx5x_tx_fits(len, mlx5x_tx_limit(txq)))
		return mlx5x_tx_misfit(len);
	if (unlikely(pkt->nb_segs > txq->max_segs))
		return MLX5X_DROP_SEGMENTS;
	if (inlined != 0) {
		at = put_inline(sq, pkt, &inlined);
		nb_segs += mlx5x_dv_inline_segs(inlined);
	}
	why = put_data(txq, at, &nb_segs);
	if (unlikely(why != MLX5X_DROP_NOT))
		return why;
	batch->last = mlx5x_dv_seg_at(sq, 0);
	mlx5x_dv_put_ctrl(batch->last, MLX5_OPCODE_SEND, sq->pi, sq->qpn, nb_segs);
	mlx5x_dv_put_eth_inline(&batch->last[1], word, inlined);
	sq->pi += mlx5x_dv_blocks(nb_segs);
	mlx5x_counter_add(&txq->stats.bytes, len);
	if (!mlx5x_tx_is_plain(pkt, batch->pool))
		batch->others |= MLX5X_DV_ODD;
	return MLX5X_DROP_NOT;
}

bool
mlx5x_dv_find_key(struct mlx5x_txq *txq, uintptr_t addr, uint32_t len)
{
	uint32_t lkey;
	size_t n;

	n = mlx5x_mr_cache_find(&txq->user.cache, &txq->mrs->index, addr, &lkey);
	return likely(n != 0) && likely(n >= len);
}
