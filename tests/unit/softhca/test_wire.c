/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "device/wire.h"
#include "packet/frame.h"

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

	assert_int_equal(hca_wire_init(&wire, NULL), 0);
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

	assert_int_equal(hca_wire_init(&wire, NULL), 0);
	assert_int_equal(pthread_create(&thread, NULL, putter, &wire), 0);
	for (i = 0; i < 50000; i++)
		take(&wire, i);
	pthread_join(thread, NULL);
	hca_wire_fini(&wire);
}

static char path[] = "/tmp/test_wire.XXXXXX";

/* A process that owns the end, has put three frames, and is killed or ends by itself. */
static pid_t
start_owner(int *ready)
{
	struct hca_wire wire;
	int fds[2];
	pid_t pid;
	char c;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (hca_wire_init(&wire, path) != 0 || !hca_wire_own(&wire))
			_exit(1);
		put(&wire, 0);
		put(&wire, 1);
		put(&wire, 2);
		hca_wire_listen(&wire, true);
		c = 'r';
		_exit(write(fds[1], &c, 1) == 1 ? (pause(), 0) : 1);
	}
	close(fds[1]);
	*ready = fds[0];
	assert_int_equal(read(*ready, &c, 1), 1);
	return pid;
}

static void
another_process_owns_the_end_until_it_dies(void **state)
{
	struct hca_wire wire, again;
	int ready, status;
	pid_t pid = start_owner(&ready);

	assert_int_equal(hca_wire_init(&wire, path), 0);
	assert_true(hca_wire_is_owned_elsewhere(&wire));
	assert_true(hca_wire_is_listened(&wire));
	assert_false(hca_wire_own(&wire));
	take(&wire, 0);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	close(ready);
	assert_false(hca_wire_is_owned_elsewhere(&wire));
	assert_true(hca_wire_own(&wire));
	assert_true(hca_wire_own(&wire));
	assert_false(hca_wire_is_owned_elsewhere(&wire));
	take(&wire, 1);
	take(&wire, 2);
	hca_wire_disown(&wire);
	hca_wire_fini(&wire);
	assert_int_equal(hca_wire_init(&again, "/nonexistent/wire"), -ENOENT);
	unlink(path);
}

/* A process that has the end does not share it with its children. */
static void
a_child_does_not_inherit_the_end(void **state)
{
	struct hca_wire wire;
	int status;
	pid_t pid;

	assert_int_equal(hca_wire_init(&wire, path), 0);
	assert_true(hca_wire_own(&wire));
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(hca_wire_is_owned_elsewhere(&wire) && !hca_wire_own(&wire) ? 7 : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), 7);
	hca_wire_fini(&wire);
	unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_order_and_whole_whatever_the_fill),
		cmocka_unit_test(one_thread_adds_and_one_takes),
		cmocka_unit_test(another_process_owns_the_end_until_it_dies),
		cmocka_unit_test(a_child_does_not_inherit_the_end),
	};

	if (close(mkstemp(path)) != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
