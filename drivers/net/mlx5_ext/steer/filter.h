/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * filter.h - which frames a port takes by their destination, as a NIC does in hardware: on the
 * wires of this driver every frame of the other end arrives.
 *
 * Set by the control path, read by bursts: each field is read on its own, so a burst that meets a
 * change sees some frames by the old rule.
 */
#ifndef MLX5X_FILTER_H_
#define MLX5X_FILTER_H_

#include <stdbool.h>
#include <stdint.h>

#include <rte_ether.h>

#define MLX5X_FILTER_MACS 16

struct rte_mbuf;

struct mlx5x_filter {
	bool active;		/* not promiscuous */
	bool all_multicast;
	uint16_t nb_macs;	/* 1 + the highest one in use */
	struct rte_ether_addr macs[MLX5X_FILTER_MACS]; /* the first is the default; zero: unused */
};

/* Control path. index < MLX5X_FILTER_MACS; a NULL mac removes. */
void mlx5x_filter_set_mac(struct mlx5x_filter *filter, uint16_t index,
	const struct rte_ether_addr *mac);

/* Frees what is for others and returns how many are left, in order, at the front of pkts. */
uint16_t mlx5x_filter_keep(const struct mlx5x_filter *filter, struct rte_mbuf **pkts, uint16_t n);

#endif
