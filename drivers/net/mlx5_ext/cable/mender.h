/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mender.h - the thread of a port that brings its pairs back where that takes both ends of a cable
 * within the process: a burst only asks for it, by wanted.h. Has no lock of its own; what it calls has.
 */
#ifndef MLX5X_MENDER_H_
#define MLX5X_MENDER_H_

#include <stdint.h>

struct mlx5x_mender;
struct mlx5x_port;

/* Brings back pair index, if it is there and has failed. By the thread; may wait, if a stop wakes it. */
typedef void (*mlx5x_mend_t)(struct mlx5x_port *port, uint16_t index);

/* For what is put down in the port's wanted. 0; -ENOMEM; -errno of a descriptor or of the thread. */
int mlx5x_mender_start(struct mlx5x_port *port, mlx5x_mend_t mend, struct mlx5x_mender **mender);

/* Waits for what is being mended. NULL is allowed. */
void mlx5x_mender_stop(struct mlx5x_mender *mender);

#endif
