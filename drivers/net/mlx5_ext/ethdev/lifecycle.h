/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * lifecycle.h - a port, from probe to close. Its device (device.h) exists before and after it.
 */
#ifndef MLX5X_LIFECYCLE_H_
#define MLX5X_LIFECYCLE_H_

struct mlx5x_device;
struct mlx5x_port;
struct rte_eth_dev;

/* Raises LSC, and RTE_ETH_EVENT_INTR_RMV if the device is removed or has had a fatal event. */
extern const struct mlx5x_async_handlers mlx5x_port_events;

/*
 * Probe: initialises the port from its device arguments; not visible to other threads yet. 0 or
 * -errno after a log line, with all undone.
 */
int mlx5x_port_open(struct mlx5x_port *port, struct rte_eth_dev *dev, struct mlx5x_device *device,
	const char *devargs);

/* The reverse; for a published port mlx5x_port_end() calls it. */
void mlx5x_port_close(struct mlx5x_port *port);

/* Makes the port visible to other threads: the last step of probe. */
void mlx5x_port_publish(struct mlx5x_port *port);

/*
 * Ends the port and its implicit registrations; waits for threads that hold a reference to it.
 * Mappings belong to the device, and stay unless it is removed or has had a fatal event. May sleep.
 */
void mlx5x_port_end(struct mlx5x_port *port);

#endif
