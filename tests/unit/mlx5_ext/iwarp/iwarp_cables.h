/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * iwarp_cables.h - two cables of iWARP within a process: replacements of verbs and librdmacm, which
 * count their objects, can fail at each call, and answer when the test says so. For one test
 * program.
 */
#ifndef IWARP_CABLES_H_
#define IWARP_CABLES_H_

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <ethdev_driver.h>
#include <rdma/rdma_cma.h>
#include <rte_cycles.h>
#include <rte_eal.h>

#include "cable/cable.h"
#include "cable/cable_tcp.h"
#include "cable/peer.h"
#include "cable/wanted.h"
#include "common/compat.h"
#include "common/limit.h"
#include "common/verbs.h"
#include "datapath/dp_verbs.h"
#include "datapath/rx_burst.h"
#include "device/netdev.h"
#include "iwarp/acceptor.h"
#include "iwarp/cm.h"
#include "iwarp/iwarp_rx.h"
#include "queue/link.h"
#include "queue/pair.h"
#include "queue/tx_free.h"
#include "queue/txq.h"
#include "wire/stall.h"
#include "wire/wires.h"

#define ENDS 4		/* A and B are a cable, C and D another */
#define PAIRS 2
#define RING 8
#define SOON 20		/* seconds, limit for an immediate event */

int mlx5x_logtype;

struct end {
	struct mlx5x_port port;
	struct mlx5x_mr_table mrs;
	struct rte_eth_dev dev;
	struct rte_eth_dev_data data;
	struct rte_pci_device pci;
	struct mlx5x_rxq rxqs[PAIRS];
	struct mlx5x_txq txqs[PAIRS];
	struct mlx5x_pair pairs[PAIRS];
	bool is_up;
	int ret;	/* result of a thread's call */
};

static struct end ends[ENDS];
static int nb_objects;		/* objects of verbs and of librdmacm */
static int calls_left;		/* so many calls succeed, then one fails; -1: all succeed */
static bool stuck;		/* no answer */
static int obstacle;		/* until this is readable */
static sem_t is_stuck;

static inline int
try(void)
{
	int left = __atomic_load_n(&calls_left, __ATOMIC_RELAXED);

	if (left < 0)
		return 0;
	__atomic_store_n(&calls_left, left - 1, __ATOMIC_RELAXED);
	return left > 0 ? 0 : -ENOSPC;
}

static inline int
make(void **object, size_t size)
{
	*object = NULL;
	if (try() != 0)
		return -ENOSPC;
	*object = calloc(1, size);
	__atomic_add_fetch(&nb_objects, 1, __ATOMIC_RELAXED);
	return 0;
}

static inline void
end_object(void *object)
{
	if (object == NULL)
		return;
	free(object);
	__atomic_sub_fetch(&nb_objects, 1, __ATOMIC_RELAXED);
}

int
mlx5x_verbs_reg_mr(struct ibv_pd *pd, void *addr, size_t len, bool writes, struct ibv_mr **mr)
{
	return make((void **)mr, sizeof(**mr));
}

int
mlx5x_verbs_reg_dmabuf_mr(struct ibv_pd *pd, int fd, uint64_t offset, void *addr, size_t len,
	bool writes, struct ibv_mr **mr)
{
	return make((void **)mr, sizeof(**mr));
}

int
mlx5x_verbs_reg_word(struct ibv_pd *pd, void *addr, size_t len, struct ibv_mr **mr)
{
	return make((void **)mr, sizeof(**mr));
}

int
mlx5x_verbs_dereg_mr(struct ibv_mr *mr)
{
	end_object(mr);
	return 0;
}

int
mlx5x_verbs_create_cq(struct ibv_context *ctx, int entries, struct ibv_comp_channel *channel,
	struct ibv_cq **cq)
{
	return make((void **)cq, sizeof(**cq));
}

void
mlx5x_verbs_destroy_cq(struct ibv_cq *cq)
{
	end_object(cq);
}

int
mlx5x_verbs_create_qp(struct ibv_pd *pd, struct ibv_qp_init_attr *init, struct ibv_qp **qp)
{
	return make((void **)qp, sizeof(**qp));
}

void
mlx5x_verbs_destroy_qp(struct ibv_qp *qp)
{
	end_object(qp);
}

int
mlx5x_verbs_create_channel(struct ibv_context *ctx, struct ibv_comp_channel **channel)
{
	return -ENOTSUP;
}

void
mlx5x_verbs_destroy_channel(struct ibv_comp_channel *channel)
{
}

