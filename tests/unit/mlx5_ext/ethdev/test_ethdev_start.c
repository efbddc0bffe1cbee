/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ethdev.c, from start to close: objects that live with a port, and the state after a start that
 * fails at any step.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ethdev_fixture.h"

static int
start(void)
{
	int ret;

	nb_calls = 0;
	ret = dev.dev_ops->dev_start(&dev);
	data.dev_started = ret == 0;
	return ret;
}

static bool
all_are(uint8_t state)
{
	uint16_t i;
	bool are = true;

	for (i = 0; i < RX_QUEUES; i++)
		are &= data.rx_queue_state[i] == state;
	for (i = 0; i < TX_QUEUES; i++)
		are &= data.tx_queue_state[i] == state;
	return are;
}

/* Nothing of a start is left. */
static void
check_is_down(void)
{
	assert_false(is_up || interrupts || prepared[0] || prepared[1]);
	assert_int_equal(live_pairs, 0);
	assert_null(port.pairs);
	assert_true(all_are(RTE_ETH_QUEUE_STATE_STOPPED));
	check_lock_is_free();
}

static void
a_port_starts_and_stops(void **state)
{
	assert_int_equal(start(), 0);
	assert_true(is_up && prepared[0] && prepared[1]);
	assert_false(interrupts);
	assert_true(all_are(RTE_ETH_QUEUE_STATE_STARTED));
	assert_int_equal(link_changes, 0);
	assert_int_equal(dev.dev_ops->dev_stop(&dev), 0);
	check_is_down();
	assert_int_equal(link_changes, 1);
	assert_int_equal(start(), 0);
	assert_int_equal(dev.dev_ops->dev_stop(&dev), 0);
	assert_int_equal(count_lines(), 0);
}

static void
a_network_port_has_its_netdev_s_mtu(void **state)
{
	data.mtu = 9000;
	raised_mtu = 0;
	mtu_error = -EPERM;
	assert_int_equal(start(), -EPERM);
	assert_int_equal(raised_mtu, 9000);
	assert_true(log_has("port: cannot raise the MTU of lo to 9000"));
	check_is_down();
	mtu_error = 0;
	assert_int_equal(start(), 0);
	assert_int_equal(dev.dev_ops->dev_stop(&dev), 0);
}

static uint16_t
other_rx_burst(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	return 1;
}

static uint16_t
other_tx_burst(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	return 1;
}

static void
offloads_by_software_have_bursts_of_their_own(void **state)
{
	dp.rx_software = RTE_ETH_RX_OFFLOAD_CHECKSUM;
	dp.tx_software = RTE_ETH_TX_OFFLOAD_IPV4_CKSUM;
	dp.rx_burst_software = other_rx_burst;
	dp.tx_burst_software = other_tx_burst;
	data.dev_conf.rxmode.offloads = RTE_ETH_RX_OFFLOAD_TCP_CKSUM;
	assert_int_equal(start(), 0);
	assert_ptr_equal(dev.rx_pkt_burst, other_rx_burst);
	assert_ptr_equal(dev.tx_pkt_burst, tx_burst);
	assert_int_equal(dev.dev_ops->dev_stop(&dev), 0);
	data.dev_conf.rxmode.offloads = RTE_ETH_RX_OFFLOAD_SCATTER;
	data.dev_conf.txmode.offloads = RTE_ETH_TX_OFFLOAD_IPV4_CKSUM;
	assert_int_equal(start(), 0);
	assert_ptr_equal(dev.rx_pkt_burst, rx_burst);
	assert_ptr_equal(dev.tx_pkt_burst, other_tx_burst);
	assert_int_equal(dev.dev_ops->dev_stop(&dev), 0);
}

static void
a_queue_with_deferred_start_is_stopped(void **state)
{
	rxqs[1].deferred = true;
	txqs[2].deferred = true;
	assert_int_equal(start(), 0);
	assert_int_equal(data.rx_queue_state[0], RTE_ETH_QUEUE_STATE_STARTED);
	assert_int_equal(data.rx_queue_state[1], RTE_ETH_QUEUE_STATE_STOPPED);
	assert_int_equal(data.tx_queue_state[1], RTE_ETH_QUEUE_STATE_STARTED);
	assert_int_equal(data.tx_queue_state[2], RTE_ETH_QUEUE_STATE_STOPPED);
	assert_int_equal(dev.dev_ops->dev_stop(&dev), 0);
	txqs[2] = (struct mlx5x_txq){0};
	check_is_down();
}

/* Its pairs are ready, and not connected. */
static void
a_link_set_down_is_not_connected(void **state)
{
	assert_int_equal(dev.dev_ops->dev_set_link_down(&dev), 0);
	assert_int_equal(start(), 0);
	assert_false(is_up);
	assert_int_equal(ready_pairs, PAIRS);
	assert_true(all_are(RTE_ETH_QUEUE_STATE_STARTED));
	assert_int_equal(dev.dev_ops->dev_stop(&dev), 0);
	check_is_down();
}

