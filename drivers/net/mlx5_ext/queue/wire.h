/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * wire.h - how a queue pair carries Ethernet frames: the objects of the device that are behind it,
 * the steps that take them into service, and the datapath that drives their rings. One table per
 * wire; chosen at probe by the device argument "wire" and by what the device can do.
 */
#ifndef MLX5X_WIRE_H_
#define MLX5X_WIRE_H_

#include <stdbool.h>
#include <stdint.h>

#include <infiniband/verbs.h>

struct mlx5x_datapath;
struct mlx5x_pair;
struct mlx5x_port;
struct mlx5x_limit;

/* The directions of a pair, for what can be done to one of them alone. */
enum mlx5x_side {
	MLX5X_SIDE_RX = 1,
	MLX5X_SIDE_TX = 2,
	MLX5X_SIDE_BOTH = MLX5X_SIDE_RX | MLX5X_SIDE_TX,
};

/* The other end of a cable, as a QP has to know it. */
struct mlx5x_remote {
	uint32_t qpn;		/* iWARP: the TCP port of its iwarp_rx, or 0 if it has none */
	uint32_t psn;		/* number of its first packet */
	uint16_t lid;
	union ibv_gid gid;	/* iWARP: its IP address, as caps.h has it */
	enum ibv_mtu path_mtu;	/* the smaller one of the two ends */
};

/*
 * All may sleep. Those that want the lock that pair.h tells of are system calls of the device, a bounded
 * number, and wait for nobody else: prepare and connect. Others are called without it.
 */
struct mlx5x_wire {
	const char *name;	/* for a HELLO and for burst modes; users type mlx5x_wire_devarg() */
	/* For the transport of iWARP, where it is what wire=rc stands for; others are for the rest. */
	bool iwarp;
	const struct mlx5x_datapath *dp;
	/* A port is one end of a cable: peer= applies. Else it is on the netdev's network. */
	bool cable;
	/* Rx and Tx of a pair have objects of their own: one fails, and is reset, without the other. */
	bool apart;
	/* A recovery takes both ends of a cable, with new packet numbers. */
	bool mutual;
	/* Probe: NULL if the device can do it, else why it cannot. */
	const char *(*check)(const struct mlx5x_port *port);
	/* A CQ for so many completions, with a channel or NULL; the pair's to destroy. 0 or -errno. */
	int (*create_cq)(struct ibv_context *ctx, int entries, struct ibv_comp_channel *channel,
		struct ibv_cq **cq);
	/* The objects of a pair that has its CQs; 0 or -errno, and then nothing of them is left. */
	int (*create)(struct mlx5x_pair *pair);
	/* Also of what was never made. The CQs are the pair's. */
	void (*destroy)(struct mlx5x_pair *pair);
	/*
	 * From any state to where receives may be posted; forgets what was posted. Both sides unless
	 * they are apart. The objects may be new ones afterwards. 0 or -errno.
	 */
	int (*prepare)(struct mlx5x_pair *pair, enum mlx5x_side sides);
	/*
	 * Between these, where the other end has to answer first: waits for it within the limit. NULL:
	 * nothing of the kind. 0; -ETIMEDOUT, -ECANCELED or another -errno, and it has to be prepared again.
	 */
	int (*reach)(struct mlx5x_pair *pair, const struct mlx5x_remote *remote,
		const struct mlx5x_limit *limit);
	/* From there into service. remote is not read unless the wire is a cable. 0 or -errno. */
	int (*connect)(struct mlx5x_pair *pair, const struct mlx5x_remote *remote,
		enum mlx5x_side sides);
	/*
	 * A pair of a port that is up met an error, seen by a burst or another thread, under no lock:
	 * brings it back, or asks a thread for that where it takes the other end. Never waits for it.
	 */
	void (*recover)(struct mlx5x_port *port, uint16_t index);
	/* The port starts with, or gives back, its prepared pairs: as mlx5x_peer_up(), _down(). */
	int (*up)(struct mlx5x_port *port, struct mlx5x_pair *pairs, uint16_t nb_pairs);
	void (*down)(struct mlx5x_port *port);
	/*
	 * Between up and down, if the device can sort frames: port->filter, or port->rss, was changed.
	 * 0, or -errno: after a change of RSS the device goes by what it was before, after one of the
	 * filter by what it could have of the new one. NULL: it cannot.
	 */
	int (*filter_changed)(struct mlx5x_port *port);
	int (*rss_changed)(struct mlx5x_port *port);
};

/* The name of the wire whose iwarp is set. */
#define MLX5X_WIRE_IWARP "iwarp"

/* The value of wire= that selects it. */
static inline const char *
mlx5x_wire_devarg(const struct mlx5x_wire *wire)
{
	return wire->iwarp ? "rc" : wire->name;
}

#endif
