/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ethdev_fixture.h - a port with two Rx and three Tx queues, whose neighbours count their calls.
 * Calls that can fail are numbered. For one test program.
 */
#ifndef ETHDEV_FIXTURE_H_
#define ETHDEV_FIXTURE_H_

#include <errno.h>
#include <stdlib.h>

#include <cmocka.h>
#include <rte_malloc.h>

#include "common/verbs.h"
#include "device/netdev.h"
#include "ethdev/ethdev.h"
#include "ethdev/lifecycle.h"
#include "ethdev/ring_state.h"
#include "ethdev/rss_ops.h"
#include "ethdev/rx_intr.h"
#include "ethdev/stats.h"
#include "ethdev/tx_cleanup.h"
#include "queue/datapath.h"
#include "queue/link.h"
#include "queue/pair.h"
#include "queue/rxq.h"
#include "queue/tx_free.h"
#include "queue/txq.h"
#include "queue/wire.h"
#include "log_lines.h"

#define RX_QUEUES 2
#define TX_QUEUES 3
#define PAIRS TX_QUEUES

int mlx5x_logtype;

/* Ops of other files, which the table refers to. */
#define OP(name, ...) int name(__VA_ARGS__) { return -EXDEV; }
OP(mlx5x_rss_configure, struct rte_eth_dev *d)
OP(mlx5x_rss_reta_update, struct rte_eth_dev *d, struct rte_eth_rss_reta_entry64 *c, uint16_t n)
OP(mlx5x_rss_reta_query, struct rte_eth_dev *d, struct rte_eth_rss_reta_entry64 *c, uint16_t n)
OP(mlx5x_rss_hash_update, struct rte_eth_dev *d, struct rte_eth_rss_conf *c)
OP(mlx5x_rss_hash_conf_get, struct rte_eth_dev *d, struct rte_eth_rss_conf *c)
OP(mlx5x_stats_get, MLX5X_STATS_GET_ARGS)
OP(mlx5x_stats_reset, struct rte_eth_dev *d)
OP(mlx5x_xstats_get, struct rte_eth_dev *d, struct rte_eth_xstat *s, unsigned int n)
OP(mlx5x_xstats_get_names, struct rte_eth_dev *d, struct rte_eth_xstat_name *s, unsigned int n)
OP(mlx5x_rx_intr_enable, struct rte_eth_dev *d, uint16_t i)
OP(mlx5x_rx_intr_disable, struct rte_eth_dev *d, uint16_t i)
OP(mlx5x_link_update, struct rte_eth_dev *d, int wait)
OP(mlx5x_tx_cleanup, void *queue, uint32_t n)
OP(mlx5x_ring_rx_status, void *queue, uint16_t offset)
OP(mlx5x_ring_tx_status, void *queue, uint16_t offset)
OP(mlx5x_pair_disconnect, struct mlx5x_pair *pair)
OP(mlx5x_rxq_setup, struct rte_eth_dev *d, uint16_t i, uint16_t n, unsigned int s,
	const struct rte_eth_rxconf *c, struct rte_mempool *p)
OP(mlx5x_txq_setup, struct rte_eth_dev *d, uint16_t i, uint16_t n, unsigned int s,
	const struct rte_eth_txconf *c)

MLX5X_RX_COUNT
mlx5x_ring_rx_count(void *queue)
{
	return 0;
}

uint32_t
mlx5x_tx_free(struct mlx5x_txq *txq, uint32_t max)
{
	return 0;
}

void
mlx5x_pair_close(struct mlx5x_pair *pair)
{
}

void
mlx5x_rxq_info(struct rte_eth_dev *d, uint16_t index, struct rte_eth_rxq_info *info)
{
}

void
mlx5x_txq_info(struct rte_eth_dev *d, uint16_t index, struct rte_eth_txq_info *info)
{
}

static struct rte_eth_dev_data data;
static struct rte_eth_dev dev;
static struct mlx5x_port port;
static struct mlx5x_wire wire;
static struct mlx5x_datapath dp;
static struct ibv_context ctx;
static struct rte_mempool pool = {.name = "pool"};
static struct mlx5x_rxq rxqs[RX_QUEUES];
static struct mlx5x_txq txqs[TX_QUEUES];
static void *rx_queues[RX_QUEUES], *tx_queues[TX_QUEUES];

