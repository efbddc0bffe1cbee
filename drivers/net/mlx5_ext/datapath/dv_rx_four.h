/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dv_rx_four.h - four frames, or four buffers, at a time in vectors. Lane i belongs to frame i. For
 * files that are built with AVX2.
 *
 * Fields of four CQEs are gathered in columns, converted there, and transposed to the rows that are
 * stored in mbufs: 16 bytes from rearm_data on, and 16 from packet_type on.
 */
#ifndef MLX5X_DV_RX_FOUR_H_
#define MLX5X_DV_RX_FOUR_H_

#include "datapath/dv_four.h"
#include "datapath/dv_rx.h"

static_assert(offsetof(struct rte_mbuf, ol_flags) == offsetof(struct rte_mbuf, rearm_data) + 8 &&
	offsetof(struct rte_mbuf, pkt_len) == offsetof(struct rte_mbuf, packet_type) + 4 &&
	offsetof(struct rte_mbuf, data_len) == offsetof(struct rte_mbuf, packet_type) + 8 &&
	offsetof(struct rte_mbuf, vlan_tci) == offsetof(struct rte_mbuf, packet_type) + 10 &&
	offsetof(struct rte_mbuf, hash) == offsetof(struct rte_mbuf, packet_type) + 12, "rows");
/* Bytes of a CQE that mlx5dv.h has no name for: mlx5x_dv_hash(). */
#define MLX5X_DV_CQE_HASH 12

/* What is the same for all frames of a queue. */
struct mlx5x_rx_rules {
	__m256i flags;		/* lower half of ol_flags, by mlx5x_dv_found() */
	__m128i flags_upper;	/* the upper half */
	__m128i rss;		/* the flag of a frame with a hash */
	__m128i rearm;
	__m128i room;
};

static __rte_always_inline void
mlx5x_rx_rules(const struct mlx5x_rxq *rxq, struct mlx5x_rx_rules *rules)
{
	const __m256i lower = _mm256_setr_epi32(0, 2, 4, 6, 0, 2, 4, 6);
	const __m256i *flags = (const __m256i *)(const void *)rxq->dv.flags;

	rules->flags = _mm256_permute2x128_si256(
		_mm256_permutevar8x32_epi32(_mm256_loadu_si256(&flags[0]), lower),
		_mm256_permutevar8x32_epi32(_mm256_loadu_si256(&flags[1]), lower), 0x20);
	rules->flags_upper = _mm_set1_epi32(rxq->dv.flags[0] >> 32);
	rules->rss = _mm_set1_epi32(rxq->dv.rss_flag);
	rules->rearm = _mm_set1_epi64x(rxq->dv.rearm);
	rules->room = _mm_set1_epi32(rxq->data_room);
}

/* All four have been completed, without an error. */
static __rte_always_inline bool
mlx5x_cqes_are_marked(const struct mlx5_cqe64 *cqe, uint8_t mark)
{
	uint8_t wrong = (__atomic_load_n(&cqe[0].op_own, __ATOMIC_RELAXED) ^ mark) |
		(__atomic_load_n(&cqe[1].op_own, __ATOMIC_RELAXED) ^ mark) |
		(__atomic_load_n(&cqe[2].op_own, __ATOMIC_RELAXED) ^ mark) |
		(__atomic_load_n(&cqe[3].op_own, __ATOMIC_RELAXED) ^ mark);

	if ((wrong & (0xf0 | MLX5_CQE_OWNER_MASK)) != 0)
		return false;
	rte_io_rmb();
	return true;
}

/* The 32 bits at this offset of four CQEs. */
static __rte_always_inline __m128i
mlx5x_cqe_column(const struct mlx5_cqe64 *cqe, size_t offset)
{
	const int32_t *at = RTE_PTR_ADD(cqe, offset);
	const size_t next = sizeof(*cqe) / sizeof(*at);
	__m128i column = _mm_cvtsi32_si128(at[0]);

	column = _mm_insert_epi32(column, at[1 * next], 1);
	column = _mm_insert_epi32(column, at[2 * next], 2);
	return _mm_insert_epi32(column, at[3 * next], 3);
}

