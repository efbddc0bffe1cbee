/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * checksum.h - checksums of IPv4, TCP and UDP by software, for the wires of a cable, whose devices
 * move bytes alone. Bursts call it only on ports where the application enabled such an offload.
 */
#ifndef MLX5X_CHECKSUM_H_
#define MLX5X_CHECKSUM_H_

#include <stdint.h>

struct rte_mbuf;

/* The offloads. */
#define MLX5X_CHECKSUM_RX \
	(RTE_ETH_RX_OFFLOAD_IPV4_CKSUM | RTE_ETH_RX_OFFLOAD_TCP_CKSUM | \
	 RTE_ETH_RX_OFFLOAD_UDP_CKSUM)
#define MLX5X_CHECKSUM_TX RTE_ETH_TX_OFFLOAD_IPV4_CKSUM

/*
 * Verifies received packets of whole frames, possibly chains, and sets RTE_MBUF_F_RX_..._CKSUM_GOOD
 * or _BAD for the offloads (of MLX5X_CHECKSUM_RX). Neither for what has no checksum, or was not
 * verified: fragments, UDP without one, IPv6 with extension headers, lengths beyond the frame,
 * headers inside of a tunnel.
 */
void mlx5x_checksum_verify(struct rte_mbuf **pkts, uint16_t n, uint64_t offloads);

/*
 * Writes the header checksum into packets with RTE_MBUF_F_TX_IP_CKSUM, at l2_len and l3_len. The
 * result does not depend on the previous value: a packet that was not sent can be passed again.
 */
void mlx5x_checksum_fill(struct rte_mbuf **pkts, uint16_t n);

#endif
