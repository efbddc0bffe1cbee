/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dv_write.h - the writers of packets of one buffer with one lkey; and the bursts by them and by
 * that of chains, dv_chain.h. For one file an instruction set. With MLX5X_DV_FOURS they take four
 * packets at a time where they can.
 */
#include "datapath/dv_burst.h"
#include "datapath/dv_chain.h"
#ifdef MLX5X_DV_FOURS
#include "datapath/dv_four.h"
#endif

/* What a loop keeps in registers. */
struct loop {
	struct rte_mbuf **pkts, **elts;	/* the next packet, and its place */
	struct mlx5x_dv_window window;
	const struct rte_mempool *pool;
	uint32_t limit;
	uint32_t flags;	/* checksum flags of the packets: of the multi-packet WQE, or usual ones */
	uint64_t bytes;
	bool fast_free, odd;
#ifdef MLX5X_DV_FOURS
	mlx5x_v4 bytes_of_four, odd_of_four, pools_of_four;
#endif
};

#ifndef MLX5X_DV_FOURS
struct mlx5x_four_rules { };
#endif

static __rte_always_inline void
loop_begin(struct loop *loop, struct mlx5x_four_rules *rules, const struct mlx5x_txq *txq,
	struct rte_mbuf **pkts, struct rte_mbuf **elts, const struct mlx5x_dv_batch *batch)
{
	loop->pkts = pkts;
	loop->elts = elts;
	loop->window = batch->window;
	loop->pool = batch->pool;
	loop->limit = mlx5x_tx_limit(txq);
	loop->flags = mlx5x_dv_checksum_flags(*pkts);
	loop->bytes = 0;
	loop->fast_free = txq->fast_free;
	loop->odd = false;
#ifdef MLX5X_DV_FOURS
	loop->bytes_of_four = loop->odd_of_four = loop->pools_of_four = MLX5X_V4(UINT64_C(0));
	mlx5x_four_set_region(rules, &txq->user.cache, txq->max_frame);
	mlx5x_four_set_usual(rules, loop->flags);
	mlx5x_four_set_rest(rules, txq->max_frame, batch->pool);
#endif
}

/* After packets one by one: the next one has the usual flags, and the last one the last region. */
static __rte_always_inline void
loop_go_on(struct loop *loop, struct mlx5x_four_rules *rules, const struct mlx5x_txq *txq)
{
	loop->flags = mlx5x_dv_checksum_flags(*loop->pkts);
#ifdef MLX5X_DV_FOURS
	mlx5x_four_set_usual(rules, loop->flags);
	mlx5x_four_set_region(rules, &txq->user.cache, txq->max_frame);
#endif
}

/* n packets are written, the last WQE at `last`. Returns n. */
static __rte_always_inline uint32_t
loop_end(const struct loop *loop, uint32_t n, struct mlx5x_dv_seg *last,
	struct mlx5x_dv_batch *batch)
{
	batch->window = loop->window;
	batch->last = last;
	batch->bytes += loop->bytes;
	batch->others |= loop->odd ? MLX5X_DV_ODD : 0;
	batch->lookups += n;
#ifdef MLX5X_DV_FOURS
	batch->bytes += mlx5x_v4_sum(loop->bytes_of_four);
	batch->others |= mlx5x_v4_any((loop->odd_of_four & MLX5X_V4(MLX5X_FOUR_ODD)) |
		loop->pools_of_four, ~MLX5X_V4(0)) ? MLX5X_DV_ODD : 0;
#endif
	return n;
}

/* Whether the next packet is one buffer of a valid length with an lkey, in window. */
static __rte_always_inline bool
is_usual(struct mlx5x_txq *txq, struct loop *loop)
{
	const struct rte_mbuf *pkt = *loop->pkts;

	return likely(mlx5x_dv_is_simple(pkt, loop->limit)) &&
		likely(mlx5x_dv_has_key(txq, rte_pktmbuf_mtod(pkt, uintptr_t), pkt->data_len,
			&loop->window));
}

/* Counts the next packet, stores it, and writes its data segment. */
static __rte_always_inline void
put_next(struct loop *loop, struct mlx5x_dv_seg *seg)
{
	struct rte_mbuf *pkt = *loop->pkts++;
	uint64_t len = pkt->data_len;

	*loop->elts++ = pkt;
	loop->bytes += len;
	if (!loop->fast_free && unlikely(!mlx5x_tx_is_plain(pkt, loop->pool)))
		loop->odd = true;
	mlx5x_dv_put_data(seg, rte_pktmbuf_mtod(pkt, uintptr_t),
		mlx5x_dv_data_word(len, loop->window.lkey));
}

