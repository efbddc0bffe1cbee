/* SPDX-License-Identifier: BSD-3-Clause */
/* ring_state.c: counts and states of descriptors, over a datapath that knows how many are done. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>

#include <cmocka.h>

#include "ethdev/ring_state.h"
#include "queue/rxq.h"
#include "queue/txq.h"

#define SIZE 256u

static struct mlx5x_rxq rxq, further[2];	/* rings of one queue, with those of a test */
static struct mlx5x_txq txq;
static uint32_t nb_done, nb_questions, done_further[2];

static bool
rx_is_done(struct mlx5x_rxq *of, uint32_t offset)
{
	/* Not beyond what is posted, and inside the gate. */
	assert_true(offset < of->pi - of->ci);
	assert_int_equal(of->user.gate.word, MLX5X_GATE_INSIDE);
	nb_questions++;
	return offset < (of == &rxq ? nb_done : done_further[of - further]);
}

static void
tx_reap(struct mlx5x_txq *of)
{
	assert_int_equal(txq.user.gate.word, MLX5X_GATE_INSIDE);
	txq.done = txq.freed + nb_done;
}

static const struct mlx5x_datapath dp = {.rx_is_done = rx_is_done, .tx_reap = tx_reap};

static int
set_up(void **state)
{
	rxq = (struct mlx5x_rxq){.dp = &dp, .size = SIZE, .room = SIZE, .ci = UINT32_MAX - 5,
		.pi = 194};
	further[0] = (struct mlx5x_rxq){.dp = &dp, .room = SIZE / 2, .size = 32, .owner = &rxq,
		.more = &further[1], .ci = 5, .pi = 35};
	/* None of its slots is in use. */
	further[1] = (struct mlx5x_rxq){.dp = &dp, .room = SIZE / 2, .owner = &rxq};
	done_further[0] = done_further[1] = 0;
	txq = (struct mlx5x_txq){.dp = &dp, .size = SIZE, .head = 30, .freed = UINT32_MAX - 9};
	nb_done = nb_questions = 0;
	return 0;
}

/* 200 are posted. */
static void
all_received_packets_are_counted(void **state)
{
	for (nb_done = 0; nb_done <= 200; nb_done++) {
		nb_questions = 0;
		assert_int_equal(mlx5x_ring_rx_count(&rxq), nb_done);
		assert_true(nb_questions <= 8);
	}
	assert_int_equal(rxq.user.gate.word, 0);
	rxq.pi = rxq.ci;
	assert_int_equal(mlx5x_ring_rx_count(&rxq), 0);
}

static void
rx_descriptors_have_three_states(void **state)
{
	nb_done = 7;
	assert_int_equal(mlx5x_ring_rx_status(&rxq, 0), RTE_ETH_RX_DESC_DONE);
	assert_int_equal(mlx5x_ring_rx_status(&rxq, 6), RTE_ETH_RX_DESC_DONE);
	assert_int_equal(mlx5x_ring_rx_status(&rxq, 7), RTE_ETH_RX_DESC_AVAIL);
	assert_int_equal(mlx5x_ring_rx_status(&rxq, 199), RTE_ETH_RX_DESC_AVAIL);
	assert_int_equal(mlx5x_ring_rx_status(&rxq, 200), RTE_ETH_RX_DESC_UNAVAIL);
	assert_int_equal(mlx5x_ring_rx_status(&rxq, SIZE - 1), RTE_ETH_RX_DESC_UNAVAIL);
	assert_int_equal(mlx5x_ring_rx_status(&rxq, SIZE), -EINVAL);
	assert_int_equal(rxq.user.gate.word, 0);
}

