/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * port.h - the port of a probed function, from probe to close: state that the folders share. Lives
 * in ethdev's dev_private; its device (device.h) lives longer.
 */
#ifndef MLX5X_PORT_H_
#define MLX5X_PORT_H_

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <bsd/sys/queue.h>
#include <infiniband/verbs.h>

#include "common/hold.h"
#include "device/caps.h"
#include "device/devargs.h"
#include "device/discover.h"
#include "mr/implicit.h"
#include "mr/mr.h"
#include "steer/filter.h"
#include "steer/rss.h"
#include "steer/steer.h"

struct rte_eth_dev;
struct mlx5x_acceptor;
struct mlx5x_cable_tcp;
struct mlx5x_device;
struct mlx5x_pair;
struct mlx5x_plug;
struct mlx5x_stall;
struct mlx5x_wanted;
struct mlx5x_wire;

/* Queue pairs of a port at most. */
#define MLX5X_PORT_PAIRS 64

/* An Ethernet frame around an MTU's worth of payload: header and two VLAN tags; no CRC here. */
#define MLX5X_FRAME_OVERHEAD (14 + 2 * 4)

/* Differs between builds of the driver whose processes cannot share a port. */
#define MLX5X_PORT_MARK \
	(UINT64_C(0x6d6c783565787400) ^ sizeof(struct mlx5x_port) << 16)

struct mlx5x_port {
	/* Constant after probe. First, by which a secondary process knows the port: */
	uint64_t mark;
	char wire_name[8];
	struct rte_eth_dev *dev;
	struct mlx5x_device *device;
	struct mlx5x_devargs devargs;
	/* The device's. */
	struct mlx5x_discovery found;
	struct mlx5x_caps caps;
	struct ibv_context *ctx;
	struct ibv_pd *pd;
	struct mlx5x_mr_table *mrs;	/* the regions of the PD */
	struct mlx5x_implicit implicit;
	const struct mlx5x_wire *wire;
	struct mlx5x_hold hold;		/* references of threads that found it in a list */
	/*
	 * Protects the states of the pairs, and `dead`. Held over system calls of the device; taken
	 * before mrs->lock.
	 */
	pthread_mutex_t lock;
	bool dead;			/* device removed or fatal event; set once, under lock */
	struct mlx5x_filter filter;
	struct mlx5x_rss rss;
	struct mlx5x_steer steer;	/* steer.c; empty unless the wire has flow rules */
	/* link_ops.c: the pairs between start and stop, connected unless the link is set down. */
	struct mlx5x_pair *started;	/* MLX5X_PORT_PAIRS, of which the first exist; or NULL */
	bool set_down;
	/* Written under the lock, only by the thread that owns the cable: peer.c, cable_tcp.c. */
	struct mlx5x_pair *pairs;	/* the same, while connected; else NULL */
	uint16_t nb_pairs;		/* the queues', and further ones by fold.c */
	uint16_t nb_joined;		/* of a cable: the first pairs, which it connects */
	bool joined;			/* the pairs run and, on a cable, the other end is up */
	/* peer.c, under its lock. */
	struct mlx5x_plug *plug;	/* between start and stop; else NULL */
	struct mlx5x_plug *worker;	/* the owner of the port's cable; or NULL */
	struct mlx5x_wanted *wanted;	/* from the first start that needs it; read by bursts */
	struct mlx5x_cable_tcp *cable;	/* cable_tcp.c; or NULL */
	struct mlx5x_stall *stall;	/* stall.c; or NULL */
	struct mlx5x_acceptor *acceptor;	/* acceptor.c; or NULL */
	TAILQ_ENTRY(mlx5x_port) next;
};

/* Release; pairs with the acquire in mlx5x_link_update(). */
static inline void
mlx5x_port_set_joined(struct mlx5x_port *port, bool joined)
{
	__atomic_store_n(&port->joined, joined, __ATOMIC_RELEASE);
}

#endif