#ifdef MLX5X_DV_FOURS
/* The entries of four addresses; not an array, so that they stay in registers. */
struct four_entries {
	const struct mlx5x_mr_entry *a, *b, *c, *d;
};

/* Negative where a buffer is not in its entry's range. No offset of one has the two upper bits. */
static __rte_always_inline mlx5x_v4
misfits(const struct four_entries *e, const struct mlx5x_four *four)
{
	mlx5x_v4 starts = {e->a->start, e->b->start, e->c->start, e->d->start};
	mlx5x_v4 lens = {mlx5x_mr_entry_len(e->a), mlx5x_mr_entry_len(e->b),
		mlx5x_mr_entry_len(e->c), mlx5x_mr_entry_len(e->d)};
	mlx5x_v4 offsets = four->addr - starts;

	return offsets | offsets << 1 | (lens - offsets - four->len);
}

/* For what is not as usual in the index. */
static __rte_noinline bool
search_four(const struct mlx5x_mr_index *index, const uint64_t addrs[4], struct four_entries *e)
{
	e->a = mlx5x_mr_index_find(index, addrs[0]);
	e->b = mlx5x_mr_index_find(index, addrs[1]);
	e->c = mlx5x_mr_index_find(index, addrs[2]);
	e->d = mlx5x_mr_index_find(index, addrs[3]);
	return e->a != NULL && e->b != NULL && e->c != NULL && e->d != NULL;
}

/*
 * Look-ups for four buffers, not all in the last region: four chains of loads that do not depend on
 * each other. The gathers of AVX2 would take fewer instructions, and more time.
 */
static __rte_always_inline bool
find_four(const struct mlx5x_txq *txq, const struct mlx5x_four *four,
	struct mlx5x_four_rules *rules, mlx5x_v4 *lkeys)
{
	const struct mlx5x_mr_index *index = &txq->mrs->index;
	const struct mlx5x_mr_index_table *table = __atomic_load_n(&index->table, __ATOMIC_ACQUIRE);
	union {
		mlx5x_v4 v;
		uint64_t lanes[4];
	} addrs = {four->addr};
	struct four_entries e = {
		mlx5x_mr_index_guess(table, addrs.lanes[0]),
		mlx5x_mr_index_guess(table, addrs.lanes[1]),
		mlx5x_mr_index_guess(table, addrs.lanes[2]),
		mlx5x_mr_index_guess(table, addrs.lanes[3]),
	};

	if (unlikely(mlx5x_v4_any(misfits(&e, four), mlx5x_four_const.sign)) &&
	    (!search_four(index, addrs.lanes, &e) ||
	     mlx5x_v4_any(misfits(&e, four), mlx5x_four_const.sign)))
		return false;
	rules->nb_regions += (e.a->start != rules->start[0]) + (e.b != e.a) + (e.c != e.b) +
		(e.d != e.c);
	rules->found = e.d;
	*lkeys = (mlx5x_v4){e.a->lkey, e.b->lkey, e.c->lkey, e.d->lkey};
	mlx5x_four_set_window(rules, e.d->start, e.d->len, e.d->lkey, txq->max_frame);
	return true;
}

/* After fours: the last region is also that of single packets. */
static __rte_always_inline void
end_fours(struct mlx5x_txq *txq, struct loop *loop, const struct mlx5x_four_rules *rules)
{
	if (likely(rules->found == NULL))
		return;
	mlx5x_mr_cache_set(&txq->user.cache, rules->found);
	mlx5x_counter_add(txq->user.cache.misses, rules->nb_regions);
	mlx5x_dv_window_set(&loop->window, &txq->user.cache, txq->max_frame);
}

/* The next four packets, if also their checksum flags are the usual ones. */
static __rte_always_inline bool
take_four(struct mlx5x_txq *txq, struct loop *loop, struct mlx5x_four_rules *rules,
	struct mlx5x_four *four, mlx5x_v4 *lkeys)
{
	const struct mlx5x_four_const *constant = &mlx5x_four_const;
	mlx5x_v4 odd, length, offset;

	*four = mlx5x_four_load(loop->pkts);
	odd = four->what ^ rules->usual;
	if (unlikely(mlx5x_v4_any(odd, constant->usual_mask)))
		return false;
	/* Values out of range are negative. */
	length = (four->len - constant->header) | (four->len + rules->over_max);
	offset = four->addr - rules->start;
	offset |= offset + rules->over_last;
	*lkeys = rules->lkeys;
	if (unlikely(mlx5x_v4_any(offset | length, constant->sign))) {
		if (mlx5x_v4_any(length, constant->sign) ||
		    !find_four(txq, four, rules, lkeys))
			return false;
	}
	loop->odd_of_four |= odd;
	loop->pools_of_four |= four->pool ^ rules->pool;
	loop->bytes_of_four += four->len;
	*(mlx5x_v4_unaligned *)loop->elts = *(const mlx5x_v4_unaligned *)loop->pkts;
	loop->pkts += 4;
	loop->elts += 4;
	return true;
}
#endif

