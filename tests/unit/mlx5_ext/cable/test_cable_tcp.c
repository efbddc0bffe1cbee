/* SPDX-License-Identifier: BSD-3-Clause */
/* Two ports in one process, connected by TCP over loopback, and ends that misbehave. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <sys/eventfd.h>

#include <cmocka.h>

#include "cable/cable_tcp.h"
#include "cable/message.h"
#include "cable_ends.h"

static void
ends_exchange_addresses(void **state)
{
	int i;

	up(&listener, PAIRS);
	up(&caller, PAIRS);
	wait_for_plug(&listener, PLUG_IN, SOON);
	wait_for_plug(&caller, PLUG_IN, SOON);
	for (i = 0; i < PAIRS; i++) {
		assert_int_equal(listener.remotes[i].qpn, 0x20 + i);
		assert_int_equal(caller.remotes[i].qpn, 0x10 + i);
	}
	assert_int_equal(caller.remotes[0].lid, 0x11);
	assert_int_equal(caller.remotes[0].gid.raw[15], 0x10);
	assert_int_equal(caller.remotes[0].path_mtu, IBV_MTU_4096);
	assert_true(__atomic_load_n(&caller.events, __ATOMIC_RELAXED) > 0);
}

static void
path_mtu_is_the_smaller_one(void **state)
{
	caller.port.caps.path_mtu = IBV_MTU_1024;
	up(&listener, 1);
	up(&caller, 1);
	wait_for_plug(&listener, PLUG_IN, SOON);
	wait_for_plug(&caller, PLUG_IN, SOON);
	assert_int_equal(listener.remotes[0].path_mtu, IBV_MTU_1024);
	assert_int_equal(caller.remotes[0].path_mtu, IBV_MTU_1024);
}

static void
a_lost_end_may_return(void **state)
{
	struct end *ends[] = {&listener, &caller};
	int i;

	up(&caller, 1);
	up(&listener, 1);
	for (i = 0; i < 4; i++) {
		wait_for_plug(&listener, PLUG_IN, SOON);
		wait_for_plug(&caller, PLUG_IN, SOON);
		down(ends[i % 2]);
		wait_for_plug(ends[1 - i % 2], PLUG_OUT, SOON);
		up(ends[i % 2], 1);
	}
	wait_for_plug(&listener, PLUG_IN, SOON);
	assert_true(is_logged("the peer has disconnected"));
}

static void
mismatch(const char *text_listener, const char *text_caller)
{
	char text[200];

	snprintf(text, sizeof(text), "listener: peer=listen:127.0.0.1:%u: refused: %s", tcp_port,
		text_listener);
	wait_for_log(text);
	snprintf(text, sizeof(text), "caller: peer=127.0.0.1:%u: refused: %s", tcp_port, text_caller);
	wait_for_log(text);
	assert_int_equal(get_plug(&listener), PLUG_OUT);
	assert_int_equal(get_plug(&caller), PLUG_OUT);
}

/* The end with more Tx queues decides about the number of pairs. */
static void
numbers_of_queues_need_not_match(void **state)
{
	set_queues(&listener, 1, 2);
	set_queues(&caller, 2, 3);
	up(&listener, 2);
	up(&caller, 3);
	wait_for_plug(&listener, PLUG_IN, SOON);
	wait_for_plug(&caller, PLUG_IN, SOON);
	assert_int_equal(listener.remotes[2].qpn, 0x22);
	assert_int_equal(caller.remotes[2].qpn, 0x12);
	wait_for_log("connected: here are 1 Rx and 2 Tx queues, there are 2 and 3");
	wait_for_log("connected: here are 2 Rx and 3 Tx queues, there are 1 and 2");
}

static void
an_end_that_cannot_receive_is_logged_at_both_ends(void **state)
{
	set_queues(&listener, 0, 1);
	set_queues(&caller, 2, 3);
	up(&listener, 1);
	up(&caller, 3);
	mismatch("here are 0 Rx and 1 Tx queues, there are 2 and 3",
		"here are 2 Rx and 3 Tx queues, there are 0 and 1");
}

static void
ends_that_send_one_way_are_connected(void **state)
{
	set_queues(&listener, 0, 1);
	set_queues(&caller, 1, 0);
	up(&listener, 1);
	up(&caller, 1);
	wait_for_plug(&listener, PLUG_IN, SOON);
	wait_for_plug(&caller, PLUG_IN, SOON);
}

static void
pairs_that_cannot_be_created_are_logged(void **state)
{
	set_queues(&caller, 1, 3);
	listener.unfoldable = -ENOMEM;
	up(&listener, 1);
	up(&caller, 3);
	wait_for_log("cannot create the queue pairs for 3 Tx queues there: Cannot allocate memory");
	assert_int_not_equal(get_plug(&caller), PLUG_IN);
	listener.unfoldable = 0;
	wait_for_plug(&caller, PLUG_IN, SOON);
}

