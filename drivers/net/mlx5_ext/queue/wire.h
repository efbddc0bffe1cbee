/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * wire.h - a wire: how a queue pair carries Ethernet frames, by which device objects, in which
 * steps these are connected, and the datapath that drives their rings. One table per wire, chosen
 * at probe by the device argument "wire" and the capabilities of the device.
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

/* The directions of a pair, for operations on one of them alone. */
enum mlx5x_side {
	MLX5X_SIDE_RX = 1,
	MLX5X_SIDE_TX = 2,
	MLX5X_SIDE_BOTH = MLX5X_SIDE_RX | MLX5X_SIDE_TX,
};

/* The attributes of the other end of a cable that a QP needs. */
struct mlx5x_remote {
	uint32_t qpn;		/* iWARP: the TCP port of its iwarp_rx, or 0 if it has none */
	uint32_t psn;		/* of its first packet */
	uint16_t lid;
	union ibv_gid gid;	/* iWARP: its IP address, as in caps.h */
	enum ibv_mtu path_mtu;	/* the smaller of the two ends' */
};

/*
 * All may sleep. prepare and connect are called with port->lock held: they are a bounded number of
 * system calls and wait for the device alone. The others are called without it.
 */
struct mlx5x_wire {
	const char *name;	/* in HELLO messages and burst modes; devarg: mlx5x_wire_devarg() */
	/*
	 * For the iWARP transport, where wire=rc selects it; the others are for InfiniBand and
	 * RoCE.
	 */
	bool iwarp;
	const struct mlx5x_datapath *dp;
	/* A port is one end of a cable: peer= applies. Else it uses the netdev's network. */
	bool cable;
	/* Rx and Tx of a pair have separate objects: one fails, and is reset, without the other. */
	bool apart;
	/* A recovery resets both ends of a cable, with new PSNs. */
	bool mutual;
	/* Probe: NULL if the device supports the wire, else the reason for a log line. */
	const char *(*check)(const struct mlx5x_port *port);
	/* A CQ of that many entries, with a channel or NULL; the pair destroys it. 0 or -errno. */
	int (*create_cq)(struct ibv_context *ctx, int entries, struct ibv_comp_channel *channel,
		struct ibv_cq **cq);
	/* The objects of a pair that has its CQs. 0 or -errno; all undone on failure. */
	int (*create)(struct mlx5x_pair *pair);
	/* Also of a pair without objects. The CQs are the pair's. */
	void (*destroy)(struct mlx5x_pair *pair);
	/*
	 * From any state to INIT, where receives can be posted; discards posted WQEs. Both sides,
	 * unless `apart`. May replace the objects. 0 or -errno.
	 */
	int (*prepare)(struct mlx5x_pair *pair, enum mlx5x_side sides);
	/*
	 * Between prepare and connect, where the other end has to answer first: waits for it within
	 * the limit. NULL: no such step. 0; -ETIMEDOUT, -ECANCELED or another -errno: prepare
	 * again.
	 */
	int (*reach)(struct mlx5x_pair *pair, const struct mlx5x_remote *remote,
		const struct mlx5x_limit *limit);
	/* From INIT to RTS. remote is read only if `cable`. 0 or -errno. */
	int (*connect)(struct mlx5x_pair *pair, const struct mlx5x_remote *remote,
		enum mlx5x_side sides);
	/*
	 * Called without a lock by the burst or thread that saw an error of a pair, with the port
	 * up: recovers it or, if `mutual`, queues it for a thread. Never waits for the other end.
	 */
	void (*recover)(struct mlx5x_port *port, uint16_t index);
	/*
	 * up starts the port with these prepared pairs, as mlx5x_peer_up(). 0 or -errno: then it is
	 * not started. down is the reverse; the pairs are the caller's again.
	 */
	int (*up)(struct mlx5x_port *port, struct mlx5x_pair *pairs, uint16_t nb_pairs);
	void (*down)(struct mlx5x_port *port);
	/*
	 * Between up and down: applies the changed port->filter, or port->rss, to the flow rules of
	 * the device. 0 or -errno: then the old RSS is still in force, unless a log line reports
	 * that its rules could not be restored; of a new filter, all other changes are in force.
	 * NULL: no flow rules.
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
