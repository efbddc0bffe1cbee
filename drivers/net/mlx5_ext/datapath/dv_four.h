/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dv_four.h - four packets at a time in vectors of 32 bytes: their fields, the tests of all four by
 * one branch each, their data segments. Lane i of a vector belongs to packet i. For files that are
 * built with AVX2; none of its functions may be called from another one, so all are inlined.
 *
 * In the vector extension of GCC and clang, to be readable. With 16-byte vectors (SSE4) the same
 * steps cost more instructions than the scalar burst: 106 a packet against 66.
 */
#ifndef MLX5X_DV_FOUR_H_
#define MLX5X_DV_FOUR_H_

#include <immintrin.h>

#include "datapath/dv_tx.h"

typedef uint64_t mlx5x_v4 __attribute__((vector_size(32)));
typedef uint64_t mlx5x_v2 __attribute__((vector_size(16)));
typedef uint16_t mlx5x_v16w __attribute__((vector_size(32)));
typedef uint8_t mlx5x_v32b __attribute__((vector_size(32)));
typedef mlx5x_v4 mlx5x_v4_unaligned __attribute__((aligned(8), may_alias));

#define MLX5X_V4(x) ((mlx5x_v4){(x), (x), (x), (x)})

/*
 * Four packets; rearm has their words data_off, refcnt, nb_segs and port, and `what` refcnt,
 * nb_segs and the upper bits of ol_flags. What is not used is not loaded.
 */
struct mlx5x_four {
	mlx5x_v4 addr, len, rearm, what, pool;
};

#define MLX5X_FOUR_WORD(nth, value) ((uint64_t)(uint16_t)(value) << 16 * (nth))
#define MLX5X_FOUR_FLAGS(flags) MLX5X_FOUR_WORD(3, (flags) >> 48)
#define MLX5X_FOUR_REFCNT MLX5X_FOUR_WORD(1, UINT16_MAX)
#define MLX5X_FOUR_NB_SEGS MLX5X_FOUR_WORD(2, UINT16_MAX)
/* Of a plain packet. */
#define MLX5X_FOUR_PLAIN (MLX5X_FOUR_WORD(1, 1) | MLX5X_FOUR_WORD(2, 1))
#define MLX5X_FOUR_ODD (MLX5X_FOUR_REFCNT | MLX5X_FOUR_NB_SEGS | \
	MLX5X_FOUR_FLAGS(RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL))

/*
 * Constants, out of the compiler's sight: each is the operand in memory of one instruction, where
 * the compiler would make it anew in a register each time.
 */
struct mlx5x_four_const {
	mlx5x_v4 sign;
	mlx5x_v4 low_word;
	mlx5x_v4 usual_mask;	/* of `what`: the words of a usual packet */
	mlx5x_v4 odd_mask;	/* of it: the bits in which a packet may differ from a plain one */
	mlx5x_v4 chain_mask;	/* of rearm: more than one segment */
	mlx5x_v4 header;	/* an Ethernet header's length */
};

extern const struct mlx5x_four_const mlx5x_four_const;

/* A sum with this is negative for numbers above x alone: the greatest positive number less x. */
#define MLX5X_FOUR_OVER(x) (UINT64_MAX / 2 - (x))

/*
 * The region of the last packet, for buffers of up to max bytes: the addresses at which one may
 * begin, none if last < start. User addresses: the difference of two does not overflow.
 */
struct mlx5x_four_region {
	mlx5x_v4 start, last, lkey;
};

static __rte_always_inline struct mlx5x_four_region
mlx5x_four_region(const struct mlx5x_mr_cache *cache, mlx5x_v4 max)
{
	const mlx5x_v4 start = MLX5X_V4(cache->start);

	return (struct mlx5x_four_region){
		.start = start,
		.last = start + MLX5X_V4(cache->len) - max,
		.lkey = MLX5X_V4((uint64_t)cache->lkey),
	};
}

/* `what` of a usual packet with these checksum flags, as by mlx5x_dv_checksum_flags(). */
static __rte_always_inline mlx5x_v4
mlx5x_four_usual(uint32_t flags)
{
	return MLX5X_V4(MLX5X_FOUR_PLAIN | MLX5X_FOUR_FLAGS((uint64_t)flags << 32));
}

/* Rows of an mbuf: loads of 32 bytes are fewer than loads of its fields. */
static_assert(offsetof(struct rte_mbuf, buf_addr) == 0 &&
	offsetof(struct rte_mbuf, data_off) == 16 && offsetof(struct rte_mbuf, refcnt) == 18 &&
	offsetof(struct rte_mbuf, nb_segs) == 20 && offsetof(struct rte_mbuf, ol_flags) == 24,
	"row 0");
static_assert(offsetof(struct rte_mbuf, data_len) == 40 && offsetof(struct rte_mbuf, pool) == 56,
	"row 1");

