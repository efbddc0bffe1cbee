/* SPDX-License-Identifier: BSD-3-Clause */
/* A thread of its own, with Rx ends whose descriptors the test makes readable. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>
#include <ethdev_driver.h>
#include <rdma/rdma_cma.h>
#include <rte_eal.h>

#include "common/limit.h"
#include "iwarp/acceptor.h"
#include "iwarp/cm.h"
#include "iwarp/iwarp_rx.h"
#include "queue/pair.h"

#define PAIRS MLX5X_PORT_PAIRS
#define SOON 20000	/* ms, limit for an immediate event */

int mlx5x_logtype;

static struct rte_eth_dev_data data = {.name = "port"};
static struct rte_eth_dev dev = {.data = &data};
static struct mlx5x_port port = {.dev = &dev};
static struct mlx5x_pair pairs[PAIRS];
static struct mlx5x_iwarp_rx rxs[PAIRS];
static struct rdma_event_channel channels[PAIRS];
static struct rdma_cm_id listeners[PAIRS];
static int nb_admitted[PAIRS];
static bool keep_coming, by_the_caller;
static pthread_t caller;

int
mlx5x_cm_fd(const struct rdma_cm_id *listener)
{
	return listener->channel->fd;
}

void
mlx5x_iwarp_rx_accept(struct mlx5x_iwarp_rx *rx)
{
	eventfd_t value;

	if (pthread_equal(pthread_self(), caller))
		by_the_caller = true;
	if (!__atomic_load_n(&keep_coming, __ATOMIC_ACQUIRE))
		eventfd_read(rx->listener->channel->fd, &value);
	__atomic_add_fetch(&nb_admitted[rx - rxs], 1, __ATOMIC_RELEASE);
}

static int
set_up(void **state)
{
	int i;

	for (i = 0; i < PAIRS; i++) {
		channels[i].fd = eventfd(0, EFD_NONBLOCK);
		listeners[i].channel = &channels[i];
		rxs[i].listener = &listeners[i];
		pairs[i] = (struct mlx5x_pair){.iwarp_rx = &rxs[i]};
		nb_admitted[i] = 0;
	}
	keep_coming = by_the_caller = false;
	caller = pthread_self();
	return 0;
}

/* A stop never waits for a connect request. */
static void
stop_acceptor(void)
{
	uint64_t before = mlx5x_limit_now();

	mlx5x_acceptor_stop(&port);
	assert_uint_in_range(mlx5x_limit_now() - before, 0, SOON);
	assert_null(port.acceptor);
	assert_false(by_the_caller);
}

static int
tear_down(void **state)
{
	int i;

	stop_acceptor();
	for (i = 0; i < PAIRS; i++)
		close(channels[i].fd);
	return 0;
}

static void
come(int i)
{
	eventfd_write(channels[i].fd, 1);
}

static int
admitted(int i)
{
	return __atomic_load_n(&nb_admitted[i], __ATOMIC_ACQUIRE);
}

static void
wait_for(int i, int n)
{
	uint64_t limit = mlx5x_limit_now() + SOON;

	while (admitted(i) < n) {
		if (mlx5x_limit_now() > limit)
			fail_msg("Rx end %d: %d were accepted, not %d", i, admitted(i), n);
		usleep(200);
	}
}

static void
requests_are_accepted(void **state)
{
	int i;

	assert_int_equal(mlx5x_acceptor_start(&port, pairs, PAIRS), 0);
	assert_non_null(port.acceptor);
	for (i = 0; i < PAIRS; i += 21) {
		come(i);
		wait_for(i, 1);
	}
	come(0);
	wait_for(0, 2);
	stop_acceptor();
	for (i = 0; i < PAIRS; i++)
		assert_int_equal(admitted(i), i == 0 ? 2 : i % 21 == 0);
}

static void
an_earlier_request_is_accepted_too(void **state)
{
	come(3);
	assert_int_equal(mlx5x_acceptor_start(&port, pairs, 4), 0);
	wait_for(3, 1);
}