/* The number of the call that fails, of those that can, and its error; 0: none. */
static unsigned int fails_at, nb_calls;
static int fail_error;

static inline int
answer(void)
{
	return ++nb_calls == fails_at ? fail_error : 0;
}

/* The objects at the moment. */
static bool prepared[RX_QUEUES], covered[RX_QUEUES];
static struct mlx5x_pair *all_pairs;	/* number of the first of them */
static unsigned int live_pairs, ready_pairs;
static bool interrupts, is_up;
static unsigned int link_changes, port_ends;

int
mlx5x_rxq_prepare(struct mlx5x_rxq *rxq)
{
	int ret = answer();

	assert_false(prepared[rxq - rxqs]);
	prepared[rxq - rxqs] = ret == 0;
	return ret;
}

int
mlx5x_rxq_cover(struct mlx5x_rxq *rxq)
{
	int ret = answer();

	covered[rxq - rxqs] = ret == 0;
	return ret;
}

/* The QP with the buffers is destroyed; also for a queue that was not prepared. */
void
mlx5x_rxq_drain(struct mlx5x_rxq *rxq)
{
	assert_int_equal(live_pairs, 0);
	prepared[rxq - rxqs] = false;
}

int
mlx5x_pair_create(struct mlx5x_pair *pair, struct mlx5x_port *of, struct mlx5x_rxq *rxq,
	struct mlx5x_txq *txq)
{
	unsigned int i = live_pairs;

	assert_ptr_equal(of, &port);
	assert_int_equal(pair->state, MLX5X_PAIR_DOWN);
	assert_ptr_equal(rxq, i < data.nb_rx_queues ? &rxqs[i] : NULL);
	assert_ptr_equal(txq, i < data.nb_tx_queues ? &txqs[i] : NULL);
	assert_true(rxq == NULL || (prepared[i] && covered[i]));
	if (i == 0)
		all_pairs = pair;
	if (answer() != 0)
		return fail_error;
	pair->attached = true;
	pair->port = of;
	pair->rxq = rxq;
	live_pairs++;
	return 0;
}

/* In any state; the channels of interrupts are closed with it. */
void
mlx5x_pair_destroy(struct mlx5x_pair *pair)
{
	assert_false(interrupts || is_up);
	if (!pair->attached)
		return;
	pair->attached = false;
	pair->port = NULL;
	live_pairs--;
	ready_pairs = 0;
}

/* Wires without a cable need no further rings, and their rings keep their size. */
int
mlx5x_rxq_add_ring(struct mlx5x_rxq *rxq, uint16_t index, uint32_t room, struct mlx5x_rxq **ring)
{
	fail_msg("a further ring is added");
	return -ENOTSUP;
}

int
mlx5x_pair_resize(struct mlx5x_pair *pair, uint32_t size)
{
	fail_msg("a ring is resized");
	return -ENOTSUP;
}

int
mlx5x_pair_prepare(struct mlx5x_pair *pair)
{
	assert_int_not_equal(pthread_mutex_trylock(&port.lock), 0);
	assert_true(pair->attached);
	if (answer() != 0)
		return fail_error;
	ready_pairs++;
	return 0;
}

int
mlx5x_rx_intr_start(struct rte_eth_dev *of)
{
	assert_int_equal(live_pairs, PAIRS);
	if (answer() != 0)
		return fail_error;
	interrupts = true;
	return 0;
}

void
mlx5x_rx_intr_stop(struct rte_eth_dev *of)
{
	interrupts = false;
}

static inline void
check_lock_is_free(void)
{
	assert_int_equal(pthread_mutex_trylock(&port.lock), 0);
	pthread_mutex_unlock(&port.lock);
}

static inline int
up(struct mlx5x_port *of, struct mlx5x_pair *pairs, uint16_t n)
{
	check_lock_is_free();
	assert_int_equal(ready_pairs, PAIRS);
	assert_ptr_equal(pairs, all_pairs);
	assert_int_equal(n, PAIRS);
	if (answer() != 0)
		return fail_error;
	of->pairs = pairs;
	of->nb_pairs = n;
	is_up = true;
	return 0;
}

