/* SPDX-License-Identifier: BSD-3-Clause */
/* The wire of iWARP over counted Rx and Tx ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <rte_common.h>

#include "cable/peer.h"
#include "common/limit.h"
#include "common/verbs.h"
#include "datapath/dp_verbs.h"
#include "fake_rand.h"
#include "iwarp/acceptor.h"
#include "iwarp/iwarp_rx.h"
#include "iwarp/iwarp_tx.h"
#include "queue/pair.h"
#include "queue/rxq.h"
#include "queue/txq.h"
#include "wire/stall.h"
#include "wire/wires.h"

#define TCP_PORT 18515

const struct mlx5x_datapath mlx5x_dp_verbs_credit;

static const struct mlx5x_wire *const wire = &mlx5x_wire_iwarp;
static const struct mlx5x_limit limit = {.wake = -1};
static int nb_rxs, nb_outlets;
static int calls_left, error;	/* so many calls succeed, then one fails; -1: all succeed */
static char steps[64];		/* i o: prepared; a p s: acceptor, peer, stall up; A P S: down */
static struct ibv_qp inlet_qps[8], outlet_qps[8];
static unsigned int nb_armed;
static const struct mlx5x_remote *connected_to;

static struct mlx5x_rxq rxq;
static struct mlx5x_txq txq;
static struct mlx5x_port port;
static struct mlx5x_pair pair;

static int
try(const char *step)
{
	if (calls_left >= 0 && calls_left-- == 0)
		return error;
	strcat(steps, step);
	return 0;
}

int
mlx5x_iwarp_rx_create(struct mlx5x_pair *of, struct mlx5x_iwarp_rx **rx)
{
	if (try("") != 0)
		return error;
	*rx = calloc(1, sizeof(**rx));
	(*rx)->port = TCP_PORT;
	nb_rxs++;
	return 0;
}

void
mlx5x_iwarp_rx_destroy(struct mlx5x_iwarp_rx *rx)
{
	nb_rxs -= rx != NULL;
	free(rx);
}

/* After an error there is no QP, as before the first time. */
int
mlx5x_iwarp_rx_prepare(struct mlx5x_iwarp_rx *rx, struct mlx5x_pair *of)
{
	rx->psn = of->psn;
	rx->qp = try("i") == 0 ? &inlet_qps[nb_armed++ % RTE_DIM(inlet_qps)] : NULL;
	return rx->qp != NULL ? 0 : error;
}

int
mlx5x_iwarp_tx_create(struct mlx5x_pair *of, struct mlx5x_iwarp_tx **tx)
{
	if (try("") != 0)
		return error;
	*tx = calloc(1, sizeof(**tx));
	nb_outlets++;
	return 0;
}

void
mlx5x_iwarp_tx_destroy(struct mlx5x_iwarp_tx *tx)
{
	nb_outlets -= tx != NULL;
	free(tx);
}

int
mlx5x_iwarp_tx_prepare(struct mlx5x_iwarp_tx *tx, struct mlx5x_pair *of)
{
	connected_to = NULL;
	tx->qp = try("o") == 0 ? &outlet_qps[nb_armed++ % RTE_DIM(outlet_qps)] : NULL;
	return tx->qp != NULL ? 0 : error;
}

int
mlx5x_iwarp_tx_connect(struct mlx5x_iwarp_tx *tx, struct mlx5x_pair *of,
	const struct mlx5x_remote *remote, const struct mlx5x_limit *within)
{
	assert_ptr_equal(tx, of->iwarp_tx);
	assert_ptr_equal(within, &limit);
	if (tx->qp == NULL)
		return -ENOTCONN;
	if (try("") != 0)
		return error;
	connected_to = remote;
	return 0;
}

int
mlx5x_acceptor_start(struct mlx5x_port *of, struct mlx5x_pair *pairs, uint16_t nb_pairs)
{
	assert_ptr_equal(pairs, &pair);
	return try("a");
}