/* 200 are posted in the queue's own ring, 30 and none in the others. */
static void
further_rings_add_up(void **state)
{
	rxq.more = &further[0];
	nb_done = 7;
	done_further[0] = 4;
	assert_int_equal(mlx5x_ring_rx_count(&rxq), 11);
	assert_int_equal(mlx5x_ring_rx_status(&rxq, 10), RTE_ETH_RX_DESC_DONE);
	assert_int_equal(mlx5x_ring_rx_status(&rxq, 11), RTE_ETH_RX_DESC_AVAIL);
	assert_int_equal(mlx5x_ring_rx_status(&rxq, 229), RTE_ETH_RX_DESC_AVAIL);
	assert_int_equal(mlx5x_ring_rx_status(&rxq, 230), RTE_ETH_RX_DESC_UNAVAIL);
	/* As many as the application has requested, however they are divided. */
	rxq.size = SIZE / 4;
	assert_int_equal(mlx5x_ring_rx_status(&rxq, SIZE - 1), RTE_ETH_RX_DESC_UNAVAIL);
	assert_int_equal(mlx5x_ring_rx_status(&rxq, SIZE), -EINVAL);
	/* One of the pairs is being reset. */
	mlx5x_gate_close(&rxq.user.gate);
	assert_int_equal(mlx5x_ring_rx_count(&rxq), 4);
	assert_int_equal(mlx5x_ring_rx_status(&rxq, 4), RTE_ETH_RX_DESC_AVAIL);
	assert_int_equal(mlx5x_ring_rx_status(&rxq, 30), RTE_ETH_RX_DESC_UNAVAIL);
	assert_int_equal(further[0].user.gate.word, 0);
}

static void
a_stopped_queue_has_no_packets(void **state)
{
	rxq.more = &further[0];
	done_further[0] = 4;
	rxq.stopped = true;
	mlx5x_gate_close(&rxq.user.gate);
	assert_int_equal(mlx5x_ring_rx_count(&rxq), 0);
	assert_int_equal(mlx5x_ring_rx_status(&rxq, 0), RTE_ETH_RX_DESC_UNAVAIL);
	assert_int_equal(nb_questions, 0);
}

/* 40 packets were posted, and 15 of them are done; the next one's place is free. */
static void
tx_descriptors_are_done_or_full(void **state)
{
	nb_done = 15;
	assert_int_equal(mlx5x_ring_tx_status(&txq, 0), RTE_ETH_TX_DESC_DONE);
	assert_int_equal(mlx5x_ring_tx_status(&txq, SIZE - 26), RTE_ETH_TX_DESC_DONE);
	assert_int_equal(mlx5x_ring_tx_status(&txq, SIZE - 25), RTE_ETH_TX_DESC_FULL);
	assert_int_equal(mlx5x_ring_tx_status(&txq, SIZE - 1), RTE_ETH_TX_DESC_FULL);
	assert_int_equal(mlx5x_ring_tx_status(&txq, SIZE), -EINVAL);
	nb_done = 40;
	assert_int_equal(mlx5x_ring_tx_status(&txq, SIZE - 1), RTE_ETH_TX_DESC_DONE);
	assert_int_equal(txq.user.gate.word, 0);
}

/* Without link, or not started. */
static void
a_closed_gate_is_respected(void **state)
{
	nb_done = 7;
	mlx5x_gate_close(&rxq.user.gate);
	mlx5x_gate_close(&txq.user.gate);
	assert_int_equal(mlx5x_ring_rx_count(&rxq), 0);
	assert_int_equal(mlx5x_ring_rx_status(&rxq, 0), RTE_ETH_RX_DESC_UNAVAIL);
	txq.done = txq.freed + 20;
	assert_int_equal(mlx5x_ring_tx_status(&txq, SIZE - 20), RTE_ETH_TX_DESC_FULL);
	assert_int_equal(mlx5x_ring_tx_status(&txq, SIZE - 21), RTE_ETH_TX_DESC_DONE);
	assert_int_equal(nb_questions, 0);
}

#define CASE(f) cmocka_unit_test_setup(f, set_up)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(all_received_packets_are_counted),
		CASE(rx_descriptors_have_three_states),
		CASE(further_rings_add_up),
		CASE(a_stopped_queue_has_no_packets),
		CASE(tx_descriptors_are_done_or_full),
		CASE(a_closed_gate_is_respected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
