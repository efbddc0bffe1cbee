/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <string.h>

#include <cmocka.h>

#include "ethdev/rss_ops.h"
#include "log_lines.h"
#include "queue/pair.h"
#include "queue/port.h"
#include "queue/wire.h"
#include "steer/rss.h"

int mlx5x_logtype;

/* The wire: returns change_answer, and counts the calls. */
static int change_answer, nb_changes;

static int
rss_changed(struct mlx5x_port *port)
{
	nb_changes++;
	return change_answer;
}

static const struct mlx5x_wire sorting = {.name = "raw", .rss_changed = rss_changed};
static const struct mlx5x_wire plain = {.name = "uc"};

static struct mlx5x_port port;
static struct mlx5x_pair pair;
static struct rte_eth_dev_data data;
static struct rte_eth_dev dev = {.data = &data};
static struct rte_eth_rss_reta_entry64 reta[2];

static int
create(void **state)
{
	change_answer = nb_changes = 0;
	port = (struct mlx5x_port){.dev = &dev, .wire = &sorting, .pairs = &pair};
	port.caps.max_reta = 512;
	port.caps.rss_fields = IBV_RX_HASH_SRC_IPV4 | IBV_RX_HASH_DST_IPV4 |
		IBV_RX_HASH_SRC_PORT_UDP | IBV_RX_HASH_DST_PORT_UDP;
	data = (struct rte_eth_dev_data){.name = "0000:03:00.0", .dev_private = &port, .nb_rx_queues = 3};
	data.dev_conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
	data.dev_conf.rx_adv_conf.rss_conf.rss_hf = RTE_ETH_RSS_IP | RTE_ETH_RSS_UDP;
	memset(reta, 0, sizeof(reta));
	return mlx5x_rss_configure(&dev);
}

static void
offered_fields_can_be_hashed(void **state)
{
	assert_int_equal(mlx5x_rss_offered(0), 0);
	assert_int_equal(mlx5x_rss_offered(port.caps.rss_fields),
		RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_FRAG_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_OTHER |
		RTE_ETH_RSS_NONFRAG_IPV4_UDP);
}

static void
configure_spreads_evenly(void **state)
{
	unsigned int i;

	assert_int_equal(port.rss.nb_entries, MLX5X_RSS_RETA);
	for (i = 0; i < MLX5X_RSS_RETA; i++)
		assert_int_equal(port.rss.reta[i], i % 3);
	assert_int_equal(port.rss.asked & RTE_ETH_RSS_IPV6, 0);
	assert_true(port.rss.asked & RTE_ETH_RSS_NONFRAG_IPV4_UDP);
}

static void
without_rss_all_frames_use_queue_0(void **state)
{
	unsigned int i;

	data.dev_conf.rxmode.mq_mode = RTE_ETH_MQ_RX_NONE;
	assert_int_equal(mlx5x_rss_configure(&dev), 0);
	assert_int_equal(port.rss.asked, 0);
	for (i = 0; i < MLX5X_RSS_RETA; i++)
		assert_int_equal(port.rss.reta[i], 0);
}

static void
key_of_another_length_is_refused(void **state)
{
	struct rte_eth_rss_conf *conf = &data.dev_conf.rx_adv_conf.rss_conf;
	uint8_t key[52] = {7};

	conf->rss_key = key;
	conf->rss_key_len = sizeof(key);
	assert_int_equal(mlx5x_rss_configure(&dev), -EINVAL);
	conf->rss_key_len = MLX5X_RSS_KEY_LEN;
	assert_int_equal(mlx5x_rss_configure(&dev), 0);
	assert_memory_equal(port.rss.key, key, MLX5X_RSS_KEY_LEN);
}

static void
table_is_changed_where_the_mask_says(void **state)
{
	reta[1].mask = RTE_BIT64(63);
	reta[1].reta[63] = 2;
	reta[0].mask = RTE_BIT64(0);
	reta[0].reta[0] = 1;
	assert_int_equal(mlx5x_rss_reta_update(&dev, reta, MLX5X_RSS_RETA), 0);
	assert_int_equal(port.rss.reta[0], 1);
	assert_int_equal(port.rss.reta[1], 1);
	assert_int_equal(port.rss.reta[127], 2);
	assert_int_equal(nb_changes, 1);
	memset(reta, 0xff, sizeof(reta));
	assert_int_equal(mlx5x_rss_reta_query(&dev, reta, MLX5X_RSS_RETA), 0);
	assert_int_equal(reta[0].reta[0], 1);
	assert_int_equal(reta[1].reta[63], 2);
}

