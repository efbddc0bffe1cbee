/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <rte_errno.h>
#include <rte_ethdev.h>

#include "deadline.h"
#include "pool.h"
#include "port.h"

#define LINK_MS 10000
#define CACHES 2048	/* buffers that bursts and the mempool's cache may hold */

static int
complain(const char *what, int ret)
{
	fprintf(stderr, "soak: %s: %s\n", what, rte_strerror(-ret));
	return ret;
}

static int
set_up(struct port *port, uint16_t queues, uint32_t frame)
{
	struct rte_eth_conf conf = {
		.rxmode.mtu = RTE_MAX(frame - RTE_ETHER_HDR_LEN, (uint32_t)RTE_ETHER_MTU),
		.intr_conf = {.rxq = port->interrupts, .rmv = port->removal},
	};
	uint16_t rx = PORT_RING, tx = PORT_RING, i;
	int ret;

	ret = rte_eth_dev_configure(port->id, queues, queues, &conf);
	if (ret == 0)
		ret = rte_eth_dev_adjust_nb_rx_tx_desc(port->id, &rx, &tx);
	for (i = 0; i < queues && ret == 0; i++) {
		ret = rte_eth_rx_queue_setup(port->id, i, rx, SOCKET_ID_ANY, NULL, port->pool);
		if (ret == 0)
			ret = rte_eth_tx_queue_setup(port->id, i, tx, SOCKET_ID_ANY, NULL);
	}
	return ret == 0 ? rte_eth_dev_start(port->id) : ret;
}

int
port_wait_link(const struct port *port)
{
	struct deadline end = deadline_in_ms(LINK_MS);
	struct rte_eth_link link = {0};

	do {
		if (rte_eth_link_get_nowait(port->id, &link) == 0 &&
		    link.link_status == RTE_ETH_LINK_UP)
			return 0;
		rte_delay_us_sleep(10000);
	} while (!deadline_passed(end));
	return -ENETDOWN;
}

int
port_start(struct port *port, const char *device, uint16_t queues, uint32_t frame)
{
	char err[256];
	int ret;

	if (rte_eth_dev_get_port_by_name(device, &port->id) != 0)
		return complain(device, -ENODEV);
	rte_eth_macaddr_get(port->id, &port->mac);
	port->pool = pool_create_native("soak rx", queues * PORT_RING + CACHES, frame, err,
		sizeof(err));
	if (port->pool == NULL) {
		fprintf(stderr, "soak: %s\n", err);
		return -ENOMEM;
	}
	ret = set_up(port, queues, frame);
	if (ret != 0)
		return complain("the port's queues", ret);
	ret = port_wait_link(port);
	return ret == 0 ? 0 : complain("the port's link", ret);
}

void
port_stop(struct port *port)
{
	rte_eth_dev_stop(port->id);
	rte_eth_dev_close(port->id);
	rte_mempool_free(port->pool);
}

json_t *
port_counters(const struct port *port)
{
	int i, n = rte_eth_xstats_get_names(port->id, NULL, 0);
	struct rte_eth_xstat_name *names = calloc(n, sizeof(*names));
	struct rte_eth_xstat *values = calloc(n, sizeof(*values));
	json_t *counters = json_object();

	if (names == NULL || values == NULL || rte_eth_xstats_get_names(port->id, names, n) != n ||
	    rte_eth_xstats_get(port->id, values, n) != n)
		n = 0;
	for (i = 0; i < n; i++)
		if (values[i].value != 0)
			json_object_set_new(counters, names[i].name, json_integer((json_int_t)values[i].value));
	free(names);
	free(values);
	return counters;
}
