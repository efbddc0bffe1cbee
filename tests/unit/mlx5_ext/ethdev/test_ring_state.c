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

static struct mlx5x_rxq rxq;
static struct mlx5x_txq txq;
static uint32_t nb_done, nb_questions;

static bool
rx_is_done(struct mlx5x_rxq *of, uint32_t offset)
{
	assert_ptr_equal(of, &rxq);
	/* Not beyond what is posted, and inside the gate. */
	assert_true(offset < rxq.pi - rxq.ci);
	assert_int_equal(rxq.user.gate.word, MLX5X_GATE_INSIDE);
	nb_questions++;
	return offset < nb_done;
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
	rxq = (struct mlx5x_rxq){.dp = &dp, .size = SIZE, .ci = UINT32_MAX - 5, .pi = 194};
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
		CASE(tx_descriptors_are_done_or_full),
		CASE(a_closed_gate_is_respected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