/*
 * Packet types and flags by the parsed headers, the lower halves of `headers`. Not by a gather: it
 * takes longer than four loads, and many times as long with the microcode against CVE-2022-40982.
 */
static __rte_always_inline __m128i
mlx5x_rx_types(__m128i headers)
{
	__m128i kinds = _mm_srli_epi32(_mm_slli_epi32(headers, 16), 26);
	__m128i types = _mm_cvtsi32_si128(mlx5x_dv_ptypes[_mm_cvtsi128_si32(kinds)]);

	types = _mm_insert_epi32(types, mlx5x_dv_ptypes[_mm_extract_epi32(kinds, 1)], 1);
	types = _mm_insert_epi32(types, mlx5x_dv_ptypes[_mm_extract_epi32(kinds, 2)], 2);
	return _mm_insert_epi32(types, mlx5x_dv_ptypes[_mm_extract_epi32(kinds, 3)], 3);
}

static __rte_always_inline __m128i
mlx5x_rx_flags(const struct mlx5x_rx_rules *rules, __m128i headers, __m128i hash)
{
	__m128i found = _mm_or_si128(
		_mm_and_si128(_mm_srli_epi32(headers, 1), _mm_set1_epi32(3)),
		_mm_and_si128(_mm_srli_epi32(headers, 6), _mm_set1_epi32(4)));
	__m256i flags = _mm256_permutevar8x32_epi32(rules->flags, _mm256_castsi128_si256(found));
	__m128i none = _mm_cmpeq_epi32(hash, _mm_setzero_si128());

	return _mm_or_si128(_mm256_castsi256_si128(flags), _mm_andnot_si128(none, rules->rss));
}

static __rte_always_inline void
mlx5x_rx_store(struct rte_mbuf **pkts, unsigned int i, __m128i rearm, __m128i fields)
{
	struct rte_mbuf *pkt = pkts[i];

	_mm_storeu_si128(RTE_PTR_ADD(pkt, offsetof(struct rte_mbuf, rearm_data)), rearm);
	_mm_storeu_si128(RTE_PTR_ADD(pkt, offsetof(struct rte_mbuf, packet_type)), fields);
}

/* Four frames into the mbufs of their slots. False: not all are there, or of one buffer each. */
static __rte_always_inline bool
mlx5x_rx_four(const struct mlx5x_rx_rules *rules, const struct mlx5_cqe64 *cqe, uint8_t mark,
	struct rte_mbuf **pkts, __m128i *bytes)
{
	const __m128i swap = _mm_setr_epi8(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
	const __m128i swap_upper = _mm_setr_epi8(-1, -1, 3, 2, -1, -1, 7, 6, -1, -1, 11, 10,
		-1, -1, 15, 14);
	__m128i len, hash, headers, flags, types, data, a, b, c, d;

	if (!mlx5x_cqes_are_marked(cqe, mark))
		return false;
	len = _mm_shuffle_epi8(mlx5x_cqe_column(cqe, offsetof(struct mlx5_cqe64, byte_cnt)), swap);
	data = _mm_cmpgt_epi32(len, rules->room);
	if (unlikely(!_mm_testz_si128(data, data)))
		return false;
	*bytes = _mm_add_epi32(*bytes, len);
	hash = _mm_shuffle_epi8(mlx5x_cqe_column(cqe, MLX5X_DV_CQE_HASH), swap);
	headers = mlx5x_cqe_column(cqe, offsetof(struct mlx5_cqe64, hds_ip_ext));
	data = _mm_blend_epi16(len, _mm_shuffle_epi8(headers, swap_upper), 0xaa);
	types = mlx5x_rx_types(headers);
	flags = mlx5x_rx_flags(rules, headers, hash);
	a = _mm_unpacklo_epi32(types, len);
	b = _mm_unpacklo_epi32(data, hash);
	c = _mm_unpackhi_epi32(types, len);
	d = _mm_unpackhi_epi32(data, hash);
	types = _mm_unpacklo_epi32(flags, rules->flags_upper);
	flags = _mm_unpackhi_epi32(flags, rules->flags_upper);
	mlx5x_rx_store(pkts, 0, _mm_unpacklo_epi64(rules->rearm, types), _mm_unpacklo_epi64(a, b));
	mlx5x_rx_store(pkts, 1, _mm_unpackhi_epi64(rules->rearm, types), _mm_unpackhi_epi64(a, b));
	mlx5x_rx_store(pkts, 2, _mm_unpacklo_epi64(rules->rearm, flags), _mm_unpacklo_epi64(c, d));
	mlx5x_rx_store(pkts, 3, _mm_unpackhi_epi64(rules->rearm, flags), _mm_unpackhi_epi64(c, d));
	return true;
}

/*
 * The mbufs of four slots, whose fields are to be written next: they were posted a ring ago, and
 * are in no first-level cache. Behind the ring they are NULL, and behind a burst the next one's.
 */
static __rte_always_inline void
take_four(struct rte_mbuf **elts, struct rte_mbuf **mbufs)
{
	unsigned int i;

	static_assert(MLX5X_RXQ_AHEAD >= 4, "slots");
	for (i = 0; i < 4; i++) {
		mbufs[i] = elts[i];
		__builtin_prefetch(mbufs[i], 1);
	}
}

/* As many of up to n frames, in slots of one buffer, as go by fours; returns how many. */
static __rte_always_inline uint32_t
receive_fours(const struct mlx5x_rxq *rxq, const struct mlx5_cqe64 *cqe, uint8_t mark,
	struct rte_mbuf **elts, struct rte_mbuf **pkts, uint32_t n, uint64_t *total)
{
	__m128i bytes = _mm_setzero_si128();
	struct mlx5x_rx_rules rules;
	struct rte_mbuf **first = pkts, **end = pkts + n / 4 * 4, *mbufs[4];

