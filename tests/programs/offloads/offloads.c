/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * offloads.c - sends frames of each kind to itself on a port in loopback, and checks the results of
 * the offloads: checksums, hash, VLAN tag and packet type. TAP.
 *
 * offloads [EAL arguments]: port 0, on the software HCA in step mode; or of a cable, whose offloads
 * are the checksums that the driver computes, and which distinguishes bad ones.
 */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_ip.h>
#include <rte_mbuf.h>
#include <rte_tcp.h>
#include <rte_thash.h>
#include <rte_udp.h>

#include "tap.h"

#define PAYLOAD 100u
#define TAG 0x2123
#define GOOD (RTE_MBUF_F_RX_IP_CKSUM_GOOD | RTE_MBUF_F_RX_L4_CKSUM_GOOD)

/* A frame, and the expected results. */
struct kind {
	const char *name;
	bool ipv6, tcp, ip;
	bool fill;		/* Tx checksum offload; else checksums are right, or: */
	bool broken;		/* wrong */
	bool tagged;
	uint64_t flags;		/* GOOD, also for a header without a checksum; or none */
	uint32_t type;
};

#define V4(l4) (RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4_EXT_UNKNOWN | (l4))
#define V6(l4) (RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV6_EXT_UNKNOWN | (l4))

static const struct kind kinds[] = {
	{"UDP, checksum offload", .ip = true, .fill = true, .flags = GOOD,
		.type = V4(RTE_PTYPE_L4_UDP)},
	{"TCP, checksum offload", .ip = true, .tcp = true, .fill = true, .flags = GOOD,
		.type = V4(RTE_PTYPE_L4_TCP)},
	{"UDP over IPv6, checksum offload", .ip = true, .ipv6 = true, .fill = true, .flags = GOOD,
		.type = V6(RTE_PTYPE_L4_UDP)},
	{"TCP over IPv6, without offload", .ip = true, .ipv6 = true, .tcp = true, .flags = GOOD,
		.type = V6(RTE_PTYPE_L4_TCP)},
	{"UDP, without offload", .ip = true, .flags = GOOD, .type = V4(RTE_PTYPE_L4_UDP)},
	{"UDP, broken", .ip = true, .broken = true, .type = V4(RTE_PTYPE_L4_UDP)},
	{"UDP, tagged", .ip = true, .tagged = true, .flags = GOOD, .type = V4(RTE_PTYPE_L4_UDP)},
	{"neither IPv4 nor IPv6", .type = RTE_PTYPE_L2_ETHER},
};
#define KINDS RTE_DIM(kinds)

static uint8_t key[40];
static struct rte_mempool *pool;
static struct rte_eth_dev_info info;
static bool is_cable;	/* no packet types, no hash, and tags stay */

#define SECONDS 30	/* a limit, for a busy machine */

static void *
put(struct rte_mbuf *pkt, const void *bytes, uint16_t len)
{
	char *to = rte_pktmbuf_append(pkt, len);

	memcpy(to, bytes, len);
	return to;
}

static void
put_ether(struct rte_mbuf *pkt, const struct kind *kind)
{
	uint16_t type = !kind->ip ? 0x88b5 : kind->ipv6 ? RTE_ETHER_TYPE_IPV6 : RTE_ETHER_TYPE_IPV4;
	struct rte_ether_hdr ether = {
		.dst_addr.addr_bytes = {2},
		.ether_type = rte_cpu_to_be_16(kind->tagged ? RTE_ETHER_TYPE_VLAN : type),
	};
	struct rte_vlan_hdr tag = {rte_cpu_to_be_16(TAG), rte_cpu_to_be_16(type)};

	put(pkt, &ether, sizeof(ether));
	if (kind->tagged)
		put(pkt, &tag, sizeof(tag));
}