/* The next packet as a WQE of its own, one WQEBB. */
static __rte_always_inline bool
put_one(struct mlx5x_txq *txq, struct loop *loop, struct mlx5x_dv_seg *ctrl, uint32_t pi)
{
	if (unlikely(!is_usual(txq, loop)))
		return false;
	mlx5x_dv_put_ctrl(ctrl, MLX5_OPCODE_SEND, pi, txq->dv.sq.qpn, 3);
	mlx5x_dv_put_eth(&ctrl[1],
		mlx5x_dv_eth_word_of(txq, mlx5x_dv_checksum_flags(*loop->pkts)));
	put_next(loop, &ctrl[2]);
	return true;
}

#ifdef MLX5X_DV_FOURS
/* Control and Ethernet segment of four WQEs. */
static __rte_always_inline void
put_heads(struct mlx5x_dv_seg *ctrl, mlx5x_v4 words, mlx5x_v4 eth)
{
	mlx5x_v4 swapped = mlx5x_v4_swap(words), none = MLX5X_V4(0);
	mlx5x_v4 even = mlx5x_v4_first(swapped, none), odd = mlx5x_v4_second(swapped, none);

	mlx5x_v4_put(&ctrl[0 * MLX5X_DV_BLOCK_SEGS], mlx5x_v4_lower(even, eth));
	mlx5x_v4_put(&ctrl[1 * MLX5X_DV_BLOCK_SEGS], mlx5x_v4_lower(odd, eth));
	mlx5x_v4_put(&ctrl[2 * MLX5X_DV_BLOCK_SEGS], mlx5x_v4_upper(even, eth));
	mlx5x_v4_put(&ctrl[3 * MLX5X_DV_BLOCK_SEGS], mlx5x_v4_upper(odd, eth));
}

/* As many of up to n packets as go by fours; returns how many. */
static __rte_always_inline uint32_t
put_fours(struct mlx5x_txq *txq, struct loop *loop, struct mlx5x_four_rules *rules,
	struct mlx5x_dv_seg *ctrl, uint32_t pi, uint32_t n)
{
	const uint64_t word = (uint64_t)MLX5_OPCODE_SEND << 32 | txq->dv.sq.qpn | 3;
	const uint64_t eth = mlx5x_dv_eth_word_of(txq, loop->flags), step = UINT64_C(1) << 40;
	const mlx5x_v4 eths = {eth, 0, eth, 0};
	mlx5x_v4 words = MLX5X_V4(word + pi * step) + (mlx5x_v4){0, step, 2 * step, 3 * step};
	mlx5x_v4 lkeys, segs[2];
	struct mlx5x_four four;
	uint32_t i;

	for (n /= 4, i = 0; i != n && likely(take_four(txq, loop, rules, &four, &lkeys)); i++) {
		/* The index has 16 bits. */
		put_heads(ctrl, words & MLX5X_V4(UINT64_MAX >> 8), eths);
		mlx5x_four_data(&four, lkeys, segs);
		mlx5x_v4_put_half(&ctrl[0 * MLX5X_DV_BLOCK_SEGS + 2], segs[0], 0);
		mlx5x_v4_put_half(&ctrl[1 * MLX5X_DV_BLOCK_SEGS + 2], segs[1], 0);
		mlx5x_v4_put_half(&ctrl[2 * MLX5X_DV_BLOCK_SEGS + 2], segs[0], 1);
		mlx5x_v4_put_half(&ctrl[3 * MLX5X_DV_BLOCK_SEGS + 2], segs[1], 1);
		ctrl += 4 * MLX5X_DV_BLOCK_SEGS;
		words += MLX5X_V4(4 * step);
	}
	end_fours(txq, loop, rules);
	return 4 * i;
}

/* Packets one by one before the next four are tried. */
#define SINGLES 4u
#else
#define put_fours(txq, loop, rules, ctrl, pi, n) 0
#define SINGLES UINT32_MAX
#endif

