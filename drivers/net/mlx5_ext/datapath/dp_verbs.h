/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dp_verbs.h - the datapath by ibv_post_send, ibv_post_recv and ibv_poll_cq. The functions are
 * those of datapath.h.
 */
#ifndef MLX5X_DP_VERBS_H_
#define MLX5X_DP_VERBS_H_

#include "queue/datapath.h"

extern const struct mlx5x_datapath mlx5x_dp_verbs;	/* QP; filters MAC addresses in software */
extern const struct mlx5x_datapath mlx5x_dp_verbs_numbered;	/* likewise, and numbers frames */
extern const struct mlx5x_datapath mlx5x_dp_verbs_credit;	/* likewise, with credits */
extern const struct mlx5x_datapath mlx5x_dp_verbs_raw;	/* Rx by a WQ; the device filters */

int mlx5x_dp_verbs_rx_attach(struct mlx5x_rxq *rxq);
int mlx5x_dp_verbs_tx_attach(struct mlx5x_txq *txq);
int mlx5x_dp_verbs_numbered_tx_attach(struct mlx5x_txq *txq);
int mlx5x_dp_verbs_credit_tx_attach(struct mlx5x_txq *txq);
void mlx5x_dp_verbs_rx_detach(struct mlx5x_rxq *rxq);
void mlx5x_dp_verbs_tx_detach(struct mlx5x_txq *txq);
uint16_t mlx5x_dp_verbs_rx_burst(void *queue, struct rte_mbuf **pkts, uint16_t n);
uint16_t mlx5x_dp_verbs_rx_burst_software(void *queue, struct rte_mbuf **pkts,
	uint16_t n);
uint16_t mlx5x_dp_verbs_numbered_rx_burst(void *queue, struct rte_mbuf **pkts, uint16_t n);
uint16_t mlx5x_dp_verbs_numbered_rx_burst_software(void *queue, struct rte_mbuf **pkts,
	uint16_t n);
uint16_t mlx5x_dp_verbs_credit_rx_burst(void *queue, struct rte_mbuf **pkts, uint16_t n);
uint16_t mlx5x_dp_verbs_credit_rx_burst_software(void *queue, struct rte_mbuf **pkts,
	uint16_t n);
uint16_t mlx5x_dp_verbs_raw_rx_burst(void *queue, struct rte_mbuf **pkts, uint16_t n);
uint16_t mlx5x_dp_verbs_tx_burst(void *queue, struct rte_mbuf **pkts, uint16_t n);
uint16_t mlx5x_dp_verbs_tx_burst_software(void *queue, struct rte_mbuf **pkts,
	uint16_t n);
uint16_t mlx5x_dp_verbs_numbered_tx_burst(void *queue, struct rte_mbuf **pkts, uint16_t n);
uint16_t mlx5x_dp_verbs_numbered_tx_burst_software(void *queue, struct rte_mbuf **pkts,
	uint16_t n);
uint16_t mlx5x_dp_verbs_credit_tx_burst(void *queue, struct rte_mbuf **pkts, uint16_t n);
uint16_t mlx5x_dp_verbs_credit_tx_burst_software(void *queue, struct rte_mbuf **pkts,
	uint16_t n);
void mlx5x_dp_verbs_rx_fill(struct mlx5x_rxq *rxq);
void mlx5x_dp_verbs_credit_rx_fill(struct mlx5x_rxq *rxq);
void mlx5x_dp_verbs_raw_rx_fill(struct mlx5x_rxq *rxq);
int mlx5x_dp_verbs_rx_arm(struct mlx5x_rxq *rxq);
void mlx5x_dp_verbs_tx_reap(struct mlx5x_txq *txq);
uint32_t mlx5x_dp_verbs_rx_discard(struct mlx5x_rxq *rxq);
void mlx5x_dp_verbs_tx_discard(struct mlx5x_txq *txq);

#endif
