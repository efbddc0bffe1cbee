/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mender.h - the thread of a port that recovers its pairs, on wires where that resets both ends of
 * a cable within the process. Bursts request it by wanted.h. Takes no lock itself.
 */
#ifndef MLX5X_MENDER_H_
#define MLX5X_MENDER_H_

#include <stdint.h>

struct mlx5x_mender;
struct mlx5x_port;

/*
 * Called by the thread: recovers pair index, if it exists and failed. May wait if a stop wakes it.
 */
typedef void (*mlx5x_mend_t)(struct mlx5x_port *port, uint16_t index);

/* For the pairs in port->wanted. 0; -ENOMEM; -errno of a descriptor or of the thread. */
int mlx5x_mender_start(struct mlx5x_port *port, mlx5x_mend_t mend, struct mlx5x_mender **mender);

/* Waits for a recovery in progress. NULL is allowed. */
void mlx5x_mender_stop(struct mlx5x_mender *mender);

#endif
