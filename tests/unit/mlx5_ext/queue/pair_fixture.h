/* SPDX-License-Identifier: BSD-3-Clause */
/* pair_fixture.h - a pair between a wire and two queues, all of them fakes. For one test program. */
#ifndef PAIR_FIXTURE_H_
#define PAIR_FIXTURE_H_

#include <errno.h>
#include <string.h>

#include <cmocka.h>
#include <ethdev_driver.h>
#include <rte_cycles.h>

#include "common/verbs.h"
#include "queue/pair.h"
#include "queue/rxq.h"
#include "queue/tx_free.h"
#include "queue/txq.h"

#define RING 64

int mlx5x_logtype;

/* EAL's, which is not initialized. */
uint64_t
rte_get_tsc_hz(void)
{
	return UINT64_C(1000000000);
}

static struct mlx5x_rxq rxq;
static struct mlx5x_txq txq;
static struct mlx5x_mr_table mrs = {.lock = PTHREAD_MUTEX_INITIALIZER};
static struct mlx5x_port port;
static struct mlx5x_pair pair;
static struct rte_eth_dev_data data;
static struct rte_eth_dev dev = {.data = &data};
static struct ibv_qp qps[16];
static unsigned int nb_made;		/* QPs created so far */
static struct ibv_cq cqs[2];
static struct ibv_comp_channel channel;
static const struct ibv_comp_channel *cq_channel;	/* of a CQ that has one */
static int nb_cqs, nb_channels, nb_wired, nb_attached, nb_users, nb_arms;
static int calls_left, error;	/* so many calls succeed, then one fails; -1: all succeed */
static bool two_qps;
static uint32_t nb_fits;	/* buffers that the mempool has for a fill */
static enum mlx5x_side prepared;
static char steps[32];		/* released: w wire, r t buffers, c a CQ; f: a fill */

/* An unmap is excluded from the rings, but not during calls that take long. */
static inline bool
rings_are_locked(void)
{
	if (pthread_mutex_trylock(&mrs.lock) != 0)
		return true;
	pthread_mutex_unlock(&mrs.lock);
	return false;
}

static inline int
try(void)
{
	return calls_left < 0 || calls_left-- > 0 ? 0 : error;
}

int
mlx5x_verbs_create_channel(struct ibv_context *ctx, struct ibv_comp_channel **out)
{
	if (try() != 0)
		return error;
	nb_channels++;
	*out = &channel;
	return 0;
}

void
mlx5x_verbs_destroy_channel(struct ibv_comp_channel *of)
{
	nb_channels -= of != NULL;
}

void
mlx5x_verbs_destroy_cq(struct ibv_cq *cq)
{
	if (cq == NULL)
		return;
	nb_cqs--;
	strcat(steps, "c");
}

void
mlx5x_mr_add_user(struct mlx5x_mr_table *table, struct mlx5x_mr_user *user)
{
	nb_users++;
}

void
mlx5x_mr_remove_user(struct mlx5x_mr_table *table, struct mlx5x_mr_user *user)
{
	nb_users--;
}

void
mlx5x_rxq_drain(struct mlx5x_rxq *of)
{
	strcat(steps, "r");
}

void
mlx5x_rxq_rewind(struct mlx5x_rxq *of)
{
	assert_true(rings_are_locked());
	of->ci = of->pi = 0;
}

uint32_t
mlx5x_txq_abandon(struct mlx5x_txq *of)
{
	uint32_t n = of->head - of->done;

	/* Except for the end, when there is no unmap any more. */
	assert_true(rings_are_locked() || nb_users == 0);
	assert_ptr_equal(of->cq, pair.tx_cq);
	of->done = of->head;
	return n;
}

uint32_t
mlx5x_tx_free(struct mlx5x_txq *of, uint32_t max)
{
	strcat(steps, "t");
	return 0;
}

static inline int
create_cq(struct ibv_context *ctx, int entries, struct ibv_comp_channel *on, struct ibv_cq **cq)
{
	assert_int_equal(entries, RING);
	if (try() != 0)
		return error;
	if (on != NULL)
		cq_channel = on;
	*cq = &cqs[nb_cqs++];
	return 0;
}

static inline int
create(struct mlx5x_pair *of)
{
	if (try() != 0)
		return error;
	nb_wired++;
	rxq.grants = (void *)&pair;
	txq.credits = (void *)&pair;
	return 0;
}

static inline void
destroy(struct mlx5x_pair *of)
{
	assert_false(rings_are_locked());
	assert_true(of->txq == NULL || of->txq->cq == NULL);
	nb_wired = 0;
	of->qp = of->rx_qp = NULL;
	strcat(steps, "w");
}

