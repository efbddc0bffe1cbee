/* SPDX-License-Identifier: BSD-3-Clause */
/* Sums are those of rte_ip.h: 16 bits, in network order; of a range with its checksum, 0xffff. */
#include <stddef.h>
#include <string.h>

#include <rte_byteorder.h>
#include <rte_ethdev.h>
#include <rte_ip.h>
#include <rte_mbuf.h>
#include <rte_net.h>
#include <rte_udp.h>

#include "datapath/checksum.h"

#define ALL_ONES 0xffff

static uint16_t
add_sums(uint16_t a, uint16_t b)
{
	uint32_t sum = (uint32_t)a + b;

	return sum + (sum >> 16);
}

/*
 * The sum of a range, over segments. False if the packet ends before it. (rte_raw_cksum_mbuf()
 * loses the carry of segments behind an odd number of bytes.)
 */
static bool
sum_range(const struct rte_mbuf *pkt, uint32_t off, uint32_t len, uint16_t *sum)
{
	const struct rte_mbuf *seg;
	uint32_t done = 0, n;
	uint16_t part;

	*sum = 0;
	for (seg = pkt; seg != NULL && done < len; seg = seg->next) {
		if (off >= seg->data_len) {
			off -= seg->data_len;
			continue;
		}
		n = RTE_MIN(len - done, seg->data_len - off);
		part = rte_raw_cksum(rte_pktmbuf_mtod_offset(seg, const void *, off), n);
		*sum = add_sums(*sum, done % 2 == 0 ? part : rte_bswap16(part));
		done += n;
		off = 0;
	}
	return done == len;
}

/* True if the sum of the bytes, and of the pseudo header, is that of a valid checksum. */
static bool
is_valid(const struct rte_mbuf *pkt, uint32_t off, uint32_t len, uint16_t pseudo)
{
	uint16_t sum;

	return sum_range(pkt, off, len, &sum) && add_sums(sum, pseudo) == ALL_ONES;
}

/* What is summed with a checksum of L4. len 0: nothing can be verified. */
struct l4 {
	uint32_t off;
	uint32_t len;
	uint16_t pseudo;
};

/* The payload of IP, without the padding of a short frame. */
static struct l4
l4_of_ipv4(const struct rte_ipv4_hdr *ip, const struct rte_net_hdr_lens *lens)
{
	uint32_t total = rte_be_to_cpu_16(ip->total_length);

	if (total <= lens->l3_len)
		return (struct l4){0};
	return (struct l4){lens->l2_len + lens->l3_len, total - lens->l3_len,
		rte_ipv4_phdr_cksum(ip, 0)};
}

static struct l4
l4_of_ipv6(const struct rte_ipv6_hdr *ip, const struct rte_net_hdr_lens *lens)
{
	/* The destination of a routing header would be in the pseudo header. */
	if (lens->l3_len != sizeof(*ip))
		return (struct l4){0};
	return (struct l4){lens->l2_len + lens->l3_len, rte_be_to_cpu_16(ip->payload_len),
		rte_ipv6_phdr_cksum(ip, 0)};
}

static struct l4
find_l4(const struct rte_mbuf *pkt, uint32_t type, const struct rte_net_hdr_lens *lens)
{
	union {
		struct rte_ipv4_hdr v4;
		struct rte_ipv6_hdr v6;
	} room;
	const void *ip;

	ip = rte_pktmbuf_read(pkt, lens->l2_len,
		RTE_ETH_IS_IPV4_HDR(type) ? sizeof(room.v4) : sizeof(room.v6), &room);
	if (ip == NULL)
		return (struct l4){0};
	return RTE_ETH_IS_IPV4_HDR(type) ? l4_of_ipv4(ip, lens) : l4_of_ipv6(ip, lens);
}

