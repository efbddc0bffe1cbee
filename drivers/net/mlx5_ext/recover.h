/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * recover.h - brings a queue pair back after a completion with an error.
 */
#ifndef MLX5X_RECOVER_H_
#define MLX5X_RECOVER_H_

#include <stdint.h>

struct mlx5x_port;

/*
 * Takes pair index of the port, or the side of it that failed, through reset and back into service,
 * and posts its receives again. By the burst that met the error, outside its gate. If another thread holds the port's lock it does
 * nothing: the queue stays marked, and the next burst tries again.
 */
void mlx5x_recover(struct mlx5x_port *port, uint16_t index);

#endif
