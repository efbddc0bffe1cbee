/* SPDX-License-Identifier: BSD-3-Clause */
/* An index beside an oracle: a sorted array of ranges. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mr_index_fixture.h"

/* The ranges are at fixed places, each present, hidden or absent. */
#define PLACES 2000
#define ROUNDS 400000

static struct place {
	uintptr_t start;
	size_t len;
	uint32_t lkey;	/* 0: absent */
	bool hidden;
} places[PLACES];

static uintptr_t
random_up_to(unsigned int bits)
{
	return (((uintptr_t)random() << 31) | random()) & (((uintptr_t)1 << bits) - 1);
}

/* Sizes from 1 byte to bits, adjacent or with gaps, many in one page; some aligned to pages. */
static void
lay_out_places(unsigned int bits)
{
	uintptr_t at = 4096;
	unsigned int i, mask;

	for (i = 0; i < PLACES; i++) {
		mask = random() % 3 == 0 ? PAGE - 1 : 0;
		at += random() % 4 == 0 ? random_up_to(random() % bits) : 0;
		places[i].start = (at + mask) & ~(uintptr_t)mask;
		places[i].len = 1 + random_up_to(1 + random() % (i % 2 == 0 ? bits : 7));
		places[i].lkey = 0;
		places[i].hidden = false;
		at = places[i].start + places[i].len;
	}
}

/* The lkey of an address near the place. */
static uint32_t
expected_at(const struct place *place, uintptr_t addr)
{
	for (; place < &places[PLACES] && place->start <= addr; place++)
		if (addr - place->start < place->len)
			return place->hidden ? 0 : place->lkey;
	return 0;
}

static void
look_around(const struct place *place)
{
	uintptr_t addrs[] = {place->start, place->start + place->len - 1, place->start + place->len,
		place->start + random_up_to(62) % place->len};
	unsigned int i;

	for (i = 0; i < sizeof(addrs) / sizeof(addrs[0]); i++)
		assert_int_equal(lkey_at(addrs[i]), expected_at(place, addrs[i]));
}

static void
change(struct place *place)
{
	static uint32_t lkey;

	if (place->lkey == 0) {
		insert(place->start, place->len, ++lkey);
		place->lkey = lkey;
	} else if (place->hidden && random() % 2 == 0) {
		place->lkey = ++lkey;
		mlx5x_mr_index_show(&tested, place->start, lkey, owner_of(lkey));
		place->hidden = false;
	} else if (place->hidden) {
		mlx5x_mr_index_remove(&tested, place->start, place->len);
		place->hidden = false;
		place->lkey = 0;
	} else {
		mlx5x_mr_index_hide(&tested, place->start);
		place->hidden = true;
	}
}

static void
compare_with_the_oracle(unsigned int bits, unsigned int rounds)
{
	struct place *place;
	unsigned int i;

	lay_out_places(bits);
	for (i = 0; i < rounds; i++) {
		place = &places[random() % PLACES];
		change(place);
		look_around(place);
		if (i % 16 == 0)
			mlx5x_mr_index_reclaim(&tested);
	}
	for (place = places; place < &places[PLACES]; place++)
		look_around(place);
	for (place = places; place < &places[PLACES]; place++)
		if (place->lkey != 0)
			drop(place->start, place->len);
	assert_empty();
}

static void
small_ranges_agree_with_the_oracle(void **state)
{
	compare_with_the_oracle(13, ROUNDS);
}

static void
mixed_ranges_agree_with_the_oracle(void **state)
{
	compare_with_the_oracle(27, ROUNDS);
}

/* Their blocks make each change slow. */
static void
ranges_to_a_tebibyte_agree_with_the_oracle(void **state)
{
	compare_with_the_oracle(40, 4000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(small_ranges_agree_with_the_oracle),
		CASE(mixed_ranges_agree_with_the_oracle),
		CASE(ranges_to_a_tebibyte_agree_with_the_oracle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
