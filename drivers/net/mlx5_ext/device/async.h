/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * async.h - events of the rdma device, taken in by EAL's interrupt thread.
 */
#ifndef MLX5X_ASYNC_H_
#define MLX5X_ASYNC_H_

struct mlx5x_device;
struct mlx5x_holder;
struct mlx5x_port;

/*
 * link_changed and died hold the port, and the application that they tell may end it and remove the
 * device. died_alone holds the device; there is no port.
 */
struct mlx5x_async_handlers {
	/* The device's port went up or down. */
	void (*link_changed)(struct mlx5x_port *port);
	/* The device is dead: once. The holder has the port until somebody ends it meanwhile. */
	void (*died)(struct mlx5x_port *port, const struct mlx5x_holder *holder);
	/* Likewise, where it has no port. */
	void (*died_alone)(struct mlx5x_device *device);
};

/* The device is in the list. 0 or -errno. */
int mlx5x_async_start(struct mlx5x_device *device, const struct mlx5x_async_handlers *handlers);

/* Nobody holds the device any more. Waits until an event has been dealt with, unless it is called by it. */
void mlx5x_async_stop(struct mlx5x_device *device);

#endif
