/* SPDX-License-Identifier: BSD-3-Clause */
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_ethdev.h>

#include "flow.h"
#include "frame.h"

#define BURST 32
#define WINDOW 256
#define GIVE_UP_MS 30	/* without an arrival: packets under way are lost, send more */
#define SURE_MS 5000	/* longer, where more packets might overrun the receiving ring */

static struct pattern
pattern_of(const struct flow *flow, uint64_t number)
{
	return (struct pattern){
		.run = (uint64_t)getpid() << 32 | number >> 32,
		.seq = number,
		.sender = flow->queue,
		.kind = PATTERN_DATA,
	};
}

/* Spread evenly without a pattern of period 1000; 2654435761 is Knuth's multiplicative hash. */
static bool
is_unmapped(const struct flow *flow, uint64_t number)
{
	return (uint32_t)(number * 2654435761u) / 4294968u < flow->unmapped_share;
}

static uint64_t
on_the_way(const struct flow *flow)
{
	return flow->sent - flow->sent_unmapped - (flow->base - flow->base_unmapped);
}

/* Gives up numbers below this one, arrived or not. */
static void
move_base(struct flow *flow, uint64_t number)
{
	for (; flow->base < number; flow->base++)
		flow->base_unmapped += is_unmapped(flow, flow->base);
}

static struct rte_mbuf *
next_packet(const struct flow *flow, uint64_t number)
{
	const struct pattern pattern = pattern_of(flow, number);
	struct rte_mempool *pool = is_unmapped(flow, number) ? flow->unmapped : flow->mapped;

	return frame_new(pool, flow->size, &flow->port->mac, &flow->port->mac, &pattern);
}

static void
send_some(struct flow *flow)
{
	uint64_t room = WINDOW - RTE_MIN(on_the_way(flow), (uint64_t)WINDOW);
	struct rte_mbuf *packets[BURST];
	uint16_t n, i, taken;

	room = RTE_MIN(RTE_MIN(room, (uint64_t)BURST), flow->packets - flow->sent);
	for (n = 0; n < room; n++) {
		packets[n] = next_packet(flow, flow->sent + n);
		if (packets[n] == NULL)
			break;
	}
	if (n == 0)
		return;
	if (on_the_way(flow) == 0)
		flow->last = rte_get_timer_cycles();
	taken = rte_eth_tx_burst(flow->port->id, flow->queue, packets, n);
	for (i = 0; i < taken; i++)
		flow->sent_unmapped += is_unmapped(flow, flow->sent++);
	rte_pktmbuf_free_bulk(&packets[taken], n - taken);
}

/* Skipped numbers are lost packets, except for those that must not arrive. */
static void
skip_to(struct flow *flow, uint64_t number)
{
	for (; flow->expected < number; flow->expected++)
		flow->lost += !is_unmapped(flow, flow->expected);
}

static void
note_wait(struct flow *flow)
{
	uint64_t now = rte_get_timer_cycles();
	double ms = (now - flow->last) * 1e3 / rte_get_timer_hz();

	flow->worst_ms = RTE_MAX(flow->worst_ms, ms);
	flow->last = now;
}

static void
take_in(struct flow *flow, const struct rte_mbuf *packet)
{
	uint64_t run = pattern_of(flow, 0).run, number;
	struct pattern pattern, wanted;

	if (!frame_read(packet, run, &pattern)) {
		flow->wrong++;
		return;
	}
	number = pattern.seq;
	wanted = pattern_of(flow, number);
	if (number < flow->expected || number >= flow->sent || is_unmapped(flow, number) ||
	    !frame_equal(packet, flow->size, &wanted)) {
		flow->wrong++;
		return;
	}
	skip_to(flow, number);
	flow->expected++;
	move_base(flow, flow->expected);
	flow->verified++;
	note_wait(flow);
}

static void
receive_some(struct flow *flow)
{
	struct rte_mbuf *packets[BURST];
	uint16_t n, i;

	n = rte_eth_rx_burst(flow->port->id, flow->queue, packets, BURST);
	for (i = 0; i < n; i++)
		take_in(flow, packets[i]);
	rte_pktmbuf_free_bulk(packets, n);
}

/* A queue that lost packets must not wait for them for ever. */
static void
give_up(struct flow *flow)
{
	uint64_t now = rte_get_timer_cycles();
	double ms = (now - flow->last) * 1e3 / rte_get_timer_hz();

	bool fits = flow->sent - flow->expected + WINDOW <= PORT_RING;

	if (on_the_way(flow) == 0 || ms < (fits ? GIVE_UP_MS : SURE_MS))
		return;
	if (on_the_way(flow) >= WINDOW || flow->sent == flow->packets)
		move_base(flow, flow->sent);
}

void
flow_step(struct flow *flow)
{
	send_some(flow);
	receive_some(flow);
	give_up(flow);
}

bool
flow_done(const struct flow *flow)
{
	return flow->sent == flow->packets && on_the_way(flow) == 0;
}

bool
flow_settled(const struct flow *flow)
{
	uint64_t number = flow->expected;

	while (number < flow->sent && is_unmapped(flow, number))
		number++;
	return number == flow->sent;
}

void
flow_finish(struct flow *flow)
{
	receive_some(flow);
	skip_to(flow, flow->sent);
}
