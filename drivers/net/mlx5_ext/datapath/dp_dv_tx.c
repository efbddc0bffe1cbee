/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dp_dv_tx.c - the transmit burst on the rings of an mlx5 device: writes WQEs into the send ring,
 * with one doorbell a burst; the last WQE of a chunk is signalled, and its CQE frees the whole
 * chunk.
 */
#include <string.h>

#include <rte_memcpy.h>

#include "datapath/dp_dv.h"
#include "datapath/dv_wqe.h"
#include "datapath/tx_burst.h"

/* Packets per signalled WQE: more saves CQEs, fewer frees mbufs earlier. */
#define CHUNK 64u

void
mlx5x_dp_dv_tx_reap(struct mlx5x_txq *txq)
{
	struct mlx5x_dv_cq *cq = &txq->dv.cq;
	struct mlx5x_dv_sq *sq = &txq->dv.sq;
	const struct mlx5x_dv_mark *mark = NULL;
	const struct mlx5_cqe64 *cqe;
	enum mlx5x_dv_completion what;

	/* CQEs are in order: the last one completes all WQEs before it. */
	while ((what = mlx5x_dv_poll_cqe(cq, cq->ci, MLX5_CQE_REQ, &cqe)) == MLX5X_DV_CQE_OK) {
		mark = &sq->marks[mlx5x_dv_request(cqe) & (sq->size - 1)];
		cq->ci++;
	}
	if (mark != NULL) {
		mlx5x_dv_ring_cq(cq);
		sq->done = mark->pi;
		__atomic_store_n(&txq->done, mark->head, __ATOMIC_RELEASE);
	}
	/* The error CQE is not consumed before the reset of the queue, and counts once. */
	if (unlikely(what == MLX5X_DV_CQE_ERR) && !mlx5x_flag_read(&txq->failed)) {
		mlx5x_counter_add(&txq->stats.errors, 1);
		mlx5x_txq_fail(txq);
	}
}

void
mlx5x_dp_dv_tx_discard(struct mlx5x_txq *txq)
{
	struct mlx5x_dv_cq *cq = &txq->dv.cq;
	const struct mlx5_cqe64 *cqe;

	while (mlx5x_dv_poll_cqe(cq, cq->ci, MLX5_CQE_REQ, &cqe) != MLX5X_DV_CQE_HW_OWNED)
		cq->ci++;
	mlx5x_dv_ring_cq(cq);
	txq->dv.sq.pi = 0;
	txq->dv.sq.done = 0;
}

static inline uint32_t
room_of(const struct mlx5x_dv_sq *sq)
{
	return sq->size - (sq->pi - sq->done);
}

/* Segment n of the WQE that begins at WQEBB pi. */
static inline struct mlx5x_dv_seg *
seg_at(const struct mlx5x_dv_sq *sq, uint32_t n)
{
	return &sq->segs[(sq->pi * MLX5X_DV_BLOCK_SEGS + n) & (sq->size * MLX5X_DV_BLOCK_SEGS - 1)];
}

/* The checksum flags of a packet, in 32 bits, to be masked in one instruction. */
static inline uint32_t
checksum_flags(const struct rte_mbuf *pkt)
{
	return (uint32_t)(pkt->ol_flags >> 32) & (uint32_t)(MLX5X_DP_DV_CHECKSUMS >> 32);
}

/* The word of the Ethernet segment for these flags. */
static inline uint64_t
eth_word(const struct mlx5x_txq *txq, uint32_t flags)
{
	RTE_BUILD_BUG_ON(MLX5X_DP_DV_CHECKSUMS >> MLX5X_DP_DV_CHECKSUMS_SHIFT != 7);
	return txq->dv.checksums[flags >> (MLX5X_DP_DV_CHECKSUMS_SHIFT - 32)];
}

/* One segment of a valid length, which the fast paths accept if one lkey covers it. */
static inline bool
is_simple(const struct rte_mbuf *pkt, uint32_t limit)
{
	return likely(pkt->nb_segs == 1) && mlx5x_tx_fits(pkt->data_len, limit);
}

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
static __rte_noinline struct progress
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

