/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_ethdev.h>
#include <rte_log.h>

#include "disorder.h"

#define RING 64

static int
configure(struct life *life, uint16_t rx, uint16_t tx)
{
	const struct rte_eth_conf conf = {0};

	return rte_eth_dev_configure(life->port, rx, tx, &conf);
}

static int
set_up_rx(struct life *life, uint16_t queue)
{
	return rte_eth_rx_queue_setup(life->port, queue, RING, SOCKET_ID_ANY, NULL, life->pool);
}

static int
set_up_tx(struct life *life, uint16_t queue)
{
	return rte_eth_tx_queue_setup(life->port, queue, RING, SOCKET_ID_ANY, NULL);
}

/* Configures the port, and sets up all of its queues. */
static bool
prepare(struct life *life, uint16_t rx, uint16_t tx)
{
	uint16_t i;
	int ret;

	ret = configure(life, rx, tx);
	for (i = 0; i < rx && ret == 0; i++)
		ret = set_up_rx(life, i);
	for (i = 0; i < tx && ret == 0; i++)
		ret = set_up_tx(life, i);
	return ret == 0;
}

/* Start returns -EINVAL, and its only error line contains the words. */
static const char *
start_refused(struct life *life, const char *words)
{
	char *log = NULL, *line;
	size_t size;
	FILE *stream = open_memstream(&log, &size);
	const char *detail = NULL;
	int ret;

	if (stream == NULL)
		return "no memory";
	rte_openlog_stream(stream);
	ret = rte_eth_dev_start(life->port);
	rte_openlog_stream(NULL);
	fclose(stream);
	line = strstr(log, words);
	if (ret != -EINVAL)
		detail = "start does not return -EINVAL";
	else if (line == NULL || strstr(line + 1, words) != NULL)
		detail = "not exactly one error line names the queue";
	free(log);
	return detail;
}

/* Queries of a monitor, which are possible at any time. */
static void
ask_all(struct life *life)
{
	struct rte_eth_xstat_name names[128];
	struct rte_eth_xstat xstats[128];
	struct rte_eth_rxq_info rx;
	struct rte_eth_txq_info tx;
	struct rte_eth_burst_mode mode;
	struct rte_eth_dev_info info;
	struct rte_eth_stats stats;
	struct rte_eth_link link;
	uint16_t i;
	int ret;

	rte_eth_stats_get(life->port, &stats);
	rte_eth_stats_reset(life->port);
	rte_eth_xstats_get(life->port, xstats, RTE_DIM(xstats));
	rte_eth_xstats_get_names(life->port, names, RTE_DIM(names));
	rte_eth_xstats_reset(life->port);
	ret = rte_eth_dev_info_get(life->port, &info);
	RTE_SET_USED(ret);
	ret = rte_eth_link_get_nowait(life->port, &link);
	RTE_SET_USED(ret);
	for (i = 0; i < 3; i++) {
		rte_eth_rx_queue_info_get(life->port, i, &rx);
		rte_eth_tx_queue_info_get(life->port, i, &tx);
		rte_eth_rx_burst_mode_get(life->port, i, &mode);
		rte_eth_dev_rx_intr_enable(life->port, i);
		rte_eth_dev_rx_intr_disable(life->port, i);
	}
}

/* ethdev checks neither the queue's number nor whether it is set up. */
static bool
clean_up(struct life *life, uint16_t queues)
{
	uint16_t i;

	for (i = 0; i < queues; i++)
		if (rte_eth_tx_done_cleanup(life->port, i, 0) > 0)
			return false;
	return true;
}

static const char *
start_without_rx(struct life *life)
{
	if (configure(life, 2, 2) != 0 || set_up_rx(life, 0) != 0 || set_up_tx(life, 0) != 0 ||
	    set_up_tx(life, 1) != 0)
		return "it cannot be set up";
	return start_refused(life, "Rx queue 1 ");
}

static const char *
start_without_tx(struct life *life)
{
	if (configure(life, 2, 2) != 0 || set_up_rx(life, 0) != 0 || set_up_rx(life, 1) != 0 ||
	    set_up_tx(life, 1) != 0)
		return "it cannot be set up";
	return start_refused(life, "Tx queue 0 ");
}

static const char *
start_after_reset(struct life *life)
{
	if (!prepare(life, 2, 2) || rte_eth_dev_start(life->port) != 0)
		return "it does not start";
	if (rte_eth_dev_reset(life->port) != 0 || rte_eth_dev_reset(life->port) != 0)
		return "it cannot be reset twice";
	return start_refused(life, "Rx queue 0 ");
}

static const char *
ask_about_no_queues(struct life *life)
{
	ask_all(life);
	if (configure(life, 2, 2) != 0)
		return "it cannot be configured";
	ask_all(life);
	if (!clean_up(life, 2))
		return "packets of a queue that is not set up were freed";
	if (set_up_rx(life, 1) != 0 || set_up_tx(life, 1) != 0)
		return "a queue cannot be set up";
	ask_all(life);
	return clean_up(life, 2) ? NULL : "packets of a queue that is not started were freed";
}

static const char *
set_up_again(struct life *life)
{
	if (!prepare(life, 2, 2) || set_up_rx(life, 0) != 0 || set_up_tx(life, 1) != 0)
		return "a queue cannot be set up twice";
	if (rte_eth_dev_start(life->port) != 0)
		return "it does not start";
	if (set_up_rx(life, 0) == 0 || set_up_tx(life, 0) == 0)
		return "a queue was set up on a started port";
	if (rte_eth_dev_stop(life->port) != 0 || set_up_rx(life, 1) != 0 || set_up_tx(life, 0) != 0)
		return "a queue cannot be set up after a stop";
	return rte_eth_dev_start(life->port) == 0 ? NULL : "it does not start again";
}

