/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ethdev.h - the ethdev ops: each is a list of calls into the other folders.
 */
#ifndef MLX5X_ETHDEV_H_
#define MLX5X_ETHDEV_H_

struct rte_eth_dev;

/* Gives the freshly probed device its ops and its MAC address. 0 or -errno. */
int mlx5x_ethdev_init(struct rte_eth_dev *dev);

#endif
