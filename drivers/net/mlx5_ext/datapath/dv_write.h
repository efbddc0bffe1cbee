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

/*
 * What a loop keeps in registers. promised: by the offloads of the queue all packets are plain, of
 * one pool, and without checksum flags; a constant. Only for chains that promise is checked, since
 * segments would be lost: all at once, at the end. odd: not all are plain, or that.
 */
struct loop {
	struct rte_mbuf **pkts, **elts;	/* of the run, and their places */
	size_t i;			/* the next packet */
	const struct rte_mempool *pool;
	struct mlx5x_dv_window window;	/* these two by loop_singles() */
	uint32_t limit;
	uint32_t flags;	/* checksum flags of the packets: of the multi-packet WQE, or usual ones */
	uint64_t bytes;
	bool promised, fast_free, odd;
};

static __rte_always_inline struct loop
loop_begin(const struct mlx5x_txq *txq, struct rte_mbuf **pkts, struct rte_mbuf **elts,
	const struct mlx5x_dv_batch *batch, const bool promised)
{
	return (struct loop){
		.pkts = pkts,
		.elts = elts,
		.pool = batch->pool,
		.flags = promised ? 0 : mlx5x_dv_checksum_flags(pkts[0]),
		.promised = promised,
		.fast_free = promised || txq->fast_free,
	};
}

/* Before packets one by one: what these are compared with. */
static __rte_always_inline void
loop_singles(struct loop *loop, const struct mlx5x_txq *txq)
{
	mlx5x_dv_window_set(&loop->window, &txq->user.cache, txq->max_frame);
	loop->limit = mlx5x_tx_limit(txq);
}

/* All are written, the last WQE at `last`. Returns their number. */
static __rte_always_inline uint32_t
loop_end(struct mlx5x_txq *txq, const struct loop *loop, struct mlx5x_dv_seg *last,
	struct mlx5x_dv_batch *batch)
{
	batch->last = last;
	batch->others |= loop->odd ? MLX5X_DV_ODD : 0;
	mlx5x_counter_add(&txq->stats.bytes, loop->bytes);
	mlx5x_counter_add(&txq->stats.lookups, loop->i);
	return loop->i;
}

/* Whether the next packet is one buffer of a valid length with an lkey, in window. */
static __rte_always_inline bool
is_usual(struct mlx5x_txq *txq, struct loop *loop)
{
	const struct rte_mbuf *pkt = loop->pkts[loop->i];

	return likely(mlx5x_dv_is_simple(pkt, loop->limit)) &&
		likely(mlx5x_dv_has_key(txq, rte_pktmbuf_mtod(pkt, uintptr_t), pkt->data_len,
			&loop->window));
}

/* Counts the next packet, stores it, and writes its data segment. */
static __rte_always_inline void
put_next(struct loop *loop, struct mlx5x_dv_seg *seg)
{
	struct rte_mbuf *pkt = loop->pkts[loop->i];
	uint64_t len = pkt->data_len;

	loop->elts[loop->i++] = pkt;
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

/*
 * What a loop over fours keeps in registers. Of all so far: in odd and pools the bits in which they
 * differ from plain ones of the pool, in rearm all bits.
 */
struct fours {
	struct mlx5x_four_region region;
	mlx5x_v4 usual, max, pool;
	mlx5x_v4 bytes, odd, pools, rearm;
	uint64_t nb_regions;	/* looked up */
};

static __rte_always_inline struct fours
fours_begin(const struct mlx5x_txq *txq, const struct loop *loop)
{
	const mlx5x_v4 max = MLX5X_V4((uint64_t)txq->max_frame);

	return (struct fours){
		.region = mlx5x_four_region(&txq->user.cache, max),
		.usual = mlx5x_four_usual(loop->flags),
		.max = max,
		.pool = MLX5X_V4((uintptr_t)loop->pool),
	};
}

static __rte_always_inline void
fours_end(const struct mlx5x_txq *txq, const struct fours *fours, struct loop *loop)
{
	loop->bytes += mlx5x_v4_sum(fours->bytes);
	if (unlikely(fours->nb_regions != 0))
		mlx5x_counter_add(txq->user.cache.misses, fours->nb_regions);
	if (loop->promised ? mlx5x_v4_any(fours->rearm, mlx5x_four_const.chain_mask) :
			mlx5x_v4_any((fours->odd & mlx5x_four_const.odd_mask) | fours->pools,
				~MLX5X_V4(0)))
		loop->odd = true;
}

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
find_four(struct mlx5x_txq *txq, const struct mlx5x_four *four, struct fours *fours)
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
	fours->nb_regions += (e.a->start != txq->user.cache.start) + (e.b != e.a) +
		(e.c != e.b) + (e.d != e.c);
	mlx5x_mr_cache_set(&txq->user.cache, e.d);
	fours->region = mlx5x_four_region(&txq->user.cache, fours->max);
	if (e.a != e.d || e.b != e.d || e.c != e.d) {
		/* The next ones are not compared with these. */
		fours->region.last = MLX5X_V4(UINT64_C(0));
		fours->region.lkey = (mlx5x_v4){e.a->lkey, e.b->lkey, e.c->lkey, e.d->lkey};
	}
	return true;
}

