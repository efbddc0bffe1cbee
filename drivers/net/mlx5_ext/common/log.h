/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * log.h - the driver's log type. A file defines LOG_COMPONENT, the prefix of its lines, before
 * including this. Level ERR: the user must act. INFO, not shown by default: the result of a call
 * that is to be repeated.
 */
#ifndef MLX5X_LOG_H_
#define MLX5X_LOG_H_

#include <rte_log.h>

extern int mlx5x_logtype;

#define MLX5X_LOG_AT(level, fmt, ...) \
	rte_log(level, mlx5x_logtype, "mlx5_ext/" LOG_COMPONENT ": " fmt "\n", ##__VA_ARGS__)

#define MLX5X_LOG(level, fmt, ...) MLX5X_LOG_AT(RTE_LOG_##level, fmt, ##__VA_ARGS__)

#endif
