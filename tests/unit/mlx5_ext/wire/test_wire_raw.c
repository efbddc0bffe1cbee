/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * wire_raw.c over a fake device that knows the states of its queues: the objects of a pair, its
 * state transitions, and the state after a step fails.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>

#include <cmocka.h>
#include <ethdev_driver.h>

#include "common/verbs.h"
#include "datapath/dp_verbs.h"
#include "device/caps.h"
#include "queue/link.h"
#include "queue/pair.h"
#include "queue/recover.h"
#include "queue/rxq.h"
#include "queue/txq.h"
#include "steer/steer.h"
#include "wire/stall.h"
#include "wire/wires.h"
#include "log_lines.h"

#define PAIRS 3

int mlx5x_logtype;
const struct mlx5x_datapath mlx5x_dp_verbs_raw;

static struct rte_eth_dev_data data;
static struct rte_eth_dev dev = {.data = &data};
static struct mlx5x_port port;
static struct mlx5x_pair pairs[PAIRS];
static struct mlx5x_rxq rxq;
static struct mlx5x_txq txq;
static struct ibv_context ctx;
static struct ibv_pd pd;
static struct ibv_cq rx_cq, tx_cq;
static const struct mlx5x_wire *const wire = &mlx5x_wire_raw;

/* The number of the call that fails, of those that can; 0: none. */
static unsigned int fails_at, nb_calls;

static int
answer(void)
{
	return ++nb_calls == fails_at ? -EPERM : 0;
}

static struct ibv_qp qp;
static struct ibv_wq wq;
static struct ibv_qp_init_attr qp_init;
static struct ibv_wq_init_attr wq_init;
static bool has_qp, has_wq;

int
mlx5x_verbs_create_cq(struct ibv_context *of, int entries, struct ibv_comp_channel *channel,
	struct ibv_cq **cq)
{
	return -ENOTSUP;
}

int
mlx5x_verbs_create_qp(struct ibv_pd *in, struct ibv_qp_init_attr *init, struct ibv_qp **out)
{
	assert_ptr_equal(in, &pd);
	qp_init = *init;
	if (answer() != 0)
		return -EPERM;
	qp = (struct ibv_qp){.state = IBV_QPS_RESET};
	has_qp = true;
	*out = &qp;
	return 0;
}

void
mlx5x_verbs_destroy_qp(struct ibv_qp *which)
{
	if (which == NULL)
		return;
	assert_ptr_equal(which, &qp);
	assert_true(has_qp);
	has_qp = false;
}

/* As for a device: only RESET can be reached from any state. */
int
mlx5x_verbs_modify_qp(struct ibv_qp *which, struct ibv_qp_attr *attr, int mask)
{
	assert_ptr_equal(which, &qp);
	if (answer() != 0)
		return -EPERM;
	if (attr->qp_state != IBV_QPS_RESET)
		assert_int_equal(attr->qp_state, qp.state + 1);
	if (attr->qp_state == IBV_QPS_INIT)
		assert_int_equal(attr->port_num, 1);
	assert_int_equal(mask,
		IBV_QP_STATE | (attr->qp_state == IBV_QPS_INIT ? IBV_QP_PORT : 0));
	qp.state = attr->qp_state;
	return 0;
}

int
mlx5x_verbs_create_wq(struct ibv_context *of, struct ibv_wq_init_attr *init, struct ibv_wq **out)
{
	assert_ptr_equal(of, &ctx);
	wq_init = *init;
	if (answer() != 0)
		return -EPERM;
	wq = (struct ibv_wq){.state = IBV_WQS_RESET};
	has_wq = true;
	*out = &wq;
	return 0;
}

void
mlx5x_verbs_destroy_wq(struct ibv_wq *which)
{
	if (which == NULL)
		return;
	assert_ptr_equal(which, &wq);
	assert_true(has_wq);
	has_wq = false;
}

/* A new one is in RESET, and needs no transition to it. */
int
mlx5x_verbs_modify_wq(struct ibv_wq *which, enum ibv_wq_state state)
{
	assert_ptr_equal(which, &wq);
	assert_int_not_equal(state, wq.state);
	if (state == IBV_WQS_RDY)
		assert_int_equal(wq.state, IBV_WQS_RESET);
	if (answer() != 0)
		return -EPERM;
	wq.state = state;
	return 0;
}

