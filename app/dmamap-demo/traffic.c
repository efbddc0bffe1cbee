/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Owns discovery of the wiring and the flow of one port to its peer.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "deadline.h"
#include "frame.h"
#include "pci_ext.h"
#include "traffic.h"

#define LINK_MS 10000
#define HELLO_MS 100
#define MAX_STALLS 2	/* timeouts without a packet before the rest counts as lost */

static const struct rte_ether_addr broadcast = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

unsigned int
traffic_poll(const struct traffic *traffic, port_packet_cb cb, void *arg)
{
	unsigned int i, n = 0;

	for (i = 0; i < traffic->n_ports; i++)
		if (traffic->ports[i].started)
			n += port_receive(&traffic->ports[i], cb, arg);
	return n;
}

static bool
all_links_up(const struct traffic *traffic)
{
	unsigned int i;

	for (i = 0; i < traffic->n_ports; i++)
		if (traffic->ports[i].started && !port_link_up(&traffic->ports[i]))
			return false;
	return true;
}

void
traffic_wait_links(const struct traffic *traffic)
{
	struct deadline deadline = deadline_in_ms(LINK_MS);

	while (!all_links_up(traffic) && !deadline_passed(deadline))
		rte_delay_us_sleep(10000);
}

static void
hear_hello(struct port *port, struct rte_mbuf *packet, void *arg)
{
	struct traffic *traffic = arg;
	struct pattern pattern;
	unsigned int i;

	if (!frame_read(packet, traffic->run, &pattern) || pattern.kind != PATTERN_HELLO)
		return;
	for (i = 0; i < traffic->n_ports; i++) {
		struct port *sender = &traffic->ports[i];

		if (sender->started && sender->id == pattern.sender && sender->peer == NULL)
			sender->peer = port;
	}
}

/* Returns the number of ports without a known peer. */
static unsigned int
send_hellos(struct traffic *traffic, uint32_t round)
{
	unsigned int i, missing = 0;

	for (i = 0; i < traffic->n_ports; i++) {
		struct port *port = &traffic->ports[i];
		const struct pattern pattern = {
			.run = traffic->run, .seq = round, .sender = port->id,
			.kind = PATTERN_HELLO,
		};
		struct rte_mbuf *packet;

		if (!port->started || port->peer != NULL)
			continue;
		missing++;
		packet = frame_new(port->native, traffic->args->packet_size, &broadcast, &port->mac,
			&pattern);
		if (packet != NULL && !port_send(port, packet))
			rte_pktmbuf_free(packet);
	}
	return missing;
}

void
traffic_find_peers(struct traffic *traffic)
{
	struct deadline end = deadline_in_ms(traffic->args->timeout_ms);
	uint32_t round = 0;

	while (send_hellos(traffic, round++) > 0 && !deadline_passed(end)) {
		struct deadline next = deadline_in_ms(HELLO_MS);

		while (!deadline_passed(next))
			if (traffic_poll(traffic, hear_hello, traffic) == 0)
				rte_delay_us_sleep(100);
	}
}

/*
 * For assert(): the device may access the packet, and write it if it has received it. What a data
 * path can check in its debug build (without NDEBUG); if pci_ext, which knows, is not loaded,
 * nothing is checked.
 */
static bool
is_mapped(const struct port *port, const struct rte_mbuf *packet, bool is_received)
{
	struct pci_ext_answer answer;

	if (port->query == NULL || !port->sends || port->software)
		return true;
	for (; packet != NULL; packet = packet->next)
		if (port->query(port->dev, rte_pktmbuf_mtod(packet, void *), packet->data_len,
				&answer) != 0 || answer.state != PCI_EXT_IS_MAPPED ||
				(is_received && answer.access != PCI_EXT_ACCESS_READ_WRITE))
			return false;
	return true;
}

struct flow {
	const struct traffic *traffic;
	struct port *from;
	uint32_t sent;
	uint32_t arrived;
	uint8_t *seen;		/* one byte per sequence number */
};

/* All segments of the packet are in the port's Rx memory. */
static bool
is_inside(const struct port *port, const struct rte_mbuf *packet)
{
	if (!port->sends || port->software)
		return true;
	for (; packet != NULL; packet = packet->next)
		if (!region_contains(port->region, rte_pktmbuf_mtod(packet, void *),
				packet->data_len))
			return false;
	return true;
}

/* The right bytes, for the first time, in the right memory. */
static bool
is_valid(const struct flow *flow, const struct port *port, const struct rte_mbuf *packet,
	const struct pattern *pattern)
{
	const struct args *args = flow->traffic->args;

	if (pattern->seq >= args->packets || flow->seen[pattern->seq])
		return false;
	return is_inside(port, packet) && frame_equal(packet, args->packet_size, pattern);
}

