/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ethdev.h - the ethdev ops, as calls into the other folders.
 */
#ifndef MLX5X_ETHDEV_H_
#define MLX5X_ETHDEV_H_

struct rte_eth_dev;

/* Sets the ops, bursts and MAC address of a probed device. 0; -ENOMEM; -errno of the netdev. */
int mlx5x_ethdev_init(struct rte_eth_dev *dev);

#endif
