/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * link_ops.h - the link as the application sets it. Set down, a started port keeps its queues and
 * their pairs, but is not connected to its wire: as a NIC without a cable. Bursts return 0, the
 * other end sees its link go down, and the netdev is not touched. The setting outlives stop, start
 * and reset of the port. Control path only.
 */
#ifndef MLX5X_LINK_OPS_H_
#define MLX5X_LINK_OPS_H_

#include <stdint.h>

#include <ethdev_driver.h>

struct mlx5x_pair;
struct mlx5x_port;

/*
 * Start of the port, with its prepared pairs, in an array of MLX5X_PORT_PAIRS: connects them unless
 * the link is set down. 0 or -errno of the wire; then they are not connected. end: the reverse, and
 * the pairs are the caller's again. The wire may have created more of them meanwhile (fold.h), also
 * if it failed.
 */
int mlx5x_link_begin(struct mlx5x_port *port, struct mlx5x_pair *pairs);
void mlx5x_link_end(struct mlx5x_port *port);

/*
 * The ethdev ops. 0; up: -errno of the device or the wire: it is still set down. Packets in flight
 * and frames that no burst has returned are lost.
 */
int mlx5x_set_link_up(struct rte_eth_dev *dev);
int mlx5x_set_link_down(struct rte_eth_dev *dev);

#endif
