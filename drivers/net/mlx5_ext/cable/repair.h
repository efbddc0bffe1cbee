/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * repair.h - the recovery protocol: recovers single pairs of a cable to another process while the
 * others run. For wires that are `mutual`. Both ends do the same, so that either, or both, may
 * begin:
 *
 *	 GOING  -- an error here, or RESET received: reset the pair, send RESET --> RESET
 *	 RESET  -- RESET received: connect the pair, send READY                 --> READY
 *	 READY  -- READY received: open the pair                                --> GOING
 *
 * Owned by the thread of the cable; no locks. An error ends the session, and all pairs are
 * connected again by a new one.
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
	int fd;			/* the TCP connection */
	uint16_t mtu;		/* of the other end */
	uint16_t nb_waiting;	/* pairs that are not GOING */
	enum mlx5x_repair_state states[MLX5X_PORT_PAIRS];
	struct mlx5x_remote remotes[MLX5X_PORT_PAIRS];
};

/*
 * The pair failed at this end. 0, also if a recovery is in progress or done; -errno of a QP's
 * transition or of sending.
 */
int mlx5x_repair_begin(struct mlx5x_repair *repair, uint16_t pair,
	const struct mlx5x_limit *limit);

/* Handles a received message. 0; -EBADMSG: invalid in this state; -errno as above, or of reach. */
int mlx5x_repair_take(struct mlx5x_repair *repair, const struct mlx5x_message_header *header,
	const uint8_t *body, const struct mlx5x_limit *limit);

#endif
