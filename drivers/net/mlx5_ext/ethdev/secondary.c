/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdatomic.h>

#include <ethdev_driver.h>
#include <ethdev_pci.h>

#define LOG_COMPONENT "secondary"
#include "common/counter.h"
#include "common/log.h"
#include "ethdev/info.h"
#include "ethdev/secondary.h"
#include "ethdev/stats.h"
#include "queue/port.h"
#include "queue/rxq.h"
#include "queue/txq.h"
#include "wire/wires.h"

/* The primary process keeps dev->data->dev_link up to date by its events. */
static int
link_update(struct rte_eth_dev *dev, int wait_to_complete)
{
	return -1;
}

static int
is_removed(struct rte_eth_dev *dev)
{
	const struct mlx5x_port *port = dev->data->dev_private;

	return mlx5x_flag_read(&port->dead);
}

/* Ends the attachment alone. */
static int
close_port(struct rte_eth_dev *dev)
{
	return 0;
}

static const struct eth_dev_ops ops = {
	.dev_close = close_port,
	.dev_infos_get = mlx5x_info_get,
	.dev_supported_ptypes_get = mlx5x_info_ptypes,
	.is_removed = is_removed,
	.link_update = link_update,
	.stats_get = mlx5x_stats_get,
	.xstats_get = mlx5x_xstats_get,
	.xstats_get_names = mlx5x_xstats_get_names,
	.fw_version_get = mlx5x_info_firmware,
	.rxq_info_get = mlx5x_rxq_info,
	.rx_burst_mode_get = mlx5x_info_burst_mode,
	.txq_info_get = mlx5x_txq_info,
	.tx_burst_mode_get = mlx5x_info_burst_mode,
};

static uint16_t
refuse_burst(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	static atomic_flag told = ATOMIC_FLAG_INIT;

	if (!atomic_flag_test_and_set(&told))
		MLX5X_LOG(ERR, "a secondary process can neither send nor receive: only the "
			"process that opened the rdma device can");
	return 0;
}

/* True if the port is of this driver, in this build: its private data begins with the mark. */
static bool
is_ours(const struct rte_eth_dev *dev)
{
	const struct mlx5x_port *port = dev->data->dev_private;

	return port != NULL && port->mark == MLX5X_PORT_MARK;
}

int
mlx5x_secondary_attach(struct rte_pci_device *pci)
{
	struct rte_eth_dev *dev = rte_eth_dev_attach_secondary(pci->name);
	const struct mlx5x_port *port;
	const struct mlx5x_wire *wire;

	if (dev == NULL)
		return 1;
	if (!is_ours(dev)) {
		rte_eth_dev_release_port(dev);
		return 1;
	}
	port = dev->data->dev_private;
	wire = mlx5x_wires_named(port->wire_name);
	if (wire == NULL) {
		MLX5X_LOG(ERR, "%s: this process has a driver without wire %s", pci->name,
			port->wire_name);
		rte_eth_dev_release_port(dev);
		return -ENOTSUP;
	}
	dev->process_private = (void *)(uintptr_t)wire;
	dev->device = &pci->device;
	rte_eth_copy_pci_info(dev, pci);
	dev->dev_ops = &ops;
	dev->rx_pkt_burst = refuse_burst;
	dev->tx_pkt_burst = refuse_burst;
	rte_eth_dev_probing_finish(dev);
	return 0;
}
