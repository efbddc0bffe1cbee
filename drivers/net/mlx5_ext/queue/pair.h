/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pair.h - a queue pair: the device objects of the Rx queue, or a further ring of one (fold.h), and
 * the Tx queue of one index, either of which may be missing. Owns the CQs, the state, and the
 * objects created by the wire; the rings belong to the queues.
 *
 *	         prepare        reach             connect            open, close
 *	  DOWN ---------> INIT ------> CONNECTING ------> CONNECTED <--------> RUNNING
 *	   ^              | ^ ^            |                  |                   |
 *	   '-- destroy ---' | '------------'--- disconnect ---'                   |
 *	                    '------------------ disconnect -----------------------'
 *
 * INIT does not receive; its gates are closed, so that bursts return 0 as on a port without link.
 * CONNECTING, on wires that need the other end's answer, waits for it without a lock and belongs
 * to the waiting thread: another thread that needs the pair wakes it by its limit and waits until
 * it has left. CONNECTED receives into its ring with the gates still closed, so that both ends of
 * a cable receive before either sends. mlx5x_pair_recover() leaves a pair RUNNING, unless it fails;
 * mlx5x_pair_reset(), for a recovery of both ends, takes it to INIT.
 *
 * All functions but create, destroy, reach, close_dead and publish require the port's lock; those
 * that change a QP sleep in system calls. They change the rings of a queue under mrs->lock too, as
 * an unmap reads these.
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
	bool attached;		/* the datapath of the queues is attached */
	struct ibv_qp *qp;	/* the wire's; of both sides, or of Tx alone */
	struct ibv_qp *rx_qp;	/* the wire's; of Rx, if it has a separate one */
	struct ibv_wq *wq;	/* likewise */
	struct mlx5x_iwarp_rx *iwarp_rx;	/* wire_iwarp.c; of Rx */
	struct mlx5x_iwarp_tx *iwarp_tx;	/* likewise, of Tx */
	/* For the other end of a cable: set by the wire in create and prepare. */
	uint32_t qpn;		/* as in struct mlx5x_remote */
	uint32_t psn;		/* of its first packet */
	struct ibv_comp_channel *channel;	/* of rx_cq, or NULL */
	struct ibv_cq *rx_cq;
	struct ibv_cq *tx_cq;
	struct mlx5x_rxq *rxq;	/* or a further ring of one; or NULL */
	struct mlx5x_txq *txq;	/* or NULL */
	struct mlx5x_port *port;
	struct mlx5x_remote remote;
};

/* The pairs that have been created, of an array of MLX5X_PORT_PAIRS: they are the first ones. */
static inline uint16_t
mlx5x_pair_count(const struct mlx5x_pair *pairs)
{
	uint16_t n = 0;

	while (n < MLX5X_PORT_PAIRS && pairs[n].port != NULL)
		n++;
	return n;
}

/* Creates all objects and attaches the queues, whose gates stay closed. 0 or -errno, all undone. */
int mlx5x_pair_create(struct mlx5x_pair *pair, struct mlx5x_port *port, struct mlx5x_rxq *rxq,
	struct mlx5x_txq *txq);

/* In any state, also partly created: returns all mbufs to their pools. Needs no lock. */
void mlx5x_pair_destroy(struct mlx5x_pair *pair);

/*
 * Takes the pair to INIT and fills its Rx ring, at least in part, unless its size is 0. 0;
 * -ENOMEM: the pool has no buffer; -EFAULT: it has none with an lkey; another -errno of the wire.
 */
int mlx5x_pair_prepare(struct mlx5x_pair *pair);

/*
 * Before connect: the step that waits for the other end, on wires that have one. Takes the port's
 * lock, but not while it waits. 0; -ETIMEDOUT, -ECANCELED or another -errno: the pair is INIT, and
 * must be disconnected before the next attempt.
 */
int mlx5x_pair_reach(struct mlx5x_pair *pair, const struct mlx5x_remote *remote,
	const struct mlx5x_limit *limit);

/*
 * Connects to the other end, after reach; max_frame is the largest that it receives, in bytes. 0 or
 * -errno: then the pair is INIT, and must be disconnected before the next attempt.
 */
int mlx5x_pair_connect(struct mlx5x_pair *pair, const struct mlx5x_remote *remote,
	uint32_t max_frame);

/* CONNECTED: opens the gates, unless the device is removed or had a fatal event. */
void mlx5x_pair_open(struct mlx5x_pair *pair);

/* The reverse: bursts return 0 from now on. Does not access the device. */
void mlx5x_pair_close(struct mlx5x_pair *pair);

/* connect and open, on wires without reach. 0 or -errno, as connect. */
int mlx5x_pair_start(struct mlx5x_pair *pair, const struct mlx5x_remote *remote,
	uint32_t max_frame);

/*
 * Back to INIT, with a filled Rx ring. Packets posted and not completed, or received and not
 * polled, are lost. 0 or -errno of the wire: the pair is INIT then too, and must be disconnected
 * again.
 */
int mlx5x_pair_disconnect(struct mlx5x_pair *pair);

/*
 * In INIT: posts the Rx ring again with that many of its slots in use, as a power of two or 0; less
 * than before returns buffers to the pool. 0 or -errno of the wire, as disconnect.
 */
int mlx5x_pair_resize(struct mlx5x_pair *pair, uint32_t size);

/* A queue of the pair met an error. */
bool mlx5x_pair_is_failed(const struct mlx5x_pair *pair);

/* disconnect, counted as a recovery: one end's part where both ends take part. 0 or -errno. */
int mlx5x_pair_reset(struct mlx5x_pair *pair);

/*
 * RUNNING: resets and reconnects the failed sides, or both if they share a QP. 0; -errno: the whole
 * pair is INIT with its gates closed, since the state is that of both sides.
 */
int mlx5x_pair_recover(struct mlx5x_pair *pair);

/*
 * Takes the port's lock. The device is removed or had a fatal event: bursts of all pairs return 0
 * from now on, and no pair can be opened.
 */
void mlx5x_pair_close_dead(struct mlx5x_port *port);

/* Takes the port's lock. Recoveries find these pairs from now on; NULL and 0 before their end. */
void mlx5x_pair_publish(struct mlx5x_port *port, struct mlx5x_pair *pairs, uint16_t nb_pairs);

#endif
