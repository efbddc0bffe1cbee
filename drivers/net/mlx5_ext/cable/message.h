/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * message.h - the messages between the two ends of a cable over TCP, as bytes and as structures.
 * Pure functions; input from the other end is not trusted: invalid input is an error.
 *
 * Numbers are in network order. A message is a header of 16 bytes and a body:
 *
 *	 0  "mlx5_ext"
 *	 8  version (2)
 *	10  kind (2)
 *	12  length of the body (2)
 *	14  index of the queue pair, or zero (2)
 *
 * The header is the same in all versions, so that two versions recognise each other. The body of
 * RESET is the next PSN of the pair (4); that of ADDRESSES the QPN (4) and the first PSN (4) of
 * each queue pair of the cable, in order. That of HELLO is as follows; others have none:
 *
 *	 0  wire, padded with zeros (8)
 *	 8  MTU (2)
 *	10  LID (2)
 *	12  path MTU, as enum ibv_mtu (2)
 *	14  number of Rx queues (2)
 *	16  number of Tx queues (2)
 *	18  GID (16)
 */
#ifndef MLX5X_MESSAGE_H_
#define MLX5X_MESSAGE_H_

#include <stddef.h>
#include <stdint.h>

#define MLX5X_MESSAGE_VERSION 2
#define MLX5X_MESSAGE_PAIRS 64u
#define MLX5X_MESSAGE_HEADER 16u
#define MLX5X_MESSAGE_BODY (8 * MLX5X_MESSAGE_PAIRS) /* at most */

enum mlx5x_message_kind {
	MLX5X_MESSAGE_HELLO = 1,	/* the first one of each end: its parameters */
	MLX5X_MESSAGE_READY,		/* all queue pairs, or after RESET that one, receive */
	MLX5X_MESSAGE_BUSY,		/* instead of HELLO: connected to another end */
	MLX5X_MESSAGE_RESET,		/* one queue pair is reset: reset the other end's */
	MLX5X_MESSAGE_ADDRESSES,	/* after HELLO: those of the queue pairs */
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
	uint16_t nb_rx;		/* queues, MLX5X_MESSAGE_PAIRS at most, and not none of both */
	uint16_t nb_tx;
	uint8_t gid[16];
};

struct mlx5x_message_address {
	uint32_t qpn;
	uint32_t psn;
};

/* Returns the bytes written to out, of MLX5X_MESSAGE_HEADER + MLX5X_MESSAGE_BODY bytes at most. */
size_t mlx5x_message_put_hello(uint8_t *out, const struct mlx5x_hello *hello);

/* ADDRESSES, of n pairs: at most as many bytes. */
size_t mlx5x_message_put_addresses(uint8_t *out, const struct mlx5x_message_address *list,
	uint16_t n);

/* A message without a body: MLX5X_MESSAGE_HEADER bytes. */
size_t mlx5x_message_put(uint8_t *out, enum mlx5x_message_kind kind, uint16_t pair);

/* RESET: MLX5X_MESSAGE_HEADER + 4 bytes. */
size_t mlx5x_message_put_reset(uint8_t *out, uint16_t pair, uint32_t psn);

/*
 * Reads MLX5X_MESSAGE_HEADER bytes. 0; -EBADMSG: not a message of this driver; -EPROTONOSUPPORT:
 * another version, which is in header->version.
 */
int mlx5x_message_get_header(const uint8_t *in, struct mlx5x_message_header *header);

/* Read the body of a HELLO, a RESET, or ADDRESSES of exactly n pairs. 0, or -EBADMSG. */
int mlx5x_message_get_reset(const uint8_t *in, size_t len, uint32_t *psn);
int mlx5x_message_get_hello(const uint8_t *in, size_t len, struct mlx5x_hello *hello);
int mlx5x_message_get_addresses(const uint8_t *in, size_t len, struct mlx5x_message_address *list,
	uint16_t n);

#endif
