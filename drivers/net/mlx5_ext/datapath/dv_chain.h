/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dv_chain.h - the writer of chains, each of whose buffers has one lkey. Every segment is read
 * once: for its data segment, and to see whether the chain can be taken apart (tx_runs.h). A chain
 * across the end of the ring, with an empty segment, or with another number of segments than it
 * tells, is left to mlx5x_dv_put_packet().
 */
#ifndef MLX5X_DV_CHAIN_H_
#define MLX5X_DV_CHAIN_H_

#include <string.h>

#include "datapath/dv_tx.h"

/* The last lkey. In memory, since another function may change it. */
struct mlx5x_dv_key {
	struct mlx5x_dv_window window;
	__be32 lkey;
};

/* What the loop over chains keeps in registers. */
struct mlx5x_dv_chains {
	const struct rte_mempool *pool;
	struct rte_mbuf **tails;	/* where those of the next chain are stored */
	struct rte_mbuf **tails_stop;	/* no chain begins here, or behind it */
	struct mlx5x_dv_seg *ctrl;	/* of the next WQE */
	struct mlx5x_dv_seg *last;	/* of the last one */
	const struct mlx5x_dv_seg *room_end;
	uintptr_t zero;			/* where WQEBB 0 would be */
	uint64_t word;			/* of a control segment, without index and size */
	uint64_t bytes;
	uint32_t limit;			/* mlx5x_tx_limit() */
	uint32_t lookups;
};

/* Plain, but for this number of segments. The upper half of the flags is a constant's size. */
static __rte_always_inline bool
mlx5x_dv_is_own(const struct rte_mbuf *seg, uint32_t nb_segs, const struct rte_mempool *pool)
{
	const uint32_t indirect = (RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL) >> 32;

	return likely(mlx5x_tx_counts(seg) == MLX5X_TX_COUNTS(nb_segs, 1)) &&
		likely(((uint32_t)(seg->ol_flags >> 32) & indirect) == 0) &&
		likely(seg->pool == pool);
}

/* For a buffer outside of the window: that of its region. */
static __rte_noinline bool
mlx5x_dv_change_key(struct mlx5x_txq *txq, uintptr_t addr, uint32_t len, struct mlx5x_dv_key *key)
{
	if (unlikely(!mlx5x_dv_has_key(txq, addr, len, &key->window)))
		return false;
	key->lkey = htobe32(key->window.lkey);
	return true;
}

/* Makes a chain of a segment and the n next ones again. */
static __rte_noinline void
mlx5x_dv_join(struct rte_mbuf *seg, struct rte_mbuf **tails, uint32_t n)
{
	for (; n != 0; n--) {
		seg->next = *tails++;
		seg = seg->next;
	}
}

/*
 * Data segments of a chain of n segments. apart: each but the last one loses its next, and all but
 * the first one are stored as tails. False: not for this writer, and the chain is as it was.
 */
static __rte_always_inline bool
mlx5x_dv_put_segments(struct mlx5x_txq *txq, struct rte_mbuf *pkt, const uint32_t n,
	struct mlx5x_dv_key *key, struct mlx5x_dv_chains *chains, const bool apart)
{
	struct rte_mbuf **tails = chains->tails, *seg = pkt, *next;
	uint32_t total = 0, len, i;
	struct mlx5x_dv_seg *to = &chains->ctrl[2];
	uintptr_t addr;

	for (i = 1;; i++) {
		addr = rte_pktmbuf_mtod(seg, uintptr_t);
		len = seg->data_len;
		if (unlikely(len == 0) ||
		    (unlikely(!mlx5x_dv_window_holds(&key->window, addr)) &&
		     unlikely(!mlx5x_dv_change_key(txq, addr, len, key))))
			break;
		total += len;
		mlx5x_dv_put_data_be(to++, addr, len, key->lkey);
		next = seg->next;
		if (i == n) {
			/* A buffer beyond the limit may end outside of the window. */
			if (unlikely(next != NULL) || !mlx5x_tx_fits(total, chains->limit))
				break;
			chains->bytes += total;
			chains->tails = tails;
			return true;
		}
		if (unlikely(next == NULL) ||
		    (apart && unlikely(!mlx5x_dv_is_own(next, 1, chains->pool))))
			break;
		if (apart) {
			seg->next = NULL;
			*tails++ = next;
		}
		seg = next;
	}
	if (apart)
		mlx5x_dv_join(pkt, chains->tails, i - 1);
	return false;
}

