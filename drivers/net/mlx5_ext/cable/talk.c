/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <unistd.h>

#include "cable/talk.h"
#include "cable/tcp.h"

int
mlx5x_talk_receive(int fd, struct mlx5x_message_header *header, uint8_t *body,
	const struct mlx5x_limit *limit)
{
	uint8_t in[MLX5X_MESSAGE_HEADER];
	int ret;

	ret = mlx5x_tcp_receive(fd, in, sizeof(in), limit);
	if (ret == 0)
		ret = mlx5x_message_get_header(in, header);
	return ret == 0 ? mlx5x_tcp_receive(fd, body, header->length, limit) : ret;
}

int
mlx5x_talk_send(int fd, enum mlx5x_message_kind kind, const struct mlx5x_limit *limit)
{
	uint8_t out[MLX5X_MESSAGE_HEADER];

	return mlx5x_tcp_send(fd, out, mlx5x_message_put(out, kind, 0), limit);
}

int
mlx5x_talk_expect(int fd, enum mlx5x_message_kind kind, const struct mlx5x_limit *limit)
{
	struct mlx5x_message_header header;
	uint8_t body[MLX5X_MESSAGE_BODY];
	int ret;

	ret = mlx5x_talk_receive(fd, &header, body, limit);
	return ret == 0 && header.kind != kind ? -EBADMSG : ret;
}

void
mlx5x_talk_turn_away(int listener, const struct mlx5x_limit *limit)
{
	int fd;

	if (mlx5x_tcp_accept(listener, limit, &fd) != 0)
		return;
	mlx5x_talk_send(fd, MLX5X_MESSAGE_BUSY, limit);
	close(fd);
}

int
mlx5x_talk_swap_addresses(int fd, struct mlx5x_message_address *list, uint16_t n,
	const struct mlx5x_limit *limit)
{
	uint8_t bytes[MLX5X_MESSAGE_HEADER + MLX5X_MESSAGE_BODY];
	struct mlx5x_message_header header;
	int ret;

	ret = mlx5x_tcp_send(fd, bytes, mlx5x_message_put_addresses(bytes, list, n), limit);
	if (ret == 0)
		ret = mlx5x_talk_receive(fd, &header, bytes, limit);
	if (ret != 0)
		return ret;
	if (header.kind != MLX5X_MESSAGE_ADDRESSES)
		return -EBADMSG;
	return mlx5x_message_get_addresses(bytes, header.length, list, n);
}
