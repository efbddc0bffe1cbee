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

/* Where the pattern would be, or NULL for a packet in pieces or without room for one. */
static const void *
payload(const struct rte_mbuf *packet)
{
	if (packet->nb_segs != 1 || packet->data_len < sizeof(struct rte_ether_hdr))
		return NULL;
	return rte_pktmbuf_mtod_offset(packet, const void *, sizeof(struct rte_ether_hdr));
}

bool
frame_read(const struct rte_mbuf *packet, uint64_t run, struct pattern *pattern)
{
	const void *data = payload(packet);

	return data != NULL && pattern_read(data,
		packet->data_len - sizeof(struct rte_ether_hdr), run, pattern);
}

bool
frame_equal(const struct rte_mbuf *packet, uint32_t len, const struct pattern *pattern)
{
	const void *data = payload(packet);

	return data != NULL && packet->data_len == len &&
		pattern_equal(data, len - sizeof(struct rte_ether_hdr), pattern);
}

bool
frame_leaks(const struct rte_mbuf *packet, const struct pattern *pattern)
{
	const void *data = payload(packet);

	return data != NULL && pattern_leaks(data,
		packet->data_len - sizeof(struct rte_ether_hdr), pattern);
}
