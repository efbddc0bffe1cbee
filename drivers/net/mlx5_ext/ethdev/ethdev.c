/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

#include <rte_malloc.h>

#define LOG_COMPONENT "ethdev"
#include "common/compat.h"
#include "common/counter.h"
#include "common/log.h"
#include "common/verbs.h"
#include "device/netdev.h"
#include "ethdev/ethdev.h"
#include "ethdev/filter_ops.h"
#include "ethdev/info.h"
#include "ethdev/lifecycle.h"
#include "ethdev/link_ops.h"
#include "ethdev/queue_ops.h"
#include "ethdev/ring_state.h"
#include "ethdev/rss_ops.h"
#include "ethdev/rx_intr.h"
#include "ethdev/stats.h"
#include "ethdev/tx_cleanup.h"
#include "queue/datapath.h"
#include "queue/fold.h"
#include "queue/link.h"
#include "queue/pair.h"
#include "queue/rxq.h"
#include "queue/txq.h"
#include "queue/wire.h"
#include "steer/rss.h"

static uint16_t
count_pairs(const struct rte_eth_dev *dev)
{
	return RTE_MAX(dev->data->nb_rx_queues, dev->data->nb_tx_queues);
}

/* ethdev does not check that the queues are set up, as after configure and reset they are not. */
static int
check_queues(const struct rte_eth_dev_data *data, void *const *queues, uint16_t n, const char *kind)
{
	uint16_t i;

	for (i = 0; i < n; i++) {
		if (queues[i] != NULL)
			continue;
		MLX5X_LOG(ERR, "%s: cannot start: %s queue %u is configured, but not set up: set "
			"it up, or configure fewer queues", data->name, kind, i);
		return -EINVAL;
	}
	return 0;
}

static int
check_all_queues(const struct rte_eth_dev_data *data)
{
	int ret;

	ret = check_queues(data, data->rx_queues, data->nb_rx_queues, "Rx");
	return ret == 0 ? check_queues(data, data->tx_queues, data->nb_tx_queues, "Tx") : ret;
}

/* The network's hardware drops what is longer than the netdev's MTU. Of a cable it is no matter. */
static int
raise_mtu(const struct rte_eth_dev *dev)
{
	const struct mlx5x_port *port = dev->data->dev_private;
	int ret;

	if (port->wire->cable)
		return 0;
	ret = mlx5x_netdev_raise_mtu(port->found.netdev, dev->data->mtu);
	if (ret != 0)
		MLX5X_LOG(ERR, "%s: cannot raise the MTU of %s to %u: %s", dev->data->name,
			port->found.netdev, dev->data->mtu, strerror(-ret));
	return ret;
}

static int
prepare_rx(struct rte_eth_dev *dev)
{
	uint16_t i;
	int ret = 0;

	for (i = 0; i < dev->data->nb_rx_queues && ret == 0; i++) {
		ret = mlx5x_rxq_prepare(dev->data->rx_queues[i]);
		if (ret == 0)
			ret = mlx5x_rxq_cover(dev->data->rx_queues[i]);
	}
	return ret;
}

static int
create_pairs(struct rte_eth_dev *dev, struct mlx5x_pair *pairs, uint16_t n)
{
	uint16_t i;
	int ret = 0;

	for (i = 0; i < n && ret == 0; i++)
		ret = mlx5x_fold_create(dev->data->dev_private, pairs, i);
	if (ret != 0)
		MLX5X_LOG(ERR, "%s: cannot create queue pair %u: %s", dev->data->name, i - 1,
			strerror(-ret));
	return ret;
}

static int
prepare_pairs(struct mlx5x_port *port, struct mlx5x_pair *pairs, uint16_t n)
{
	uint16_t i;
	int ret = 0;

	pthread_mutex_lock(&port->lock);
	for (i = 0; i < n && ret == 0; i++)
		ret = mlx5x_pair_prepare(&pairs[i]);
	pthread_mutex_unlock(&port->lock);
	if (ret == -EFAULT)
		MLX5X_LOG(ERR, "%s: the buffers of pool '%s' are on memory that is not mapped: "
			"rte_dev_dma_map() it for this device first", port->dev->data->name,
			pairs[i - 1].rxq->pool->name);
	else if (ret != 0)
		MLX5X_LOG(ERR, "%s: cannot post receives of queue %u: %s", port->dev->data->name,
			i - 1, strerror(-ret));
	return ret;
}

