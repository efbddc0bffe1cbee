/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_ethdev.h>

#include "life.h"

#define QUEUES 2
#define RING 64
#define BUFFERS 511
#define FRAME 128
#define BURST 16
#define ROUNDS 64	/* bursts until a queue must have recovered */
#define MEMORY (1u << 20)

static const struct rte_ether_addr second_mac = {{0x02, 0, 0, 0, 0, 0x77}};

static int
configure(struct life *life)
{
	const struct rte_eth_conf conf = {
		.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS,
		.rx_adv_conf.rss_conf.rss_hf = RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_UDP,
	};
	uint16_t i;
	int ret;

	ret = rte_eth_dev_configure(life->port, QUEUES, QUEUES, &conf);
	for (i = 0; i < QUEUES && ret == 0; i++) {
		ret = rte_eth_rx_queue_setup(life->port, i, RING, SOCKET_ID_ANY, NULL, life->pool);
		if (ret == 0)
			ret = rte_eth_tx_queue_setup(life->port, i, RING, SOCKET_ID_ANY, NULL);
	}
	return ret;
}

static int
start(struct life *life)
{
	return rte_eth_dev_start(life->port);
}

static int
map(struct life *life)
{
	return region_map(&life->region, life->dev);
}

static struct rte_mbuf *
make_frame(const struct life *life)
{
	struct rte_mbuf *pkt = rte_pktmbuf_alloc(life->pool);
	struct rte_ether_hdr *header;

	if (pkt == NULL)
		return NULL;
	header = (struct rte_ether_hdr *)rte_pktmbuf_append(pkt, FRAME);
	memset(header, 0, FRAME);
	rte_eth_macaddr_get(life->port, &header->dst_addr);
	header->ether_type = RTE_BE16(0x88b5);
	return pkt;
}

static void
receive(struct life *life)
{
	struct rte_mbuf *pkts[BURST];
	uint16_t queue, n;

	for (queue = 0; queue < QUEUES; queue++) {
		n = rte_eth_rx_burst(life->port, queue, pkts, BURST);
		rte_pktmbuf_free_bulk(pkts, n);
		life->received += n;
	}
}

/*
 * Frames to the port itself on each queue. An error in between may cost frames, but not the queue.
 */
static int
talk(struct life *life)
{
	uint32_t before = life->received;
	struct rte_mbuf *pkt;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		pkt = make_frame(life);
		if (pkt == NULL)
			return -ENOMEM;
		if (rte_eth_tx_burst(life->port, i % QUEUES, &pkt, 1) == 1)
			life->sent++;
		else
			rte_pktmbuf_free(pkt);
		life->step();
		receive(life);
	}
	return life->received - before >= ROUNDS / 2 ? 0 : -EIO;
}

static int
change_filter(struct life *life)
{
	struct rte_ether_addr mac = second_mac;
	int ret;

	ret = rte_eth_promiscuous_enable(life->port);
	if (ret == 0)
		ret = rte_eth_allmulticast_enable(life->port);
	if (ret == 0)
		ret = rte_eth_dev_mac_addr_add(life->port, &mac, 0);
	if (ret == 0)
		ret = rte_eth_dev_mac_addr_remove(life->port, &mac);
	if (ret == 0)
		ret = rte_eth_allmulticast_disable(life->port);
	return ret == 0 ? rte_eth_promiscuous_disable(life->port) : ret;
}

static int
change_rss(struct life *life)
{
	struct rte_eth_rss_conf conf = {.rss_hf = RTE_ETH_RSS_IPV4};

	return rte_eth_dev_rss_hash_update(life->port, &conf);
}

static int
unmap(struct life *life)
{
	return region_unmap(&life->region, life->dev);
}

static int
restart(struct life *life)
{
	int ret = rte_eth_dev_stop(life->port);

	return ret == 0 ? rte_eth_dev_start(life->port) : ret;
}

static const struct {
	const char *name;
	int (*take)(struct life *life);
} steps[] = {
	{"configure", configure},
	{"start", start},
	{"talk", talk},
	{"map", map},
	{"change the filter", change_filter},
	{"change RSS", change_rss},
	{"talk after the changes", talk},
	{"unmap", unmap},
	{"restart", restart},
	{"talk after the restart", talk},
};

/* From any state: nothing is left mapped, started, or in a queue. */
static void
end(struct life *life)
{
	struct rte_ether_addr mac = second_mac;

	region_unmap(&life->region, life->dev);
	rte_eth_dev_mac_addr_remove(life->port, &mac);
	rte_eth_promiscuous_disable(life->port);
	rte_eth_allmulticast_disable(life->port);
	rte_eth_dev_stop(life->port);
}

int
life_lead(struct life *life)
{
	unsigned int i;
	int ret = 0;

	life->failed = NULL;
	life->failed_to_start = false;
	for (i = 0; i < RTE_DIM(steps) && ret == 0; i++) {
		ret = steps[i].take(life);
		if (ret == 0)
			continue;
		life->failed = steps[i].name;
		life->failed_to_start = steps[i].take == start || steps[i].take == restart;
	}
	end(life);
	return ret;
}

unsigned int
life_missing_buffers(const struct life *life)
{
	return rte_mempool_in_use_count(life->pool);
}

int
life_create(struct life *life, const char *device)
{
	struct rte_eth_dev_info info;
	char err[256];
	int ret;

	ret = rte_eth_dev_get_port_by_name(device, &life->port);
	if (ret == 0)
		ret = rte_eth_dev_info_get(life->port, &info);
	if (ret != 0)
		return ret;
	life->dev = info.device;
	life->pool = rte_pktmbuf_pool_create("nth", BUFFERS, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE,
		SOCKET_ID_ANY);
	if (life->pool == NULL)
		return -rte_errno;
	return region_create(&life->region, MEMKIND_ANON, MEMORY, err, sizeof(err));
}

int
life_close(struct life *life)
{
	return rte_eth_dev_close(life->port);
}

void
life_destroy(struct life *life)
{
	region_destroy(&life->region);
	rte_mempool_free(life->pool);
}
