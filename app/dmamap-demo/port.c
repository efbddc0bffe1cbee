/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Owns the ethdev calls for one port.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include <rte_ethdev.h>

#include "port.h"

#define RING_SIZE 128
#define BURST 32

int
port_configure(struct port *port, uint16_t id, uint32_t packet_size)
{
	struct rte_eth_conf conf = {0};
	int ret;

	port->id = id;
	port->n_rxd = RING_SIZE;
	port->n_txd = RING_SIZE;
	conf.rxmode.mtu = RTE_MAX(packet_size - RTE_ETHER_HDR_LEN, (uint32_t)RTE_ETHER_MTU);
	ret = rte_eth_dev_configure(id, 1, 1, &conf);
	if (ret != 0)
		return ret;
	port->configured = true;
	ret = rte_eth_macaddr_get(id, &port->mac);
	if (ret != 0)
		return ret;
	ret = rte_eth_dev_adjust_nb_rx_tx_desc(id, &port->n_rxd, &port->n_txd);
	if (ret != 0)
		return ret;
	return rte_eth_tx_queue_setup(id, 0, port->n_txd, SOCKET_ID_ANY, NULL);
}

uint32_t
port_buffers(const struct port *port, uint32_t window)
{
	return port->n_rxd + port->n_txd + 2 * window + BURST;
}

int
port_start(struct port *port, struct rte_mempool *rx_pool)
{
	int ret;

	ret = rte_eth_rx_queue_setup(port->id, 0, port->n_rxd, SOCKET_ID_ANY, NULL, rx_pool);
	if (ret != 0)
		return ret;
	ret = rte_eth_dev_start(port->id);
	if (ret != 0)
		return ret;
	port->started = true;
	rte_eth_promiscuous_enable(port->id); /* errors ignored: unicast frames name the port */
	return 0;
}

void
port_stop(struct port *port)
{
	int ret;

	if (!port->started)
		return;
	ret = rte_eth_dev_stop(port->id);
	if (ret != 0)
		fprintf(stderr, "dmamap-demo: cannot stop port %u: %s\n", port->id,
			rte_strerror(-ret));
	port->started = false;
}

void
port_close(struct port *port)
{
	port_stop(port);
	if (port->configured)
		rte_eth_dev_close(port->id);
	port->configured = false;
}

bool
port_link_up(const struct port *port)
{
	struct rte_eth_link link;

	return rte_eth_link_get_nowait(port->id, &link) == 0 &&
		link.link_status == RTE_ETH_LINK_UP;
}

bool
port_send(struct port *port, struct rte_mbuf *packet)
{
	return rte_eth_tx_burst(port->id, 0, &packet, 1) == 1;
}

unsigned int
port_receive(struct port *port, port_packet_cb cb, void *arg)
{
	struct rte_mbuf *packets[BURST];
	unsigned int i, n;

	n = rte_eth_rx_burst(port->id, 0, packets, BURST);
	for (i = 0; i < n; i++) {
		cb(port, packets[i], arg);
		rte_pktmbuf_free(packets[i]);
	}
	return n;
}

/* All xstats: names and values by the same index; the caller frees both. Returns how many. */
static int
read_counters(uint16_t id, struct rte_eth_xstat_name **names, struct rte_eth_xstat **values)
{
	int n = rte_eth_xstats_get_names(id, NULL, 0);

	*names = NULL;
	*values = NULL;
	if (n <= 0)
		return 0;
	*names = calloc(n, sizeof(**names));
	*values = calloc(n, sizeof(**values));
	if (*names == NULL || *values == NULL || rte_eth_xstats_get_names(id, *names, n) != n ||
			rte_eth_xstats_get(id, *values, n) != n)
		return 0;
	return n;
}

void
port_print_counters(const struct port *port, FILE *out)
{
	struct rte_eth_xstat_name *names;
	struct rte_eth_xstat *values;
	int i, n;

	n = read_counters(port->id, &names, &values);
	for (i = 0; i < n; i++)
		if (values[i].value != 0)
			fprintf(out, "  port %u %s: %" PRIu64 "\n", port->id, names[i].name,
				values[i].value);
	free(names);
	free(values);
}

int64_t
port_counter(const struct port *port, const char *name)
{
	uint64_t id, value;

	if (rte_eth_xstats_get_id_by_name(port->id, name, &id) != 0 ||
			rte_eth_xstats_get_by_id(port->id, &id, &value, 1) != 1)
		return -1;
	return (int64_t)value;
}
