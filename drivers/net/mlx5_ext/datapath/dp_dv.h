/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dp_dv.h - the rings of an mlx5 device, written and read directly (mlx5dv). The functions are
 * those of datapath.h.
 */
#ifndef MLX5X_DP_DV_H_
#define MLX5X_DP_DV_H_

#include "queue/datapath.h"
#include "queue/dv_rings.h"

extern const struct mlx5x_datapath mlx5x_dp_dv;

int mlx5x_dp_dv_rx_attach(struct mlx5x_rxq *rxq);
int mlx5x_dp_dv_tx_attach(struct mlx5x_txq *txq);
void mlx5x_dp_dv_rx_detach(struct mlx5x_rxq *rxq);
void mlx5x_dp_dv_tx_detach(struct mlx5x_txq *txq);
int mlx5x_dp_dv_rx_arm(struct mlx5x_rxq *rxq);
bool mlx5x_dp_dv_rx_is_done(struct mlx5x_rxq *rxq, uint32_t offset);
uint16_t mlx5x_dp_dv_rx_burst(void *queue, struct rte_mbuf **pkts, uint16_t n);
uint16_t mlx5x_dp_dv_tx_burst(void *queue, struct rte_mbuf **pkts, uint16_t n);
void mlx5x_dp_dv_rx_fill(struct mlx5x_rxq *rxq);
void mlx5x_dp_dv_tx_reap(struct mlx5x_txq *txq);
uint32_t mlx5x_dp_dv_rx_discard(struct mlx5x_rxq *rxq);
void mlx5x_dp_dv_tx_discard(struct mlx5x_txq *txq);

/* The packet types that Rx sets; the last one is RTE_PTYPE_UNKNOWN. */
extern const uint32_t mlx5x_dp_dv_ptypes[8];

/* The checksum flags of a packet are bits 52 to 54. */
#define MLX5X_DP_DV_CHECKSUMS (RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_L4_MASK)
#define MLX5X_DP_DV_CHECKSUMS_SHIFT 52

/*
 * Tx bursts with a WQE per packet, multi-packet WQEs, or WQEs with inlined bytes. promised: by the
 * offloads of the queue all packets are plain, of one pool, and without checksum flags.
 */
struct mlx5x_dv_bursts {
	eth_tx_burst_t plain, mpw, plain_promised, mpw_promised;
	eth_tx_burst_t inlined;	/* of the scalar ones alone */
};

/* The Rx burst, and rx_fill. */
struct mlx5x_dv_rx_bursts {
	eth_rx_burst_t rx;
	void (*fill)(struct mlx5x_rxq *rxq);
};

/* By instruction set. */
extern const struct mlx5x_dv_rx_bursts mlx5x_dv_rx_bursts_scalar, mlx5x_dv_rx_bursts_avx2;
extern const struct mlx5x_dv_bursts mlx5x_dv_bursts_scalar, mlx5x_dv_bursts_avx2;

#endif