static void *
put_ip(struct rte_mbuf *pkt, const struct kind *kind, uint16_t l4_len)
{
	uint8_t protocol = kind->tcp ? IPPROTO_TCP : IPPROTO_UDP;
	struct rte_ipv4_hdr v4 = {
		.version_ihl = 0x45,
		.total_length = rte_cpu_to_be_16(sizeof(v4) + l4_len + PAYLOAD),
		.time_to_live = 64,
		.next_proto_id = protocol,
		.src_addr = rte_cpu_to_be_32(0xc0000201),
		.dst_addr = rte_cpu_to_be_32(0xc0000202),
	};
	struct rte_ipv6_hdr v6 = {
		.vtc_flow = rte_cpu_to_be_32(0x60000000),
		.payload_len = rte_cpu_to_be_16(l4_len + PAYLOAD),
		.proto = protocol,
		.hop_limits = 64,
	};
	/* 2001:db8::1 and ::2; a structure from DPDK 24.11 on, an array before. */
	static const uint8_t addrs[2][16] = {
		{0x20, 1, 0xd, 0xb8, [15] = 1}, {0x20, 1, 0xd, 0xb8, [15] = 2}};

	memcpy(&v6.src_addr, addrs[0], sizeof(addrs[0]));
	memcpy(&v6.dst_addr, addrs[1], sizeof(addrs[1]));
	pkt->l3_len = kind->ipv6 ? sizeof(v6) : sizeof(v4);
	return put(pkt, kind->ipv6 ? (void *)&v6 : (void *)&v4, pkt->l3_len);
}

static uint16_t *
put_l4(struct rte_mbuf *pkt, const struct kind *kind)
{
	struct rte_udp_hdr udp = {rte_cpu_to_be_16(4000), rte_cpu_to_be_16(5000),
		rte_cpu_to_be_16(sizeof(udp) + PAYLOAD), 0};
	struct rte_tcp_hdr tcp = {.src_port = rte_cpu_to_be_16(4000),
		.dst_port = rte_cpu_to_be_16(5000), .data_off = 0x50, .tcp_flags = RTE_TCP_ACK_FLAG};

	if (!kind->tcp)
		return &((struct rte_udp_hdr *)put(pkt, &udp, sizeof(udp)))->dgram_cksum;
	return &((struct rte_tcp_hdr *)put(pkt, &tcp, sizeof(tcp)))->cksum;
}

/* The part of the checksum that software has to compute: the pseudo header, or all. */
static void
put_checksums(struct rte_mbuf *pkt, const struct kind *kind, void *ip, uint16_t *l4)
{
	struct rte_ipv4_hdr *v4 = ip;
	uint64_t l4_flag = kind->tcp ? RTE_MBUF_F_TX_TCP_CKSUM : RTE_MBUF_F_TX_UDP_CKSUM;

	if (kind->fill && is_cable && !kind->ipv6) {
		pkt->ol_flags |= RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM;
		*l4 = rte_ipv4_udptcp_cksum(v4, v4 + 1);
		return;
	}
	if (kind->fill && !is_cable) {
		pkt->ol_flags |= l4_flag | (kind->ipv6 ? RTE_MBUF_F_TX_IPV6 :
			RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM);
		*l4 = kind->ipv6 ? rte_ipv6_phdr_cksum(ip, pkt->ol_flags) :
			rte_ipv4_phdr_cksum(ip, pkt->ol_flags);
		return;
	}
	if (kind->ipv6) {
		*l4 = rte_ipv6_udptcp_cksum(ip, (struct rte_ipv6_hdr *)ip + 1);
		return;
	}
	v4->hdr_checksum = rte_ipv4_cksum(v4) + kind->broken;
	*l4 = rte_ipv4_udptcp_cksum(v4, v4 + 1) + kind->broken;
}

static struct rte_mbuf *
make(const struct kind *kind)
{
	struct rte_mbuf *pkt = rte_pktmbuf_alloc(pool);
	uint8_t payload[PAYLOAD];
	uint16_t *l4 = NULL, i;
	void *ip = NULL;

	for (i = 0; i < PAYLOAD; i++)
		payload[i] = i * 3;
	put_ether(pkt, kind);
	pkt->l2_len = pkt->data_len;
	if (kind->ip) {
		ip = put_ip(pkt, kind, kind->tcp ? sizeof(struct rte_tcp_hdr) :
			sizeof(struct rte_udp_hdr));
		l4 = put_l4(pkt, kind);
	}
	put(pkt, payload, sizeof(payload));
	if (kind->ip)
		put_checksums(pkt, kind, ip, l4);
	return pkt;
}