/* A chain as a WQE. */
static __rte_always_inline bool
mlx5x_dv_put_chain(struct mlx5x_txq *txq, struct rte_mbuf *pkt, const uint32_t n,
	struct mlx5x_dv_key *key, struct mlx5x_dv_chains *chains, const bool apart)
{
	struct mlx5x_dv_seg *ctrl = chains->ctrl;
	uint64_t pi;

	if (unlikely(&ctrl[2 + n] > chains->room_end) ||
	    unlikely(!mlx5x_dv_put_segments(txq, pkt, n, key, chains, apart)))
		return false;
	/* The index has 16 bits, from bit 40 on. */
	pi = ((uintptr_t)ctrl - chains->zero) << (48 - 6) >> 8;
	ctrl->words[0] = htobe64((chains->word | pi) + n);
	ctrl->words[1] = 0;
	mlx5x_dv_put_eth(&ctrl[1], mlx5x_dv_eth_word_of(txq, mlx5x_dv_checksum_flags(pkt)));
	chains->lookups += n;
	chains->last = ctrl;
	chains->ctrl = &ctrl[mlx5x_dv_blocks(2 + n) * MLX5X_DV_BLOCK_SEGS];
	return true;
}

/* The same of plain segments, and takes it apart. */
static __rte_always_inline bool
mlx5x_dv_put_apart(struct mlx5x_txq *txq, struct rte_mbuf *pkt, const uint32_t n,
	struct mlx5x_dv_key *key, struct mlx5x_dv_chains *chains)
{
	if (unlikely(!mlx5x_dv_is_own(pkt, n, chains->pool)) ||
	    unlikely(chains->tails >= chains->tails_stop) ||
	    unlikely(!mlx5x_dv_put_chain(txq, pkt, n, key, chains, true)))
		return false;
	pkt->nb_segs = 1;
	return true;
}

/* Up to n leading chains; returns how many. The usual ones, of a constant size, without a loop. */
static __rte_always_inline uint32_t
mlx5x_dv_loop_chains(struct mlx5x_txq *txq, struct rte_mbuf **pkts, uint32_t n,
	struct mlx5x_dv_key *key, struct mlx5x_dv_chains *chains, const bool apart)
{
	const uint32_t max = RTE_MIN(txq->max_sge, txq->max_segs);
	struct rte_mbuf **end = pkts + n, **at;
	uint32_t nb_segs;

	if (unlikely(max < 3))
		return 0;
	for (at = pkts; at != end; at++) {
		nb_segs = (*at)->nb_segs;
		if (apart && likely(nb_segs == 3)) {
			if (!mlx5x_dv_put_apart(txq, *at, 3, key, chains))
				break;
		} else if (apart && likely(nb_segs == 2)) {
			if (!mlx5x_dv_put_apart(txq, *at, 2, key, chains))
				break;
		} else if (unlikely(nb_segs - 2 > max - 2)) {
			break;
		} else if (apart) {
			if (!mlx5x_dv_put_apart(txq, *at, nb_segs, key, chains))
				break;
		} else if (!mlx5x_dv_put_chain(txq, *at, nb_segs, key, chains, false)) {
			break;
		}
	}
	return at - pkts;
}

