/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * filter.h - the filter of received frames by destination MAC address. A NIC has it in hardware;
 * over the other wires all frames of the peer arrive, and the Rx burst applies it.
 *
 * Written by the control path, read by bursts, field by field: a burst during a change may apply
 * the old rule to some frames.
 */
#ifndef MLX5X_FILTER_H_
#define MLX5X_FILTER_H_

#include <stdbool.h>
#include <stdint.h>

#include <rte_ether.h>

#define MLX5X_FILTER_MACS 16
/* Multicast addresses; for more there is all_multicast. Each is a flow rule on wires with rules. */
#define MLX5X_FILTER_GROUPS 64

struct rte_mbuf;

struct mlx5x_filter {
	bool active;		/* not promiscuous */
	bool all_multicast;
	uint16_t nb_macs;	/* 1 + the highest index in use */
	struct rte_ether_addr macs[MLX5X_FILTER_MACS]; /* [0]: the default one; zero: unused */
	uint16_t nb_groups;
	struct rte_ether_addr groups[MLX5X_FILTER_GROUPS]; /* zero from nb_groups on */
};

/* Control path. index < MLX5X_FILTER_MACS; mac NULL: removes the address. */
void mlx5x_filter_set_mac(struct mlx5x_filter *filter, uint16_t index,
	const struct rte_ether_addr *mac);

/* Control path. n <= MLX5X_FILTER_GROUPS multicast addresses replace all earlier ones. */
void mlx5x_filter_set_groups(struct mlx5x_filter *filter, const struct rte_ether_addr *groups,
	uint16_t n);

/*
 * Frees the frames for other destinations. Returns the number of the others, first in pkts, in
 * order.
 */
uint16_t mlx5x_filter_keep(const struct mlx5x_filter *filter, struct rte_mbuf **pkts, uint16_t n);

#endif