static const char *
configure_fewer_and_more(struct life *life)
{
	static const uint16_t counts[][2] = {{2, 2}, {1, 1}, {3, 3}, {2, 3}, {1, 0}, {0, 1}, {2, 2}};
	unsigned int i;

	for (i = 0; i < RTE_DIM(counts); i++) {
		if (!prepare(life, counts[i][0], counts[i][1]))
			return "it cannot be configured with other numbers of queues";
		/* Some wires do not support one direction alone, and return an error. */
		if (rte_eth_dev_start(life->port) != 0 && counts[i][0] == counts[i][1])
			return "it does not start";
		ask_all(life);
		if (rte_eth_dev_stop(life->port) != 0)
			return "it does not stop";
	}
	return NULL;
}

/* With more queues the present ones stay set up; with fewer the others are released. */
static const char *
configure_without_set_up(struct life *life)
{
	const char *detail;

	if (!prepare(life, 1, 1) || configure(life, 2, 2) != 0)
		return "it cannot be configured";
	detail = start_refused(life, "Rx queue 1 ");
	if (detail != NULL)
		return detail;
	if (set_up_rx(life, 1) != 0 || set_up_tx(life, 1) != 0 || configure(life, 1, 1) != 0 ||
	    configure(life, 2, 2) != 0)
		return "it cannot be configured again";
	return start_refused(life, "Rx queue 1 ");
}

static const char *
twice(struct life *life)
{
	uint16_t i;

	if (!prepare(life, 2, 2))
		return "it cannot be set up";
	for (i = 0; i < 2; i++)
		if (rte_eth_dev_start(life->port) != 0)
			return "it cannot be started twice";
	if (configure(life, 1, 1) == 0 || rte_eth_dev_close(life->port) == 0)
		return "a started port was configured or closed";
	for (i = 0; i < 2; i++)
		if (rte_eth_dev_stop(life->port) != 0)
			return "it cannot be stopped twice";
	for (i = 0; i < 2; i++)
		if (rte_eth_dev_reset(life->port) != 0)
			return "it cannot be reset twice";
	ask_all(life);
	return NULL;
}

/* Each change is reverted. */
static bool
set_all(struct life *life)
{
	struct rte_ether_addr mac = {{0x02, 0, 0, 0, 0, 0x42}}, own;
	struct rte_eth_rss_reta_entry64 reta[2] = {{.mask = 1}};
	struct rte_eth_rss_conf rss = {0};

	rte_eth_dev_set_mtu(life->port, 1400);
	rte_eth_dev_set_mtu(life->port, RTE_ETHER_MTU);
	rte_eth_dev_rss_reta_update(life->port, reta, 128);
	rte_eth_dev_rss_reta_query(life->port, reta, 128);
	rte_eth_dev_rss_hash_update(life->port, &rss);
	rte_eth_dev_rss_hash_conf_get(life->port, &rss);
	return rte_eth_promiscuous_enable(life->port) == 0 &&
		rte_eth_promiscuous_disable(life->port) == 0 &&
		rte_eth_allmulticast_enable(life->port) == 0 &&
		rte_eth_allmulticast_disable(life->port) == 0 &&
		rte_eth_macaddr_get(life->port, &own) == 0 &&
		rte_eth_dev_default_mac_addr_set(life->port, &mac) == 0 &&
		rte_eth_dev_default_mac_addr_set(life->port, &own) == 0 &&
		rte_eth_dev_mac_addr_add(life->port, &mac, 0) == 0 &&
		rte_eth_dev_mac_addr_remove(life->port, &mac) == 0;
}

static const char *
set_at_any_time(struct life *life)
{
	if (!set_all(life))
		return "not before configure";
	if (configure(life, 2, 2) != 0 || !set_all(life))
		return "not before queue set-up";
	if (!prepare(life, 2, 2) || !set_all(life))
		return "not before start";
	if (rte_eth_dev_start(life->port) != 0 || !set_all(life))
		return "not after start";
	if (rte_eth_dev_stop(life->port) != 0 || !set_all(life))
		return "not after stop";
	return NULL;
}

static const char *
go_on_after_a_failed_start(struct life *life)
{
	if (!prepare(life, 2, 2))
		return "it cannot be set up";
	life->fail("create_cq", 3);
	if (rte_eth_dev_start(life->port) == 0)
		return "start succeeds although a verb fails";
	life->fail("", 0);
	ask_all(life);
	if (!clean_up(life, 2) || !set_all(life))
		return "it rejects calls after the failure";
	if (rte_eth_dev_stop(life->port) != 0)
		return "it cannot be stopped";
	if (rte_eth_dev_start(life->port) != 0)
		return "it cannot be started after the failure";
	return NULL;
}

const struct disorder disorders[] = {
	{"start without an Rx queue", start_without_rx},
	{"start without a Tx queue", start_without_tx},
	{"start after reset", start_after_reset},
	{"query queues that are not set up", ask_about_no_queues},
	{"set up a queue again", set_up_again},
	{"configure with fewer and more queues", configure_fewer_and_more},
	{"configure without setting up", configure_without_set_up},
	{"start, stop and reset twice", twice},
	{"change settings at any time", set_at_any_time},
	{"continue after a failed start", go_on_after_a_failed_start},
	{NULL, NULL},
};