static inline void
down(struct mlx5x_port *of)
{
	check_lock_is_free();
	assert_true(is_up);
	of->pairs = NULL;
	of->nb_pairs = 0;
	is_up = false;
}

/* The application may close the port in the event's callback, which stops it again. */
void
mlx5x_link_changed(struct mlx5x_port *of)
{
	assert_false(is_up || live_pairs != 0);
	assert_int_equal(data.dev_started, 0);
	link_changes++;
}

void
mlx5x_rxq_release(struct rte_eth_dev *of, uint16_t index)
{
	assert_false(is_up || live_pairs != 0);
	rx_queues[index] = NULL;
}

void
mlx5x_txq_release(struct rte_eth_dev *of, uint16_t index)
{
	assert_false(is_up || live_pairs != 0);
	tx_queues[index] = NULL;
}

static inline bool
has_queues(void)
{
	return rx_queues[0] != NULL || rx_queues[1] != NULL || tx_queues[0] != NULL ||
		tx_queues[1] != NULL || tx_queues[2] != NULL;
}

void
mlx5x_port_end(struct mlx5x_port *of)
{
	assert_ptr_equal(of, &port);
	assert_false(has_queues());
	port_ends++;
}

static bool is_gone;

bool
mlx5x_verbs_is_gone(struct ibv_context *of)
{
	assert_ptr_equal(of, &ctx);
	return is_gone;
}

static enum rte_proc_type_t process;

enum rte_proc_type_t
rte_eal_process_type(void)
{
	return process;
}

static int mac_error;
static bool no_memory;
static const struct rte_ether_addr netdev_mac = {{2, 0, 0, 0, 0, 1}};

int
mlx5x_netdev_mac(const char *netdev, struct rte_ether_addr *mac)
{
	assert_string_equal(netdev, "lo");
	*mac = netdev_mac;
	return mac_error;
}

static int mtu_error;
static uint16_t raised_mtu;	/* 0: it was not */

int
mlx5x_netdev_raise_mtu(const char *netdev, uint16_t mtu)
{
	assert_string_equal(netdev, "lo");
	raised_mtu = mtu;
	return mtu_error;
}

/* EAL is not initialized here. */
void *
rte_calloc(const char *type, size_t n, size_t size, unsigned int align)
{
	return no_memory ? NULL : calloc(n, size);
}

static inline uint16_t
rx_burst(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	return 0;
}

static inline uint16_t
tx_burst(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	return 0;
}

/* A probed port, with its ops, configured and with its queues. */
static inline int
set_up(void **state)
{
	uint16_t i;

	dp = (struct mlx5x_datapath){.name = "verbs", .rx_burst = rx_burst, .tx_burst = tx_burst};
	wire = (struct mlx5x_wire){.name = "raw", .dp = &dp, .up = up, .down = down};
	data = (struct rte_eth_dev_data){
		.name = "port", .dev_private = &port, .rx_queues = rx_queues,
		.tx_queues = tx_queues, .nb_rx_queues = RX_QUEUES, .nb_tx_queues = TX_QUEUES};
	dev = (struct rte_eth_dev){.data = &data};
	port = (struct mlx5x_port){
		.dev = &dev, .ctx = &ctx, .wire = &wire, .found.netdev = "lo"};
	pthread_mutex_init(&port.lock, NULL);
	for (i = 0; i < RX_QUEUES; i++) {
		rxqs[i] = (struct mlx5x_rxq){.pool = &pool};
		rx_queues[i] = &rxqs[i];
		prepared[i] = covered[i] = false;
	}
	for (i = 0; i < TX_QUEUES; i++)
		tx_queues[i] = &txqs[i];
	fails_at = nb_calls = live_pairs = ready_pairs = link_changes = port_ends = 0;
	fail_error = -EPERM;
	interrupts = is_up = is_gone = no_memory = false;
	mac_error = 0;
	process = RTE_PROC_PRIMARY;
	log_open();
	return mlx5x_ethdev_init(&dev);
}

static inline int
tear_down(void **state)
{
	log_close();
	assert_int_equal(live_pairs, 0);
	free(data.mac_addrs);
	return 0;
}

#endif