/* Of pairs that this end does not have. */
static void
too_many_addresses_are_rejected(void **state)
{
	uint8_t bytes[MLX5X_MESSAGE_HEADER + MLX5X_MESSAGE_BODY];
	const struct mlx5x_hello hello = {
		.wire = "uc", .mtu = 1500, .path_mtu = 1, .nb_rx = 1, .nb_tx = 1};
	const struct mlx5x_message_address two[2] = {{.qpn = 1}, {.qpn = 2}};
	size_t len = mlx5x_message_put_hello(bytes, &hello);
	int fd;

	up(&listener, 1);
	fd = knock();
	assert_int_equal(write(fd, bytes, len), len);
	len = mlx5x_message_put_addresses(bytes, two, 2);
	assert_int_equal(write(fd, bytes, len), len);
	wait_for_log("is no port of this driver");
	close(fd);
}

static void
different_mtus_are_logged_at_both_ends(void **state)
{
	caller.data.mtu = 9000;
	up(&listener, 1);
	up(&caller, 1);
	mismatch("here the MTU is 1500, there it is 9000", "here the MTU is 9000, there it is 1500");
}

static void
different_wires_are_logged_at_both_ends(void **state)
{
	caller.wire.name = "rc";
	up(&listener, 1);
	up(&caller, 1);
	mismatch("here is wire=uc, there is wire=rc", "here is wire=rc, there is wire=uc");
}

/* Its name is not a value of wire=, which is rc at both ends. */
static void
different_transports_are_logged_at_both_ends(void **state)
{
	listener.wire.name = "rc";
	caller.wire = (struct mlx5x_wire){.name = "iwarp", .iwarp = true};
	up(&listener, 1);
	up(&caller, 1);
	mismatch("here is a device of RoCE or InfiniBand, there is one of iWARP",
		"here is a device of iWARP, there is one of RoCE or InfiniBand");
}

static void
a_corrected_mismatch_is_forgotten(void **state)
{
	caller.data.mtu = 9000;
	up(&listener, 2);
	up(&caller, 2);
	mismatch("here the MTU is 1500, there it is 9000", "here the MTU is 9000, there it is 1500");
	down(&caller);
	caller.data.mtu = 1500;
	up(&caller, 2);
	wait_for_plug(&listener, PLUG_IN, SOON);
	wait_for_plug(&caller, PLUG_IN, SOON);
}

static void
garbage_is_rejected_and_the_next_is_accepted(void **state)
{
	int fd;

	up(&listener, 1);
	fd = knock();
	assert_int_equal(write(fd, "GET / HTTP/1.1\r\n\r\n", 18), 18);
	wait_for_log("is no port of this driver");
	up(&caller, 1);
	wait_for_plug(&listener, PLUG_IN, SOON);
	close(fd);
}

static void
silence_has_a_limit(void **state)
{
	int fd;

	up(&listener, 1);
	fd = knock();
	up(&caller, 1);
	wait_for_log("handshake timeout");
	wait_for_plug(&listener, PLUG_IN, LONG);
	wait_for_plug(&caller, PLUG_IN, LONG);
	close(fd);
}

static void
stopping_does_not_wait_for_silence(void **state)
{
	int fd;

	up(&listener, 1);
	fd = knock();
	usleep(50000);
	down(&listener);
	assert_false(is_logged("handshake timeout"));
	close(fd);
}

/* On a wire where each end has to reach the other before it can answer. */
static int
reach(struct mlx5x_pair *pair, const struct mlx5x_remote *remote, const struct mlx5x_limit *limit)
{
	return 0;
}

static void
stopping_does_not_wait_for_a_connection(void **state)
{
	listener.wire.reach = caller.wire.reach = reach;
	listener.obstacle = caller.obstacle = eventfd(0, 0);
	up(&listener, 1);
	up(&caller, 1);
	wait_for_plug(&listener, PLUG_CONNECTING, SOON);
	wait_for_plug(&caller, PLUG_CONNECTING, SOON);
	down(&listener);
	down(&caller);
	assert_false(is_logged("cannot connect"));
	close(listener.obstacle);
}