/* The next four packets, if also their checksum flags are the usual ones. */
static __rte_always_inline bool
take_four(struct mlx5x_txq *txq, struct loop *loop, struct fours *fours, struct mlx5x_four *four)
{
	mlx5x_v4 odd, length, addr;

	*four = mlx5x_four_load(&loop->pkts[loop->i]);
	odd = four->what ^ fours->usual;
	if (!loop->promised && unlikely(mlx5x_v4_any(odd, mlx5x_four_const.usual_mask)))
		return false;
	/* Values out of range are negative. */
	length = (four->len - mlx5x_four_const.header) | (fours->max - four->len);
	addr = (four->addr - fours->region.start) | (fours->region.last - four->addr);
	if (unlikely(mlx5x_v4_any(length | addr, mlx5x_four_const.sign))) {
		if (mlx5x_v4_any(length, mlx5x_four_const.sign) ||
		    !find_four(txq, four, fours))
			return false;
	}
	fours->odd |= odd;
	fours->pools |= four->pool ^ fours->pool;
	fours->rearm |= four->rearm;
	fours->bytes += four->len;
	*(mlx5x_v4_unaligned *)&loop->elts[loop->i] =
		*(const mlx5x_v4_unaligned *)&loop->pkts[loop->i];
	loop->i += 4;
	return true;
}
#endif

