/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "compat_stats.h"
#include "ethdev/mp.h"
#include "ethdev/stats.h"
#include "queue/port.h"
#include "queue/rxq.h"
#include "queue/txq.h"

#define QUEUES 18	/* more than ethdev has counters for */
#define MAX_XSTATS 128

static enum rte_proc_type_t process;

enum rte_proc_type_t
rte_eal_process_type(void)
{
	return process;
}

int
mlx5x_mp_ask_usage(uint16_t port_id, struct mlx5x_mr_usage *usage)
{
	*usage = (struct mlx5x_mr_usage){.mapped_regions = 100 + port_id};
	return 0;
}

/* The fake neighbour. */
void
mlx5x_mr_get_usage(struct mlx5x_mr_table *table, struct mlx5x_mr_usage *usage)
{
	*usage = (struct mlx5x_mr_usage){
		.mapped_regions = 1,
		.mapped_bytes = 2,
		.implicit_regions = 3,
		.implicit_bytes = 4,
		.device_mrs = 5,
		.pinned_bytes = 6,
	};
}

static struct mlx5x_rxq rxqs[QUEUES];
static struct mlx5x_txq txqs[QUEUES];
static void *rx[QUEUES], *tx[QUEUES];
static struct mlx5x_port port;
static struct rte_eth_dev_data data = {
	.rx_queues = rx,
	.tx_queues = tx,
	.dev_private = &port,
};
static struct rte_eth_dev dev = {.data = &data};

static int
set_up(void **state)
{
	int i;

	for (i = 0; i < QUEUES; i++) {
		rxqs[i] = (struct mlx5x_rxq){0};
		txqs[i] = (struct mlx5x_txq){0};
		rx[i] = &rxqs[i];
		tx[i] = &txqs[i];
	}
	data.nb_rx_queues = 2;
	data.nb_tx_queues = 2;
	return 0;
}

static uint64_t
value(const char *name)
{
	struct rte_eth_xstat_name names[MAX_XSTATS];
	struct rte_eth_xstat values[MAX_XSTATS];
	int n = mlx5x_xstats_get_names(&dev, names, MAX_XSTATS), i;

	assert_int_equal(mlx5x_xstats_get(&dev, values, MAX_XSTATS), n);
	for (i = 0; i < n; i++) {
		assert_int_equal(values[i].id, i);
		if (strcmp(names[i].name, name) == 0)
			return values[i].value;
	}
	fail_msg("there is no %s", name);
	return 0;
}

static void
each_name_has_its_counter(void **state)
{
	rxqs[0].stats = (struct mlx5x_rxq_stats){
		.errors = 1, .unmapped = 2, .filtered = 3, .cache_misses = 4, .lookups = 104,
		.lost = 5, .recoveries = 6, .missed = 7,
	};
	txqs[1].stats = (struct mlx5x_txq_stats){
		.unmapped = 11, .oversize = 12, .segments = 13, .cache_misses = 14, .lookups = 214,
		.errors = 15, .lost = 16, .recoveries = 17,
	};
	assert_int_equal(value("rx_completion_errors"), 1);
	assert_int_equal(value("rx_unmapped_buffers"), 2);
	assert_int_equal(value("rx_filtered_packets"), 3);
	assert_int_equal(value("rx_key_cache_misses"), 4);
	assert_int_equal(value("rx_key_cache_hits"), 100);
	assert_int_equal(value("rx_lost_in_recovery_packets"), 5);
	assert_int_equal(value("rx_without_buffer_packets"), 7);
	assert_int_equal(value("rx_q0_recoveries"), 6);
	assert_int_equal(value("rx_q1_recoveries"), 0);
	assert_int_equal(value("tx_unmapped_packets"), 11);
	assert_int_equal(value("tx_oversize_packets"), 12);
	assert_int_equal(value("tx_too_many_segments_packets"), 13);
	assert_int_equal(value("tx_key_cache_misses"), 14);
	assert_int_equal(value("tx_key_cache_hits"), 200);
	assert_int_equal(value("tx_completion_errors"), 15);
	assert_int_equal(value("tx_lost_in_recovery_packets"), 16);
	assert_int_equal(value("tx_q0_recoveries"), 0);
	assert_int_equal(value("tx_q1_recoveries"), 17);
	assert_int_equal(value("mr_mapped_regions"), 1);
	assert_int_equal(value("mr_mapped_bytes"), 2);
	assert_int_equal(value("mr_implicit_regions"), 3);
	assert_int_equal(value("mr_implicit_bytes"), 4);
	assert_int_equal(value("mr_device_mrs"), 5);
	assert_int_equal(value("mr_pinned_bytes"), 6);
}

static void
queues_add_up(void **state)
{
	rxqs[0].stats.unmapped = 3;
	rxqs[1].stats.unmapped = 4;
	assert_int_equal(value("rx_unmapped_buffers"), 7);
}

