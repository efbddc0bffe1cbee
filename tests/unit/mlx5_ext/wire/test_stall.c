/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>

#include <cmocka.h>
#include <ethdev_driver.h>
#include <rte_alarm.h>

#include "datapath/drop.h"
#include "queue/pair.h"
#include "queue/recover.h"
#include "queue/rxq.h"
#include "queue/txq.h"
#include "queue/wire.h"
#include "wire/stall.h"

#define PAIRS 2
#define LOOKS (MLX5X_STALL_MS / MLX5X_STALL_LOOK_MS)

int mlx5x_logtype;

static struct mlx5x_txq txqs[PAIRS];
static struct mlx5x_rxq rxqs[PAIRS];
static struct mlx5x_pair pairs[PAIRS];
static struct rte_eth_dev_data data = {.name = "port"};
static struct rte_eth_dev dev = {.data = &data};
static struct mlx5x_port port;
static struct mlx5x_wire wire;
static bool error_among_them;	/* the completions of queue 0 */
static uint32_t completed;	/* of queue 0, not polled yet */
static int nb_recoveries[PAIRS];
static int nb_reaps;
static int nb_tx_lines[PAIRS], nb_rx_lines[PAIRS];
static rte_eal_alarm_callback alarm_callback;
static int alarm_error;
static struct mlx5x_mr_table mrs = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* Replaces EAL's: time passes when the test says so. */
int
rte_eal_alarm_set(uint64_t us, rte_eal_alarm_callback callback, void *arg)
{
	assert_int_equal(us, MLX5X_STALL_LOOK_MS * 1000);
	assert_ptr_equal(arg, &port);
	if (alarm_error == 0)
		alarm_callback = callback;
	return alarm_error;
}

int
rte_eal_alarm_cancel(rte_eal_alarm_callback callback, void *arg)
{
	alarm_callback = NULL;
	return 0;
}

void
mlx5x_recover(struct mlx5x_port *of, uint16_t index)
{
	assert_int_equal(pthread_mutex_trylock(&of->lock), 0);
	pthread_mutex_unlock(&of->lock);
	nb_recoveries[index]++;
	txqs[index].failed = rxqs[index].failed = false;
	txqs[index].done = txqs[index].head;
	if (index == 0)
		completed = txqs[0].done;
}

static void
reap(struct mlx5x_txq *txq)
{
	/* The burst is excluded, and an unmap that looks for owned buffers. */
	assert_int_not_equal(pthread_mutex_trylock(&mrs.lock), 0);
	assert_int_not_equal(txq->user.gate.word, 0);
	nb_reaps++;
	if (txq != &txqs[0])
		return;
	txq->done = completed;
	if (error_among_them)
		mlx5x_txq_fail(txq);
	error_among_them = false;
}

bool
mlx5x_pair_is_failed(const struct mlx5x_pair *pair)
{
	return (pair->txq != NULL && pair->txq->failed) ||
		(pair->rxq != NULL && pair->rxq->failed);
}

/* Lines of the log: they count only if neither a burst nor another thread waits meanwhile. */
void
mlx5x_drop_log(struct mlx5x_txq *txq)
{
	assert_int_equal(txq->user.gate.word, 0);
	if (pthread_mutex_trylock(&port.lock) != 0)
		return;
	pthread_mutex_unlock(&port.lock);
	nb_tx_lines[txq - txqs]++;
}

void
mlx5x_rxq_tell(struct mlx5x_rxq *rxq)
{
	nb_rx_lines[rxq - rxqs]++;
}

static const struct mlx5x_datapath dp = {.tx_reap = reap};

static int
set_up(void **state)
{
	int i;

	wire = (struct mlx5x_wire){.mutual = true};
	port = (struct mlx5x_port){.dev = &dev, .wire = &wire, .pairs = pairs, .nb_pairs = PAIRS};
	error_among_them = false;
	pthread_mutex_init(&port.lock, NULL);
	for (i = 0; i < PAIRS; i++) {
		txqs[i] = (struct mlx5x_txq){.dp = &dp, .mrs = &mrs};
		pairs[i] = (struct mlx5x_pair){.state = MLX5X_PAIR_RUNNING, .txq = &txqs[i]};
		nb_recoveries[i] = nb_tx_lines[i] = nb_rx_lines[i] = 0;
	}
	completed = 0;
	nb_reaps = 0;
	alarm_error = 0;
	return mlx5x_stall_start(&port);
}

