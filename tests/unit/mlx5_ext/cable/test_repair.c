/* SPDX-License-Identifier: BSD-3-Clause */
/* Single pairs are recovered while the cable between two ends stays connected. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>

#include <cmocka.h>

#include "cable/message.h"
#include "cable_ends.h"

static void
wait_for_repair(struct end *end, uint16_t index, int wanted)
{
	uint64_t limit = mlx5x_limit_now() + SOON;

	while (get_repaired(end, index) != wanted) {
		if (mlx5x_limit_now() > limit)
			fail_msg("%s: pair %u repaired %d times, not %d", end->data.name, index,
				get_repaired(end, index), wanted);
		usleep(1000);
	}
}

static void
join_mutual(void)
{
	listener.wire.mutual = true;
	caller.wire.mutual = true;
	up(&listener, PAIRS);
	up(&caller, PAIRS);
	wait_for_plug(&listener, PLUG_IN, SOON);
	wait_for_plug(&caller, PLUG_IN, SOON);
}

static void
fail_pair(struct end *end, uint16_t index)
{
	set_failed(end, index, true);
	mlx5x_wanted_add(end->port.wanted, index);
}

static void
a_pair_that_fails_is_repaired_at_both_ends(void **state)
{
	join_mutual();
	fail_pair(&caller, 1);
	wait_for_repair(&caller, 1, 1);
	wait_for_repair(&listener, 1, 1);
	assert_int_equal(caller.remotes[1].psn, 0x100);
	assert_int_equal(listener.remotes[1].psn, 0x100);
	assert_int_equal(get_repaired(&caller, 0) + get_repaired(&listener, 2), 0);
	fail_pair(&listener, 1);
	wait_for_repair(&caller, 1, 2);
	wait_for_repair(&listener, 1, 2);
	assert_int_equal(get_plug(&caller), PLUG_IN);
}

/* As each burst of a queue that has failed: a request during a repair has no effect. */
static bool
asks_again(struct end *end, uint16_t index)
{
	if (!mlx5x_cable_is_failed(&end->port, index))
		return false;
	mlx5x_wanted_add(end->port.wanted, index);
	return true;
}

/* All requests are done, at both ends. */
static void
wait_for_peace(uint16_t index)
{
	uint64_t limit = mlx5x_limit_now() + SOON;

	while (asks_again(&caller, index) || asks_again(&listener, index) ||
	       get_repaired(&caller, index) != get_repaired(&listener, index)) {
		if (mlx5x_limit_now() > limit)
			fail_msg("pair %u: repaired %d and %d times", index,
				get_repaired(&caller, index), get_repaired(&listener, index));
		usleep(1000);
	}
}

static void
concurrent_failures_are_one_repair(void **state)
{
	int i;

	join_mutual();
	for (i = 0; i < 100; i++) {
		fail_pair(&caller, 0);
		fail_pair(&listener, 0);
		usleep(i * 10);
		fail_pair(&caller, 2);
	}
	wait_for_log("connected: here are 3 Rx and 3 Tx queues, there are 3 and 3");
	usleep(100000);
	wait_for_peace(0);
	wait_for_peace(2);
	assert_true(get_repaired(&caller, 0) > 0);
	assert_false(is_logged("refused"));
	assert_false(is_logged("disconnected"));
}

static void
a_repair_without_a_failure_does_nothing(void **state)
{
	join_mutual();
	mlx5x_wanted_add(caller.port.wanted, 0);
	fail_pair(&caller, 1);
	wait_for_repair(&listener, 1, 1);
	assert_int_equal(get_repaired(&listener, 0), 0);
}

/* On a wire whose ends recover alone it must not be requested. */
static void
an_unexpected_reset_ends_the_session(void **state)
{
	uint8_t bytes[MLX5X_MESSAGE_HEADER + MLX5X_MESSAGE_BODY];
	size_t len;
	int fd;

	up(&listener, 1);
	fd = pretend();
	len = mlx5x_message_put(bytes, MLX5X_MESSAGE_READY, 0);
	assert_int_equal(write(fd, bytes, len), len);
	wait_for_plug(&listener, PLUG_IN, SOON);
	len = mlx5x_message_put_reset(bytes, 0, 1);
	assert_int_equal(write(fd, bytes, len), len);
	wait_for_plug(&listener, PLUG_OUT, SOON);
	close(fd);
}

/* The other end has begun a repair and sends nothing more. */
static void
an_incomplete_repair_ends_the_session(void **state)
{
	uint8_t bytes[MLX5X_MESSAGE_HEADER + MLX5X_MESSAGE_BODY];
	size_t len;
	int fd;

	listener.wire.mutual = true;
	up(&listener, 1);
	fd = pretend();
	len = mlx5x_message_put(bytes, MLX5X_MESSAGE_READY, 0);
	assert_int_equal(write(fd, bytes, len), len);
	wait_for_plug(&listener, PLUG_IN, SOON);
	len = mlx5x_message_put_reset(bytes, 0, 1);
	assert_int_equal(write(fd, bytes, len), len);
	wait_for_plug(&listener, PLUG_OUT, LONG);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_pair_that_fails_is_repaired_at_both_ends),
		CASE(concurrent_failures_are_one_repair),
		CASE(a_repair_without_a_failure_does_nothing),
		CASE(an_unexpected_reset_ends_the_session),
		CASE(an_incomplete_repair_ends_the_session),
	};

	return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
