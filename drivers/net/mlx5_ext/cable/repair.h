/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * repair.h - brings single pairs of a cable to another process back, while the others go on. For
 * wires whose recovery takes both ends. Both do the same, so that it does not matter which one, or
 * whether both, began:
 *
 *	 GOING  -- an error here, or RESET from there: reset the pair, say RESET --> RESET
 *	 RESET  -- RESET has come from there: connect the pair, say READY        --> READY
 *	 READY  -- READY has come from there: open the pair                      --> GOING
 *
 * Owned by the thread of the cable; no locks. What goes wrong ends the conversation, and the cable
 * is joined anew.
 */
#ifndef MLX5X_REPAIR_H_
#define MLX5X_REPAIR_H_

#include <stdint.h>

#include "queue/port.h"
#include "queue/wire.h"

struct mlx5x_message_header;
struct mlx5x_limit;

enum mlx5x_repair_state {
	MLX5X_REPAIR_GOING,
	MLX5X_REPAIR_RESET,
	MLX5X_REPAIR_READY,
};

struct mlx5x_repair {
	struct mlx5x_port *port;
	int fd;			/* the conversation */
	uint16_t mtu;		/* of the other end */
	uint16_t nb_waiting;	/* pairs that are not GOING */
	enum mlx5x_repair_state states[MLX5X_PORT_PAIRS];
	struct mlx5x_remote remotes[MLX5X_PORT_PAIRS];
};

/*
 * The pair met an error here. 0, also if it has been seen to; -errno of a QP's transition or of
 * sending.
 */
int mlx5x_repair_begin(struct mlx5x_repair *repair, uint16_t pair,
	const struct mlx5x_limit *limit);

/* A message has come. As above; -EBADMSG: it is out of place. */
int mlx5x_repair_take(struct mlx5x_repair *repair, const struct mlx5x_message_header *header,
	const uint8_t *body, const struct mlx5x_limit *limit);

#endif