static __rte_always_inline mlx5x_v4
mlx5x_four_row(const struct rte_mbuf *pkt, unsigned int row)
{
	return ((const mlx5x_v4_unaligned *)pkt)[row];
}

static __rte_always_inline bool
mlx5x_v4_any(mlx5x_v4 v, mlx5x_v4 mask)
{
	return !_mm256_testz_si256((__m256i)v, (__m256i)mask);
}

static __rte_always_inline uint64_t
mlx5x_v4_sum(mlx5x_v4 v)
{
	return v[0] + v[1] + v[2] + v[3];
}

/* Host to network order, lane by lane. */
static __rte_always_inline mlx5x_v4
mlx5x_v4_swap(mlx5x_v4 v)
{
	return (mlx5x_v4)__builtin_shufflevector((mlx5x_v32b)v, (mlx5x_v32b)v,
		7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8,
		23, 22, 21, 20, 19, 18, 17, 16, 31, 30, 29, 28, 27, 26, 25, 24);
}

/* Lanes of a and b in turn: from each half the first, or the second. */
static __rte_always_inline mlx5x_v4
mlx5x_v4_first(mlx5x_v4 a, mlx5x_v4 b)
{
	return __builtin_shufflevector(a, b, 0, 4, 2, 6);
}

static __rte_always_inline mlx5x_v4
mlx5x_v4_second(mlx5x_v4 a, mlx5x_v4 b)
{
	return __builtin_shufflevector(a, b, 1, 5, 3, 7);
}

/* The lower halves of both, or the upper ones. */
static __rte_always_inline mlx5x_v4
mlx5x_v4_lower(mlx5x_v4 a, mlx5x_v4 b)
{
	return __builtin_shufflevector(a, b, 0, 1, 4, 5);
}

static __rte_always_inline mlx5x_v4
mlx5x_v4_upper(mlx5x_v4 a, mlx5x_v4 b)
{
	return __builtin_shufflevector(a, b, 2, 3, 6, 7);
}

/* A part of a transposition of 4 by 4 lanes: of columns 0 to 3 of both rows those in use. */
static __rte_always_inline struct mlx5x_four
mlx5x_four_load(struct rte_mbuf **pkts)
{
	const struct rte_mbuf *a = pkts[0], *b = pkts[1], *c = pkts[2], *d = pkts[3];
	mlx5x_v4 ab = mlx5x_v4_first(mlx5x_four_row(a, 0), mlx5x_four_row(b, 0));
	mlx5x_v4 cd = mlx5x_v4_first(mlx5x_four_row(c, 0), mlx5x_four_row(d, 0));
	struct mlx5x_four four = {.rearm = mlx5x_v4_upper(ab, cd)};
	mlx5x_v4 flags;

	four.addr = mlx5x_v4_lower(ab, cd) + (four.rearm & mlx5x_four_const.low_word);
	ab = mlx5x_v4_second(mlx5x_four_row(a, 0), mlx5x_four_row(b, 0));
	cd = mlx5x_v4_second(mlx5x_four_row(c, 0), mlx5x_four_row(d, 0));
	flags = mlx5x_v4_upper(ab, cd);
	four.what = (mlx5x_v4)__builtin_shufflevector((mlx5x_v16w)four.rearm,
		(mlx5x_v16w)flags,
		0, 1, 2, 19, 4, 5, 6, 23, 8, 9, 10, 27, 12, 13, 14, 31);
	ab = mlx5x_v4_second(mlx5x_four_row(a, 1), mlx5x_four_row(b, 1));
	cd = mlx5x_v4_second(mlx5x_four_row(c, 1), mlx5x_four_row(d, 1));
	four.len = mlx5x_v4_lower(ab, cd) & mlx5x_four_const.low_word;
	four.pool = mlx5x_v4_upper(ab, cd);
	return four;
}

/*
 * Data segments of the packets: segs[0] has those of packets 0 and 2, segs[1] those of 1 and 3, a
 * half each.
 */
static __rte_always_inline void
mlx5x_four_data(const struct mlx5x_four *four, mlx5x_v4 lkeys, mlx5x_v4 segs[2])
{
	mlx5x_v4 words = four->len << 32 | lkeys;

	segs[0] = mlx5x_v4_swap(mlx5x_v4_first(words, four->addr));
	segs[1] = mlx5x_v4_swap(mlx5x_v4_second(words, four->addr));
}

/* Half 0 or 1 as a segment. */
static __rte_always_inline void
mlx5x_v4_put_half(struct mlx5x_dv_seg *seg, mlx5x_v4 v, unsigned int half)
{
	*(mlx5x_v2 __attribute__((may_alias)) *)seg = half == 0 ?
		__builtin_shufflevector(v, v, 0, 1) : __builtin_shufflevector(v, v, 2, 3);
}

/* Two segments. */
static __rte_always_inline void
mlx5x_v4_put(struct mlx5x_dv_seg *seg, mlx5x_v4 v)
{
	*(mlx5x_v4_unaligned *)seg = v;
}

#endif