unsigned int
mlx5x_netdev_index(const char *netdev)
{
	return 7;
}

/* No thread may have to wait for a lock meanwhile. */
static inline void
expect_no_lock(void)
{
	int i;

	for (i = 0; i < ENDS; i++) {
		assert_int_equal(pthread_mutex_trylock(&ends[i].port.lock), 0);
		assert_int_equal(pthread_mutex_trylock(&ends[i].mrs.lock), 0);
		pthread_mutex_unlock(&ends[i].mrs.lock);
		pthread_mutex_unlock(&ends[i].port.lock);
	}
}

/* Waits as the real one does, for an answer that does not arrive. */
int
mlx5x_cm_connect(const struct mlx5x_cm_address *from, const struct mlx5x_cm_address *to,
	uint32_t qpn, const struct mlx5x_cm_private_data *private_data, const struct mlx5x_limit *limit,
	struct rdma_cm_id **id)
{
	int ret;

	if (__atomic_load_n(&stuck, __ATOMIC_ACQUIRE)) {
		expect_no_lock();
		sem_post(&is_stuck);
		ret = mlx5x_limit_watch(&obstacle, 1, limit);
		if (ret < 0)
			return ret;
	}
	memset(private_data->answer, 0, private_data->answer_len);
	return make((void **)id, sizeof(**id));
}

void
mlx5x_cm_close(struct rdma_cm_id *id)
{
	end_object(id);
}

int
mlx5x_iwarp_rx_create(struct mlx5x_pair *pair, struct mlx5x_iwarp_rx **rx)
{
	int ret = make((void **)rx, sizeof(**rx));

	if (ret == 0)
		(*rx)->port = 18515;
	return ret;
}

int
mlx5x_iwarp_rx_prepare(struct mlx5x_iwarp_rx *rx, struct mlx5x_pair *pair)
{
	end_object(rx->qp);
	return make((void **)&rx->qp, sizeof(*rx->qp));
}

void
mlx5x_iwarp_rx_destroy(struct mlx5x_iwarp_rx *rx)
{
	if (rx != NULL)
		end_object(rx->qp);
	end_object(rx);
}

int
mlx5x_acceptor_start(struct mlx5x_port *port, struct mlx5x_pair *pairs, uint16_t nb_pairs)
{
	return try();
}

void
mlx5x_acceptor_add(struct mlx5x_acceptor *acceptor, struct mlx5x_iwarp_rx *rx)
{
}

void
mlx5x_acceptor_stop(struct mlx5x_port *port)
{
}

int
mlx5x_stall_start(struct mlx5x_port *port)
{
	return try();
}

void
mlx5x_stall_stop(struct mlx5x_port *port)
{
}

int
mlx5x_cable_tcp_up(struct mlx5x_port *port, struct mlx5x_pair *pairs, uint16_t nb_pairs)
{
	return -ENOTSUP;
}

void
mlx5x_cable_tcp_down(struct mlx5x_port *port)
{
}

void
mlx5x_link_changed(struct mlx5x_port *port)
{
}

/* Equal numbers of queues need no further rings. */
int
mlx5x_rxq_add_ring(struct mlx5x_rxq *rxq, uint16_t index, uint32_t room, struct mlx5x_rxq **ring)
{
	fail_msg("a further ring is added");
	return -ENOTSUP;
}

int
mlx5x_rxq_prepare(struct mlx5x_rxq *rxq)
{
	return 0;
}

/* Empty rings. */
void
mlx5x_rxq_drain(struct mlx5x_rxq *rxq)
{
}

void
mlx5x_rxq_rewind(struct mlx5x_rxq *rxq)
{
	rxq->ci = rxq->pi = 0;
}

void
mlx5x_rxq_cover_missed(struct mlx5x_rxq *rxq)
{
}

uint32_t
mlx5x_txq_abandon(struct mlx5x_txq *txq)
{
	return 0;
}

uint32_t
mlx5x_tx_free(struct mlx5x_txq *txq, uint32_t max)
{
	return 0;
}

static inline int
rx_attach(struct mlx5x_rxq *rxq)
{
	return try();
}

static inline int
tx_attach(struct mlx5x_txq *txq)
{
	return try();
}

static inline void
rx_detach(struct mlx5x_rxq *rxq)
{
}

static inline void
tx_detach(struct mlx5x_txq *txq)
{
}

static inline void
rx_fill(struct mlx5x_rxq *rxq)
{
	rxq->pi = rxq->ci + RING;
}