/* The next packet as a WQE of its own, one WQEBB. */
static __rte_always_inline bool
put_one(struct mlx5x_txq *txq, struct loop *loop, struct mlx5x_dv_seg *ctrl, uint32_t pi)
{
	uint32_t flags = mlx5x_dv_checksum_flags(loop->pkts[loop->i]);

	if (unlikely(!is_usual(txq, loop)))
		return false;
	mlx5x_dv_put_ctrl(ctrl, MLX5_OPCODE_SEND, pi, txq->dv.sq.qpn, 3);
	mlx5x_dv_put_eth(&ctrl[1], mlx5x_dv_eth_word_of(txq, flags));
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

/* As many of the next packets, up to the nth, as go by fours; the next WQE is ctrl, pi. */
static __rte_always_inline void
put_fours(struct mlx5x_txq *txq, struct loop *loop, struct mlx5x_dv_seg *ctrl, uint32_t pi,
	size_t n)
{
	const uint64_t word = (uint64_t)MLX5_OPCODE_SEND << 32 | txq->dv.sq.qpn | 3;
	const uint64_t eth = mlx5x_dv_eth_word_of(txq, loop->flags), step = UINT64_C(1) << 40;
	const mlx5x_v4 eths = {eth, 0, eth, 0};
	mlx5x_v4 words = MLX5X_V4(word + pi * step) + (mlx5x_v4){0, step, 2 * step, 3 * step};
	size_t end = n - (n - loop->i) % 4;
	struct fours fours = fours_begin(txq, loop);
	mlx5x_v4 segs[2];
	struct mlx5x_four four;

	while (loop->i != end && likely(take_four(txq, loop, &fours, &four))) {
		/* The index has 16 bits. */
		put_heads(ctrl, words & MLX5X_V4(UINT64_MAX >> 8), eths);
		mlx5x_four_data(&four, fours.region.lkey, segs);
		mlx5x_v4_put_half(&ctrl[0 * MLX5X_DV_BLOCK_SEGS + 2], segs[0], 0);
		mlx5x_v4_put_half(&ctrl[1 * MLX5X_DV_BLOCK_SEGS + 2], segs[1], 0);
		mlx5x_v4_put_half(&ctrl[2 * MLX5X_DV_BLOCK_SEGS + 2], segs[0], 1);
		mlx5x_v4_put_half(&ctrl[3 * MLX5X_DV_BLOCK_SEGS + 2], segs[1], 1);
		ctrl += 4 * MLX5X_DV_BLOCK_SEGS;
		words += MLX5X_V4(4 * step);
	}
	fours_end(txq, &fours, loop);
}

/* Packets one by one before the next four are tried. */
#define SINGLES 4u
#else
#define put_fours(txq, loop, ctrl, pi, n) do { } while (0)
#define SINGLES UINT32_MAX
#endif

/* Up to n leading simple packets, as far as the end of the ring; returns how many. */
static __rte_always_inline uint32_t
put_each_by(struct mlx5x_txq *txq, struct rte_mbuf **pkts, size_t n, struct rte_mbuf **elts,
	struct mlx5x_dv_batch *batch, const bool promised)
{
	struct loop loop = loop_begin(txq, pkts, elts, batch, promised);
	struct mlx5x_dv_sq *sq = &txq->dv.sq;
	uint32_t at = sq->pi & (sq->size - 1);
	struct mlx5x_dv_seg *ctrl = &sq->segs[at * MLX5X_DV_BLOCK_SEGS];
	size_t stop;

	n = RTE_MIN(n, RTE_MIN(mlx5x_dv_room(sq), sq->size - at));
	do {
		put_fours(txq, &loop, &ctrl[loop.i * MLX5X_DV_BLOCK_SEGS], sq->pi + loop.i, n);
		if (loop.i == n)
			break;
		stop = loop.i + RTE_MIN(n - loop.i, SINGLES);
		loop_singles(&loop, txq);
		while (loop.i != stop && put_one(txq, &loop,
				&ctrl[loop.i * MLX5X_DV_BLOCK_SEGS], sq->pi + loop.i))
			;
		if (loop.i == n || unlikely(loop.i != stop))
			break;
		if (!promised)
			loop.flags = mlx5x_dv_checksum_flags(pkts[loop.i]);
	} while (true);
	if (unlikely(loop.i == 0) || (promised && unlikely(loop.odd)))
		return 0;
	sq->pi += loop.i;
	return loop_end(txq, &loop, &ctrl[(loop.i - 1) * MLX5X_DV_BLOCK_SEGS], batch);
}

#ifdef MLX5X_DV_FOURS
/* As many data segments of the next packets, up to the nth, as go by fours; from seg[i] on. */
static __rte_always_inline void
put_data_fours(struct mlx5x_txq *txq, struct loop *loop, struct mlx5x_dv_seg *seg, size_t n)
{
	size_t end = n - (n - loop->i) % 4;
	struct fours fours = fours_begin(txq, loop);
	struct mlx5x_four four;
	mlx5x_v4 segs[2];

	while (loop->i != end && likely(take_four(txq, loop, &fours, &four))) {
		mlx5x_four_data(&four, fours.region.lkey, segs);
		mlx5x_v4_put(&seg[loop->i - 4], mlx5x_v4_lower(segs[0], segs[1]));
		mlx5x_v4_put(&seg[loop->i - 2], mlx5x_v4_upper(segs[0], segs[1]));
	}
	fours_end(txq, &fours, loop);
}
#else
#define put_data_fours(txq, loop, seg, n) do { } while (0)
#endif

/*
 * Up to n leading simple packets with the same flags, in one multi-packet WQE, which does not go
 * beyond the end of the ring; returns how many.
 */
static __rte_always_inline uint32_t
put_many_by(struct mlx5x_txq *txq, struct rte_mbuf **pkts, size_t n, struct rte_mbuf **elts,
	struct mlx5x_dv_batch *batch, const bool promised)
{
	struct loop loop = loop_begin(txq, pkts, elts, batch, promised);
	struct mlx5x_dv_sq *sq = &txq->dv.sq;
	uint32_t at = sq->pi & (sq->size - 1);
	struct mlx5x_dv_seg *ctrl = &sq->segs[at * MLX5X_DV_BLOCK_SEGS], *seg = &ctrl[2];

	n = RTE_MIN(n, RTE_MIN(MLX5X_DV_MPW_MAX, (sq->size - at) * MLX5X_DV_BLOCK_SEGS - 2));
	put_data_fours(txq, &loop, seg, n);
	if (loop.i != n)
		loop_singles(&loop, txq);
	while (loop.i != n && likely(promised ||
			mlx5x_dv_checksum_flags(pkts[loop.i]) == loop.flags) &&
			likely(is_usual(txq, &loop)))
		put_next(&loop, &seg[loop.i]);
	if (unlikely(loop.i == 0) || (promised && unlikely(loop.odd)))
		return 0;
	mlx5x_dv_put_ctrl(ctrl, MLX5X_DV_OPCODE_MPW, sq->pi, sq->qpn, 2 + loop.i);
	mlx5x_dv_put_eth(&ctrl[1], mlx5x_dv_eth_word_of(txq, loop.flags));
	sq->pi += mlx5x_dv_blocks(2 + loop.i);
	return loop_end(txq, &loop, ctrl, batch);
}

/*
 * Writers of any packets, and of packets that are promised to be usual ones: those that break the
 * promise, and others with them, are left to mlx5x_dv_put_packet().
 */
#define WRITERS(name) \
	static __rte_always_inline uint32_t \
	name(struct mlx5x_txq *txq, struct rte_mbuf **pkts, uint32_t n, struct rte_mbuf **elts, \
		struct mlx5x_dv_batch *batch) \
	{ \
		return pkts[0]->nb_segs != 1 ? \
			mlx5x_dv_put_chains(txq, pkts, n, elts, batch) : \
			name##_by(txq, pkts, n, elts, batch, false); \
	} \
	static __rte_unused __rte_always_inline uint32_t \
	name##_promised(struct mlx5x_txq *txq, struct rte_mbuf **pkts, uint32_t n, \
		struct rte_mbuf **elts, struct mlx5x_dv_batch *batch) \
	{ \
		return name##_by(txq, pkts, n, elts, batch, true); \
	}

WRITERS(put_each)
WRITERS(put_many)
MLX5X_DV_BURST(plain, put_each)
MLX5X_DV_BURST(mpw, put_many)
#ifdef MLX5X_DV_FOURS
MLX5X_DV_BURST(plain_promised, put_each_promised)
MLX5X_DV_BURST(mpw_promised, put_many_promised)
#endif