void
mlx5x_pair_publish(struct mlx5x_port *of, struct mlx5x_pair *published, uint16_t n)
{
	assert_ptr_equal(of, &port);
	port.pairs = published;
	port.nb_pairs = n;
}

static unsigned int nb_started;
static uint32_t max_frame;

int
mlx5x_pair_start(struct mlx5x_pair *pair, const struct mlx5x_remote *remote, uint32_t frame)
{
	assert_int_not_equal(pthread_mutex_trylock(&port.lock), 0);
	assert_ptr_equal(pair, &port.pairs[nb_started]);
	assert_non_null(remote);
	max_frame = frame;
	if (answer() != 0)
		return -EPERM;
	nb_started++;
	return 0;
}

static bool steered, watched;
static unsigned int nb_rebuilds, nb_syncs, nb_changes;

static void
check_config(const struct mlx5x_steer *steer, const struct mlx5x_steer_config *config)
{
	uint16_t i;

	assert_ptr_equal(steer, &port.steer);
	assert_string_equal(config->name, "port");
	assert_ptr_equal(config->ctx, &ctx);
	assert_ptr_equal(config->pd, &pd);
	assert_ptr_equal(config->filter, &port.filter);
	assert_ptr_equal(config->rss, &port.rss);
	for (i = 0; i < PAIRS; i++)
		assert_ptr_equal(config->wqs[i], pairs[i].wq);
}

/* Frames arrive from here on, so the work queues have to accept them. */
int
mlx5x_steer_start(struct mlx5x_steer *steer, const struct mlx5x_steer_config *config)
{
	check_config(steer, config);
	assert_int_equal(nb_started, PAIRS);
	if (answer() != 0)
		return -EPERM;
	steered = true;
	return 0;
}

void
mlx5x_steer_stop(struct mlx5x_steer *steer)
{
	assert_ptr_equal(steer, &port.steer);
	steered = false;
}

int
mlx5x_steer_sync(struct mlx5x_steer *steer, const struct mlx5x_filter *filter)
{
	assert_ptr_equal(steer, &port.steer);
	assert_ptr_equal(filter, &port.filter);
	nb_syncs++;
	return answer();
}

int
mlx5x_steer_rebuild(struct mlx5x_steer *steer, const struct mlx5x_steer_config *config)
{
	check_config(steer, config);
	nb_rebuilds++;
	return answer();
}

static void
check_lock_is_free(void)
{
	assert_int_equal(pthread_mutex_trylock(&port.lock), 0);
	pthread_mutex_unlock(&port.lock);
}

int
mlx5x_stall_start(struct mlx5x_port *of)
{
	check_lock_is_free();
	if (answer() != 0)
		return -EPERM;
	watched = true;
	return 0;
}

void
mlx5x_stall_stop(struct mlx5x_port *of)
{
	check_lock_is_free();
	watched = false;
}

void
mlx5x_link_changed(struct mlx5x_port *of)
{
	check_lock_is_free();
	assert_true(port.joined);
	nb_changes++;
}

void
mlx5x_recover_alone(struct mlx5x_port *of, uint16_t index)
{
}

static int
set_up(void **state)
{
	uint16_t i;

	data = (struct rte_eth_dev_data){.name = "port", .nb_rx_queues = PAIRS, .mtu = 1500};
	port = (struct mlx5x_port){.dev = &dev, .ctx = &ctx, .pd = &pd};
	pthread_mutex_init(&port.lock, NULL);
	rxq = (struct mlx5x_rxq){.size = 256, .nb_sge = 4};
	txq = (struct mlx5x_txq){.size = 512, .max_sge = 6};
	for (i = 0; i < PAIRS; i++)
		pairs[i] = (struct mlx5x_pair){.port = &port, .wq = (struct ibv_wq *)&pairs[i]};
	pairs[0] = (struct mlx5x_pair){
		.port = &port, .rxq = &rxq, .txq = &txq, .rx_cq = &rx_cq, .tx_cq = &tx_cq};
	fails_at = nb_calls = nb_started = nb_rebuilds = nb_syncs = nb_changes = 0;
	has_qp = has_wq = steered = watched = false;
	log_open();
	return 0;
}

static void
it_is_of_devices_with_raw_packets(void **state)
{
	assert_non_null(wire->check(&port));
	port.caps.max_reta = 1;
	assert_null(wire->check(&port));
	assert_string_equal(wire->name, "raw");
	assert_false(wire->cable || wire->iwarp || wire->mutual);
	assert_true(wire->apart);
	assert_ptr_equal(wire->dp, &mlx5x_dp_verbs_raw);
}