static void
pairs_without_an_iwarp_rx_are_left_out(void **state)
{
	pairs[0].iwarp_rx = pairs[2].iwarp_rx = NULL;
	assert_int_equal(mlx5x_acceptor_start(&port, pairs, 4), 0);
	come(0);
	come(3);
	wait_for(3, 1);
	come(1);
	wait_for(1, 1);
	/* None of those that it does not know. */
	come(4);
	come(3);
	wait_for(3, 2);
	assert_int_equal(admitted(0) + admitted(2) + admitted(4), 0);
}

/* Pairs that are created while the port is up. */
static void
an_added_iwarp_rx_is_accepted_for(void **state)
{
	int i;

	assert_int_equal(mlx5x_acceptor_start(&port, pairs, 1), 0);
	come(1);
	for (i = 1; i < PAIRS; i++) {
		mlx5x_acceptor_add(port.acceptor, &rxs[i]);
		/* It prepares again and again. */
		mlx5x_acceptor_add(port.acceptor, &rxs[i / 2]);
	}
	wait_for(1, 1);
	come(PAIRS - 1);
	wait_for(PAIRS - 1, 1);
	come(0);
	wait_for(0, 1);
	stop_acceptor();
	assert_int_equal(admitted(0) + admitted(1) + admitted(PAIRS - 1), 3);
}

static void
without_any_iwarp_rx_it_can_be_stopped(void **state)
{
	assert_int_equal(mlx5x_acceptor_start(&port, pairs, 0), 0);
	stop_acceptor();
	stop_acceptor();
}

static void
after_stop_no_request_is_accepted(void **state)
{
	assert_int_equal(mlx5x_acceptor_start(&port, pairs, 2), 0);
	stop_acceptor();
	come(0);
	usleep(20000);
	assert_int_equal(admitted(0), 0);
	assert_int_equal(mlx5x_acceptor_start(&port, pairs, 2), 0);
	wait_for(0, 1);
}

static void
it_stops_under_a_flood_of_requests(void **state)
{
	keep_coming = true;
	assert_int_equal(mlx5x_acceptor_start(&port, pairs, 2), 0);
	come(1);
	wait_for(1, 100);
	stop_acceptor();
}

static void
starts_and_stops_follow_each_other(void **state)
{
	int i;

	for (i = 0; i < 200; i++) {
		assert_int_equal(mlx5x_acceptor_start(&port, pairs, 2), 0);
		come(i % 2);
		stop_acceptor();
	}
}

static void
without_a_descriptor_it_does_not_start(void **state)
{
	struct rlimit before, none;

	getrlimit(RLIMIT_NOFILE, &before);
	none = (struct rlimit){.rlim_max = before.rlim_max};
	setrlimit(RLIMIT_NOFILE, &none);
	assert_int_equal(mlx5x_acceptor_start(&port, pairs, 2), -EMFILE);
	setrlimit(RLIMIT_NOFILE, &before);
	assert_null(port.acceptor);
}

static int
set_up_group(void **state)
{
	char args[][16] = {"test", "--no-pci", "--no-huge", "--no-shconf", "--no-telemetry", "-m",
		"32", "-l", "0", "--log-level=4"};
	char *argv[RTE_DIM(args)];
	unsigned int i;
	int ends[2];

	/* Descriptor 0, which belongs to no Rx end, would wake its poller. */
	if (pipe(ends) != 0 || dup2(ends[0], 0) != 0)
		return -1;
	close(ends[0]);
	close(ends[1]);
	for (i = 0; i < RTE_DIM(args); i++)
		argv[i] = args[i];
	return rte_eal_init(RTE_DIM(argv), argv) < 0 ? -1 : 0;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(requests_are_accepted),
		CASE(an_earlier_request_is_accepted_too),
		CASE(pairs_without_an_iwarp_rx_are_left_out),
		CASE(an_added_iwarp_rx_is_accepted_for),
		CASE(without_any_iwarp_rx_it_can_be_stopped),
		CASE(after_stop_no_request_is_accepted),
		CASE(it_stops_under_a_flood_of_requests),
		CASE(starts_and_stops_follow_each_other),
		CASE(without_a_descriptor_it_does_not_start),
	};

	return cmocka_run_group_tests(tests, set_up_group, NULL);
}