/* The application sees one queue. */
static void
further_rings_count_for_their_queue(void **state)
{
	struct mlx5x_rxq rings[2] = {{.more = &rings[1]}};
	struct compat_stats all = {0};

	rxqs[1].more = &rings[0];
	rxqs[1].stats = (struct mlx5x_rxq_stats){.packets = 1, .unmapped = 10, .lookups = 5};
	rings[0].stats = (struct mlx5x_rxq_stats){.packets = 2, .unmapped = 20, .recoveries = 3};
	rings[1].stats = (struct mlx5x_rxq_stats){.packets = 4, .lost = 7, .cache_misses = 2};
	assert_int_equal(COMPAT_STATS_GET(&dev, &all), 0);
	assert_int_equal(all.port.ipackets, 7);
	assert_int_equal(all.port.imissed, 7);
	assert_int_equal(COMPAT_QUEUE(&all, q_ipackets, 1), 7);
	assert_int_equal(value("rx_unmapped_buffers"), 30);
	assert_int_equal(value("rx_q1_recoveries"), 3);
	assert_int_equal(value("rx_key_cache_hits"), 3);
	assert_int_equal(mlx5x_stats_reset(&dev), 0);
	rings[1].stats.packets++;
	all = (struct compat_stats){0};
	assert_int_equal(COMPAT_STATS_GET(&dev, &all), 0);
	assert_int_equal(all.port.ipackets, 1);
	assert_int_equal(all.port.imissed, 0);
}

static void
a_reset_starts_again(void **state)
{
	txqs[0].stats = (struct mlx5x_txq_stats){.packets = 10, .unmapped = 5, .recoveries = 2};
	assert_int_equal(mlx5x_stats_reset(&dev), 0);
	txqs[0].stats.unmapped += 2;
	assert_int_equal(value("tx_unmapped_packets"), 2);
	assert_int_equal(value("tx_q0_recoveries"), 0);
	assert_int_equal(value("mr_mapped_regions"), 1);
}

/* A look-up may be counted after its miss. */
static void
hits_do_not_wrap(void **state)
{
	rxqs[0].stats = (struct mlx5x_rxq_stats){.lookups = 1, .cache_misses = 2};
	assert_int_equal(value("rx_key_cache_hits"), 0);
}

static void
the_required_room_is_returned(void **state)
{
	struct rte_eth_xstat_name names[MAX_XSTATS];
	struct rte_eth_xstat values[MAX_XSTATS];
	int n = mlx5x_xstats_get(&dev, NULL, 0);

	assert_int_equal(mlx5x_xstats_get_names(&dev, NULL, 0), n);
	assert_int_equal(mlx5x_xstats_get(&dev, values, n - 1), n);
	assert_int_equal(mlx5x_xstats_get_names(&dev, names, n - 1), n);
	data.nb_tx_queues++;
	assert_int_equal(mlx5x_xstats_get(&dev, NULL, 0), n + 1);
}

static void
queues_without_set_up_count_nothing(void **state)
{
	rx[1] = NULL;
	tx[0] = NULL;
	rxqs[0].stats.filtered = 1;
	assert_int_equal(value("rx_filtered_packets"), 1);
	assert_int_equal(value("tx_q0_recoveries"), 0);
	assert_int_equal(mlx5x_stats_reset(&dev), 0);
}

static void
basic_statistics_have_all_queues(void **state)
{
	struct compat_stats all = {0};
	const struct rte_eth_stats *stats = &all.port;
	int i;

	data.nb_rx_queues = data.nb_tx_queues = QUEUES;
	for (i = 0; i < QUEUES; i++) {
		rxqs[i].stats = (struct mlx5x_rxq_stats){.packets = 1, .bytes = 64, .errors = 2,
			.lost = 1, .missed = 2, .no_mbuf = 4};
		txqs[i].stats = (struct mlx5x_txq_stats){.packets = 1, .bytes = 60, .unmapped = 1,
			.oversize = 1, .segments = 1, .errors = 1};
	}
	assert_int_equal(COMPAT_STATS_GET(&dev, &all), 0);
	assert_int_equal(stats->ipackets, QUEUES);
	assert_int_equal(stats->ibytes, 64 * QUEUES);
	assert_int_equal(stats->ierrors, 2 * QUEUES);
	assert_int_equal(stats->imissed, 3 * QUEUES);
	assert_int_equal(stats->rx_nombuf, 4 * QUEUES);
	assert_int_equal(stats->opackets, QUEUES);
	assert_int_equal(stats->obytes, 60 * QUEUES);
	assert_int_equal(stats->oerrors, 4 * QUEUES);
	assert_int_equal(COMPAT_QUEUE(&all, q_ibytes, RTE_ETHDEV_QUEUE_STAT_CNTRS - 1), 64);
}

/* The table is not in its memory. */
static void
a_secondary_process_asks_for_registrations(void **state)
{
	dev.data->port_id = 7;
	process = RTE_PROC_SECONDARY;
	assert_int_equal(value("mr_mapped_regions"), 107);
	process = RTE_PROC_PRIMARY;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(each_name_has_its_counter, set_up),
		cmocka_unit_test_setup(queues_add_up, set_up),
		cmocka_unit_test_setup(a_secondary_process_asks_for_registrations, set_up),
		cmocka_unit_test_setup(further_rings_count_for_their_queue, set_up),
		cmocka_unit_test_setup(a_reset_starts_again, set_up),
		cmocka_unit_test_setup(hits_do_not_wrap, set_up),
		cmocka_unit_test_setup(the_required_room_is_returned, set_up),
		cmocka_unit_test_setup(queues_without_set_up_count_nothing, set_up),
		cmocka_unit_test_setup(basic_statistics_have_all_queues, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
