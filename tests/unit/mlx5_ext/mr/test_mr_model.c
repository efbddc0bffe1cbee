/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mr_fixture.h"

/* A naive model over a small space: for every byte its mapping, and whether it has an lkey. */
#define SPACE 256
#define ROUNDS 200000

struct mapping {
	uint16_t len, refs;
};

struct model {
	struct mapping mapped[SPACE];	/* by start */
	struct mapping gone[SPACE];	/* the same, of those that lost all their memory */
	bool implicit[SPACE];
	bool hole[SPACE];
	uint16_t holder[SPACE];	/* 1 + start of the mapping; 0: none */
};

static bool
touches(unsigned int at, const struct mapping *mapping, unsigned int start, unsigned int len)
{
	return mapping->refs != 0 && at < start + len && start < at + mapping->len;
}

static int
model_map(struct model *m, unsigned int start, unsigned int len)
{
	unsigned int i;

	if (m->mapped[start].refs != 0 && m->mapped[start].len == len) {
		m->mapped[start].refs++;
		return 0;
	}
	for (i = start; i < start + len; i++)
		if (m->holder[i] != 0)
			return -EEXIST;
	for (i = 0; i < SPACE; i++)
		if (touches(i, &m->gone[i], start, len))
			m->gone[i].refs = 0;
	for (i = start; i < start + len; i++) {
		m->holder[i] = start + 1;
		m->hole[i] = false;
	}
	m->mapped[start] = (struct mapping){len, 1};
	return 0;
}

static int
model_unmap(struct model *m, unsigned int start, unsigned int len)
{
	unsigned int i;

	if (m->mapped[start].refs != 0 && m->mapped[start].len == len) {
		if (--m->mapped[start].refs == 0)
			for (i = start; i < start + len; i++)
				m->holder[i] = 0;
		return 0;
	}
	for (i = start; i < start + len; i++)
		if (m->holder[i] != 0)
			return -EINVAL;
	if (m->gone[start].refs != 0 && m->gone[start].len == len) {
		m->gone[start].refs--;
		return 0;
	}
	for (i = 0; i < SPACE; i++)
		if (touches(i, &m->gone[i], start, len))
			return -EINVAL;
	return -ENOENT;
}

static void
model_forget(struct model *m, unsigned int start, unsigned int len)
{
	struct mapping *mapping;
	unsigned int i, j;

	for (i = start; i < start + len; i++) {
		m->implicit[i] = false;
		m->hole[i] = true;
	}
	for (i = start; i < start + len; i++) {
		mapping = &m->mapped[i];
		if (mapping->refs == 0 || i + mapping->len > start + len)
			continue;
		m->gone[i] = *mapping;
		mapping->refs = 0;
		for (j = i; j < i + m->gone[i].len; j++)
			m->holder[j] = 0;
	}
}

/* Registers only the parts outside of mappings. */
static bool
model_cover(struct model *m, unsigned int start, unsigned int len)
{
	bool all = true;
	unsigned int i;

	for (i = start; i < start + len; i++) {
		if (m->holder[i] == 0)
			m->implicit[i] = true;
		all &= m->holder[i] == 0;
	}
	return all;
}

static void
check_bytes(const struct model *m)
{
	const struct mlx5x_mr_entry *entry;
	unsigned int i;

	for (i = 0; i < SPACE; i++) {
		entry = mlx5x_mr_find(&table, i);
		if (m->holder[i] == 0) {
			assert_int_equal(entry != NULL, m->implicit[i]);
			continue;
		}
		assert_int_equal(entry != NULL, !m->hole[i]);
		if (entry != NULL)
			assert_int_equal(((struct mlx5x_region *)entry->owner)->range.start,
				m->holder[i] - 1);
	}
}

static bool
is_any_implicit(const struct model *m, unsigned int start, unsigned int len)
{
	unsigned int i;

	for (i = start; i < start + len; i++)
		if (m->implicit[i])
			return true;
	return false;
}

/* Two mappings with the same start, one of them invalidated, cannot be distinguished. */
static bool
is_hidden(const struct model *m, unsigned int start, unsigned int len)
{
	unsigned int i;

	for (i = start; i < start + len; i++)
		if (m->mapped[i].refs != 0 && m->gone[i].refs != 0)
			return true;
	return false;
}

static void
check_one_key(unsigned int start, unsigned int len)
{
	const struct mlx5x_mr_entry *entry = mlx5x_mr_find(&table, start);

	assert_non_null(entry);
	assert_true(entry->len - (start - entry->start) >= len);
}

static void
step(struct model *m, unsigned int start, unsigned int len)
{
	switch (random() % 10) {
	case 0: case 1: case 2:
		/* The effect of a map on implicit regions there depends on their bounds. */
		if (!is_any_implicit(m, start, len))
			assert_int_equal(map(start, len), model_map(m, start, len));
		break;
	case 3: case 4: case 5: case 6:
		if (random() % 4 != 0 && m->holder[start] != 0) {
			start = m->holder[start] - 1;
			len = m->mapped[start].len;
		}
		assert_int_equal(unmap(start, len), model_unmap(m, start, len));
		break;
	case 7:
		assert_int_equal(cover(start, len), 0);
		model_cover(m, start, len);
		break;
	case 8:
		assert_int_equal(cover_whole(start, len), 0);
		if (model_cover(m, start, len))
			check_one_key(start, len);
		break;
	default:
		if (random() % 3 == 0 && !is_hidden(m, start, len)) {
			forget(start, len);
			model_forget(m, start, len);
		}
	}
}

static void
random_operations_agree_with_the_model(void **state)
{
	static struct model m;
	unsigned int start, len, round;

	memset(&m, 0, sizeof(m));
	srandom(1);
	for (round = 0; round < ROUNDS; round++) {
		start = random() % SPACE;
		len = 1 + random() % (SPACE - start < 24 ? SPACE - start : 24);
		step(&m, start, len);
		if (round % 16 == 0)
			check_bytes(&m);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(random_operations_agree_with_the_model, set_up,
			tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