static uint32_t
expected_hash(const struct kind *kind, const void *ip)
{
	const struct rte_ipv4_hdr *v4 = ip;
	const struct rte_ipv6_hdr *v6 = ip;
	union rte_thash_tuple tuple;

	memset(&tuple, 0, sizeof(tuple));
	if (kind->ipv6) {
		rte_thash_load_v6_addrs(v6, &tuple);
		tuple.v6.sport = 4000;
		tuple.v6.dport = 5000;
		return rte_softrss((uint32_t *)&tuple, RTE_THASH_V6_L4_LEN, key);
	}
	tuple.v4.src_addr = rte_be_to_cpu_32(v4->src_addr);
	tuple.v4.dst_addr = rte_be_to_cpu_32(v4->dst_addr);
	tuple.v4.sport = 4000;
	tuple.v4.dport = 5000;
	return rte_softrss((uint32_t *)&tuple, RTE_THASH_V4_L4_LEN, key);
}

static bool
has_right_checksums(const struct kind *kind, const void *ip)
{
	const struct rte_ipv4_hdr *v4 = ip;
	const struct rte_ipv6_hdr *v6 = ip;

	return kind->ipv6 ? rte_ipv6_udptcp_cksum_verify(v6, v6 + 1) == 0 :
		rte_ipv4_cksum(v4) == 0 && rte_ipv4_udptcp_cksum_verify(v4, v4 + 1) == 0;
}

/* On a cable. There is no header checksum in IPv6. */
static uint64_t
flags_by_software(const struct kind *kind)
{
	if (!kind->ip)
		return 0;
	if (kind->broken)
		return RTE_MBUF_F_RX_IP_CKSUM_BAD | RTE_MBUF_F_RX_L4_CKSUM_BAD;
	return kind->ipv6 ? RTE_MBUF_F_RX_L4_CKSUM_GOOD : GOOD;
}

static void
look_at_cable(struct rte_mbuf *pkt, const struct kind *kind)
{
	size_t header = sizeof(struct rte_ether_hdr) + (kind->tagged ? sizeof(struct rte_vlan_hdr) : 0);

	tap_result(pkt->ol_flags == flags_by_software(kind), "%s: Rx offload results", kind->name);
	if (kind->ip)
		tap_result(has_right_checksums(kind, rte_pktmbuf_mtod_offset(pkt, void *, header)) !=
			kind->broken, "%s: checksums", kind->name);
}

static void
look_at(struct rte_mbuf *pkt, const struct kind *kind)
{
	const struct rte_ether_hdr *ether = rte_pktmbuf_mtod(pkt, struct rte_ether_hdr *);
	uint64_t tag = RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED;
	uint64_t wanted = kind->flags | (kind->ip ? RTE_MBUF_F_RX_RSS_HASH : 0) |
		(kind->tagged ? tag : 0);

	tap_result(pkt->ol_flags == wanted, "%s: Rx offload results", kind->name);
	tap_result(pkt->packet_type == kind->type, "%s: packet type", kind->name);
	tap_result(!kind->tagged || (pkt->vlan_tci == TAG &&
		ether->ether_type == rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV4)), "%s: tag", kind->name);
	if (!kind->ip)
		return;
	tap_result(has_right_checksums(kind, ether + 1) != kind->broken, "%s: checksums", kind->name);
	tap_result(pkt->hash.rss == expected_hash(kind, ether + 1), "%s: hash", kind->name);
}