/* One end is ready at once, and waits for the other as long as that may take. */
static void
a_slow_connecting_end_is_waited_for(void **state)
{
	listener.wire.reach = caller.wire.reach = reach;
	caller.obstacle = eventfd(0, 0);
	up(&listener, 1);
	up(&caller, 1);
	wait_for_plug(&caller, PLUG_CONNECTING, SOON);
	wait_for_plug(&listener, PLUG_CONNECTED, SOON);
	/* Longer than the limit for an end that has no peer to reach. */
	usleep(4000000);
	assert_int_equal(get_plug(&listener), PLUG_CONNECTED);
	eventfd_write(caller.obstacle, 1);
	wait_for_plug(&listener, PLUG_IN, SOON);
	wait_for_plug(&caller, PLUG_IN, SOON);
	down(&caller);
	close(caller.obstacle);
}

/* Such as a release that connected queue to queue. */
static void
another_version_is_logged(void **state)
{
	uint8_t header[MLX5X_MESSAGE_HEADER];
	int fd;

	mlx5x_message_put(header, MLX5X_MESSAGE_HELLO, 0);
	header[9] = 1;
	up(&listener, 1);
	fd = knock();
	assert_int_equal(write(fd, header, sizeof(header)), sizeof(header));
	wait_for_log("here is version 2 of the protocol, there is 1: use the same release of this driver at both ends");
	close(fd);
}

static void
an_end_that_is_never_ready_is_disconnected(void **state)
{
	int fd;

	up(&listener, 1);
	fd = pretend();
	wait_for_plug(&listener, PLUG_CONNECTED, SOON);
	close(fd);
	wait_for_plug(&listener, PLUG_OUT, SOON);
}

static void
unexpected_messages_end_it(void **state)
{
	uint8_t bytes[MLX5X_MESSAGE_HEADER + MLX5X_MESSAGE_BODY];
	size_t len;
	int fd;

	up(&listener, 1);
	fd = pretend();
	len = mlx5x_message_put(bytes, MLX5X_MESSAGE_READY, 0);
	assert_int_equal(write(fd, bytes, len), len);
	wait_for_plug(&listener, PLUG_IN, SOON);
	assert_int_equal(write(fd, bytes, len), len);
	wait_for_plug(&listener, PLUG_OUT, SOON);
	close(fd);
}

static void
a_third_end_is_rejected(void **state)
{
	up(&listener, 1);
	up(&caller, 1);
	wait_for_plug(&listener, PLUG_IN, SOON);
	up(&third, 1);
	wait_for_log("peer connected to another port");
	assert_int_equal(get_plug(&caller), PLUG_IN);
	assert_int_equal(get_plug(&third), PLUG_OUT);
	down(&caller);
	wait_for_plug(&third, PLUG_IN, SOON);
}

static void
pairs_that_cannot_be_connected_are_logged(void **state)
{
	caller.refuse = -EHOSTUNREACH;
	up(&listener, 1);
	up(&caller, 1);
	wait_for_log("cannot connect the queue pairs: No route to host");
	assert_int_not_equal(get_plug(&listener), PLUG_IN);
}

static void
a_failed_start_is_explained(void **state)
{
	up(&listener, 1);
	third.port.devargs.peer_kind = MLX5X_PEER_LISTEN;
	assert_int_equal(mlx5x_cable_tcp_up(&third.port, third.pairs, 1), -EADDRINUSE);
	assert_true(is_logged("cannot listen: Address already in use"));
	strcpy(caller.port.devargs.endpoint.host, "no-such-host.invalid");
	assert_int_equal(mlx5x_cable_tcp_up(&caller.port, caller.pairs, 1), -EADDRNOTAVAIL);
	assert_true(is_logged("cannot resolve the address"));
	assert_null(caller.port.pairs);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(ends_exchange_addresses),
		CASE(path_mtu_is_the_smaller_one),
		CASE(a_lost_end_may_return),
		CASE(numbers_of_queues_need_not_match),
		CASE(an_end_that_cannot_receive_is_logged_at_both_ends),
		CASE(ends_that_send_one_way_are_connected),
		CASE(pairs_that_cannot_be_created_are_logged),
		CASE(too_many_addresses_are_rejected),
		CASE(different_mtus_are_logged_at_both_ends),
		CASE(different_wires_are_logged_at_both_ends),
		CASE(different_transports_are_logged_at_both_ends),
		CASE(a_corrected_mismatch_is_forgotten),
		CASE(garbage_is_rejected_and_the_next_is_accepted),
		CASE(silence_has_a_limit),
		CASE(stopping_does_not_wait_for_silence),
		CASE(stopping_does_not_wait_for_a_connection),
		CASE(a_slow_connecting_end_is_waited_for),
		CASE(another_version_is_logged),
		CASE(an_end_that_is_never_ready_is_disconnected),
		CASE(unexpected_messages_end_it),
		CASE(a_third_end_is_rejected),
		CASE(pairs_that_cannot_be_connected_are_logged),
		CASE(a_failed_start_is_explained),
	};

	return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