static void
a_stopped_port_can_be_stopped(void **state)
{
	assert_int_equal(dev.dev_ops->dev_stop(&dev), 0);
	assert_int_equal(link_changes, 0);
}

static void
more_rx_than_tx_queues_are_paired(void **state)
{
	data.nb_tx_queues = 1;
	data.nb_rx_queues = 2;
	fails_at = 7;
	assert_int_equal(start(), -EPERM);
	/* Two pairs, the second one without Tx, and the first to be prepared. */
	assert_true(log_has("port: cannot post receives of queue 0"));
	assert_int_equal(live_pairs, 0);
}

static void
interrupts_are_optional(void **state)
{
	data.dev_conf.intr_conf.rxq = 1;
	assert_int_equal(start(), 0);
	assert_true(interrupts);
	assert_int_equal(dev.dev_ops->dev_stop(&dev), 0);
	check_is_down();
}

/* Two steps of each Rx queue, two of each pair, one of the interrupts, and the wire's. */
#define STEPS (2 * RX_QUEUES + 2 * PAIRS + 2)

static void
each_step_fails_and_leaves_nothing(void **state)
{
	data.dev_conf.intr_conf.rxq = 1;
	for (fails_at = 1; fails_at <= STEPS; fails_at++) {
		assert_int_equal(start(), -EPERM);
		assert_int_equal(nb_calls, fails_at);
		check_is_down();
	}
	assert_int_equal(link_changes, 0);
	/* Rx queues and wires log their own errors. */
	assert_int_equal(count_lines(), 2 * PAIRS + 1);
	assert_true(log_has("port: cannot create queue pair 0: Operation not permitted"));
	assert_true(log_has("port: cannot create queue pair 2: "));
	assert_true(log_has("port: cannot set up Rx interrupts: Operation not permitted"));
	assert_true(log_has("port: cannot post receives of queue 0: "));
	assert_true(log_has("port: cannot post receives of queue 2: "));
	fails_at = 0;
	assert_int_equal(start(), 0);
	assert_int_equal(dev.dev_ops->dev_stop(&dev), 0);
}

static void
a_pool_that_is_not_mapped_is_named(void **state)
{
	fails_at = 2 * RX_QUEUES + PAIRS + 2;
	fail_error = -EFAULT;
	assert_int_equal(start(), -EFAULT);
	check_is_down();
	assert_int_equal(count_lines(), 1);
	assert_true(log_has("port: the buffers of pool 'pool' are on memory that is not mapped: "
		"rte_dev_dma_map() it"));
}

static void
a_queue_without_set_up_does_not_start(void **state)
{
	rx_queues[1] = NULL;
	assert_int_equal(start(), -EINVAL);
	assert_true(log_has("port: cannot start: Rx queue 1 is configured, but not set up: set it up"));
	rx_queues[1] = &rxqs[1];
	tx_queues[2] = NULL;
	assert_int_equal(start(), -EINVAL);
	assert_true(log_has("Tx queue 2 is configured, but not set up"));
	assert_int_equal(nb_calls, 0);
	assert_int_equal(count_lines(), 2);
}

/* As after probe; mappings belong to the device. */
static void
a_reset_stops_it_and_ends_its_queues(void **state)
{
	assert_int_equal(start(), 0);
	assert_int_equal(dev.dev_ops->dev_reset(&dev), 0);
	check_is_down();
	assert_false(has_queues());
	assert_int_equal(port_ends, 0);
}

static void
a_close_releases_it_last(void **state)
{
	assert_int_equal(start(), 0);
	assert_int_equal(dev.dev_ops->dev_close(&dev), 0);
	check_is_down();
	assert_false(has_queues());
	assert_int_equal(port_ends, 1);
}

static void
a_secondary_process_closes_nothing(void **state)
{
	process = RTE_PROC_SECONDARY;
	assert_int_equal(dev.dev_ops->dev_close(&dev), 0);
	assert_true(has_queues());
	assert_int_equal(port_ends, 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_port_starts_and_stops),
		CASE(a_network_port_has_its_netdev_s_mtu),
		CASE(offloads_by_software_have_bursts_of_their_own),
		CASE(a_queue_with_deferred_start_is_stopped),
		CASE(a_link_set_down_is_not_connected),
		CASE(a_stopped_port_can_be_stopped),
		CASE(more_rx_than_tx_queues_are_paired),
		CASE(interrupts_are_optional),
		CASE(each_step_fails_and_leaves_nothing),
		CASE(a_pool_that_is_not_mapped_is_named),
		CASE(a_queue_without_set_up_does_not_start),
		CASE(a_reset_stops_it_and_ends_its_queues),
		CASE(a_close_releases_it_last),
		CASE(a_secondary_process_closes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