/* The same, and tells the batch. */
static __rte_always_inline uint32_t
mlx5x_dv_put_chains_by(struct mlx5x_txq *txq, struct rte_mbuf **pkts, uint32_t n,
	struct rte_mbuf **elts, struct mlx5x_dv_batch *batch, struct mlx5x_dv_chains *chains,
	const bool apart)
{
	struct mlx5x_dv_key key = {.lkey = htobe32(txq->user.cache.lkey)};
	struct mlx5x_dv_sq *sq = &txq->dv.sq;
	uint32_t room = RTE_MIN(mlx5x_dv_room(sq), sq->size - (sq->pi & (sq->size - 1)));
	struct mlx5x_dv_seg *first = mlx5x_dv_seg_at(sq, 0);

	mlx5x_dv_window_set(&key.window, &txq->user.cache, txq->max_frame);
	chains->pool = batch->pool;
	chains->ctrl = first;
	chains->room_end = &first[room * MLX5X_DV_BLOCK_SEGS];
	chains->zero = (uintptr_t)first - sq->pi * (uint64_t)MLX5_SEND_WQE_BB;
	chains->word = ((uint64_t)MLX5_OPCODE_SEND << 32 | sq->qpn) + 2;
	chains->limit = mlx5x_tx_limit(txq);
	n = mlx5x_dv_loop_chains(txq, pkts, n, &key, chains, apart);
	if (unlikely(n == 0))
		return 0;
	memcpy(elts, pkts, n * sizeof(*pkts));
	sq->pi += (chains->ctrl - first) / MLX5X_DV_BLOCK_SEGS;
	batch->last = chains->last;
	mlx5x_counter_add(&txq->stats.bytes, chains->bytes);
	mlx5x_counter_add(&txq->stats.lookups, chains->lookups);
	return n;
}

/* The batch has added tails; those behind the end of their ring continue at its beginning. */
static __rte_always_inline void
mlx5x_dv_end_tails(struct mlx5x_tx_tails *ring, struct rte_mbuf **first, struct rte_mbuf **next,
	struct mlx5x_dv_batch *batch)
{
	struct rte_mbuf **end = ring->ring + ring->size;

	ring->head += next - first;
	if (unlikely(next > end))
		memcpy(ring->ring, end, (next - end) * sizeof(*end));
	if ((batch->others & MLX5X_DV_TAILS) == 0)
		batch->tails = 0;
	batch->tails += next - first;
	batch->others |= MLX5X_DV_TAILS;
}

/*
 * A function of its own has registers enough for its loop. A chain begins where the ring of tails
 * has room for the longest one.
 */
static __rte_noinline uint32_t
mlx5x_dv_put_chains_apart(struct mlx5x_txq *txq, struct rte_mbuf **pkts, uint32_t n,
	struct rte_mbuf **elts, struct mlx5x_dv_batch *batch)
{
	struct mlx5x_tx_tails *ring = &txq->tails;
	uint32_t at = ring->head & (ring->size - 1), room = ring->size - (ring->head - ring->tail);
	struct rte_mbuf **first = &ring->ring[at];
	struct mlx5x_dv_chains chains = {.tails = first};

	if (unlikely(room < txq->max_sge))
		return 0;
	chains.tails_stop = first + RTE_MIN(ring->size - at, room - txq->max_sge + 1u);
	n = mlx5x_dv_put_chains_by(txq, pkts, n, elts, batch, &chains, true);
	if (likely(n != 0))
		mlx5x_dv_end_tails(ring, first, chains.tails, batch);
	return n;
}

static __rte_noinline uint32_t
mlx5x_dv_put_chains_whole(struct mlx5x_txq *txq, struct rte_mbuf **pkts, uint32_t n,
	struct rte_mbuf **elts, struct mlx5x_dv_batch *batch)
{
	struct mlx5x_dv_chains chains = {0};

	return mlx5x_dv_put_chains_by(txq, pkts, n, elts, batch, &chains, false);
}

/* Among packets that are freed each by itself, taking a chain apart saves nothing. */
static __rte_always_inline uint32_t
mlx5x_dv_put_chains(struct mlx5x_txq *txq, struct rte_mbuf **pkts, uint32_t n,
	struct rte_mbuf **elts, struct mlx5x_dv_batch *batch)
{
	uint32_t done = 0;

	if (likely((batch->others & MLX5X_DV_ODD) == 0) && likely(txq->tails.size != 0))
		done = mlx5x_dv_put_chains_apart(txq, pkts, n, elts, batch);
	if (likely(done != 0))
		return done;
	done = mlx5x_dv_put_chains_whole(txq, pkts, n, elts, batch);
	batch->others |= done != 0 ? MLX5X_DV_ODD : 0;
	return done;
}

#endif