static void
a_pair_has_a_qp_to_send_and_a_wq_to_receive(void **state)
{
	assert_int_equal(wire->create(&pairs[0]), 0);
	assert_ptr_equal(pairs[0].qp, &qp);
	assert_int_equal(qp_init.qp_type, IBV_QPT_RAW_PACKET);
	assert_ptr_equal(qp_init.send_cq, &tx_cq);
	assert_non_null(qp_init.recv_cq);
	assert_int_equal(qp_init.cap.max_send_wr, 512);
	assert_int_equal(qp_init.cap.max_send_sge, 6);
	assert_ptr_equal(pairs[0].wq, &wq);
	assert_int_equal(wq_init.wq_type, IBV_WQT_RQ);
	assert_ptr_equal(wq_init.cq, &rx_cq);
	assert_ptr_equal(wq_init.pd, &pd);
	assert_int_equal(wq_init.max_wr, 256);
	assert_int_equal(wq_init.max_sge, 4);
	assert_int_equal(wq_init.comp_mask, 0);
	wire->destroy(&pairs[0]);
	assert_false(has_qp || has_wq);
	assert_true(pairs[0].qp == NULL && pairs[0].wq == NULL);
	/* Also for objects that were never created, and twice. */
	wire->destroy(&pairs[0]);
}

static void
tags_are_stripped_where_the_queue_is_to(void **state)
{
	rxq.offloads = RTE_ETH_RX_OFFLOAD_VLAN_STRIP;
	assert_int_equal(wire->create(&pairs[0]), 0);
	assert_int_equal(wq_init.comp_mask, IBV_WQ_INIT_ATTR_FLAGS);
	assert_int_equal(wq_init.create_flags, IBV_WQ_FLAGS_CVLAN_STRIPPING);
}

static void
a_pair_may_have_one_side_alone(void **state)
{
	pairs[0].rxq = NULL;
	assert_int_equal(wire->create(&pairs[0]), 0);
	assert_true(has_qp && !has_wq);
	assert_int_equal(wire->prepare(&pairs[0], MLX5X_SIDE_BOTH), 0);
	assert_int_equal(qp.state, IBV_QPS_INIT);
	wire->destroy(&pairs[0]);
	pairs[0].rxq = &rxq;
	pairs[0].txq = NULL;
	assert_int_equal(wire->create(&pairs[0]), 0);
	assert_true(!has_qp && has_wq);
	assert_int_equal(wire->prepare(&pairs[0], MLX5X_SIDE_BOTH), 0);
	assert_int_equal(wire->connect(&pairs[0], NULL, MLX5X_SIDE_BOTH), 0);
	assert_int_equal(wq.state, IBV_WQS_RDY);
}

static void
a_failed_creation_leaves_nothing(void **state)
{
	for (fails_at = 1; fails_at <= 2; fails_at++) {
		nb_calls = 0;
		assert_int_equal(wire->create(&pairs[0]), -EPERM);
		assert_int_equal(nb_calls, fails_at);
		assert_false(has_qp || has_wq);
		assert_true(pairs[0].qp == NULL && pairs[0].wq == NULL);
	}
}

static void
begin(void)
{
	assert_int_equal(wire->create(&pairs[0]), 0);
	assert_int_equal(wire->prepare(&pairs[0], MLX5X_SIDE_BOTH), 0);
	assert_int_equal(wire->connect(&pairs[0], NULL, MLX5X_SIDE_BOTH), 0);
	nb_calls = 0;
}

static void
a_pair_is_started(void **state)
{
	assert_int_equal(wire->create(&pairs[0]), 0);
	assert_int_equal(wire->prepare(&pairs[0], MLX5X_SIDE_BOTH), 0);
	assert_int_equal(qp.state, IBV_QPS_INIT);
	assert_int_equal(wq.state, IBV_WQS_RDY);
	assert_int_equal(wire->connect(&pairs[0], NULL, MLX5X_SIDE_RX), 0);
	assert_int_equal(qp.state, IBV_QPS_INIT);
	assert_int_equal(wire->connect(&pairs[0], NULL, MLX5X_SIDE_TX), 0);
	assert_int_equal(qp.state, IBV_QPS_RTS);
}