static void
refused_change_changes_nothing(void **state)
{
	struct rte_eth_rss_conf conf = {.rss_hf = RTE_ETH_RSS_IPV4};
	struct mlx5x_rss before = port.rss;

	reta[0].mask = 1;
	reta[0].reta[0] = 3;
	assert_int_equal(mlx5x_rss_reta_update(&dev, reta, MLX5X_RSS_RETA), -EINVAL);
	assert_int_equal(mlx5x_rss_reta_update(&dev, reta, 64), -EINVAL);
	assert_int_equal(mlx5x_rss_hash_update(&dev,
		&(struct rte_eth_rss_conf){.rss_hf = RTE_ETH_RSS_IPV6}), -EINVAL);
	assert_int_equal(nb_changes, 0);
	change_answer = -ENOMEM;
	reta[0].reta[0] = 2;
	assert_int_equal(mlx5x_rss_reta_update(&dev, reta, MLX5X_RSS_RETA), -ENOMEM);
	assert_int_equal(mlx5x_rss_hash_update(&dev, &conf), -ENOMEM);
	assert_memory_equal(&port.rss, &before, sizeof(before));
}

/* One line for each, with the port and the error. */
static void
bad_input_is_explained(void **state)
{
	struct rte_eth_rss_conf conf = {.rss_hf = RTE_ETH_RSS_IPV4, .rss_key = (uint8_t[52]){7},
		.rss_key_len = 52};

	log_open();
	assert_int_equal(mlx5x_rss_hash_update(&dev, &conf), -EINVAL);
	assert_true(log_has("0000:03:00.0: an RSS key of 52 bytes: it must have 40"));
	conf.rss_hf = RTE_ETH_RSS_IPV6;
	assert_int_equal(mlx5x_rss_hash_update(&dev, &conf), -EINVAL);
	assert_true(log_has("0000:03:00.0: cannot hash by 0x100"));
	reta[0].mask = 4;
	reta[0].reta[2] = 3;
	assert_int_equal(mlx5x_rss_reta_update(&dev, reta, MLX5X_RSS_RETA), -EINVAL);
	assert_true(log_has("0000:03:00.0: entry 2 of the RSS table names queue 3: there are 3"));
	assert_int_equal(mlx5x_rss_reta_query(&dev, reta, 64), -EINVAL);
	assert_true(log_has("0000:03:00.0: an RSS table of 64 entries: the port has 128"));
	data.dev_conf.rx_adv_conf.rss_conf = conf;
	assert_int_equal(mlx5x_rss_configure(&dev), -EINVAL);
	assert_int_equal(count_lines(), 5);
	log_close();
}

static void
stopped_port_only_stores(void **state)
{
	struct rte_eth_rss_conf conf = {.rss_hf = RTE_ETH_RSS_IPV4}, got = {0};
	uint8_t key[MLX5X_RSS_KEY_LEN] = {0};

	port.pairs = NULL;
	assert_int_equal(mlx5x_rss_hash_update(&dev, &conf), 0);
	assert_int_equal(nb_changes, 0);
	got.rss_key = key;
	got.rss_key_len = sizeof(key);
	assert_int_equal(mlx5x_rss_hash_conf_get(&dev, &got), 0);
	assert_int_equal(got.rss_hf, RTE_ETH_RSS_IPV4);
	assert_memory_equal(key, port.rss.key, sizeof(key));
}

static void
cable_cannot(void **state)
{
	port.wire = &plain;
	assert_int_equal(mlx5x_rss_reta_update(&dev, reta, MLX5X_RSS_RETA), -ENOTSUP);
	assert_int_equal(mlx5x_rss_reta_query(&dev, reta, MLX5X_RSS_RETA), -ENOTSUP);
	assert_int_equal(mlx5x_rss_hash_update(&dev, &(struct rte_eth_rss_conf){0}), -ENOTSUP);
	assert_int_equal(mlx5x_rss_hash_conf_get(&dev, &(struct rte_eth_rss_conf){0}), -ENOTSUP);
}

#define CASE(function) cmocka_unit_test_setup(function, create)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(offered_fields_can_be_hashed),
		CASE(configure_spreads_evenly),
		CASE(without_rss_all_frames_use_queue_0),
		CASE(key_of_another_length_is_refused),
		CASE(table_is_changed_where_the_mask_says),
		CASE(refused_change_changes_nothing),
		CASE(bad_input_is_explained),
		CASE(stopped_port_only_stores),
		CASE(cable_cannot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
