/* SPDX-License-Identifier: BSD-3-Clause */
/* port.h - a port with one queue of each kind. */
#ifndef EXAMPLES_PORT_H
#define EXAMPLES_PORT_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_ethdev.h>

#define PORT_RING 256

/* pool: of what it receives. tx_offloads: RTE_ETH_TX_OFFLOAD_... */
static inline bool
port_start(uint16_t port, struct rte_mempool *pool, uint64_t tx_offloads)
{
	const struct rte_eth_conf conf = {.txmode.offloads = tx_offloads};

	return rte_eth_dev_configure(port, 1, 1, &conf) == 0 &&
		rte_eth_rx_queue_setup(port, 0, PORT_RING, SOCKET_ID_ANY, NULL, pool) == 0 &&
		rte_eth_tx_queue_setup(port, 0, PORT_RING, SOCKET_ID_ANY, NULL) == 0 &&
		rte_eth_dev_start(port) == 0 && rte_eth_promiscuous_enable(port) == 0;
}

#endif