/* The lkey of len bytes; NO_KEY if they have none, or more than one. */
#define NO_KEY UINT64_MAX
static __rte_noinline uint64_t
find_key(struct mlx5x_txq *txq, uintptr_t addr, uint32_t len)
{
	uint32_t lkey;
	size_t n;

	n = mlx5x_mr_cache_find(&txq->user.cache, &txq->mrs->index, addr, &lkey);
	return likely(n != 0) && likely(n >= len) ? lkey : NO_KEY;
}

/*
 * The same for a loop that keeps the window of the last look-up in registers. len is a valid
 * length.
 */
static inline bool
has_key(struct mlx5x_txq *txq, uintptr_t addr, uint32_t len, struct mlx5x_dv_window *window)
{
	uint64_t lkey;

	if (likely(mlx5x_dv_window_holds(window, addr)))
		return true;
	lkey = find_key(txq, addr, len);
	if (unlikely(lkey == NO_KEY)) {
		mlx5x_counter_add(&txq->stats.lookups, 1);
		return false;
	}
	mlx5x_dv_window_set(window, txq->user.cache.start, txq->user.cache.len, lkey,
		txq->max_frame);
	return true;
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
			mlx5x_dv_put_data(seg_at(&txq->dv.sq, *nb_segs), addr,
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

/* Slow path: any packet, as one WQE. The ring has room. */
static __rte_noinline enum mlx5x_drop_reason
put_packet(struct mlx5x_txq *txq, const struct rte_mbuf *pkt, struct mlx5x_dv_batch *batch)
{
	uint32_t len = length_of(pkt), inlined = inlined_of(txq, len), nb_segs = 2;
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
	batch->last = seg_at(sq, 0);
	mlx5x_dv_put_ctrl(batch->last, MLX5_OPCODE_SEND, sq->pi, sq->qpn, nb_segs);
	mlx5x_dv_put_eth_inline(&batch->last[1], eth_word(txq, checksum_flags(pkt)), inlined);
	sq->pi += mlx5x_dv_blocks(nb_segs);
	batch->bytes += len;
	return MLX5X_DROP_NOT;
}

/* Up to n leading simple packets, a WQEBB each; returns how many. */
static inline uint32_t
put_each(struct mlx5x_txq *txq, struct rte_mbuf **pkts, uint32_t n, struct mlx5x_dv_batch *batch)
{
	struct rte_mbuf **first = pkts, **end = pkts + RTE_MIN(n, room_of(&txq->dv.sq));
	uint32_t pi = txq->dv.sq.pi, mask = txq->dv.sq.size - 1, qpn = txq->dv.sq.qpn;
	struct mlx5x_dv_seg *segs = txq->dv.sq.segs, *seg = NULL;
	struct mlx5x_dv_window window = batch->window;
	uint32_t limit = mlx5x_tx_limit(txq);
	const struct rte_mbuf *pkt;
	uint64_t bytes = 0, len;
	uintptr_t addr;

	for (; pkts != end; pkts++, pi++) {
		pkt = *pkts;
		addr = rte_pktmbuf_mtod(pkt, uintptr_t);
		len = pkt->data_len;
		if (unlikely(!is_simple(pkt, limit)) ||
		    unlikely(!has_key(txq, addr, len, &window)))
			break;
		seg = &segs[(pi & mask) * MLX5X_DV_BLOCK_SEGS];
		mlx5x_dv_put_ctrl(seg, MLX5_OPCODE_SEND, pi, qpn, 3);
		mlx5x_dv_put_eth(&seg[1], eth_word(txq, checksum_flags(pkt)));
		mlx5x_dv_put_data(&seg[2], addr, mlx5x_dv_data_word(len, window.lkey));
		bytes += len;
	}
	if (unlikely(seg == NULL))
		return 0;
	txq->dv.sq.pi = pi;
	batch->window = window;
	batch->last = seg;
	batch->bytes += bytes;
	batch->lookups += pkts - first;
	return pkts - first;
}

/* Up to n leading simple packets with the same flags, in one multi-packet WQE; returns how many. */
static inline uint32_t
put_many(struct mlx5x_txq *txq, struct rte_mbuf **pkts, uint32_t n, struct mlx5x_dv_batch *batch)
{
	struct rte_mbuf **first = pkts, **end = pkts + RTE_MIN(n, MLX5X_DV_MPW_MAX);
	struct mlx5x_dv_sq *sq = &txq->dv.sq;
	struct mlx5x_dv_seg *ring_end = &sq->segs[sq->size * MLX5X_DV_BLOCK_SEGS];
	struct mlx5x_dv_seg *ctrl = seg_at(sq, 0), *seg = &ctrl[1];
	struct mlx5x_dv_window window = batch->window;
	uint32_t flags = checksum_flags(*pkts), limit = mlx5x_tx_limit(txq);
	const struct rte_mbuf *pkt;
	uint64_t bytes = 0, len;
	uintptr_t addr;

	/*
	 * Else the compiler reuses the first packet's flags in the loop, at the price of a jump a
	 * packet.
	 */
	rte_compiler_barrier();
	for (; pkts != end; pkts++) {
		pkt = *pkts;
		addr = rte_pktmbuf_mtod(pkt, uintptr_t);
		len = pkt->data_len;
		if (unlikely(checksum_flags(pkt) != flags) ||
		    unlikely(!is_simple(pkt, limit)) ||
		    unlikely(!has_key(txq, addr, len, &window)))
			break;
		if (unlikely(++seg == ring_end))
			seg = sq->segs;
		mlx5x_dv_put_data(seg, addr, mlx5x_dv_data_word(len, window.lkey));
		bytes += len;
	}
	n = pkts - first;
	if (unlikely(n == 0))
		return 0;
	mlx5x_dv_put_ctrl(ctrl, MLX5X_DV_OPCODE_MPW, sq->pi, sq->qpn, 2 + n);
	mlx5x_dv_put_eth(&ctrl[1], eth_word(txq, flags));
	sq->pi += mlx5x_dv_blocks(2 + n);
	batch->window = window;
	batch->last = ctrl;
	batch->bytes += bytes;
	batch->lookups += n;
	return n;
}

/* Up to n leading chains with one lkey per segment, a WQE each; returns how many. */
static inline uint32_t
put_chains(struct mlx5x_txq *txq, struct rte_mbuf **pkts, uint32_t n, struct mlx5x_dv_batch *batch)
{
	struct mlx5x_dv_sq *sq = &txq->dv.sq;
	struct mlx5x_dv_seg *segs = sq->segs, *ring_end = &segs[sq->size * MLX5X_DV_BLOCK_SEGS];
	uint32_t limit = mlx5x_tx_limit(txq), max = 2 + txq->max_sge, nb_segs, total, len, i;
	struct mlx5x_dv_window window = batch->window;
	struct mlx5x_dv_seg *ctrl, *to;
	const struct rte_mbuf *seg;
	uintptr_t addr;

	for (i = 0; i < n && likely(room_of(sq) >= txq->dv.max_blocks); i++) {
		if (pkts[i]->nb_segs == 1 || unlikely(pkts[i]->nb_segs > txq->max_segs))
			break;
		ctrl = seg_at(sq, 0);
		to = &ctrl[2];
		nb_segs = 2;
		total = 0;
		for (seg = pkts[i]; seg != NULL; seg = seg->next) {
			addr = rte_pktmbuf_mtod(seg, uintptr_t);
			len = seg->data_len;
			total += len;
			if (unlikely(len == 0))
				continue;
			if (unlikely(nb_segs == max) || unlikely(len > txq->max_frame) ||
			    unlikely(!has_key(txq, addr, len, &window)))
				break;
			mlx5x_dv_put_data(to, addr, mlx5x_dv_data_word(len, window.lkey));
			nb_segs++;
			if (unlikely(++to == ring_end))
				to = segs;
		}
		batch->lookups += nb_segs - 2;
		if (unlikely(seg != NULL) || !mlx5x_tx_fits(total, limit))
			break;
		mlx5x_dv_put_ctrl(ctrl, MLX5_OPCODE_SEND, sq->pi, sq->qpn, nb_segs);
		mlx5x_dv_put_eth(&ctrl[1], eth_word(txq, checksum_flags(pkts[i])));
		sq->pi += mlx5x_dv_blocks(nb_segs);
		batch->last = ctrl;
		batch->bytes += total;
	}
	batch->window = window;
	return i;
}

static inline uint32_t
put_none(struct mlx5x_txq *txq, struct rte_mbuf **pkts, uint32_t n, struct mlx5x_dv_batch *batch)
{
	return 0;
}

/* Runs of packets by the fast paths; the packets that these leave, by put_packet(). */
static __rte_always_inline uint32_t
write_by(struct mlx5x_txq *txq, struct rte_mbuf **pkts, uint32_t n, struct mlx5x_dv_batch *batch,
	mlx5x_dv_write_t put_singles, mlx5x_dv_write_t put_others)
{
	uint32_t total = 0, k;

	while (total < n && likely(room_of(&txq->dv.sq) >= txq->dv.max_blocks)) {
		k = pkts[total]->nb_segs == 1 ? put_singles(txq, &pkts[total], n - total, batch) :
			put_others(txq, &pkts[total], n - total, batch);
		if (unlikely(k == 0)) {
			batch->why = put_packet(txq, pkts[total], batch);
			if (batch->why != MLX5X_DROP_NOT)
				break;
			k = 1;
		}
		total += k;
	}
	return total;
}

uint32_t
mlx5x_dp_dv_write_plain(struct mlx5x_txq *txq, struct rte_mbuf **pkts, uint32_t n,
	struct mlx5x_dv_batch *batch)
{
	return write_by(txq, pkts, n, batch, put_each, put_chains);
}

uint32_t
mlx5x_dp_dv_write_inline(struct mlx5x_txq *txq, struct rte_mbuf **pkts, uint32_t n,
	struct mlx5x_dv_batch *batch)
{
	return write_by(txq, pkts, n, batch, put_none, put_none);
}

uint32_t
mlx5x_dp_dv_write_mpw(struct mlx5x_txq *txq, struct rte_mbuf **pkts, uint32_t n,
	struct mlx5x_dv_batch *batch)
{
	return write_by(txq, pkts, n, batch, put_many, put_chains);
}

/* Stores the packets, now owned by the device, and makes their last WQE signalled. */
static inline void
keep(struct mlx5x_txq *txq, struct rte_mbuf **pkts, uint32_t n, struct mlx5x_dv_seg *last)
{
	uint32_t at = txq->head & (txq->size - 1), before = RTE_MIN(n, txq->size - at);
	struct mlx5x_dv_sq *sq = &txq->dv.sq;

	rte_memcpy(&txq->elts[at], pkts, before * sizeof(*pkts));
	if (unlikely(before != n))
		memcpy(txq->elts, &pkts[before], (n - before) * sizeof(*pkts));
	txq->head += n;
	mlx5x_dv_ask_completion(last);
	sq->marks[(last - sq->segs) / MLX5X_DV_BLOCK_SEGS] =
		(struct mlx5x_dv_mark){.head = txq->head, .pi = sq->pi};
}

static inline uint16_t
send_leading(struct mlx5x_txq *txq, struct rte_mbuf **pkts, uint16_t n, enum mlx5x_drop_reason *why)
{
	struct mlx5x_dv_batch batch = {.window = MLX5X_DV_NO_WINDOW};
	uint32_t max = RTE_MIN(n, txq->size - (txq->head - txq->freed)), total = 0, chunk, k;

	do {
		chunk = RTE_MIN(max - total, CHUNK);
		k = txq->dv.write(txq, &pkts[total], chunk, &batch);
		if (likely(k != 0))
			keep(txq, &pkts[total], k, batch.last);
		total += k;
	} while (k == chunk && total < max);
	*why = batch.why;
	mlx5x_counter_add(&txq->stats.lookups, batch.lookups);
	if (unlikely(total == 0))
		return 0;
	mlx5x_dv_ring_sq(&txq->dv.sq, batch.last);
	mlx5x_counter_add(&txq->stats.packets, total);
	mlx5x_counter_add(&txq->stats.bytes, batch.bytes);
	return total;
}

uint16_t
mlx5x_dp_dv_tx_burst(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	return mlx5x_tx_burst(queue, pkts, n, mlx5x_dp_dv_tx_reap, send_leading);
}
