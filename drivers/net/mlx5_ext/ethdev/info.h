/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * info.h - the ethdev ops that tell what a port is. In any process that has the port: they read the
 * shared struct mlx5x_port without its pointers, and the wire of this process, to which
 * dev->process_private points.
 */
#ifndef MLX5X_INFO_H_
#define MLX5X_INFO_H_

#include <stddef.h>

#include "common/compat.h"

int mlx5x_info_get(struct rte_eth_dev *dev, struct rte_eth_dev_info *info);

/* 0; or the size that the version needs. */
int mlx5x_info_firmware(struct rte_eth_dev *dev, char *version, size_t size);

int mlx5x_info_burst_mode(struct rte_eth_dev *dev, uint16_t queue, struct rte_eth_burst_mode *mode);
const uint32_t *mlx5x_info_ptypes(MLX5X_PTYPES_GET_ARGS);

#endif
