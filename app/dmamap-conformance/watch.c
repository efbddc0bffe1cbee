/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Owns the polled ports, sending, and the recognition of received frames.
 */
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_ethdev.h>

#include "bytes.h"
#include "patience.h"
#include "port.h"
#include "watch.h"

#define BURST 32
#define ETHER_TYPE 0x88b5	/* IEEE 802 local experimental: no other traffic has it */
#define CONTROL_LEN 256
#define ROUND_MS 10000	/* for a frame; if it has not arrived then, the queue has stopped */
#define STALL_MS 2000	/* on a port with a stopped queue before */

static struct rig *ports[RIG_MAX];
static unsigned int n_ports;

struct waited {
	uint64_t seq;		/* the expected frame; 0 for none */
	uint32_t len;
	const struct span *within;	/* required place of its data; NULL: anywhere */
	const struct rte_mempool *pool;	/* that it arrived in */
	bool whole;
	bool elsewhere;
	bool leak;
	uint64_t control;	/* the frame that ends the wait */
	struct rig *heard;	/* the port where that arrived */
};

void
watch_add(struct rig *rig)
{
	watch_remove(rig);
	if (n_ports < RIG_MAX)
		ports[n_ports++] = rig;
}

void
watch_remove(struct rig *rig)
{
	unsigned int i;

	for (i = 0; i < n_ports; i++)
		if (ports[i] == rig)
			ports[i--] = ports[--n_ports];
}

struct rig *
watch_hears(const struct rig *rig)
{
	unsigned int i;

	for (i = 0; i < n_ports; i++)
		if (ports[i]->peer == rig)
			return ports[i];
	return NULL;
}

static bool
is_within(const struct rte_mbuf *packet, const struct span *span)
{
	for (; packet != NULL; packet = packet->next)
		if (rte_pktmbuf_mtod(packet, uintptr_t) - (uintptr_t)span->addr >= span->len)
			return false;
	return true;
}

static void
look_at(struct rig *rig, const struct rte_mbuf *packet, struct waited *waited)
{
	static uint8_t whole[PORT_FRAME_MAX];
	uint32_t len = packet->pkt_len - sizeof(struct rte_ether_hdr);
	const void *data;
	uint64_t seq;

	if (packet->pkt_len < sizeof(struct rte_ether_hdr) || len > sizeof(whole))
		return;
	data = rte_pktmbuf_read(packet, sizeof(struct rte_ether_hdr), len, whole);
	if (data == NULL)
		return;
	seq = bytes_seq(data, len);
	if (waited->seq != 0 && bytes_leak(data, len, waited->seq))
		waited->leak = true;
	if (seq != 0 && seq == waited->seq && packet->pkt_len == waited->len &&
			bytes_equal(data, len, seq)) {
		waited->pool = packet->pool;
		*(waited->within == NULL || is_within(packet, waited->within) ?
			&waited->whole : &waited->elsewhere) = true;
	}
	if (seq != 0 && seq == waited->control && bytes_equal(data, len, seq))
		waited->heard = rig;
}

static void
poll_ports(struct waited *waited)
{
	struct rte_mbuf *packets[BURST];
	unsigned int i, k, n;
	uint16_t queue;

	for (i = 0; i < n_ports; i++) {
		for (queue = 0; queue < ports[i]->n_queues; queue++) {
			n = rte_eth_rx_burst(ports[i]->port, queue, packets, BURST);
			for (k = 0; k < n; k++) {
				ports[i]->keeps |= queue == 0 &&
					packets[k]->pool != ports[i]->rx_pool;
				look_at(ports[i], packets[k], waited);
				rte_pktmbuf_free(packets[k]);
			}
		}
	}
}

void
port_drain(void)
{
	struct waited nothing = {0};
	unsigned int i;

	for (i = 0; i < 8; i++)
		poll_ports(&nothing);
}

void
port_frame(const struct rig *rig, void *at, uint32_t len, uint64_t seq)
{
	static const struct rte_ether_addr broadcast = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
	struct rte_ether_hdr header = {
		.dst_addr = rig->peer != NULL ? rig->peer->mac : broadcast,
		.src_addr = rig->mac,
		.ether_type = rte_cpu_to_be_16(ETHER_TYPE),
	};

	memcpy(at, &header, sizeof(header));
	bytes_fill((uint8_t *)at + sizeof(header), len - sizeof(header), seq);
}

static void
free_shinfo(void *addr, void *shinfo)
{
	free(shinfo);
}

struct rte_mbuf *
port_attach(const struct rig *rig, const struct span *span)
{
	struct rte_mbuf_ext_shared_info *shinfo = calloc(1, sizeof(*shinfo));
	struct rte_mbuf *packet = rte_pktmbuf_alloc(rig->pool);

	if (shinfo == NULL || packet == NULL || span->len > UINT16_MAX) {
		free(shinfo);
		rte_pktmbuf_free(packet);
		return NULL;
	}
	shinfo->free_cb = free_shinfo;
	shinfo->fcb_opaque = shinfo;
	rte_mbuf_ext_refcnt_set(shinfo, 1);
	rte_pktmbuf_attach_extbuf(packet, span->addr, span->iova, (uint16_t)span->len, shinfo);
	packet->data_off = 0;
	rte_pktmbuf_append(packet, (uint16_t)span->len);
	return packet;
}

