/* SPDX-License-Identifier: BSD-3-Clause */
/* Lists of pieces of memory, copied one into the other: by a model that does so byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "common/guard.h"
#include "queue/spans.h"

#define SIZE  4096u
#define PAGE  4096u
#define SEED  1

static uint8_t source[SIZE], target[SIZE];

/* Up to 20 pieces, some of them empty, in random places without a common byte. */
static void
divide(struct hca_spans *spans, uint8_t *memory)
{
	uint32_t at = random() % 50, len;

	*spans = (struct hca_spans){.count = 0};
	while (spans->count < 1 + (uint32_t)random() % 20) {
		len = random() % 4 == 0 ? 0 : random() % 190;
		hca_spans_add(spans, memory + at, len);
		at += len + random() % 10;
	}
}

/* Where the byte of that number is. */
static uint8_t *
byte_of(const struct hca_spans *spans, uint64_t number)
{
	uint32_t i;

	for (i = 0; number >= spans->list[i].len; i++)
		number -= spans->list[i].len;
	return spans->list[i].bytes + number;
}

static void
any_lists_are_copied_as_byte_by_byte(void **state)
{
	static uint8_t expected[SIZE];
	struct hca_spans from, to;
	uint64_t number;
	uint32_t i, j;

	srandom(SEED);
	for (i = 0; i < 3000; i++) {
		for (j = 0; j < SIZE; j++) {
			source[j] = random();
			target[j] = expected[j] = random();
		}
		divide(&from, source);
		divide(&to, target);
		for (number = 0; number < from.total && number < to.total; number++)
			expected[byte_of(&to, number) - target] = *byte_of(&from, number);
		assert_int_equal(hca_spans_copy(&to, &from), HCA_COPIED);
		assert_memory_equal(target, expected, SIZE);
	}
}

static void
bytes_may_overlap(void **state)
{
	struct hca_spans from = {.count = 0}, to = {.count = 0};
	uint32_t i;

	for (i = 0; i < SIZE; i++)
		source[i] = i / 16;
	hca_spans_add(&from, source + 100, 3000);
	hca_spans_add(&to, source, 3000);
	assert_int_equal(hca_spans_copy(&to, &from), HCA_COPIED);
	for (i = 0; i < 3000; i++)
		assert_int_equal(source[i], (uint8_t)((i + 100) / 16));
}

/* Two pages of which the second one is not there. */
static void
it_tells_which_side_has_gone(void **state)
{
	struct hca_spans here = {.count = 0}, gone = {.count = 0};
	uint8_t *pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(pages + PAGE, PAGE);
	hca_guard_install();
	hca_spans_add(&here, source, 1000);
	hca_spans_add(&gone, pages + PAGE - 500, 1000);
	assert_int_equal(hca_spans_copy(&here, &gone), HCA_SOURCE_GONE);
	assert_int_equal(hca_spans_copy(&gone, &here), HCA_TARGET_GONE);
	munmap(pages, PAGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_lists_are_copied_as_byte_by_byte),
		cmocka_unit_test(bytes_may_overlap),
		cmocka_unit_test(it_tells_which_side_has_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