static int
tear_down(void **state)
{
	mlx5x_stall_stop(&port);
	assert_null(alarm_callback);
	assert_null(port.stall);
	return 0;
}

static void
look(int times)
{
	while (times-- > 0) {
		assert_non_null(alarm_callback);
		alarm_callback(&port);
	}
}

static void
a_missing_completion_is_detected_once(void **state)
{
	txqs[0].head = 5;
	look(LOOKS);
	assert_int_equal(nb_recoveries[0], 0);
	look(1);
	assert_int_equal(nb_recoveries[0], 1);
	assert_int_equal(txqs[0].stats.errors, 1);
	assert_int_equal(txqs[0].user.gate.word, 0);
	assert_int_equal(nb_recoveries[1], 0);
}

static void
nothing_to_send_is_no_stall(void **state)
{
	look(10 * LOOKS);
	assert_int_equal(nb_recoveries[0], 0);
}

/* A closed gate costs an application without retries its packets. */
static void
gates_are_not_closed_without_need(void **state)
{
	int i;

	look(100 * LOOKS);
	assert_uint_in_range(nb_reaps, 0, PAIRS);
	nb_reaps = 0;
	for (i = 0; i < 100; i++) {
		txqs[0].head += 10;
		txqs[0].stats.packets += 10;
		txqs[0].done = txqs[0].head - 5;
		look(1);
	}
	assert_int_equal(nb_reaps, 0);
}

static void
slow_progress_is_no_stall(void **state)
{
	int i;

	txqs[0].head = 1000;
	for (i = 0; i < 10; i++) {
		look(LOOKS - 1);
		txqs[0].done = ++completed;
	}
	assert_int_equal(nb_recoveries[0], 0);
}

/* Completions exist, but no burst has polled them. */
static void
unpolled_completions_are_no_stall(void **state)
{
	txqs[0].head = 5;
	txqs[0].stats.packets = 5;
	completed = 5;
	look(10 * LOOKS);
	assert_int_equal(nb_recoveries[0], 0);
	assert_int_equal(txqs[0].done, 5);
	txqs[0].head = 7;
	txqs[0].stats.packets = 7;
	look(LOOKS + 1);
	assert_int_equal(nb_recoveries[0], 1);
}

/* Posted just before a look, on a queue without packets for nearly as long as a stall takes. */
static void
a_first_packet_after_a_pause_has_its_time(void **state)
{
	int pause;

	for (pause = 1; pause <= 2 * LOOKS; pause++) {
		txqs[0].head = ++txqs[0].stats.packets;
		txqs[0].done = completed = txqs[0].head;
		look(pause);
		txqs[0].head = ++txqs[0].stats.packets;
		look(LOOKS);
		assert_int_equal(nb_recoveries[0], 0);
		completed = txqs[0].done = txqs[0].head;
		look(1);
	}
	assert_int_equal(txqs[0].stats.errors, 0);
	txqs[0].head = ++txqs[0].stats.packets;
	look(LOOKS + 1);
	assert_int_equal(nb_recoveries[0], 1);
}

static void
a_disconnected_pair_is_not_recovered(void **state)
{
	txqs[0].head = 5;
	look(LOOKS);
	pairs[0].state = MLX5X_PAIR_INIT;
	look(10 * LOOKS);
	pairs[0].state = MLX5X_PAIR_RUNNING;
	look(LOOKS);
	assert_int_equal(nb_recoveries[0], 0);
	look(1);
	assert_int_equal(nb_recoveries[0], 1);
}

static void
a_queue_without_tx_is_ignored(void **state)
{
	pairs[0].txq = NULL;
	look(10 * LOOKS);
	assert_int_equal(nb_recoveries[0], 0);
}

