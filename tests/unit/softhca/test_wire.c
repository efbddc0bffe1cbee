/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>

#include <cmocka.h>

#include "frame.h"
#include "wire.h"

/* A varying length, so that the ring wraps at varying places. */
static uint32_t
length(uint32_t i)
{
	return 14 + i * 7919 % (HCA_FRAME_MAX - 14);
}

static void
put(struct hca_wire *wire, uint32_t i)
{
	uint32_t len = length(i);
	uint8_t *to = hca_wire_reserve(wire, len);

	memset(to, i, len);
	memcpy(to, &i, sizeof(i));
	hca_wire_put(wire, len);
}

static void
take(struct hca_wire *wire, uint32_t i)
{
	uint32_t len, got;
	uint8_t *from;

	while ((from = hca_wire_peek(wire, &len)) == NULL)
		sched_yield();
	memcpy(&got, from, sizeof(got));
	assert_int_equal(got, i);
	assert_int_equal(len, length(i));
	assert_int_equal(from[len - 1], (uint8_t)i);
	hca_wire_drop(wire);
}

static void
in_order_and_whole_whatever_the_fill(void **state)
{
	uint32_t in = 0, out = 0, len;
	struct hca_wire wire;

	assert_int_equal(hca_wire_init(&wire), 0);
	assert_null(hca_wire_peek(&wire, &len));
	while (out < 20000) {
		while (hca_wire_has_room(&wire, 1, length(in)))
			put(&wire, in++);
		/* Leaves some, so that the ring is used at every fill level. */
		while (in - out > in % 50)
			take(&wire, out++);
	}
	assert_true(in > 20000);
	hca_wire_fini(&wire);
}

static void *
putter(void *arg)
{
	uint32_t i;

	for (i = 0; i < 50000; i++) {
		while (!hca_wire_has_room(arg, 1, length(i)))
			sched_yield();
		put(arg, i);
	}
	return NULL;
}

static void
one_thread_adds_and_one_takes(void **state)
{
	struct hca_wire wire;
	pthread_t thread;
	uint32_t i;

	assert_int_equal(hca_wire_init(&wire), 0);
	assert_int_equal(pthread_create(&thread, NULL, putter, &wire), 0);
	for (i = 0; i < 50000; i++)
		take(&wire, i);
	pthread_join(thread, NULL);
	hca_wire_fini(&wire);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_order_and_whole_whatever_the_fill),
		cmocka_unit_test(one_thread_adds_and_one_takes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
