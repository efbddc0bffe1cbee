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

/* A naive model of both sets over a small space: every byte knows who holds it. */
#define SPACE 256
#define ROUNDS 200000

struct model {
	struct {
		uint16_t start, len, refs;
	} mapped[SPACE];	/* by start */
	bool implied[SPACE];
	uint16_t holder[SPACE];	/* 1 + start of the explicit mapping; 0: none */
};

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
	for (i = start; i < start + len; i++)
		m->holder[i] = start + 1;
	m->mapped[start].len = len;
	m->mapped[start].refs = 1;
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
	return -ENOENT;
}

static void
check_bytes(const struct model *m)
{
	const struct mlx5x_mr_entry *entry;
	unsigned int i;

	for (i = 0; i < SPACE; i++) {
		entry = mlx5x_mr_find(&table, i);
		assert_int_equal(entry != NULL, m->holder[i] != 0 || m->implied[i]);
		if (entry != NULL && !m->implied[i])
			assert_int_equal(entry->start, m->holder[i] - 1);
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
		switch (random() % 8) {
		case 0: case 1: case 2:
			assert_int_equal(map(start, len), model_map(&m, start, len));
			break;
		case 3: case 4: case 5:
			if (random() % 4 != 0 && m.holder[start] != 0) {
				start = m.holder[start] - 1;
				len = m.mapped[start].len;
			}
			assert_int_equal(unmap(start, len), model_unmap(&m, start, len));
			break;
		case 6:
			assert_int_equal(cover(start, len), 0);
			for (unsigned int i = start; i < start + len; i++)
				if (m.holder[i] == 0)
					m.implied[i] = true;
			break;
		default:
			/* All of it, so that the model need not know the regions' borders. */
			if (random() % 64 == 0) {
				forget(0, SPACE);
				memset(m.implied, 0, sizeof(m.implied));
			}
		}
		if (round % 64 == 0)
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