/* Returns all mbufs to their pools and frees the rings, also of a partly started port. */
static void
destroy_pairs(struct rte_eth_dev *dev, struct mlx5x_pair *pairs)
{
	uint16_t i;

	mlx5x_rx_intr_stop(dev);
	mlx5x_fold_destroy(pairs);
	for (i = 0; i < dev->data->nb_rx_queues; i++)
		mlx5x_rxq_drain(dev->data->rx_queues[i]);
	free(pairs);
}

/* ethdev reads them after the start. Offloads by software cost nothing where they are not used. */
static void
choose_bursts(struct rte_eth_dev *dev)
{
	const struct mlx5x_port *port = dev->data->dev_private;
	const struct mlx5x_datapath *dp = port->wire->dp;
	const struct rte_eth_conf *conf = &dev->data->dev_conf;

	dev->rx_pkt_burst = (conf->rxmode.offloads & dp->rx_software) != 0 ?
		dp->rx_burst_software : dp->rx_burst;
	dev->tx_pkt_burst = (conf->txmode.offloads & dp->tx_software) != 0 ?
		dp->tx_burst_software : dp->tx_burst;
}

static int
start(struct rte_eth_dev *dev)
{
	struct mlx5x_port *port = dev->data->dev_private;
	uint16_t n = count_pairs(dev);
	struct mlx5x_pair *pairs;
	int ret;

	ret = check_all_queues(dev->data);
	if (ret == 0)
		ret = raise_mtu(dev);
	if (ret != 0)
		return ret;
	/* The other end of a cable may need more of them. */
	pairs = calloc(MLX5X_PORT_PAIRS, sizeof(*pairs));
	if (pairs == NULL)
		return -ENOMEM;
	ret = prepare_rx(dev);
	if (ret == 0)
		ret = create_pairs(dev, pairs, n);
	if (ret == 0 && dev->data->dev_conf.intr_conf.rxq) {
		ret = mlx5x_rx_intr_start(dev);
		if (ret != 0)
			MLX5X_LOG(ERR, "%s: cannot set up Rx interrupts: %s", dev->data->name,
				strerror(-ret));
	}
	if (ret == 0)
		ret = prepare_pairs(port, pairs, n);
	if (ret == 0) {
		mlx5x_queues_begin(dev);
		ret = mlx5x_link_begin(port, pairs);
	}
	if (ret != 0) {
		destroy_pairs(dev, pairs);
		return ret;
	}
	choose_bursts(dev);
	mlx5x_queues_started(dev);
	return 0;
}

static int
stop(struct rte_eth_dev *dev)
{
	struct mlx5x_port *port = dev->data->dev_private;
	struct mlx5x_pair *pairs = port->started;

	if (pairs == NULL)
		return 0;
	dev->data->dev_started = 0;
	mlx5x_link_end(port);
	destroy_pairs(dev, pairs);
	mlx5x_queues_stopped(dev);
	mlx5x_link_changed(port);
	return 0;
}

static void
release_queues(struct rte_eth_dev *dev)
{
	uint16_t i;

	for (i = 0; i < dev->data->nb_rx_queues; i++)
		mlx5x_rxq_release(dev, i);
	for (i = 0; i < dev->data->nb_tx_queues; i++)
		mlx5x_txq_release(dev, i);
}

/*
 * The port is as after probe, and must be configured again. Mappings belong to the device, and
 * stay.
 */
static int
reset(struct rte_eth_dev *dev)
{
	stop(dev);
	release_queues(dev);
	return 0;
}

static int
close_port(struct rte_eth_dev *dev)
{
	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return 0;
	stop(dev);
	release_queues(dev);
	mlx5x_port_end(dev->data->dev_private);
	return 0;
}

static int
is_removed(struct rte_eth_dev *dev)
{
	struct mlx5x_port *port = dev->data->dev_private;
	return mlx5x_flag_read(&port->dead) || mlx5x_verbs_is_gone(port->ctx);
}