/* No more packets are sent, so no burst would ever recover it. */
static void
an_error_that_no_burst_sees_is_found(void **state)
{
	txqs[1].failed = true;
	look(1);
	assert_int_equal(nb_recoveries[1], 1);
	look(10 * LOOKS);
	assert_int_equal(nb_recoveries[1], 1);
}

/* The burst that met it found the lock taken, and the application waits for an interrupt. */
static void
an_error_of_rx_is_found_too(void **state)
{
	rxqs[1] = (struct mlx5x_rxq){.failed = true};
	pairs[1].rxq = &rxqs[1];
	look(1);
	assert_int_equal(nb_recoveries[1], 1);
	pairs[1].txq = NULL;
	rxqs[1].failed = true;
	look(1);
	assert_int_equal(nb_recoveries[1], 2);
}

/* As an_error_that_no_burst_sees, but the completion is not polled either. It counts once. */
static void
an_error_without_a_poll_is_found(void **state)
{
	int reliable;

	for (reliable = 0; reliable < 2; reliable++) {
		wire.mutual = reliable;
		txqs[0].head += 5;
		txqs[0].stats.packets += 5;
		completed = txqs[0].done + 2;
		error_among_them = true;
		nb_recoveries[0] = 0;
		look(LOOKS + 2);
		assert_int_equal(nb_recoveries[0], 1);
		assert_int_equal(txqs[0].stats.errors, 0);
		look(10 * LOOKS);
		assert_int_equal(nb_recoveries[0], 1);
	}
}

/* The network may delay it for any time. */
static void
a_stall_is_no_error_without_acknowledgements(void **state)
{
	wire.mutual = false;
	txqs[0].head = txqs[0].stats.packets = 5;
	look(10 * LOOKS);
	assert_int_equal(nb_recoveries[0], 0);
	assert_int_equal(txqs[0].stats.errors, 0);
	assert_false(txqs[0].failed);
	completed = 5;
	look(2 * LOOKS);
	assert_int_equal(txqs[0].done, 5);
}

static void
a_held_lock_is_not_waited_for(void **state)
{
	txqs[0].head = 5;
	pthread_mutex_lock(&port.lock);
	look(10 * LOOKS);
	pthread_mutex_unlock(&port.lock);
	assert_int_equal(nb_recoveries[0], 0);
}

/* With each check, and the packets after the last check when the port stops. */
static void
misses_in_bursts_are_logged(void **state)
{
	pairs[0].txq = NULL;
	pairs[0].rxq = &rxqs[0];
	look(3);
	assert_int_equal(nb_tx_lines[0], 0);
	assert_int_equal(nb_rx_lines[0], 3);
	assert_int_equal(nb_tx_lines[1], 3);
	assert_int_equal(nb_rx_lines[1], 0);
	mlx5x_stall_stop(&port);
	assert_int_equal(nb_rx_lines[0], 4);
	assert_int_equal(nb_tx_lines[1], 4);
}

static void
without_an_alarm_start_fails(void **state)
{
	mlx5x_stall_stop(&port);
	alarm_error = -ENOMEM;
	assert_int_equal(mlx5x_stall_start(&port), -ENOMEM);
	assert_null(port.stall);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_missing_completion_is_detected_once),
		CASE(nothing_to_send_is_no_stall),
		CASE(gates_are_not_closed_without_need),
		CASE(unpolled_completions_are_no_stall),
		CASE(slow_progress_is_no_stall),
		CASE(a_first_packet_after_a_pause_has_its_time),
		CASE(a_disconnected_pair_is_not_recovered),
		CASE(a_queue_without_tx_is_ignored),
		CASE(an_error_that_no_burst_sees_is_found),
		CASE(an_error_of_rx_is_found_too),
		CASE(an_error_without_a_poll_is_found),
		CASE(a_stall_is_no_error_without_acknowledgements),
		CASE(a_held_lock_is_not_waited_for),
		CASE(misses_in_bursts_are_logged),
		CASE(without_an_alarm_start_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
