/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * message.h - what the two ends of a cable tell each other over TCP, as bytes and as structures.
 * Pure: no input from the other end is trusted, and none can do more than be refused.
 *
 * Numbers are in network order. A message is a header of 16 bytes and a body:
 *
 *	 0  "mlx5_ext"
 *	 8  version (2)
 *	10  kind (2)
 *	12  length of the body (2)
 *	14  the queue pair that it is about, or zero (2)
 *
 * The header is the same in each version to come, so that two versions can tell each other apart.
 * The body of RESET is the number of the pair's first packet from now on (4). That of HELLO is as
 * follows; others have none:
 *
 *	 0  wire, padded with zeros (8)
 *	 8  MTU (2)
 *	10  LID (2)
 *	12  path MTU, as enum ibv_mtu (2)
 *	14  number of queue pairs (2)
 *	16  GID (16)
 *	32  QPN (4) and number of the first packet (4) of each
 */
#ifndef MLX5X_MESSAGE_H_
#define MLX5X_MESSAGE_H_

#include <stddef.h>
#include <stdint.h>

#define MLX5X_MESSAGE_VERSION 1
#define MLX5X_MESSAGE_PAIRS 64u
#define MLX5X_MESSAGE_HEADER 16u
#define MLX5X_MESSAGE_BODY (32u + 8 * MLX5X_MESSAGE_PAIRS) /* at most */

enum mlx5x_message_kind {
	MLX5X_MESSAGE_HELLO = 1,	/* the first one of each end: who I am */
	MLX5X_MESSAGE_READY,		/* all my queue pairs, or after RESET that one, receive */
	MLX5X_MESSAGE_BUSY,		/* instead of HELLO: another end is plugged in here */
	MLX5X_MESSAGE_RESET,		/* I have reset one queue pair; do so with yours */
};

struct mlx5x_message_header {
	uint16_t version;
	uint16_t kind;
	uint16_t length;	/* bytes of the body, at most MLX5X_MESSAGE_BODY */
	uint16_t pair;		/* less than MLX5X_MESSAGE_PAIRS */
};

struct mlx5x_hello {
	char wire[8];
	uint16_t mtu;
	uint16_t lid;
	uint16_t path_mtu;	/* enum ibv_mtu */
	uint16_t nb_pairs;	/* 1 to MLX5X_MESSAGE_PAIRS */
	uint8_t gid[16];
	struct {
		uint32_t qpn;
		uint32_t psn;
	} pairs[MLX5X_MESSAGE_PAIRS];
};

/* Bytes written to out, which has room for MLX5X_MESSAGE_HEADER + MLX5X_MESSAGE_BODY. */
size_t mlx5x_message_put_hello(uint8_t *out, const struct mlx5x_hello *hello);

/* A message without a body: MLX5X_MESSAGE_HEADER bytes. */
size_t mlx5x_message_put(uint8_t *out, enum mlx5x_message_kind kind, uint16_t pair);

/* RESET: MLX5X_MESSAGE_HEADER + 4 bytes. */
size_t mlx5x_message_put_reset(uint8_t *out, uint16_t pair, uint32_t psn);

/*
 * Reads MLX5X_MESSAGE_HEADER bytes. 0; -EBADMSG: it is not from one of us; -EPROTONOSUPPORT: it is
 * of another version, which header tells.
 */
int mlx5x_message_get_header(const uint8_t *in, struct mlx5x_message_header *header);

/* Read the body of a HELLO or of a RESET. 0, or -EBADMSG. */
int mlx5x_message_get_reset(const uint8_t *in, size_t len, uint32_t *psn);
int mlx5x_message_get_hello(const uint8_t *in, size_t len, struct mlx5x_hello *hello);

#endif
