/* SPDX-License-Identifier: BSD-3-Clause */
#include <ethdev_driver.h>
#include <rte_alarm.h>

#define LOG_COMPONENT "link"
#include "common/counter.h"
#include "common/log.h"
#include "device/netdev.h"
#include "queue/link.h"
#include "queue/port.h"

int
mlx5x_link_update(struct rte_eth_dev *dev, int wait_to_complete)
{
	const struct mlx5x_port *port = dev->data->dev_private;
	const char *netdev = port->found.netdev;
	struct rte_eth_link link = {
		.link_speed = RTE_ETH_SPEED_NUM_NONE,
		.link_duplex = RTE_ETH_LINK_FULL_DUPLEX,
		.link_autoneg = RTE_ETH_LINK_FIXED,
		.link_status = RTE_ETH_LINK_DOWN,
	};

	if (__atomic_load_n(&port->joined, __ATOMIC_ACQUIRE) && !mlx5x_flag_read(&port->dead) &&
	    mlx5x_netdev_carrier(netdev)) {
		link.link_status = RTE_ETH_LINK_UP;
		link.link_speed = mlx5x_netdev_speed(netdev);
	}
	return rte_eth_linkstatus_set(dev, &link);
}

void
mlx5x_link_changed(struct mlx5x_port *port)
{
	/* The application's callback may close the port: last access to it. */
	if (mlx5x_link_update(port->dev, 0) == 0 && port->dev->data->dev_conf.intr_conf.lsc)
		rte_eth_dev_callback_process(port->dev, RTE_ETH_EVENT_INTR_LSC, NULL);
}

static void
on_alarm(void *arg)
{
	mlx5x_link_changed(arg);
}

void
mlx5x_link_changed_later(struct mlx5x_port *port)
{
	if (rte_eal_alarm_set(1, on_alarm, port) != 0)
		MLX5X_LOG(ERR, "%s: cannot set an alarm: no LSC event is raised",
			port->dev->data->name);
}

void
mlx5x_link_settle(struct mlx5x_port *port)
{
	rte_eal_alarm_cancel(on_alarm, port);
}
