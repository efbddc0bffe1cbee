/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pair.h - a queue pair: what the device has under an Rx queue and a Tx queue of the same index,
 * either of which may be missing. Owns the CQs and the state of the pair, and the objects that the
 * wire makes of it; the rings are the queues'.
 *
 *	         prepare        reach             connect            open, close
 *	  DOWN ---------> INIT ------> CONNECTING ------> CONNECTED <--------> RUNNING
 *	   ^              | ^ ^            |                  |                   |
 *	   '-- destroy ---' | '------------'--- disconnect ---'                   |
 *	                    '------------------ disconnect -----------------------'
 *
 * INIT receives nothing yet and its gates are closed, so that a burst returns 0 as on a port
 * without link. CONNECTING, on a wire where that takes the other end's answer, waits for it, without
 * any lock, and is the thread's that waits: whoever wants the pair wakes that one by its limit, and
 * waits until it has left. CONNECTED receives into its ring and its gates are still closed: so both
 * ends of a cable can receive before either sends. A recovery stays RUNNING, unless it fails.
 *
 * All functions but create, destroy, reach, close_dead and publish want the port's lock held and sleep in system
 * calls; what they do to the rings of a queue they do under the table's lock too, since an unmap
 * looks into these.
 */
#ifndef MLX5X_PAIR_H_
#define MLX5X_PAIR_H_

#include <infiniband/verbs.h>

#include "queue/port.h"
#include "queue/wire.h"

struct mlx5x_iwarp_rx;
struct mlx5x_iwarp_tx;
struct mlx5x_rxq;
struct mlx5x_limit;
struct mlx5x_txq;

enum mlx5x_pair_state {
	MLX5X_PAIR_DOWN,
	MLX5X_PAIR_INIT,
	MLX5X_PAIR_CONNECTING,
	MLX5X_PAIR_CONNECTED,
	MLX5X_PAIR_RUNNING,
};

struct mlx5x_pair {
	enum mlx5x_pair_state state;
	bool attached;		/* the queues know their rings */
	struct ibv_qp *qp;	/* the wire's; of both sides, or only of Tx */
	struct ibv_qp *rx_qp;	/* the wire's; of Rx, if it has one of its own */
	struct ibv_wq *wq;	/* likewise */
	struct mlx5x_iwarp_rx *iwarp_rx;	/* wire_iwarp.c; of Rx */
	struct mlx5x_iwarp_tx *iwarp_tx;	/* likewise, of Tx */
	/* What the other end of a cable has to know: set by the wire as it creates, and as it prepares. */
	uint32_t qpn;		/* as struct mlx5x_remote has it */
	uint32_t psn;		/* of its first packet */
	struct ibv_comp_channel *channel;	/* of rx_cq, or NULL */
	struct ibv_cq *rx_cq;
	struct ibv_cq *tx_cq;
	struct mlx5x_rxq *rxq;	/* or NULL */
	struct mlx5x_txq *txq;	/* or NULL */
	struct mlx5x_port *port;
	struct mlx5x_remote remote;
};

/* Makes all objects and puts them into the queues, whose gates stay closed. 0 or -errno. */
int mlx5x_pair_create(struct mlx5x_pair *pair, struct mlx5x_port *port, struct mlx5x_rxq *rxq,
	struct mlx5x_txq *txq);

/* Allowed in any state, also half-made: every mbuf goes back to its pool. Takes no lock. */
void mlx5x_pair_destroy(struct mlx5x_pair *pair);

/* Fills the Rx ring. -ENOMEM: not one buffer; -EFAULT: the pool is not mapped. */
int mlx5x_pair_prepare(struct mlx5x_pair *pair);

/*
 * Before connect: what has to wait for the other end, which the wire may not have. Takes the port's
 * lock, but not while it waits. 0; -ETIMEDOUT, -ECANCELED or another -errno: to be disconnected.
 */
int mlx5x_pair_reach(struct mlx5x_pair *pair, const struct mlx5x_remote *remote,
	const struct mlx5x_limit *limit);

/* Connects to the other end, which has been reached. On failure the pair is INIT. */
int mlx5x_pair_connect(struct mlx5x_pair *pair, const struct mlx5x_remote *remote,
	uint32_t max_frame);

/* Opens the gates of a pair that is CONNECTED, unless the device is dead. */
void mlx5x_pair_open(struct mlx5x_pair *pair);

/* The reverse: bursts return 0 from here on. Nothing is asked of the device. */
void mlx5x_pair_close(struct mlx5x_pair *pair);

/* Both in one, where nobody has to be waited for. */
int mlx5x_pair_start(struct mlx5x_pair *pair, const struct mlx5x_remote *remote,
	uint32_t max_frame);

/* Disconnects: what was sent and not completed is lost, what is received and not polled too. */
int mlx5x_pair_disconnect(struct mlx5x_pair *pair);

/* A queue of the pair met an error. */
bool mlx5x_pair_is_failed(const struct mlx5x_pair *pair);

/* As disconnect, counted as a recovery: the one end's part of a recovery that takes both. */
int mlx5x_pair_reset(struct mlx5x_pair *pair);

/*
 * RUNNING: takes the sides in which something failed through reset and back into service; both, if
 * they share a QP. On failure the whole pair is INIT, as nothing tells the other side.
 */
int mlx5x_pair_recover(struct mlx5x_pair *pair);

/*
 * Takes the port's lock: the device is dead, bursts of all pairs return 0 from here on, and pairs
 * cannot be opened any more.
 */
void mlx5x_pair_close_dead(struct mlx5x_port *port);

/* Takes the port's lock: recoveries find these pairs from here on; NULL and 0 before they go. */
void mlx5x_pair_publish(struct mlx5x_port *port, struct mlx5x_pair *pairs, uint16_t nb_pairs);

#endif
