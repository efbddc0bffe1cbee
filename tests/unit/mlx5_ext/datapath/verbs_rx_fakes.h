/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * verbs_rx_fakes.h - what the receive burst by verbs calls, for a port without filter whose memory has
 * lkeys. For one test program.
 */
#ifndef VERBS_RX_FAKES_H
#define VERBS_RX_FAKES_H

#include "common/verbs.h"
#include "queue/rxq.h"
#include "steer/filter.h"

void
mlx5x_rxq_cover_missed(struct mlx5x_rxq *queue)
{
}

uint16_t
mlx5x_filter_keep(const struct mlx5x_filter *filter, struct rte_mbuf **pkts, uint16_t n)
{
	return n;
}

int
mlx5x_verbs_arm_cq(struct ibv_cq *cq)
{
	return 0;
}

#endif
