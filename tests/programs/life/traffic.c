/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "deadline.h"
#include "life.h"
#include "traffic.h"

#define FRAME 100
#define BURST 16
#define FRAMES 48	/* of each kind, in a round */

/* The port's counters. */
struct counters {
	uint64_t received;
	uint64_t sent;
	uint64_t unmapped;
};

struct round {
	uint64_t number;	/* behind the header of its packets */
	uint64_t good;		/* sent, from memory that the device can access */
	uint64_t bad;		/* from other memory */
	uint64_t received;
	uint64_t late;		/* of those, from earlier rounds */
};

static struct round
begin_round(void)
{
	static uint64_t number;

	return (struct round){.number = ++number};
}

static uint64_t
unmapped_packets(uint16_t port)
{
	uint64_t id, value = 0;

	if (rte_eth_xstats_get_id_by_name(port, "tx_unmapped_packets", &id) == 0)
		rte_eth_xstats_get_by_id(port, &id, &value, 1);
	return value;
}

static struct counters
read_counters(const struct side *side)
{
	struct rte_eth_stats stats = {0};

	rte_eth_stats_get(side->id, &stats);
	return (struct counters){stats.ipackets, stats.opackets, unmapped_packets(side->id)};
}

static struct rte_mbuf *
make_frame(const struct side *side, struct rte_mempool *pool, uint64_t number)
{
	struct rte_mbuf *pkt = rte_pktmbuf_alloc(pool);
	struct rte_ether_hdr *header;

	if (pkt == NULL)
		return NULL;
	header = (struct rte_ether_hdr *)rte_pktmbuf_append(pkt, FRAME);
	memset(header, 0, FRAME);
	rte_eth_macaddr_get(side->id, &header->dst_addr);
	header->ether_type = RTE_BE16(0x88b5);
	memcpy(header + 1, &number, sizeof(number));
	return pkt;
}

static void
take_in(struct round *round, struct rte_mbuf **pkts, uint16_t n)
{
	uint64_t number;
	uint16_t i;

	for (i = 0; i < n; i++) {
		memcpy(&number, rte_pktmbuf_mtod_offset(pkts[i], void *, RTE_ETHER_HDR_LEN),
			sizeof(number));
		round->received++;
		round->late += number != round->number;
	}
}

static void
receive(const struct side *side, struct round *round)
{
	struct rte_mbuf *pkts[BURST];
	uint16_t queue, n;

	for (queue = 0; queue < side->nb_rx; queue++) {
		n = rte_eth_rx_burst(side->id, queue, pkts, BURST);
		take_in(round, pkts, n);
		rte_pktmbuf_free_bulk(pkts, n);
	}
}

/* Returns whether the port accepted it. */
static bool
send_one(const struct side *side, struct rte_mempool *pool, uint16_t queue, uint64_t number)
{
	struct rte_mbuf *pkt = make_frame(side, pool, number);

	if (pkt == NULL)
		return false;
	if (rte_eth_tx_burst(side->id, queue, &pkt, 1) == 1)
		return true;
	rte_pktmbuf_free(pkt);
	return false;
}

static void
send_some(struct life *life, const struct side *side, bool mapped, struct round *round)
{
	bool foreign, taken;
	unsigned int i;

	for (i = 0; i < FRAMES; i++) {
		foreign = dice_roll(&life->dice, 3) == 0;
		taken = send_one(side, foreign ? life->foreign : life->native, i % side->nb_tx,
			round->number);
		round->good += taken && (!foreign || mapped);
		round->bad += taken && foreign && !mapped;
		receive(side, round);
	}
}

/* Queues may still own buffers in it, as no completion has been polled. */
static void
unmap(struct life *life, struct side *side)
{
	struct deadline end = deadline_in_ms(LIFE_WAIT_MS);
	uint16_t queue;
	int ret;

	do {
		for (queue = 0; queue < side->nb_tx; queue++)
			rte_eth_tx_done_cleanup(side->id, queue, 0);
		ret = region_unmap(&life->region, side->dev);
	} while (ret == -EBUSY && !deadline_passed(end));
	if (ret != 0)
		life_complain(life, "%s: unmap after traffic: %s", side->name, rte_strerror(-ret));
}

/*
 * Packets that a round with an error left under way arrive when the port is started again, before
 * others; after that none is left.
 */
static void
judge(struct life *life, struct side *side, const struct round *round,
	const struct counters *before)
{
	struct counters after = read_counters(side);

	if (round->received - round->late != round->good || round->late > side->on_wire ||
	    after.received - before->received != round->received ||
	    after.sent - before->sent != round->good ||
	    after.unmapped - before->unmapped != round->bad)
		life_complain(life, "%s: %" PRIu64 " good and %" PRIu64 " unmapped packets: received %"
			PRIu64 ", late %" PRIu64 " of %" PRIu64 ", counted rx %" PRIu64 ", tx %" PRIu64
			", unmapped %" PRIu64, side->name, round->good, round->bad, round->received,
			round->late, side->on_wire, after.received - before->received,
			after.sent - before->sent, after.unmapped - before->unmapped);
	side->on_wire = 0;
	__atomic_add_fetch(&life->packets, round->received, __ATOMIC_RELAXED);
}

void
traffic_exact(struct life *life, struct side *side)
{
	struct deadline end = deadline_in_ms(LIFE_WAIT_MS);
	struct counters before = read_counters(side);
	bool mapped = dice_roll(&life->dice, 2) == 0;
	struct round round = begin_round();
	int ret;

	ret = mapped ? region_map(&life->region, side->dev) : 0;
	if (ret != 0) {
		life_complain(life, "%s: map for traffic: %s", side->name, rte_strerror(-ret));
		return;
	}
	send_some(life, side, mapped, &round);
	while (round.received - round.late < round.good && !deadline_passed(end))
		receive(side, &round);
	judge(life, side, &round, &before);
	if (mapped)
		unmap(life, side);
}

void
traffic_with(struct life *life, struct side *side, const char *fault)
{
	struct counters before = read_counters(side), after;
	struct round round = begin_round();
	char order[32];

	snprintf(order, sizeof(order), "%s@%u", fault, 1 + dice_roll(&life->dice, FRAMES));
	model.order_faults(order);
	send_some(life, side, false, &round);
	model.order_faults("");
	after = read_counters(side);
	/* Packets may be lost, but none arrives twice, and none from unmapped memory arrives. */
	side->on_wire += round.good;
	if (round.received > side->on_wire || after.unmapped - before.unmapped != round.bad)
		life_complain(life, "%s: %s: sent %" PRIu64 ", received %" PRIu64, side->name, fault,
			round.good, round.received);
	side->on_wire -= RTE_MIN(side->on_wire, round.received);
}