/* The rings are sized for the MTU at start. */
static int
mtu_set(struct rte_eth_dev *dev, uint16_t mtu)
{
	if (!dev->data->dev_started)
		return 0;
	MLX5X_LOG(ERR, "%s: stop the port to change its MTU", dev->data->name);
	return -EBUSY;
}

static const struct eth_dev_ops ops = {
	.dev_configure = mlx5x_rss_configure,
	.dev_start = start,
	.dev_stop = stop,
	.dev_close = close_port,
	.dev_reset = reset,
	.dev_infos_get = mlx5x_info_get,
	.dev_supported_ptypes_get = mlx5x_info_ptypes,
	.is_removed = is_removed,
	.link_update = mlx5x_link_update,
	.dev_set_link_up = mlx5x_set_link_up,
	.dev_set_link_down = mlx5x_set_link_down,
	.promiscuous_enable = mlx5x_promiscuous_enable,
	.promiscuous_disable = mlx5x_promiscuous_disable,
	.allmulticast_enable = mlx5x_allmulticast_enable,
	.allmulticast_disable = mlx5x_allmulticast_disable,
	.mac_addr_set = mlx5x_mac_addr_set,
	.mac_addr_add = mlx5x_mac_addr_add,
	.mac_addr_remove = mlx5x_mac_addr_remove,
	.set_mc_addr_list = mlx5x_set_mc_addr_list,
	.reta_update = mlx5x_rss_reta_update,
	.reta_query = mlx5x_rss_reta_query,
	.rss_hash_update = mlx5x_rss_hash_update,
	.rss_hash_conf_get = mlx5x_rss_hash_conf_get,
	.mtu_set = mtu_set,
	.stats_get = mlx5x_stats_get,
	.stats_reset = mlx5x_stats_reset,
	.xstats_get = mlx5x_xstats_get,
	.xstats_get_names = mlx5x_xstats_get_names,
	.xstats_reset = mlx5x_stats_reset,
	.fw_version_get = mlx5x_info_firmware,
	.rx_queue_setup = mlx5x_rxq_setup,
	.rx_queue_release = mlx5x_rxq_release,
	.rx_queue_start = mlx5x_rx_queue_start,
	.rx_queue_stop = mlx5x_rx_queue_stop,
	.rxq_info_get = mlx5x_rxq_info,
	.rx_queue_intr_enable = mlx5x_rx_intr_enable,
	.rx_queue_intr_disable = mlx5x_rx_intr_disable,
	.rx_burst_mode_get = mlx5x_info_burst_mode,
	.tx_queue_setup = mlx5x_txq_setup,
	.tx_queue_release = mlx5x_txq_release,
	.tx_queue_start = mlx5x_tx_queue_start,
	.tx_queue_stop = mlx5x_tx_queue_stop,
	.txq_info_get = mlx5x_txq_info,
	.tx_burst_mode_get = mlx5x_info_burst_mode,
	.tx_done_cleanup = mlx5x_tx_cleanup,
};

int
mlx5x_ethdev_init(struct rte_eth_dev *dev)
{
	struct mlx5x_port *port = dev->data->dev_private;
	struct rte_ether_addr mac;
	int ret;

	ret = mlx5x_netdev_mac(port->found.netdev, &mac);
	if (ret != 0)
		return ret;
	dev->data->mac_addrs = rte_calloc("mlx5_ext mac", MLX5X_FILTER_MACS, sizeof(mac), 0);
	if (dev->data->mac_addrs == NULL)
		return -ENOMEM;
	dev->data->mac_addrs[0] = mac;
	port->filter.active = true;
	mlx5x_filter_set_mac(&port->filter, 0, &mac);
	dev->process_private = (void *)(uintptr_t)port->wire;
	dev->dev_ops = &ops;
	dev->rx_pkt_burst = port->wire->dp->rx_burst;
	dev->tx_pkt_burst = port->wire->dp->tx_burst;
	dev->rx_queue_count = mlx5x_ring_rx_count;
	dev->rx_descriptor_status = mlx5x_ring_rx_status;
	dev->tx_descriptor_status = mlx5x_ring_tx_status;
	dev->data->dev_flags |= RTE_ETH_DEV_AUTOFILL_QUEUE_XSTATS;
	strlcpy(port->wire_name, port->wire->name, sizeof(port->wire_name));
	port->mark = MLX5X_PORT_MARK;
	return 0;
}
