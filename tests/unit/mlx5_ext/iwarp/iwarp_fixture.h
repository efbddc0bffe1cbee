/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * iwarp_fixture.h - a port with one pair, over verbs that count their objects and can fail at each
 * call. For one test program.
 */
#ifndef IWARP_FIXTURE_H_
#define IWARP_FIXTURE_H_

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <ethdev_driver.h>
#include <rdma/rdma_cma.h>

#include "common/verbs.h"
#include "device/netdev.h"
#include "iwarp/cm.h"
#include "queue/pair.h"
#include "queue/rxq.h"
#include "queue/txq.h"

int mlx5x_logtype;

static int nb_cqs, nb_qps, nb_mrs, nb_ids;
static int calls_left, error;	/* so many calls succeed, then one fails; -1: all succeed */
static char order[64];		/* released objects: q a QP, i an id, ... */
static struct ibv_qp_init_attr asked;
static uint32_t next_qpn;
static int nb_completions;	/* completions in any CQ */

static struct mlx5x_rxq rxq;
static struct mlx5x_txq txq;
static struct ibv_cq rx_cq, tx_cq;
static struct mlx5x_port port;
static struct mlx5x_pair pair;

static inline int
try(void)
{
	return calls_left < 0 || calls_left-- > 0 ? 0 : error;
}

static inline int
poll_cq(struct ibv_cq *cq, int n, struct ibv_wc *wc)
{
	if (nb_completions == 0)
		return 0;
	nb_completions--;
	wc->status = IBV_WC_WR_FLUSH_ERR;
	return 1;
}

static struct ibv_context device = {.ops.poll_cq = poll_cq};

int
mlx5x_verbs_create_cq(struct ibv_context *ctx, int entries, struct ibv_comp_channel *channel,
	struct ibv_cq **cq)
{
	assert_ptr_equal(ctx, &device);
	assert_null(channel);
	if (try() != 0)
		return error;
	*cq = calloc(1, sizeof(**cq));
	(*cq)->context = ctx;
	(*cq)->cqe = entries;
	nb_cqs++;
	return 0;
}

void
mlx5x_verbs_destroy_cq(struct ibv_cq *cq)
{
	if (cq == NULL)
		return;
	/* A CQ with a QP cannot be destroyed. */
	assert_int_equal(nb_qps, 0);
	free(cq);
	nb_cqs--;
	strcat(order, "c");
}

int
mlx5x_verbs_create_qp(struct ibv_pd *pd, struct ibv_qp_init_attr *init, struct ibv_qp **qp)
{
	assert_ptr_equal(pd, port.pd);
	asked = *init;
	*qp = NULL;
	if (try() != 0)
		return error;
	*qp = calloc(1, sizeof(**qp));
	(*qp)->qp_num = next_qpn++;
	nb_qps++;
	return 0;
}

void
mlx5x_verbs_destroy_qp(struct ibv_qp *qp)
{
	if (qp == NULL)
		return;
	free(qp);
	nb_qps--;
	strcat(order, "q");
}

unsigned int
mlx5x_netdev_index(const char *netdev)
{
	return strcmp(netdev, "eth1") == 0 ? 7 : 0;
}

static inline struct rdma_cm_id *
make_id(void)
{
	nb_ids++;
	return calloc(1, sizeof(struct rdma_cm_id));
}

static inline void
end_id(struct rdma_cm_id *id, const char *how)
{
	if (id == NULL)
		return;
	free(id);
	nb_ids--;
	strcat(order, how);
}

static inline int
set_up(void **state)
{
	static struct rte_eth_dev_data data = {.name = "port"};
	static struct rte_eth_dev dev = {.data = &data};

	nb_cqs = nb_qps = nb_mrs = nb_ids = nb_completions = 0;
	calls_left = -1;
	error = -ENOSPC;
	order[0] = '\0';
	next_qpn = 0x100;
	rxq = (struct mlx5x_rxq){.size = 64, .room = 64, .nb_sge = 3};
	txq = (struct mlx5x_txq){.size = 128, .max_sge = 5, .head = UINT32_MAX - 3};
	port = (struct mlx5x_port){
		.dev = &dev,
		.ctx = &device,
		.pd = (struct ibv_pd *)&port,
		.caps.gid.raw = {[0] = 0xfe, [1] = 0x80, [15] = 0x11},
		.found = {.rdma = "siw0", .netdev = "eth1"},
	};
	pair = (struct mlx5x_pair){
		.port = &port,
		.rxq = &rxq,
		.txq = &txq,
		.rx_cq = &rx_cq,
		.tx_cq = &tx_cq,
		.psn = 0xabcdef,
	};
	return 0;
}

static inline int
tear_down(void **state)
{
	assert_int_equal(nb_cqs, 0);
	assert_int_equal(nb_qps, 0);
	assert_int_equal(nb_mrs, 0);
	assert_int_equal(nb_ids, 0);
	return 0;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