/* Up to n leading simple packets, as far as the end of the ring; returns how many. */
static __rte_always_inline uint32_t
put_each(struct mlx5x_txq *txq, struct rte_mbuf **pkts, uint32_t n, struct rte_mbuf **elts,
	struct mlx5x_dv_batch *batch)
{
	struct mlx5x_four_rules rules;
	struct loop loop;
	struct mlx5x_dv_sq *sq = &txq->dv.sq;
	uint32_t at = sq->pi & (sq->size - 1), i = 0, stop;
	struct mlx5x_dv_seg *ctrl = &sq->segs[at * MLX5X_DV_BLOCK_SEGS];

	loop_begin(&loop, &rules, txq, pkts, elts, batch);
	n = RTE_MIN(n, RTE_MIN(mlx5x_dv_room(sq), sq->size - at));
	do {
		i += put_fours(txq, &loop, &rules, &ctrl[i * MLX5X_DV_BLOCK_SEGS], sq->pi + i,
			n - i);
		stop = i + RTE_MIN(n - i, SINGLES);
		while (i != stop && put_one(txq, &loop, &ctrl[i * MLX5X_DV_BLOCK_SEGS],
				sq->pi + i))
			i++;
		if (i == n || unlikely(i != stop))
			break;
		loop_go_on(&loop, &rules, txq);
	} while (true);
	if (unlikely(i == 0))
		return 0;
	sq->pi += i;
	return loop_end(&loop, i, &ctrl[(i - 1) * MLX5X_DV_BLOCK_SEGS], batch);
}

#ifdef MLX5X_DV_FOURS
/* As many data segments of up to n packets as go by fours, from *seg on; returns how many. */
static __rte_always_inline uint32_t
put_data_fours(struct mlx5x_txq *txq, struct loop *loop, struct mlx5x_four_rules *rules,
	struct mlx5x_dv_seg **seg, uint32_t n)
{
	const struct mlx5x_dv_sq *sq = &txq->dv.sq;
	struct mlx5x_dv_seg *ring_end = &sq->segs[sq->size * MLX5X_DV_BLOCK_SEGS], *upper;
	struct mlx5x_four four;
	mlx5x_v4 lkeys, segs[2];
	uint32_t i;

	for (n /= 4, i = 0; i != n && likely(take_four(txq, loop, rules, &four, &lkeys)); i++) {
		mlx5x_four_data(&four, lkeys, segs);
		/* Data begins in the middle of a WQEBB: only two of four can be behind the end. */
		upper = unlikely(*seg + 2 == ring_end) ? sq->segs : *seg + 2;
		mlx5x_v4_put(*seg, mlx5x_v4_lower(segs[0], segs[1]));
		mlx5x_v4_put(upper, mlx5x_v4_upper(segs[0], segs[1]));
		*seg = upper + 2;
	}
	end_fours(txq, loop, rules);
	return 4 * i;
}
#else
#define put_data_fours(txq, loop, rules, seg, n) 0
#endif

/* Up to n leading simple packets with the same flags, in one multi-packet WQE; returns how many. */
static __rte_always_inline uint32_t
put_many(struct mlx5x_txq *txq, struct rte_mbuf **pkts, uint32_t n, struct rte_mbuf **elts,
	struct mlx5x_dv_batch *batch)
{
	struct mlx5x_four_rules rules;
	struct loop loop;
	struct mlx5x_dv_sq *sq = &txq->dv.sq;
	struct mlx5x_dv_seg *ring_end = &sq->segs[sq->size * MLX5X_DV_BLOCK_SEGS];
	struct mlx5x_dv_seg *ctrl = mlx5x_dv_seg_at(sq, 0), *seg = &ctrl[2];
	uint32_t i;

	loop_begin(&loop, &rules, txq, pkts, elts, batch);
	n = RTE_MIN(n, MLX5X_DV_MPW_MAX);
	i = put_data_fours(txq, &loop, &rules, &seg, n);
	for (; i != n; i++) {
		if (unlikely(mlx5x_dv_checksum_flags(*loop.pkts) != loop.flags) ||
		    unlikely(!is_usual(txq, &loop)))
			break;
		if (unlikely(seg == ring_end))
			seg = sq->segs;
		put_next(&loop, seg++);
	}
	if (unlikely(i == 0))
		return 0;
	mlx5x_dv_put_ctrl(ctrl, MLX5X_DV_OPCODE_MPW, sq->pi, sq->qpn, 2 + i);
	mlx5x_dv_put_eth(&ctrl[1], mlx5x_dv_eth_word_of(txq, loop.flags));
	sq->pi += mlx5x_dv_blocks(2 + i);
	return loop_end(&loop, i, ctrl, batch);
}

MLX5X_DV_BURST(plain, put_each, mlx5x_dv_put_chains)
MLX5X_DV_BURST(mpw, put_many, mlx5x_dv_put_chains)
