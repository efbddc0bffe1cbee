/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * lifecycle.h - a port, from probe to close: its device (device.h) is there before and after it.
 */
#ifndef MLX5X_LIFECYCLE_H_
#define MLX5X_LIFECYCLE_H_

struct mlx5x_device;
struct mlx5x_port;
struct rte_eth_dev;

/* What a port does about the events of its device: LSC, and RTE_ETH_EVENT_INTR_RMV if that is dead. */
extern const struct mlx5x_async_handlers mlx5x_port_events;

/*
 * Probe: makes the port, which nobody finds yet, from its device arguments. 0 or -errno after a line in
 * the log; then nothing of it is left.
 */
int mlx5x_port_open(struct mlx5x_port *port, struct rte_eth_dev *dev, struct mlx5x_device *device,
	const char *devargs);

/* The reverse; of one that was published, the last step of mlx5x_port_end(). */
void mlx5x_port_close(struct mlx5x_port *port);

/* Others find it from here on, so this is the last of probe. */
void mlx5x_port_publish(struct mlx5x_port *port);

/*
 * The port ends, and what was registered by itself with it: waits for those who hold it. Mappings are
 * its device's, and stay, unless the device is dead. May sleep.
 */
void mlx5x_port_end(struct mlx5x_port *port);

#endif