void
mlx5x_acceptor_add(struct mlx5x_acceptor *acceptor, struct mlx5x_iwarp_rx *rx)
{
	assert_ptr_equal(acceptor, port.acceptor);
	assert_ptr_equal(rx, pair.iwarp_rx);
	strcat(steps, "+");
}

void
mlx5x_acceptor_stop(struct mlx5x_port *of)
{
	strcat(steps, "A");
}

void
mlx5x_peer_recover(struct mlx5x_port *p, uint16_t index)
{
}

int
mlx5x_peer_up(struct mlx5x_port *of, struct mlx5x_pair *pairs, uint16_t nb_pairs)
{
	assert_int_equal(nb_pairs, 1);
	return try("p");
}

void
mlx5x_peer_down(struct mlx5x_port *of)
{
	strcat(steps, "P");
}

int
mlx5x_stall_start(struct mlx5x_port *of)
{
	return try("s");
}

void
mlx5x_stall_stop(struct mlx5x_port *of)
{
	strcat(steps, "S");
}

int
mlx5x_verbs_create_cq(struct ibv_context *of, int entries, struct ibv_comp_channel *channel,
	struct ibv_cq **cq)
{
	return 0;
}

static int
set_up(void **state)
{
	calls_left = -1;
	error = -ENOSPC;
	steps[0] = '\0';
	connected_to = NULL;
	rxq = (struct mlx5x_rxq){0};
	txq = (struct mlx5x_txq){0};
	port = (struct mlx5x_port){0};
	pair = (struct mlx5x_pair){.port = &port, .rxq = &rxq, .txq = &txq};
	return 0;
}

static int
tear_down(void **state)
{
	wire->destroy(&pair);
	assert_null(pair.iwarp_rx);
	assert_null(pair.iwarp_tx);
	assert_null(pair.rx_qp);
	assert_null(pair.qp);
	assert_int_equal(nb_rxs, 0);
	assert_int_equal(nb_outlets, 0);
	return 0;
}

static void
expect_steps(const char *wanted)
{
	assert_string_equal(steps, wanted);
	steps[0] = '\0';
}

static void
it_is_a_cable_that_recovers_at_both_ends(void **state)
{
	assert_true(wire->iwarp && wire->cable && wire->mutual);
	assert_false(wire->apart);
	assert_ptr_equal(wire->dp, &mlx5x_dp_verbs_credit);
}

static void
without_an_address_it_is_rejected(void **state)
{
	assert_non_null(wire->check(&port));
	port.caps.has_gid = true;
	assert_null(wire->check(&port));
}

static void
a_pair_has_an_iwarp_rx_and_an_outlet(void **state)
{
	assert_int_equal(wire->create(&pair), 0);
	assert_int_equal(pair.qpn, TCP_PORT);
	assert_ptr_equal(rxq.grants, &pair.iwarp_rx->grants);
	assert_ptr_equal(txq.credits, &pair.iwarp_tx->credits);
}

static void
a_failed_creation_leaves_nothing(void **state)
{
	int n;

	for (n = 0;; n++) {
		calls_left = n;
		if (wire->create(&pair) == 0)
			break;
		assert_null(pair.iwarp_rx);
		assert_null(pair.iwarp_tx);
		assert_null(rxq.grants);
		assert_null(txq.credits);
		assert_int_equal(nb_rxs + nb_outlets, 0);
	}
	assert_int_equal(n, 2);
}

static const struct mlx5x_remote with_inlet = {.qpn = TCP_PORT}, without_inlet;

static int
connect_to(const struct mlx5x_remote *remote)
{
	int ret = wire->reach(&pair, remote, &limit);

	return ret != 0 ? ret : wire->connect(&pair, remote, MLX5X_SIDE_BOTH);
}

