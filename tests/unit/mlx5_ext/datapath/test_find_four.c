/* SPDX-License-Identifier: BSD-3-Clause */
/* Look-ups of four addresses beside those of one, in an index of ranges of all sizes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <rte_cpuflags.h>

#include "datapath/dv_find_four.h"
#include "mr/mr_index_fixture.h"
#include "random.h"

#define RANGES 3000u
#define ROUNDS 300000u
#define LINE ((uintptr_t)1 << MLX5X_MR_INDEX_LINE)

static struct range {
	uintptr_t start;
	size_t len;
	bool is_alone;	/* in its lines */
} ranges[RANGES];

static void
insert_ranges(unsigned int bits)
{
	struct range *range;
	uintptr_t at = BLOCK - 3 * PAGE;
	uint32_t i;

	for (i = 0; i < RANGES; i++) {
		range = &ranges[i];
		if (random_below(4) == 0)
			at += random_below(1u << random_below(bits));
		if (random_below(2) == 0)
			at = (at + LINE - 1) & ~(LINE - 1);
		range->start = at;
		range->len = 1 + random_below(1u << (6 + random_below(bits - 6)));
		if (random_below(2) == 0)
			range->len = (range->len + LINE - 1) & ~(LINE - 1);
		at += range->len;
		insert(range->start, range->len, i + 1);
	}
}

static bool
share_a_line(const struct range *a, const struct range *b)
{
	return (a->start + (a->len - 1)) / LINE == b->start / LINE;
}

static void
note_lines(void)
{
	uint32_t i;

	for (i = 0; i < RANGES; i++)
		ranges[i].is_alone = (i == 0 || !share_a_line(&ranges[i - 1], &ranges[i])) &&
			(i == RANGES - 1 || !share_a_line(&ranges[i], &ranges[i + 1]));
}

/* Some of a hidden range, behind its end, or beyond it. */
static void
take_buffer(uint64_t *addr, uint64_t *len)
{
	const struct range *range = &ranges[random_below(RANGES)];

	*addr = range->start + random_below(range->len);
	*len = 1 + random_below(random_below(2) == 0 ? 1500 : 16);
	if (random_below(8) != 0 && *addr + *len > range->start + range->len)
		*len = range->start + range->len - *addr;
	if (random_below(100) == 0)
		*addr = (uint64_t)random_below(1u << 30) << random_below(17);
}

/* Whether four have to be found: all by one entry each, in lines of their own. */
static bool
check_found(bool is_found, const uint64_t addrs[4], const uint64_t lens[4],
	const struct mlx5x_found_four *found)
{
	const struct mlx5x_mr_entry *entry;
	bool must = true;
	uint32_t i;

	for (i = 0; i < 4; i++) {
		entry = mlx5x_mr_index_find(&tested, addrs[i]);
		if (entry == NULL || addrs[i] - entry->start + lens[i] > entry->len) {
			assert_false(is_found);
			return false;
		}
		must = must && ranges[entry->lkey - 1].is_alone;
		if (!is_found)
			continue;
		assert_int_equal(found->start[i], entry->start);
		assert_int_equal(found->len[i], entry->len);
		assert_int_equal(found->lkey[i], entry->lkey);
	}
	return must;
}

static bool
is_possible(void)
{
#ifdef MLX5X_DV_AVX2
	return rte_cpu_get_flag_enabled(RTE_CPUFLAG_AVX2) &&
		rte_cpu_get_flag_enabled(RTE_CPUFLAG_MOVBE);
#else
	return false;
#endif
}

static void
look_up(void)
{
#ifdef MLX5X_DV_AVX2
	struct mlx5x_found_four found;
	uint64_t addrs[4], lens[4];
	uint32_t i, k, nb_found = 0;
	bool is_found;

	for (i = 0; i < ROUNDS; i++) {
		for (k = 0; k < 4; k++)
			take_buffer(&addrs[k], &lens[k]);
		is_found = mlx5x_find_four(&tested, addrs, lens, &found);
		if (check_found(is_found, addrs, lens, &found))
			assert_true(is_found);
		nb_found += is_found;
	}
	assert_true(nb_found > ROUNDS / 20);
#endif
}

static void
four_are_found_as_one_is(unsigned int bits)
{
	uint32_t i;

	if (!is_possible())
		return;
	random_state = bits;
	insert_ranges(bits);
	note_lines();
	for (i = 0; i < RANGES; i += 20)
		mlx5x_mr_index_hide(&tested, ranges[i].start);
	look_up();
}

static void
small_ranges(void **state)
{
	four_are_found_as_one_is(12);
}

static void
mixed_ranges(void **state)
{
	four_are_found_as_one_is(24);
}

static void
nothing_is_found_in_an_empty_index(void **state)
{
#ifdef MLX5X_DV_AVX2
	const uint64_t addrs[4] = {0, 1, PAGE, UINT64_MAX}, lens[4] = {1, 1, 1, 1};
	struct mlx5x_found_four found;

	if (is_possible())
		assert_false(mlx5x_find_four(&tested, addrs, lens, &found));
#endif
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(small_ranges),
		CASE(mixed_ranges),
		CASE(nothing_is_found_in_an_empty_index),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