static int
start_port(void)
{
	struct rte_eth_conf conf = {
		.rxmode = {
			.mq_mode = RTE_ETH_MQ_RX_RSS,
			.offloads = RTE_ETH_RX_OFFLOAD_CHECKSUM | RTE_ETH_RX_OFFLOAD_RSS_HASH |
				RTE_ETH_RX_OFFLOAD_VLAN_STRIP,
		},
		.txmode.offloads = RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | RTE_ETH_TX_OFFLOAD_UDP_CKSUM |
			RTE_ETH_TX_OFFLOAD_TCP_CKSUM,
		.rx_adv_conf.rss_conf = {
			.rss_key = key,
			.rss_key_len = sizeof(key),
			.rss_hf = RTE_ETH_RSS_IP | RTE_ETH_RSS_UDP | RTE_ETH_RSS_TCP,
		},
	};
	unsigned int i;
	int ret;

	for (i = 0; i < sizeof(key); i++)
		key[i] = 0x6d + i * 37;
	ret = rte_eth_dev_info_get(0, &info);
	if (ret != 0)
		return ret;
	is_cable = info.flow_type_rss_offloads == 0;
	conf.rx_adv_conf.rss_conf.rss_hf &= info.flow_type_rss_offloads;
	if (is_cable) {
		conf.rx_adv_conf.rss_conf = (struct rte_eth_rss_conf){0};
		conf.rxmode.mq_mode = RTE_ETH_MQ_RX_NONE;
		conf.rxmode.offloads = RTE_ETH_RX_OFFLOAD_CHECKSUM;
		conf.txmode.offloads = RTE_ETH_TX_OFFLOAD_IPV4_CKSUM;
	}
	ret = rte_eth_dev_configure(0, 1, 1, &conf);
	if (ret == 0)
		ret = rte_eth_rx_queue_setup(0, 0, 64, 0, NULL, pool);
	if (ret == 0)
		ret = rte_eth_tx_queue_setup(0, 0, 64, 0, NULL);
	if (ret == 0)
		ret = rte_eth_dev_start(0);
	return ret == 0 ? rte_eth_promiscuous_enable(0) : ret;
}

static bool
is_late(uint64_t start)
{
	return rte_get_timer_cycles() - start > SECONDS * rte_get_timer_hz();
}

/* Without the software HCA: the link of a loopback comes up by itself. */
static void
send_all(struct rte_mbuf **pkts)
{
	uint64_t start = rte_get_timer_cycles();
	uint16_t n = 0;

	while (n < KINDS && !is_late(start))
		n += rte_eth_tx_burst(0, 0, &pkts[n], KINDS - n);
	tap_result(n == KINDS, "all: sent");
}

static uint16_t
receive_all(struct rte_mbuf **pkts)
{
	uint64_t start = rte_get_timer_cycles();
	uint16_t n = 0;

	do {
		n += rte_eth_rx_burst(0, 0, &pkts[n], KINDS - n);
	} while (n < KINDS && is_cable && !is_late(start));
	return n;
}

/* All kinds in one burst: an offload of one frame must not affect its neighbour. */
static void
run(void (*step)(void))
{
	struct rte_mbuf *pkts[KINDS];
	unsigned int i;
	uint16_t n;

	for (i = 0; i < KINDS; i++)
		pkts[i] = make(&kinds[i]);
	send_all(pkts);
	if (step != NULL)
		step();
	n = receive_all(pkts);
	tap_result(n == KINDS, "all: received");
	for (i = 0; i < n; i++) {
		if (is_cable)
			look_at_cable(pkts[i], &kinds[i]);
		else
			look_at(pkts[i], &kinds[i]);
		rte_pktmbuf_free(pkts[i]);
	}
}

int
main(int argc, char **argv)
{
	void (*step)(void);
	bool good;

	if (rte_eal_init(argc, argv) < 0)
		return EXIT_FAILURE;
	step = (void (*)(void))(uintptr_t)dlsym(RTLD_DEFAULT, "softhca_step");
	pool = rte_pktmbuf_pool_create("offloads", 511, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, 0);
	if (pool == NULL || start_port() != 0 || (step == NULL) != is_cable) {
		printf("Bail out! no port, or neither the software HCA nor a cable\n");
		return EXIT_FAILURE;
	}
	run(step);
	good = tap_done();
	rte_eth_dev_stop(0);
	rte_eth_dev_close(0);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