static void
a_queue_may_be_alone(void **state)
{
	pair.txq = NULL;
	assert_int_equal(wire->create(&pair), 0);
	assert_int_equal(wire->prepare(&pair, MLX5X_SIDE_BOTH), 0);
	assert_int_equal(connect_to(&with_inlet), 0);
	assert_null(connected_to);
	assert_null(pair.qp);
	expect_steps("i");
	wire->destroy(&pair);
	pair = (struct mlx5x_pair){.port = &port, .txq = &txq};
	assert_int_equal(wire->create(&pair), 0);
	/* As the other end notices it. */
	assert_int_equal(pair.qpn, 0);
	assert_int_equal(wire->prepare(&pair, MLX5X_SIDE_BOTH), 0);
	assert_null(pair.rx_qp);
	expect_steps("o");
	assert_int_equal(connect_to(&without_inlet), 0);
	assert_null(connected_to);
	assert_int_equal(connect_to(&with_inlet), 0);
	assert_ptr_equal(connected_to, &with_inlet);
}

static void
prepare_creates_new_objects_and_a_new_number(void **state)
{
	uint32_t psn[3];
	unsigned int i;

	assert_int_equal(wire->create(&pair), 0);
	for (i = 0; i < RTE_DIM(psn); i++) {
		assert_int_equal(wire->prepare(&pair, MLX5X_SIDE_BOTH), 0);
		assert_ptr_equal(pair.rx_qp, pair.iwarp_rx->qp);
		assert_ptr_equal(pair.qp, pair.iwarp_tx->qp);
		assert_int_equal(pair.iwarp_rx->psn, pair.psn);
		psn[i] = pair.psn;
		assert_uint_in_range(psn[i], 0, 0xffffff);
	}
	assert_true(psn[0] != psn[1] || psn[1] != psn[2]);
	expect_steps("ioioio");
}

/* And the other one is not left with a connection that would never end. */
static void
a_side_that_cannot_be_prepared_stops_the_other(void **state)
{
	int n;

	assert_int_equal(wire->create(&pair), 0);
	for (n = 0; n < 2; n++) {
		calls_left = -1;
		assert_int_equal(wire->prepare(&pair, MLX5X_SIDE_BOTH), 0);
		assert_int_equal(connect_to(&with_inlet), 0);
		calls_left = n;
		assert_int_equal(wire->prepare(&pair, MLX5X_SIDE_BOTH), -ENOSPC);
		assert_ptr_equal(pair.rx_qp, pair.iwarp_rx->qp);
		assert_ptr_equal(pair.qp, pair.iwarp_tx->qp);
		assert_null(n == 0 ? pair.rx_qp : pair.qp);
		assert_null(connected_to);
		calls_left = -1;
		assert_int_equal(connect_to(&with_inlet), -ENOTCONN);
		assert_null(connected_to);
	}
}

static void
an_error_of_the_connection_is_returned(void **state)
{
	assert_int_equal(wire->create(&pair), 0);
	assert_int_equal(wire->prepare(&pair, MLX5X_SIDE_BOTH), 0);
	calls_left = 0;
	error = -ECONNREFUSED;
	assert_int_equal(connect_to(&with_inlet), -ECONNREFUSED);
}

/* The acceptor must run before the first connect request, and until the last. */
static void
the_acceptor_starts_first_and_stops_last(void **state)
{
	assert_int_equal(wire->up(&port, &pair, 1), 0);
	expect_steps("aps");
	wire->down(&port);
	expect_steps("SPA");
}

static void
a_failed_start_leaves_the_port_down(void **state)
{
	static const char *const wanted[] = {"", "aA", "apSPA"};
	int n;

	for (n = 0; n < 3; n++) {
		calls_left = n;
		assert_int_equal(wire->up(&port, &pair, 1), -ENOSPC);
		expect_steps(wanted[n]);
	}
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(it_is_a_cable_that_recovers_at_both_ends),
		CASE(without_an_address_it_is_rejected),
		CASE(a_pair_has_an_iwarp_rx_and_an_outlet),
		CASE(a_failed_creation_leaves_nothing),
		CASE(a_queue_may_be_alone),
		CASE(prepare_creates_new_objects_and_a_new_number),
		CASE(a_side_that_cannot_be_prepared_stops_the_other),
		CASE(an_error_of_the_connection_is_returned),
		CASE(the_acceptor_starts_first_and_stops_last),
		CASE(a_failed_start_leaves_the_port_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