	take_four(elts, mbufs);
	mlx5x_rx_rules(rxq, &rules);
	for (; pkts != end && mlx5x_rx_four(&rules, cqe, mark, mbufs, &bytes); pkts += 4) {
		take_four(elts + 4, mbufs);
		_mm256_storeu_si256((__m256i *)(void *)pkts,
			_mm256_loadu_si256((const __m256i *)(const void *)elts));
		_mm256_storeu_si256((__m256i *)(void *)elts, _mm256_setzero_si256());
		cqe += 4;
		elts += 4;
	}
	bytes = _mm_add_epi64(_mm_unpacklo_epi32(bytes, _mm_setzero_si128()),
		_mm_unpackhi_epi32(bytes, _mm_setzero_si128()));
	*total += _mm_extract_epi64(bytes, 0) + _mm_extract_epi64(bytes, 1);
	return pkts - first;
}

/* Data segments for as many of n buffers as go by fours; returns how many. */
static __rte_always_inline uint32_t
post_fours(const struct mlx5x_rxq *rxq, struct rte_mbuf **elts, struct mlx5x_dv_seg *seg,
	uint32_t stride, uint32_t n, const struct mlx5x_dv_window *window)
{
	const mlx5x_v4 words = MLX5X_V4((uint64_t)rxq->data_room << 32 | window->lkey);
	struct rte_mbuf **first = elts, **end = elts + n / 4 * 4;
	mlx5x_v4 addrs, offsets, pair;

	for (; elts != end; elts += 4, seg += 4 * stride) {
		addrs = (mlx5x_v4){(uintptr_t)elts[0]->buf_addr, (uintptr_t)elts[1]->buf_addr,
			(uintptr_t)elts[2]->buf_addr, (uintptr_t)elts[3]->buf_addr} +
			MLX5X_V4((uint64_t)RTE_PKTMBUF_HEADROOM);
		offsets = addrs - MLX5X_V4(window->start);
		offsets |= offsets + MLX5X_V4(MLX5X_FOUR_OVER(window->last));
		if (unlikely(mlx5x_v4_any(offsets, mlx5x_four_const.sign)))
			break;
		pair = mlx5x_v4_swap(mlx5x_v4_first(words, addrs));
		mlx5x_v4_put_half(&seg[0 * stride], pair, 0);
		mlx5x_v4_put_half(&seg[2 * stride], pair, 1);
		pair = mlx5x_v4_swap(mlx5x_v4_second(words, addrs));
		mlx5x_v4_put_half(&seg[1 * stride], pair, 0);
		mlx5x_v4_put_half(&seg[3 * stride], pair, 1);
	}
	return elts - first;
}

#endif
