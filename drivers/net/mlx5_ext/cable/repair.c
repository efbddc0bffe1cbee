/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#include "cable/cable.h"
#include "cable/message.h"
#include "cable/repair.h"
#include "cable/tcp.h"
#include "queue/pair.h"

static void
set_state(struct mlx5x_repair *repair, uint16_t i, enum mlx5x_repair_state state)
{
	repair->nb_waiting -= repair->states[i] != MLX5X_REPAIR_GOING;
	repair->nb_waiting += state != MLX5X_REPAIR_GOING;
	repair->states[i] = state;
}

static int
reset(struct mlx5x_repair *repair, uint16_t i, const struct mlx5x_limit *limit)
{
	uint8_t out[MLX5X_MESSAGE_HEADER + MLX5X_MESSAGE_BODY];
	int ret;

	ret = mlx5x_cable_reset_pair(repair->port, i);
	if (ret != 0)
		return ret;
	set_state(repair, i, MLX5X_REPAIR_RESET);
	return mlx5x_tcp_send(repair->fd, out,
		mlx5x_message_put_reset(out, i, repair->port->pairs[i].psn), limit);
}

static int
reconnect(struct mlx5x_repair *repair, uint16_t i, const struct mlx5x_limit *limit)
{
	struct mlx5x_limit connecting = {
		.deadline = mlx5x_limit_now() + MLX5X_CABLE_CONNECT_MS,
		.wake = limit->wake,
	};
	uint8_t out[MLX5X_MESSAGE_HEADER];
	int ret;

	ret = mlx5x_cable_connect_pair(repair->port, i, &repair->remotes[i], repair->mtu,
		&connecting);
	if (ret != 0)
		return ret;
	set_state(repair, i, MLX5X_REPAIR_READY);
	return mlx5x_tcp_send(repair->fd, out, mlx5x_message_put(out, MLX5X_MESSAGE_READY, i),
		limit);
}

int
mlx5x_repair_begin(struct mlx5x_repair *repair, uint16_t pair, const struct mlx5x_limit *limit)
{
	if (repair->states[pair] != MLX5X_REPAIR_GOING ||
	    !mlx5x_cable_is_failed(repair->port, pair))
		return 0;
	return reset(repair, pair, limit);
}

static int
take_reset(struct mlx5x_repair *repair, uint16_t i, const struct mlx5x_limit *limit)
{
	int ret = 0;

	if (repair->states[i] == MLX5X_REPAIR_READY)
		return -EBADMSG;
	if (repair->states[i] == MLX5X_REPAIR_GOING)
		ret = reset(repair, i, limit);
	return ret == 0 ? reconnect(repair, i, limit) : ret;
}

static int
take_ready(struct mlx5x_repair *repair, uint16_t i)
{
	if (repair->states[i] != MLX5X_REPAIR_READY)
		return -EBADMSG;
	mlx5x_cable_open_pair(repair->port, i);
	set_state(repair, i, MLX5X_REPAIR_GOING);
	return 0;
}

int
mlx5x_repair_take(struct mlx5x_repair *repair, const struct mlx5x_message_header *header,
	const uint8_t *body, const struct mlx5x_limit *limit)
{
	uint16_t i = header->pair;

	if (!repair->port->wire->mutual || i >= repair->port->nb_joined)
		return -EBADMSG;
	if (header->kind == MLX5X_MESSAGE_READY)
		return take_ready(repair, i);
	if (header->kind != MLX5X_MESSAGE_RESET ||
	    mlx5x_message_get_reset(body, header->length, &repair->remotes[i].psn) != 0)
		return -EBADMSG;
	return take_reset(repair, i, limit);
}
