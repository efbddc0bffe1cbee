/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Owns where in a frame the pattern lies: right behind the Ethernet header, to the end.
 */
#include "frame.h"

struct rte_mbuf *
frame_new(struct rte_mempool *pool, uint32_t len, const struct rte_ether_addr *to,
	const struct rte_ether_addr *from, const struct pattern *pattern)
{
	struct rte_mbuf *packet = rte_pktmbuf_alloc(pool);
	struct rte_ether_hdr *header;

	if (packet == NULL)
		return NULL;
	header = (struct rte_ether_hdr *)rte_pktmbuf_append(packet, len);
	if (header == NULL) {
		rte_pktmbuf_free(packet);
		return NULL;
	}
	rte_ether_addr_copy(to, &header->dst_addr);
	rte_ether_addr_copy(from, &header->src_addr);
	header->ether_type = rte_cpu_to_be_16(FRAME_ETHER_TYPE);
	pattern_fill(header + 1, len - sizeof(*header), pattern);
	return packet;
}

/*
 * The payload behind the Ethernet header, *len bytes. A packet of several segments is linearised in
 * a buffer that is valid until the next call. NULL if it is empty or too long.
 */
static const void *
payload(const struct rte_mbuf *packet, uint32_t *len)
{
	static char whole[FRAME_MAX_LEN];

	if (packet->pkt_len < sizeof(struct rte_ether_hdr) || packet->pkt_len > FRAME_MAX_LEN)
		return NULL;
	*len = packet->pkt_len - sizeof(struct rte_ether_hdr);
	return rte_pktmbuf_read(packet, sizeof(struct rte_ether_hdr), *len, whole);
}

bool
frame_read(const struct rte_mbuf *packet, uint64_t run, struct pattern *pattern)
{
	uint32_t len;
	const void *data = payload(packet, &len);

	return data != NULL && pattern_read(data, len, run, pattern);
}

bool
frame_equal(const struct rte_mbuf *packet, uint32_t len, const struct pattern *pattern)
{
	uint32_t data_len;
	const void *data = payload(packet, &data_len);

	return data != NULL && packet->pkt_len == len && pattern_equal(data, data_len, pattern);
}

bool
frame_leaks(const struct rte_mbuf *packet, const struct pattern *pattern)
{
	uint32_t len;
	const void *data = payload(packet, &len);

	return data != NULL && pattern_leaks(data, len, pattern);
}
