/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * telemetry.h - the driver's telemetry commands, /mlx5_ext/list and /mlx5_ext/mr.
 */
#ifndef MLX5X_TELEMETRY_H_
#define MLX5X_TELEMETRY_H_

/* Registers the commands. Once, from a constructor: EAL's telemetry starts later. */
void mlx5x_telemetry_register(void);

#endif
