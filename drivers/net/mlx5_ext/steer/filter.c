/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include <rte_mbuf.h>

#include "common/counter.h"
#include "steer/filter.h"

void
mlx5x_filter_set_mac(struct mlx5x_filter *filter, uint16_t index, const struct rte_ether_addr *mac)
{
	filter->macs[index] = mac != NULL ? *mac : (struct rte_ether_addr){{0}};
	if (mac != NULL && index >= filter->nb_macs)
		filter->nb_macs = index + 1;
	while (filter->nb_macs > 0 && rte_is_zero_ether_addr(&filter->macs[filter->nb_macs - 1]))
		filter->nb_macs--;
}

void
mlx5x_filter_set_groups(struct mlx5x_filter *filter, const struct rte_ether_addr *groups,
	uint16_t n)
{
	filter->nb_groups = 0;
	memset(filter->groups, 0, sizeof(filter->groups));
	if (n != 0)
		memcpy(filter->groups, groups, n * sizeof(*groups));
	filter->nb_groups = n;
}

static bool
is_group(const struct mlx5x_filter *filter, const struct rte_ether_addr *to)
{
	uint16_t i;

	for (i = 0; i < filter->nb_groups; i++)
		if (rte_is_same_ether_addr(&filter->groups[i], to))
			return true;
	return false;
}

static bool
is_accepted(const struct mlx5x_filter *filter, const struct rte_ether_addr *to)
{
	uint16_t i;

	if (rte_is_multicast_ether_addr(to))
		return mlx5x_flag_read(&filter->all_multicast) ||
			rte_is_broadcast_ether_addr(to) || is_group(filter, to);
	for (i = 0; i < filter->nb_macs; i++)
		if (rte_is_same_ether_addr(&filter->macs[i], to))
			return !rte_is_zero_ether_addr(to);
	return false;
}

uint16_t
mlx5x_filter_keep(const struct mlx5x_filter *filter, struct rte_mbuf **pkts, uint16_t n)
{
	const struct rte_ether_hdr *header;
	uint16_t i, kept = 0;

	for (i = 0; i < n; i++) {
		header = rte_pktmbuf_mtod(pkts[i], const struct rte_ether_hdr *);
		if (is_accepted(filter, &header->dst_addr))
			pkts[kept++] = pkts[i];
		else
			rte_pktmbuf_free(pkts[i]);
	}
	return kept;
}
