/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mp.h - what a secondary process asks of the primary one, by EAL's multi-process channel: data
 * that is not in memory that both share. Nothing that changes a port: the application in the
 * primary process controls it, and does not know of the caller.
 */
#ifndef MLX5X_MP_H_
#define MLX5X_MP_H_

#include <stdint.h>

struct mlx5x_mr_usage;

/* Primary: answers from now on; repeated calls are harmless. 0, also without a channel; -errno. */
int mlx5x_mp_serve(void);

/*
 * Secondary: the registrations of a port's device. 0; -ENODEV: the primary has no such port;
 * -errno of the channel, as without an answer within seconds: *usage is zero then.
 */
int mlx5x_mp_ask_usage(uint16_t port_id, struct mlx5x_mr_usage *usage);

#endif
