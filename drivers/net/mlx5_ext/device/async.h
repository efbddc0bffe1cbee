/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * async.h - asynchronous events of the rdma device, handled by EAL's interrupt thread. A software
 * device dies with its netdev.
 */
#ifndef MLX5X_ASYNC_H_
#define MLX5X_ASYNC_H_

struct mlx5x_device;
struct mlx5x_holder;
struct mlx5x_port;

/*
 * During link_changed and died the port is held; the application's callback in them may close it
 * and remove the device. During died_alone the device is held; there is no port.
 */
struct mlx5x_async_handlers {
	/* The device's port went up or down. */
	void (*link_changed)(struct mlx5x_port *port);
	/* The device died; called once. mlx5x_hold_has(holder) is false once the port has ended. */
	void (*died)(struct mlx5x_port *port, const struct mlx5x_holder *holder);
	/* The same, for a device without a port. */
	void (*died_alone)(struct mlx5x_device *device);
};

/*
 * Requires that the device is on the list. 0; -ENOMEM; -ENODEV: its netdev is gone; -errno of a
 * descriptor or of EAL's interrupts.
 */
int mlx5x_async_start(struct mlx5x_device *device, const struct mlx5x_async_handlers *handlers);

/*
 * Requires that nobody holds the device any more. Waits for a running event handler, unless it is
 * called from that.
 */
void mlx5x_async_stop(struct mlx5x_device *device);

#endif