/* UDP over IPv4 may be sent without a checksum; over IPv6 that is a bad one. */
static bool
has_checksum(const struct rte_mbuf *pkt, uint32_t type, const struct l4 *l4)
{
	const struct rte_udp_hdr *udp;
	struct rte_udp_hdr room;

	if ((type & RTE_PTYPE_L4_MASK) != RTE_PTYPE_L4_UDP || !RTE_ETH_IS_IPV4_HDR(type))
		return true;
	udp = rte_pktmbuf_read(pkt, l4->off, sizeof(room), &room);
	return udp != NULL && udp->dgram_cksum != 0;
}

static uint64_t
offload_of(uint32_t type)
{
	switch (type & RTE_PTYPE_L4_MASK) {
	case RTE_PTYPE_L4_TCP:
		return RTE_ETH_RX_OFFLOAD_TCP_CKSUM;
	case RTE_PTYPE_L4_UDP:
		return RTE_ETH_RX_OFFLOAD_UDP_CKSUM;
	default:
		return 0;
	}
}

static uint64_t
verify_l4(const struct rte_mbuf *pkt, uint32_t type, const struct rte_net_hdr_lens *lens)
{
	struct l4 l4 = find_l4(pkt, type, lens);

	if (l4.len < lens->l4_len || l4.len == 0 || l4.off > pkt->pkt_len ||
	    l4.len > pkt->pkt_len - l4.off || !has_checksum(pkt, type, &l4))
		return 0;
	return is_valid(pkt, l4.off, l4.len, l4.pseudo) ? RTE_MBUF_F_RX_L4_CKSUM_GOOD :
		RTE_MBUF_F_RX_L4_CKSUM_BAD;
}

static uint64_t
verify(const struct rte_mbuf *pkt, uint64_t offloads)
{
	struct rte_net_hdr_lens lens = {0};
	uint64_t flags = 0;
	uint32_t type;

	type = rte_net_get_ptype(pkt, &lens,
		RTE_PTYPE_L2_MASK | RTE_PTYPE_L3_MASK | RTE_PTYPE_L4_MASK);
	if (RTE_ETH_IS_IPV4_HDR(type) && (offloads & RTE_ETH_RX_OFFLOAD_IPV4_CKSUM) != 0)
		flags |= is_valid(pkt, lens.l2_len, lens.l3_len, 0) ? RTE_MBUF_F_RX_IP_CKSUM_GOOD :
			RTE_MBUF_F_RX_IP_CKSUM_BAD;
	if ((offload_of(type) & offloads) != 0)
		flags |= verify_l4(pkt, type, &lens);
	return flags;
}

void
mlx5x_checksum_verify(struct rte_mbuf **pkts, uint16_t n, uint64_t offloads)
{
	uint16_t i;

	for (i = 0; i < n; i++)
		pkts[i]->ol_flags |= verify(pkts[i], offloads);
}

/* A header may be in several segments. */
static void
write_byte(struct rte_mbuf *pkt, uint32_t off, uint8_t byte)
{
	struct rte_mbuf *seg;

	for (seg = pkt; seg != NULL && off >= seg->data_len; seg = seg->next)
		off -= seg->data_len;
	if (seg != NULL)
		*rte_pktmbuf_mtod_offset(seg, uint8_t *, off) = byte;
}

static void
write_sum(struct rte_mbuf *pkt, rte_be16_t sum)
{
	uint32_t off = pkt->l2_len + offsetof(struct rte_ipv4_hdr, hdr_checksum);
	uint8_t bytes[sizeof(sum)];

	memcpy(bytes, &sum, sizeof(sum));
	write_byte(pkt, off, bytes[0]);
	write_byte(pkt, off + 1, bytes[1]);
}

static void
fill(struct rte_mbuf *pkt)
{
	uint16_t sum;

	if (pkt->l3_len < sizeof(struct rte_ipv4_hdr))
		return;
	write_sum(pkt, 0);
	if (sum_range(pkt, pkt->l2_len, pkt->l3_len, &sum))
		write_sum(pkt, (rte_be16_t)~sum);
}

void
mlx5x_checksum_fill(struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t i;

	for (i = 0; i < n; i++)
		if ((pkts[i]->ol_flags & RTE_MBUF_F_TX_IP_CKSUM) != 0)
			fill(pkts[i]);
}
