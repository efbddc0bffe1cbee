/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * wire_raw.h - the common part of the wires of the device's network, which differ in the datapath.
 * The functions are those of wire.h.
 */
#ifndef MLX5X_WIRE_RAW_H_
#define MLX5X_WIRE_RAW_H_

#include "queue/pair.h"
#include "queue/recover.h"
#include "queue/wire.h"

const char *mlx5x_wire_raw_check(const struct mlx5x_port *port);

/* max_sge: data segments of a WQE for which the provider sizes the send queue. */
int mlx5x_wire_raw_create(struct mlx5x_pair *pair, uint32_t max_sge);
void mlx5x_wire_raw_destroy(struct mlx5x_pair *pair);
int mlx5x_wire_raw_prepare(struct mlx5x_pair *pair, enum mlx5x_side sides);
int mlx5x_wire_raw_connect(struct mlx5x_pair *pair, const struct mlx5x_remote *remote,
	enum mlx5x_side sides);
int mlx5x_wire_raw_up(struct mlx5x_port *port, struct mlx5x_pair *pairs, uint16_t nb_pairs);
void mlx5x_wire_raw_down(struct mlx5x_port *port);
int mlx5x_wire_raw_filter_changed(struct mlx5x_port *port);
int mlx5x_wire_raw_rss_changed(struct mlx5x_port *port);

/* The entries of struct mlx5x_wire that these wires have in common. */
#define MLX5X_WIRE_RAW_COMMON \
	.apart = true, \
	.destroy = mlx5x_wire_raw_destroy, \
	.prepare = mlx5x_wire_raw_prepare, \
	.connect = mlx5x_wire_raw_connect, \
	.recover = mlx5x_recover_alone, \
	.up = mlx5x_wire_raw_up, \
	.down = mlx5x_wire_raw_down, \
	.filter_changed = mlx5x_wire_raw_filter_changed, \
	.rss_changed = mlx5x_wire_raw_rss_changed

#endif