/* Consumes the packet. False if the port does not accept it in time. */
static bool
send_packet(struct rig *rig, uint16_t queue, struct rte_mbuf *packet, struct waited *waited)
{
	uint64_t deadline = patience_ms() + ROUND_MS;

	while (rte_eth_tx_burst(rig->port, queue, &packet, 1) == 0) {
		poll_ports(waited);
		if (patience_ms() >= deadline) {
			rte_pktmbuf_free(packet);
			return false;
		}
	}
	return true;
}

static struct rte_mbuf *
native_frame(const struct rig *rig, uint32_t len, uint64_t seq)
{
	struct rte_mbuf *packet = rte_pktmbuf_alloc(rig->pool);
	char *data = packet == NULL ? NULL : rte_pktmbuf_append(packet, (uint16_t)len);

	if (data != NULL)
		port_frame(rig, data, len, seq);
	else
		rte_pktmbuf_free(packet);
	return data == NULL ? NULL : packet;
}

static bool
wait_control(struct rig *rig, uint16_t queue, unsigned int ms, struct waited *waited)
{
	uint64_t deadline = patience_ms() + ms;
	struct rte_mbuf *packet;

	waited->control = rig_next_seq();
	waited->heard = NULL;
	packet = native_frame(rig, CONTROL_LEN, waited->control);
	if (packet == NULL || !send_packet(rig, queue, packet, waited))
		return false;
	while (waited->heard == NULL && patience_ms() < deadline)
		poll_ports(waited);
	if (waited->heard == NULL)
		return false;
	/* Frames sent before it may be in a queue that was polled before it arrived. */
	poll_ports(waited);
	rig->peer = waited->heard;
	return true;
}

static bool
try_control(struct rig *rig, uint16_t queue, unsigned int ms, struct waited *waited)
{
	uint64_t deadline = patience_ms() + ms;
	unsigned int wait = 50;

	do {
		if (wait_control(rig, queue, wait, waited))
			return true;
		wait = RTE_MIN(2 * wait, 500u);
	} while (patience_ms() < deadline);
	return false;
}

bool
port_control(struct rig *rig, uint16_t queue, unsigned int ms)
{
	struct waited waited = {0};

	return try_control(rig, queue, ms, &waited);
}

static enum moved
judge(const struct waited *waited)
{
	return waited->whole ? MOVED : waited->elsewhere ? ELSEWHERE :
		waited->leak ? DAMAGED : REFUSED;
}

/* A queue that the rejected packet has stopped does not affect memory. */
static enum moved
after_stall(struct rig *rig, struct waited *waited)
{
	rig->stalls = true;
	if (rig->ops->restart(rig) != 0)
		return BROKEN;
	return judge(waited);
}

enum moved
port_round(struct rig *rig, uint16_t queue, struct rte_mbuf *packet, uint64_t seq, uint32_t len)
{
	struct waited waited = {.seq = seq, .len = len};

	if (!send_packet(rig, queue, packet, &waited))
		return after_stall(rig, &waited);
	if (!try_control(rig, queue, rig->stalls ? STALL_MS : ROUND_MS, &waited))
		return after_stall(rig, &waited);
	return judge(&waited);
}

static enum moved
catch(struct rig *from, struct waited *waited)
{
	struct rte_mbuf *packet;

	waited->seq = rig_next_seq();
	packet = native_frame(from, waited->len, waited->seq);
	if (packet == NULL || !send_packet(from, 0, packet, waited) ||
			!try_control(from, 0, ROUND_MS, waited))
		return BROKEN;
	return judge(waited);
}

enum moved
watch_catch(struct rig *from, struct rig *to, const struct span *span, uint32_t len)
{
	struct waited waited = {.len = len, .within = span};

	return catch(from, &waited);
}

bool
watch_cycle(struct rig *from, struct rig *to, uint32_t len)
{
	struct waited waited = {.len = len};
	unsigned int i;

	for (i = 0; i <= to->n_rxd && (to->keeps || waited.pool != to->rx_pool); i++)
		if (catch(from, &waited) == BROKEN)
			return false;
	return waited.pool == to->rx_pool;
}

static uint64_t
count_sent(const struct rig *rig)
{
	struct rte_eth_stats stats;

	return rte_eth_stats_get(rig->port, &stats) == 0 ? stats.opackets : 0;
}

/* Polls nothing: what arrives stays in the ring of the port under test. */
bool
port_flood(struct rig *rig, unsigned int n)
{
	struct rig *from = watch_hears(rig);
	uint64_t before = from != NULL ? count_sent(from) : 0;
	unsigned int i, ms, sent = 0;
	struct rte_mbuf *packet;

	for (i = 0; from != NULL && i < n; i++) {
		packet = native_frame(from, CONTROL_LEN, rig_next_seq());
		if (packet != NULL && rte_eth_tx_burst(from->port, 0, &packet, 1) == 1)
			sent++;
		else
			rte_pktmbuf_free(packet);
	}
	for (ms = 0; ms < ROUND_MS && sent > 0 && count_sent(from) - before < sent; ms++)
		rte_delay_us_sleep(1000);
	return sent > 0 && count_sent(from) - before >= sent;
}
