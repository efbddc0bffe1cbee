/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * talk.h - whole messages of message.h over a TCP connection. The limits and errors are those of
 * tcp.h; also -EBADMSG: not a message, or another one than expected, and of the first message
 * -EPROTONOSUPPORT. Any thread; no locks.
 */
#ifndef MLX5X_TALK_H_
#define MLX5X_TALK_H_

#include <stdint.h>

#include "cable/message.h"

struct mlx5x_limit;

/* body has room for MLX5X_MESSAGE_BODY bytes. */
int mlx5x_talk_receive(int fd, struct mlx5x_message_header *header, uint8_t *body,
	const struct mlx5x_limit *limit);

/* A message without a body, of no pair. */
int mlx5x_talk_send(int fd, enum mlx5x_message_kind kind, const struct mlx5x_limit *limit);
int mlx5x_talk_expect(int fd, enum mlx5x_message_kind kind, const struct mlx5x_limit *limit);

/* Accepts a connection and closes it after BUSY, instead of no answer. */
void mlx5x_talk_turn_away(int listener, const struct mlx5x_limit *limit);

/* Sends the addresses of n pairs, and replaces them by as many of the other end. */
int mlx5x_talk_swap_addresses(int fd, struct mlx5x_message_address *list, uint16_t n,
	const struct mlx5x_limit *limit);

#endif
