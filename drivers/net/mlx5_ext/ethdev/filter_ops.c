/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>

#include <ethdev_driver.h>

#define LOG_COMPONENT "filter"
#include "common/log.h"
#include "ethdev/filter_ops.h"
#include "queue/port.h"
#include "queue/wire.h"
#include "steer/filter.h"

/*
 * After a change of port->filter: updates the flow rules of the device, on wires that have any. On
 * failure the previous filter is restored.
 */
static int
filter_changed(struct mlx5x_port *port, const struct mlx5x_filter *before)
{
	int ret, back;

	if (port->wire->filter_changed == NULL || port->pairs == NULL)
		return 0;
	ret = port->wire->filter_changed(port);
	if (ret != 0) {
		port->filter = *before;
		back = port->wire->filter_changed(port);
		MLX5X_LOG(ERR, "%s: cannot change the flow rules of the filter (%s): %s",
			port->dev->data->name, strerror(-ret), back == 0 ? "it is as before" :
			"nor restore them, frames are missed: stop and start the port");
	}
	return ret;
}

static int
set_flag(struct rte_eth_dev *dev, bool *flag, bool value)
{
	struct mlx5x_port *port = dev->data->dev_private;
	struct mlx5x_filter before = port->filter;

	__atomic_store_n(flag, value, __ATOMIC_RELAXED);
	return filter_changed(port, &before);
}

int
mlx5x_promiscuous_enable(struct rte_eth_dev *dev)
{
	struct mlx5x_port *port = dev->data->dev_private;

	return set_flag(dev, &port->filter.active, false);
}

int
mlx5x_promiscuous_disable(struct rte_eth_dev *dev)
{
	struct mlx5x_port *port = dev->data->dev_private;

	return set_flag(dev, &port->filter.active, true);
}

int
mlx5x_allmulticast_enable(struct rte_eth_dev *dev)
{
	struct mlx5x_port *port = dev->data->dev_private;

	return set_flag(dev, &port->filter.all_multicast, true);
}

int
mlx5x_allmulticast_disable(struct rte_eth_dev *dev)
{
	struct mlx5x_port *port = dev->data->dev_private;

	return set_flag(dev, &port->filter.all_multicast, false);
}

static int
change_mac(struct rte_eth_dev *dev, uint32_t index, const struct rte_ether_addr *mac)
{
	struct mlx5x_port *port = dev->data->dev_private;
	struct mlx5x_filter before = port->filter;

	mlx5x_filter_set_mac(&port->filter, index, mac);
	return filter_changed(port, &before);
}

int
mlx5x_mac_addr_set(struct rte_eth_dev *dev, struct rte_ether_addr *mac)
{
	return change_mac(dev, 0, mac);
}

int
mlx5x_mac_addr_add(struct rte_eth_dev *dev, struct rte_ether_addr *mac, uint32_t index,
	uint32_t vmdq)
{
	return index < MLX5X_FILTER_MACS ? change_mac(dev, index, mac) : -ENOSPC;
}

/* A device may have a rule for a unicast address only among its own. */
static int
check_groups(const struct rte_ether_addr *groups, uint32_t n)
{
	uint32_t i;

	if (n > MLX5X_FILTER_GROUPS)
		return -ENOSPC;
	for (i = 0; i < n; i++)
		if (!rte_is_multicast_ether_addr(&groups[i]))
			return -EINVAL;
	return 0;
}

int
mlx5x_set_mc_addr_list(struct rte_eth_dev *dev, struct rte_ether_addr *groups, uint32_t n)
{
	struct mlx5x_port *port = dev->data->dev_private;
	struct mlx5x_filter before = port->filter;
	int ret;

	ret = check_groups(groups, n);
	if (ret != 0)
		return ret;
	mlx5x_filter_set_groups(&port->filter, groups, n);
	return filter_changed(port, &before);
}

void
mlx5x_mac_addr_remove(struct rte_eth_dev *dev, uint32_t index)
{
	if (index < MLX5X_FILTER_MACS)
		change_mac(dev, index, NULL);
}