static void
one_side_is_reset_without_the_other(void **state)
{
	begin();
	wq.state = IBV_WQS_ERR;
	assert_int_equal(wire->prepare(&pairs[0], MLX5X_SIDE_RX), 0);
	assert_int_equal(wq.state, IBV_WQS_RDY);
	assert_int_equal(qp.state, IBV_QPS_RTS);
	qp.state = IBV_QPS_ERR;
	wq.state = IBV_WQS_ERR;
	assert_int_equal(wire->prepare(&pairs[0], MLX5X_SIDE_TX), 0);
	assert_int_equal(qp.state, IBV_QPS_INIT);
	assert_int_equal(wq.state, IBV_WQS_ERR);
}

static void
each_step_of_the_device_may_fail(void **state)
{
	begin();
	for (fails_at = 1; fails_at <= 4; fails_at++) {
		nb_calls = 0;
		wq.state = IBV_WQS_ERR;
		assert_int_equal(wire->prepare(&pairs[0], MLX5X_SIDE_BOTH), -EPERM);
		assert_int_equal(nb_calls, fails_at);
	}
	for (fails_at = 1; fails_at <= 2; fails_at++) {
		nb_calls = 0;
		qp.state = IBV_QPS_INIT;
		assert_int_equal(wire->connect(&pairs[0], NULL, MLX5X_SIDE_BOTH), -EPERM);
		assert_int_equal(nb_calls, fails_at);
	}
}

static void
a_port_goes_up_and_down(void **state)
{
	assert_int_equal(wire->up(&port, pairs, PAIRS), 0);
	assert_int_equal(nb_started, PAIRS);
	assert_int_equal(max_frame, 1500 + MLX5X_FRAME_OVERHEAD);
	assert_true(steered && watched && port.joined);
	assert_int_equal(nb_changes, 1);
	assert_ptr_equal(port.pairs, pairs);
	assert_int_equal(port.nb_pairs, PAIRS);
	check_lock_is_free();
	wire->down(&port);
	assert_false(steered || watched || port.joined);
	assert_null(port.pairs);
	assert_int_equal(port.nb_pairs, 0);
	assert_int_equal(count_lines(), 0);
}

/* A pair at a time, the rules, stall detection. */
static void
a_failed_start_is_down(void **state)
{
	for (fails_at = 1; fails_at <= PAIRS + 2; fails_at++) {
		nb_calls = nb_started = 0;
		assert_int_equal(wire->up(&port, pairs, PAIRS), -EPERM);
		assert_int_equal(nb_calls, fails_at);
		assert_false(steered || watched || port.joined);
		assert_null(port.pairs);
		assert_int_equal(nb_changes, 0);
		check_lock_is_free();
	}
	assert_int_equal(count_lines(), PAIRS);
	assert_true(log_has("port: cannot start queue pair 0: Operation not"));
	assert_true(log_has("cannot start queue pair 2: "));
}

static void
without_rx_queues_there_are_no_rules(void **state)
{
	data.nb_rx_queues = 0;
	assert_int_equal(wire->up(&port, pairs, PAIRS), 0);
	assert_false(steered);
	assert_int_equal(wire->rss_changed(&port), 0);
	assert_int_equal(nb_rebuilds, 0);
	wire->down(&port);
}

static void
changes_are_the_device_s(void **state)
{
	assert_int_equal(wire->up(&port, pairs, PAIRS), 0);
	assert_int_equal(wire->filter_changed(&port), 0);
	assert_int_equal(nb_syncs, 1);
	assert_int_equal(wire->rss_changed(&port), 0);
	assert_int_equal(nb_rebuilds, 1);
	fails_at = nb_calls + 1;
	assert_int_equal(wire->filter_changed(&port), -EPERM);
	fails_at++;
	assert_int_equal(wire->rss_changed(&port), -EPERM);
	wire->down(&port);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, log_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(it_is_of_devices_with_raw_packets),
		CASE(a_pair_has_a_qp_to_send_and_a_wq_to_receive),
		CASE(tags_are_stripped_where_the_queue_is_to),
		CASE(a_pair_may_have_one_side_alone),
		CASE(a_failed_creation_leaves_nothing),
		CASE(a_pair_is_started),
		CASE(one_side_is_reset_without_the_other),
		CASE(each_step_of_the_device_may_fail),
		CASE(a_port_goes_up_and_down),
		CASE(a_failed_start_is_down),
		CASE(without_rx_queues_there_are_no_rules),
		CASE(changes_are_the_device_s),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
