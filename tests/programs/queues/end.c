/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "deadline.h"
#include "end.h"

#define LINK_MS 300000
#define MBUFS 2047
#define ETHER_TYPE 0x88b5	/* for local experiments */
#define BURST 4

/* A frame on the wire. */
struct frame {
	struct rte_ether_hdr ether;
	uint16_t tx_queue;
	uint8_t padding[44];
};

int
end_open(struct end *end, const char *device)
{
	*end = (struct end){0};
	if (rte_eth_dev_get_port_by_name(device, &end->port) != 0)
		return -ENODEV;
	/* Without a cache, so that buffers in use can be counted. */
	end->pool = rte_pktmbuf_pool_create(device, MBUFS, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE,
		SOCKET_ID_ANY);
	return end->pool != NULL ? 0 : -rte_errno;
}

void
end_close(struct end *end)
{
	rte_eth_dev_close(end->port);
	rte_mempool_free(end->pool);
}

int
end_start(struct end *end, struct end_numbers queues)
{
	const struct rte_eth_conf conf = {0};
	uint16_t i;
	int ret;

	end->queues = queues;
	end->report = (struct end_report){0};
	ret = rte_eth_dev_configure(end->port, queues.rx, queues.tx, &conf);
	for (i = 0; i < queues.rx && ret == 0; i++)
		ret = rte_eth_rx_queue_setup(end->port, i, END_DESC, SOCKET_ID_ANY, NULL,
			end->pool);
	for (i = 0; i < queues.tx && ret == 0; i++)
		ret = rte_eth_tx_queue_setup(end->port, i, END_DESC, SOCKET_ID_ANY, NULL);
	if (ret == 0)
		ret = rte_eth_stats_reset(end->port);
	return ret == 0 ? rte_eth_dev_start(end->port) : ret;
}

int
end_wait_link(struct end *end)
{
	struct deadline limit = deadline_in_ms(LINK_MS);
	struct rte_eth_link link = {0};
	uint16_t i;

	while (rte_eth_link_get_nowait(end->port, &link) == 0 &&
	       link.link_status != RTE_ETH_LINK_UP) {
		if (deadline_passed(limit))
			return -ENETDOWN;
		rte_delay_us_sleep(1000);
	}
	/* A link that was set down has kept the last packets of its Tx queues. */
	for (i = 0; i < end->queues.tx; i++)
		rte_eth_tx_done_cleanup(end->port, i, 0);
	end->report.buffers = rte_mempool_in_use_count(end->pool);
	return 0;
}

bool
end_stop(struct end *end)
{
	rte_eth_dev_stop(end->port);
	return rte_mempool_in_use_count(end->pool) == 0;
}

int
end_link_down(struct end *end)
{
	return rte_eth_dev_set_link_down(end->port);
}

int
end_link_up(struct end *end)
{
	int ret;

	end->report = (struct end_report){0};
	ret = rte_eth_stats_reset(end->port);
	return ret == 0 ? rte_eth_dev_set_link_up(end->port) : ret;
}

static struct rte_mbuf *
make_frame(struct end *end, uint16_t tx_queue)
{
	struct rte_mbuf *mbuf = rte_pktmbuf_alloc(end->pool);
	struct frame *frame;

	if (mbuf == NULL)
		return NULL;
	mbuf->data_len = mbuf->pkt_len = sizeof(*frame);
	frame = rte_pktmbuf_mtod(mbuf, struct frame *);
	memset(frame, 0, sizeof(*frame));
	memset(&frame->ether.dst_addr, 0xff, sizeof(frame->ether.dst_addr));
	frame->ether.ether_type = rte_cpu_to_be_16(ETHER_TYPE);
	frame->tx_queue = tx_queue;
	return mbuf;
}

/* One frame by each Tx queue. */
static void
send_some(struct end *end)
{
	struct rte_mbuf *mbuf;
	uint16_t i;

	for (i = 0; i < end->queues.tx; i++) {
		mbuf = make_frame(end, i);
		if (mbuf != NULL && rte_eth_tx_burst(end->port, i, &mbuf, 1) == 1)
			end->report.sent++;
		else
			rte_pktmbuf_free(mbuf);
	}
}

static void
receive_some(struct end *end, uint16_t rx_queue)
{
	struct rte_mbuf *mbufs[BURST];
	const struct frame *frame;
	uint16_t n, i;

	n = rte_eth_rx_burst(end->port, rx_queue, mbufs, BURST);
	for (i = 0; i < n; i++) {
		frame = rte_pktmbuf_mtod(mbufs[i], const struct frame *);
		end->report.misplaced += mbufs[i]->pkt_len != sizeof(*frame) ||
			frame->ether.ether_type != rte_cpu_to_be_16(ETHER_TYPE) ||
			frame->tx_queue % end->queues.rx != rx_queue;
		rte_pktmbuf_free(mbufs[i]);
	}
	end->report.received += n;
}

bool
end_work(struct end *end, uint32_t expected)
{
	uint32_t frames = END_FRAMES * end->queues.tx;
	uint16_t i;

	if (end->report.sent < frames)
		send_some(end);
	for (i = 0; i < end->queues.rx; i++)
		receive_some(end, i);
	return end->report.sent == frames && end->report.received >= expected;
}

static bool
is_error(const char *name)
{
	return strstr(name, "error") != NULL || strstr(name, "missed") != NULL ||
		strstr(name, "lost") != NULL || strstr(name, "filtered") != NULL ||
		strstr(name, "recoveries") != NULL;
}

void
end_count(struct end *end)
{
	struct rte_eth_xstat_name names[128];
	struct rte_eth_xstat values[128];
	struct rte_eth_stats stats = {0};
	int i, n;

	rte_eth_stats_get(end->port, &stats);
	end->report.opackets = stats.opackets;
	end->report.ipackets = stats.ipackets;
	n = rte_eth_xstats_get_names(end->port, names, RTE_DIM(names));
	if (n != rte_eth_xstats_get(end->port, values, RTE_DIM(values)) ||
	    n > (int)RTE_DIM(names))
		end->report.errors = UINT64_MAX;
	for (i = 0; i < n && end->report.errors != UINT64_MAX; i++)
		if (is_error(names[i].name))
			end->report.errors += values[i].value;
}