static inline bool
is_closed(const struct mlx5x_gate *gate)
{
	return gate->word >= MLX5X_GATE_CLOSER;
}

/* New objects each time, or none. */
static inline int
prepare(struct mlx5x_pair *of, enum mlx5x_side sides)
{
	prepared = sides;
	assert_false(rings_are_locked());
	assert_true(!(sides & MLX5X_SIDE_TX) || txq.cq == NULL);
	assert_true(!(sides & MLX5X_SIDE_RX) || is_closed(&rxq.user.gate));
	assert_true(!(sides & MLX5X_SIDE_TX) || is_closed(&txq.user.gate));
	of->qp = of->rx_qp = NULL;
	if (try() != 0)
		return error;
	of->qp = &qps[nb_made++];
	of->rx_qp = two_qps ? &qps[nb_made++] : NULL;
	return 0;
}

static inline int
connect_pair(struct mlx5x_pair *of, const struct mlx5x_remote *remote, enum mlx5x_side sides)
{
	assert_false(rings_are_locked());
	return try();
}

static inline int
rx_attach(struct mlx5x_rxq *of)
{
	assert_ptr_equal(of->cq, pair.rx_cq);
	if (try() != 0)
		return error;
	nb_attached++;
	return 0;
}

static inline int
tx_attach(struct mlx5x_txq *of)
{
	assert_ptr_equal(of->cq, pair.tx_cq);
	if (try() != 0)
		return error;
	nb_attached++;
	return 0;
}

static inline void
rx_detach(struct mlx5x_rxq *of)
{
	nb_attached = 0;
}

static inline void
tx_detach(struct mlx5x_txq *of)
{
	nb_attached = 0;
}

/* The address to post to must be known by then. */
static inline void
rx_fill(struct mlx5x_rxq *of)
{
	assert_true(rings_are_locked());
	assert_non_null(of->qp);
	assert_ptr_equal(of->qp, two_qps ? pair.rx_qp : pair.qp);
	of->pi = nb_fits;
	strcat(steps, "f");
}

static inline int
rx_arm(struct mlx5x_rxq *of)
{
	nb_arms++;
	return 0;
}

static const struct mlx5x_datapath dp = {.rx_attach = rx_attach, .tx_attach = tx_attach,
	.rx_detach = rx_detach, .tx_detach = tx_detach, .rx_fill = rx_fill, .rx_arm = rx_arm};
static const struct mlx5x_wire shared = {.name = "shared", .create_cq = create_cq, .create = create,
	.destroy = destroy, .prepare = prepare, .connect = connect_pair};
static const struct mlx5x_wire apart = {.name = "apart", .apart = true, .create_cq = create_cq,
	.create = create, .destroy = destroy, .prepare = prepare, .connect = connect_pair};
static const struct mlx5x_remote remote = {.qpn = 5};

static inline int
set_up(void **state)
{
	nb_made = 0;
	nb_cqs = nb_channels = nb_wired = nb_attached = nb_users = nb_arms = 0;
	calls_left = -1;
	error = -ENOSPC;
	two_qps = true;
	nb_fits = RING;
	steps[0] = '\0';
	data = (struct rte_eth_dev_data){0};
	rxq = (struct mlx5x_rxq){.size = RING, .room = RING, .dp = &dp, .mrs = &mrs};
	txq = (struct mlx5x_txq){.size = RING, .dp = &dp, .mrs = &mrs};
	rxq.user.gate.word = txq.user.gate.word = MLX5X_GATE_CLOSER;
	port = (struct mlx5x_port){.dev = &dev, .wire = &shared, .pairs = &pair, .mrs = &mrs};
	return 0;
}

static inline int
tear_down(void **state)
{
	mlx5x_pair_destroy(&pair);
	assert_int_equal(nb_cqs + nb_channels + nb_wired + nb_attached + nb_users, 0);
	assert_null(rxq.qp);
	assert_null(rxq.cq);
	assert_null(rxq.grants);
	assert_null(txq.qp);
	assert_null(txq.cq);
	assert_null(txq.credits);
	return 0;
}

static inline void
make(void)
{
	assert_int_equal(mlx5x_pair_create(&pair, &port, &rxq, &txq), 0);
}

static inline void
take_into_service(void)
{
	make();
	assert_int_equal(mlx5x_pair_prepare(&pair), 0);
	assert_int_equal(mlx5x_pair_start(&pair, &remote, 1522), 0);
	assert_int_equal(rxq.user.gate.word, 0);
	assert_int_equal(txq.user.gate.word, 0);
}

static inline void
expect_qps(unsigned int rx, unsigned int tx)
{
	assert_ptr_equal(rxq.qp, &qps[rx]);
	assert_ptr_equal(txq.qp, &qps[tx]);
}

#endif