const struct mlx5x_datapath mlx5x_dp_verbs_credit = {.rx_attach = rx_attach, .tx_attach = tx_attach,
	.rx_detach = rx_detach, .tx_detach = tx_detach, .rx_fill = rx_fill};

static inline bool
owns_nothing(struct mlx5x_mr_user *user, const struct mlx5x_range *range)
{
	return false;
}

static uint64_t misses;

static inline void
make_end(struct end *end, char name, uint8_t devid, uint8_t peer)
{
	int i;

	*end = (struct end){
		.port = {
			.dev = &end->dev,
			.devargs = {.peer_kind = MLX5X_PEER_PORT, .peer = {.devid = peer}},
			.wire = &mlx5x_wire_iwarp,
			.mrs = &end->mrs,
			.lock = PTHREAD_MUTEX_INITIALIZER,
		},
		.dev = {.data = &end->data, .device = &end->pci.device},
		.data = {.name = {name}, .mtu = 1500, .nb_rx_queues = PAIRS, .nb_tx_queues = PAIRS},
		.pci = {.addr = {.devid = devid}},
	};
	assert_int_equal(mlx5x_mr_init(&end->mrs, (struct ibv_pd *)end, SIZE_MAX), 0);
	for (i = 0; i < PAIRS; i++) {
		end->rxqs[i] = (struct mlx5x_rxq){
			.user = {.owns = owns_nothing, .cache.misses = &misses},
			.mrs = &end->mrs, .size = RING, .room = RING, .port = &end->port,
			.index = i, .dp = &mlx5x_dp_verbs_credit,
		};
		end->txqs[i] = (struct mlx5x_txq){
			.user = {.owns = owns_nothing, .cache.misses = &misses},
			.mrs = &end->mrs, .size = RING, .port = &end->port, .index = i,
			.dp = &mlx5x_dp_verbs_credit,
		};
		end->rxqs[i].user.gate.word = end->txqs[i].user.gate.word = MLX5X_GATE_CLOSER;
	}
	mlx5x_peer_add(&end->port);
}

static inline int
set_up(void **state)
{
	calls_left = -1;
	stuck = false;
	obstacle = eventfd(0, 0);
	sem_init(&is_stuck, 0, 0);
	make_end(&ends[0], 'A', 0x10, 0x11);
	make_end(&ends[1], 'B', 0x11, 0x10);
	make_end(&ends[2], 'C', 0x12, 0x13);
	make_end(&ends[3], 'D', 0x13, 0x12);
	return 0;
}

/* The steps of ethdev.c, in its order. */
static inline int
start(struct end *end)
{
	struct mlx5x_port *port = &end->port;
	int i, ret = 0;

	for (i = 0; i < PAIRS && ret == 0; i++)
		ret = mlx5x_pair_create(&end->pairs[i], port, &end->rxqs[i], &end->txqs[i]);
	pthread_mutex_lock(&port->lock);
	for (i = 0; i < PAIRS && ret == 0; i++)
		ret = mlx5x_pair_prepare(&end->pairs[i]);
	pthread_mutex_unlock(&port->lock);
	if (ret == 0)
		ret = port->wire->up(port, end->pairs, PAIRS);
	end->is_up = ret == 0;
	for (i = 0; i < PAIRS && ret != 0; i++)
		mlx5x_pair_destroy(&end->pairs[i]);
	return ret;
}

static inline void
stop_end(struct end *end)
{
	int i;

	if (!end->is_up)
		return;
	end->port.wire->down(&end->port);
	for (i = 0; i < PAIRS; i++)
		mlx5x_pair_destroy(&end->pairs[i]);
	end->is_up = false;
}

static inline int
tear_down(void **state)
{
	int i;

	for (i = 0; i < ENDS; i++) {
		stop_end(&ends[i]);
		mlx5x_peer_remove(&ends[i].port);
		mlx5x_wanted_destroy(ends[i].port.wanted);
		mlx5x_mr_fini(&ends[i].mrs);
	}
	assert_int_equal(nb_objects, 0);
	close(obstacle);
	return 0;
}

static inline int
set_up_group(void **state)
{
	char args[][16] = {"test", "--no-pci", "--no-huge", "--no-shconf", "--no-telemetry", "-m",
		"32", "-l", "0", "--log-level=4"};
	char *argv[RTE_DIM(args)];
	unsigned int i;

	for (i = 0; i < RTE_DIM(args); i++)
		argv[i] = args[i];
	return rte_eal_init(RTE_DIM(argv), argv) < 0 ? -1 : 0;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
