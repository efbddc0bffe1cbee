/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "pattern.h"

#define LEN 1010 /* not a multiple of 8, as the payload of a frame */

static const struct pattern one = {
	.run = 0x1122334455667788, .seq = 7, .sender = 3, .kind = PATTERN_DATA,
};

static void
filled_data_is_equal(void **state)
{
	uint8_t buf[LEN + 1];
	size_t len;

	for (len = PATTERN_MIN_LEN; len <= LEN; len++) {
		buf[len] = 0x5a;
		pattern_fill(buf, len, &one);
		assert_int_equal(buf[len], 0x5a);
		assert_true(pattern_equal(buf, len, &one));
	}
}

static void
any_wrong_bit_is_detected(void **state)
{
	uint8_t buf[LEN];
	size_t bit;

	pattern_fill(buf, LEN, &one);
	for (bit = 0; bit < LEN * 8; bit++) {
		buf[bit / 8] ^= 1 << bit % 8;
		assert_false(pattern_equal(buf, LEN, &one));
		buf[bit / 8] ^= 1 << bit % 8;
	}
	assert_true(pattern_equal(buf, LEN, &one));
}

/* A stale or misplaced buffer must not pass: neighbours differ in almost every byte. */
static void
assert_differs(const struct pattern *other)
{
	uint8_t mine[LEN], theirs[LEN];
	size_t i, same = 0;

	pattern_fill(mine, LEN, &one);
	pattern_fill(theirs, LEN, other);
	for (i = PATTERN_MIN_LEN; i < LEN; i++)
		same += mine[i] == theirs[i];
	assert_uint_in_range(same, 0, LEN / 50);
	assert_false(pattern_leaks(theirs, LEN, &one));
}

static void
every_field_changes_every_byte(void **state)
{
	struct pattern other = one;

	other.seq++;
	assert_differs(&other);
	other = one;
	other.sender++;
	assert_differs(&other);
	other = one;
	other.kind = PATTERN_SECRET;
	assert_differs(&other);
	other = one;
	other.run++;
	assert_differs(&other);
}

static void
shifted_bytes_are_not_equal(void **state)
{
	uint8_t buf[LEN + 8];

	pattern_fill(buf, LEN + 8, &one);
	assert_false(pattern_equal(buf + 8, LEN, &one));
}

static void
read_gives_back_what_was_filled(void **state)
{
	struct pattern got = {0};
	uint8_t buf[LEN];

	pattern_fill(buf, LEN, &one);
	assert_true(pattern_read(buf, PATTERN_MIN_LEN, one.run, &got));
	assert_int_equal(got.run, one.run);
	assert_int_equal(got.seq, one.seq);
	assert_int_equal(got.sender, one.sender);
	assert_int_equal(got.kind, one.kind);
}

static void
read_detects_other_data(void **state)
{
	struct pattern got;
	uint8_t buf[LEN];

	pattern_fill(buf, LEN, &one);
	assert_false(pattern_read(buf, LEN, one.run + 1, &got));
	assert_false(pattern_read(buf, PATTERN_MIN_LEN - 1, one.run, &got));
	memset(buf, 0, LEN);
	assert_false(pattern_read(buf, LEN, one.run, &got));
}

static void
a_leak_of_eight_bytes_is_a_leak(void **state)
{
	uint8_t whole[LEN], buf[LEN];
	size_t pos;

	pattern_fill(whole, LEN, &one);
	assert_true(pattern_leaks(whole, LEN, &one));
	for (pos = 16; pos + 8 <= LEN; pos += 8) {
		memset(buf, 0, LEN);
		assert_false(pattern_leaks(buf, LEN, &one));
		memcpy(buf + pos, whole + pos, 8);
		assert_true(pattern_leaks(buf, LEN, &one));
	}
}

static void
common_words_are_no_leak(void **state)
{
	struct pattern other = one;
	uint8_t buf[LEN];

	other.kind = PATTERN_CONTROL;
	pattern_fill(buf, LEN, &other);
	assert_false(pattern_leaks(buf, LEN, &one));
	assert_false(pattern_leaks(buf, 0, &one));
	assert_false(pattern_leaks(buf, 7, &one));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filled_data_is_equal),
		cmocka_unit_test(any_wrong_bit_is_detected),
		cmocka_unit_test(every_field_changes_every_byte),
		cmocka_unit_test(shifted_bytes_are_not_equal),
		cmocka_unit_test(read_gives_back_what_was_filled),
		cmocka_unit_test(read_detects_other_data),
		cmocka_unit_test(a_leak_of_eight_bytes_is_a_leak),
		cmocka_unit_test(common_words_are_no_leak),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
