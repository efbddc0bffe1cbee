/* SPDX-License-Identifier: BSD-3-Clause */
#include "datapath/dv_find_four.h"
#include "datapath/dv_four.h"

/* Of four ranges; word: lkey, and node in the upper half. */
struct entries {
	mlx5x_v4 start, len, word;
};

static_assert(offsetof(struct mlx5x_mr_entry, node) == offsetof(struct mlx5x_mr_entry, lkey) + 4 &&
	__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "word");

/* The 32 bits, or 64 bits, at each offset. */
static inline mlx5x_v4
gather_32(const void *base, mlx5x_v4 offsets)
{
	return (mlx5x_v4)_mm256_cvtepu32_epi64(
		_mm256_i64gather_epi32(base, (__m256i)offsets, 1));
}

static inline mlx5x_v4
gather_64(const void *base, mlx5x_v4 offsets)
{
	return (mlx5x_v4)_mm256_i64gather_epi64(base, (__m256i)offsets, 1);
}

/* As mlx5x_mr_index_home(), in bytes. */
static inline mlx5x_v4
home(const struct mlx5x_mr_index_table *table, mlx5x_v4 addrs)
{
	const mlx5x_v4 scatter = MLX5X_V4((uint64_t)MLX5X_MR_INDEX_SCATTER);
	mlx5x_v4 product = (mlx5x_v4)_mm256_mul_epu32(
		(__m256i)(addrs >> MLX5X_MR_INDEX_BLOCK), (__m256i)scatter);

	product &= MLX5X_V4((uint64_t)UINT32_MAX);
	return (mlx5x_v4)_mm256_srl_epi64((__m256i)product, _mm_cvtsi32_si128(table->shift)) << 2;
}

/* As mlx5x_mr_index_slot(). A load of x86 acquires. */
static inline mlx5x_v4
slots(const struct mlx5x_mr_index_table *table, mlx5x_v4 nodes, mlx5x_v4 addrs, unsigned int level)
{
	const mlx5x_v4 mask = MLX5X_V4((uint64_t)(MLX5X_MR_INDEX_SLOTS - 1) * sizeof(uint32_t));

	return gather_32(table, nodes + (addrs >> (level - 2) & mask));
}

static inline struct entries
entries(const struct mlx5x_mr_index_table *table, mlx5x_v4 at)
{
	struct entries e;

	e.start = gather_64(RTE_PTR_ADD(table, offsetof(struct mlx5x_mr_entry, start)), at);
	e.len = gather_64(RTE_PTR_ADD(table, offsetof(struct mlx5x_mr_entry, len)), at);
	/* Acquire of len, as in mlx5x_mr_index_find(). */
	__atomic_signal_fence(__ATOMIC_ACQUIRE);
	e.word = gather_64(RTE_PTR_ADD(table, offsetof(struct mlx5x_mr_entry, lkey)), at);
	return e;
}

/* Negative where a buffer is not in its range: no offset or length has the upper bit. */
static inline mlx5x_v4
misfits(const struct entries *e, mlx5x_v4 addrs, mlx5x_v4 lens)
{
	mlx5x_v4 offsets = addrs - e->start;

	return offsets | (e->len - offsets - lens);
}

bool
mlx5x_find_four(const struct mlx5x_mr_index *index, const uint64_t addrs[4],
	const uint64_t lens[4], struct mlx5x_found_four *found)
{
	const struct mlx5x_mr_index_table *table = __atomic_load_n(&index->table, __ATOMIC_ACQUIRE);
	mlx5x_v4 addr = *(const mlx5x_v4_unaligned *)addrs, len = *(const mlx5x_v4_unaligned *)lens;
	mlx5x_v4 at, nodes, whole;
	struct entries e;

	at = gather_32(table->blocks, home(table, addr));
	at = slots(table, at, addr, MLX5X_MR_INDEX_CHUNK);
	at = slots(table, at, addr, MLX5X_MR_INDEX_PAGE);
	e = entries(table, at);
	if (mlx5x_v4_any(misfits(&e, addr, len), mlx5x_four_const.sign)) {
		/* Of a page of several ranges: the one at this line. */
		nodes = e.word >> 32;
		whole = (mlx5x_v4)(nodes == MLX5X_V4((uint64_t)MLX5X_MR_INDEX_NONE));
		at = (at & whole) | (slots(table, nodes, addr, MLX5X_MR_INDEX_LINE) & ~whole);
		e = entries(table, at);
		if (mlx5x_v4_any(misfits(&e, addr, len), mlx5x_four_const.sign))
			return false;
	}
	*(mlx5x_v4_unaligned *)found->start = e.start;
	*(mlx5x_v4_unaligned *)found->len = e.len;
	*(mlx5x_v4_unaligned *)found->lkey = e.word & MLX5X_V4((uint64_t)UINT32_MAX);
	return true;
}