static void
hear_data(struct port *port, struct rte_mbuf *packet, void *arg)
{
	struct flow *flow = arg;
	struct pattern pattern;

	if (port != flow->from->peer || !frame_read(packet, flow->traffic->run, &pattern) ||
			pattern.kind != PATTERN_DATA || pattern.sender != flow->from->id)
		return;
	assert(is_mapped(port, packet, true));
	flow->arrived++;
	port->rx++;
	if (!is_valid(flow, port, packet, &pattern))
		return;
	flow->seen[pattern.seq] = 1;
	port->verified++;
}

static bool
send_next(struct flow *flow)
{
	struct port *from = flow->from;
	const struct pattern pattern = {
		.run = flow->traffic->run, .seq = flow->sent, .sender = from->id,
		.kind = PATTERN_DATA,
	};
	struct rte_mbuf *packet;

	packet = frame_new(from->pool, flow->traffic->args->packet_size, &from->peer->mac,
		&from->mac, &pattern);
	if (packet == NULL)
		return false;
	assert(is_mapped(from, packet, false));
	if (!port_send(from, packet)) {
		rte_pktmbuf_free(packet);
		return false;
	}
	flow->sent++;
	from->tx++;
	return true;
}

/* The send limit: packets received, packets counted as lost, and a window. */
static void
fill_window(struct flow *flow, uint64_t lost)
{
	const struct args *args = flow->traffic->args;
	uint64_t limit = flow->arrived + lost + args->window;

	while (flow->sent < args->packets && flow->sent < limit && send_next(flow))
		;
}

static void
report_loss(const struct flow *flow)
{
	const struct port *from = flow->from;
	uint32_t seq = 0;

	while (seq < flow->sent && flow->seen[seq])
		seq++;
	fprintf(stderr, "dmamap-demo: port %u to port %u: sent %" PRIu32 " of %" PRIu32
		", arrived %" PRIu32 ", first missing or wrong: number %" PRIu32 "\n", from->id,
		from->peer->id, flow->sent, flow->traffic->args->packets, flow->arrived, seq);
	port_print_counters(from, stderr);
	if (from->peer != from)
		port_print_counters(from->peer, stderr);
}

static void
flow_run(struct flow *flow)
{
	const struct args *args = flow->traffic->args;
	struct deadline stall = deadline_in_ms(args->timeout_ms);
	unsigned int stalls = 0;
	uint64_t lost = 0;

	while (flow->arrived < args->packets && stalls < MAX_STALLS) {
		uint32_t before = flow->arrived;

		fill_window(flow, lost);
		traffic_poll(flow->traffic, hear_data, flow);
		if (flow->arrived != before) {
			stall = deadline_in_ms(args->timeout_ms);
		} else if (deadline_passed(stall)) {
			stalls = flow->sent == args->packets ? MAX_STALLS : stalls + 1;
			lost = flow->sent - RTE_MIN(flow->sent, flow->arrived);
			stall = deadline_in_ms(args->timeout_ms);
		}
	}
	if (flow->arrived == args->packets)
		return;
	report_loss(flow);
}

void
traffic_run(struct traffic *traffic)
{
	unsigned int i;

	for (i = 0; i < traffic->n_ports; i++) {
		struct flow flow = {.traffic = traffic, .from = &traffic->ports[i]};

		if (!flow.from->started || !flow.from->sends || flow.from->peer == NULL)
			continue;
		flow.from->peer->rx_expected += traffic->args->packets;
		flow.seen = calloc(traffic->args->packets, 1);
		if (flow.seen == NULL)
			continue; /* the counts will show it */
		flow_run(&flow);
		free(flow.seen);
	}
}

struct cycle {
	const struct port *to;
	bool received;
	bool native;
};

static void
hear_cycle(struct port *port, struct rte_mbuf *packet, void *arg)
{
	struct cycle *cycle = arg;

	if (port != cycle->to)
		return;
	cycle->received = true;
	cycle->native = cycle->native || packet->pool == port->native;
}

/* One frame; false if none is received. */
static bool
cycle_once(const struct traffic *traffic, struct port *from, struct cycle *cycle)
{
	const struct pattern pattern = {
		.run = traffic->run, .sender = from->id, .kind = PATTERN_HELLO,
	};
	struct deadline deadline = deadline_in_ms(traffic->args->timeout_ms);
	struct rte_mbuf *packet;

	packet = frame_new(from->native, traffic->args->packet_size, &from->peer->mac, &from->mac,
		&pattern);
	if (packet == NULL)
		return false;
	if (!port_send(from, packet))
		rte_pktmbuf_free(packet);
	cycle->received = false;
	while (!cycle->received && !deadline_passed(deadline))
		traffic_poll(traffic, hear_cycle, cycle);
	return cycle->received;
}

void
traffic_cycle(const struct traffic *traffic)
{
	unsigned int i, n;

	for (i = 0; i < traffic->n_ports; i++) {
		struct port *from = &traffic->ports[i];
		struct cycle cycle = {.to = from->peer};

		if (!from->started || from->peer == NULL || !from->peer->started)
			continue;
		for (n = 0; n <= from->peer->n_rxd && !cycle.native; n++)
			if (!cycle_once(traffic, from, &cycle) && n != 0)
				break; /* only a new link may lose the first */
	}
}
