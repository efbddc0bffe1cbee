/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * main.c - bursts at irregular times to a port in loopback, whose receiver sleeps in between; long
 * silence; and restarts with the queue armed. Prints JSON without judging it: tests do.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_ethdev.h>

#include "deadline.h"
#include "descriptors.h"
#include "json.h"
#include "port.h"
#include "sleeper.h"

#define FRAME 64
#define MAX_BURST 8
#define ROUND_MS 3000		/* limit for a burst to arrive */
#define MAX_PAUSE_US 1500
#define IDLE_MS 2500
#define EVENT_FILE "infinibandevent"	/* in the names of event files and channels */
#define ARRIVAL_MS 300		/* ample for one packet, if no event shows its arrival */

struct bursts {
	json_t *result;
	struct port port;
	struct sleeper sleeper;
	uint64_t rounds;
	uint64_t short_rounds;	/* bursts that did not arrive in full */
	uint64_t sent;
};

static struct rte_mbuf *
new_frame(const struct port *port)
{
	struct rte_mbuf *frame = rte_pktmbuf_alloc(port->pool);
	struct rte_ether_hdr *hdr;

	if (frame == NULL)
		return NULL;
	hdr = (struct rte_ether_hdr *)rte_pktmbuf_append(frame, FRAME);
	memset(hdr, 0, FRAME);
	hdr->dst_addr = port->mac;
	hdr->src_addr = port->mac;
	hdr->ether_type = rte_cpu_to_be_16(0x88b5);
	return frame;
}

static void
send_burst(struct bursts *bursts, uint16_t n)
{
	struct rte_mbuf *frame;
	uint16_t i;

	for (i = 0; i < n; i++) {
		frame = new_frame(&bursts->port);
		if (frame == NULL)
			continue;
		if (rte_eth_tx_burst(bursts->port.id, 0, &frame, 1) == 1)
			bursts->sent++;
		else
			rte_pktmbuf_free(frame);
	}
}

/* The receiver has received all packets sent so far. */
static bool
wait_for_all(struct bursts *bursts)
{
	struct deadline end = deadline_in_ms(10 * ROUND_MS);

	while (sleeper_read(&bursts->sleeper.received) < bursts->sent) {
		if (deadline_passed(end))
			return false;
		rte_delay_us_sleep(50);
	}
	return true;
}

static void
run_rounds(struct bursts *bursts, uint64_t rounds)
{
	uint64_t i;

	for (i = 0; i < rounds; i++) {
		send_burst(bursts, 1 + rand() % MAX_BURST);
		bursts->rounds++;
		if (!wait_for_all(bursts)) {
			bursts->short_rounds++;
			bursts->sent = sleeper_read(&bursts->sleeper.received);
		}
		rte_delay_us_sleep(rand() % MAX_PAUSE_US);
	}
}

static void
end_sleeper(struct bursts *bursts)
{
	sleeper_ask_to_stop(&bursts->sleeper);
	send_burst(bursts, 1);
	sleeper_join(&bursts->sleeper, bursts->sent, ROUND_MS);
	bursts->sent = sleeper_read(&bursts->sleeper.received);
}

/* The last burst may have been received without its wake-up being counted yet. */
static void
wait_for_silence(const struct sleeper *sleeper)
{
	struct deadline end = deadline_in_ms(ROUND_MS);
	uint64_t timeouts = sleeper_read(&sleeper->timeouts);

	while (sleeper_read(&sleeper->timeouts) == timeouts && !deadline_passed(end))
		rte_delay_us_sleep(1000);
}

static void
note_idle(struct bursts *bursts)
{
	const struct sleeper *sleeper = &bursts->sleeper;
	uint64_t wakeups;
	double cpu_ms;

	wait_for_silence(sleeper);
	wakeups = sleeper_read(&sleeper->wakeups);
	cpu_ms = sleeper_cpu_ms(sleeper);
	rte_delay_us_sleep(IDLE_MS * 1000);
	json_object_set_new(bursts->result, "idle", json_pack("{s:i, s:I, s:o}", "ms", IDLE_MS,
		"wakeups", (json_int_t)(sleeper_read(&sleeper->wakeups) - wakeups),
		"cpu_ms", json_tenths(sleeper_cpu_ms(sleeper) - cpu_ms)));
}

/* The queue is armed and has an unread event: stop has to drop both. */
static int
restart(struct bursts *bursts)
{
	int ret;

	end_sleeper(bursts);
	ret = rte_eth_dev_rx_intr_enable(bursts->port.id, 0);
	send_burst(bursts, MAX_BURST);
	rte_delay_us_sleep(2000);
	if (ret == 0)
		ret = rte_eth_dev_stop(bursts->port.id);
	if (ret == 0)
		ret = rte_eth_dev_start(bursts->port.id);
	if (ret == 0)
		ret = port_wait_link(&bursts->port);
	/* Packets under way are lost. */
	bursts->sent = sleeper_read(&bursts->sleeper.received);
	return ret == 0 ? sleeper_start(&bursts->sleeper) : ret;
}

static bool
has_event(const struct bursts *bursts, int ms)
{
	struct pollfd fd = {
		.fd = rte_eth_dev_rx_intr_ctl_q_get_fd(bursts->port.id, 0),
		.events = POLLIN,
	};

	return poll(&fd, 1, ms) == 1;
}

/* One packet before or after arming: whether there is an event, and the result of a poll. */
static void
note_edge(struct bursts *bursts, const char *name, bool armed_first)
{
	struct rte_mbuf *packets[MAX_BURST];
	bool event;
	uint16_t n;

	if (armed_first)
		rte_eth_dev_rx_intr_enable(bursts->port.id, 0);
	send_burst(bursts, 1);
	if (!armed_first) {
		rte_delay_us_sleep(ARRIVAL_MS * 1000);
		rte_eth_dev_rx_intr_enable(bursts->port.id, 0);
	}
	event = has_event(bursts, armed_first ? ROUND_MS : ARRIVAL_MS);
	n = rte_eth_rx_burst(bursts->port.id, 0, packets, MAX_BURST);
	rte_pktmbuf_free_bulk(packets, n);
	rte_eth_dev_rx_intr_disable(bursts->port.id, 0);
	json_object_set_new(bursts->result, name, json_pack("{s:b, s:i}", "event", event, "polled", n));
}

static int
run_all(struct bursts *bursts, int rounds, int restarts)
{
	int i, ret;

	ret = sleeper_start(&bursts->sleeper);
	if (ret == 0) {
		run_rounds(bursts, rounds);
		note_idle(bursts);
	}
	for (i = 0; i < restarts && ret == 0; i++) {
		ret = restart(bursts);
		if (ret == 0)
			run_rounds(bursts, 5);
	}
	if (ret == 0) {
		end_sleeper(bursts);
		note_edge(bursts, "armed_late", false);
		note_edge(bursts, "armed_before", true);
	}
	json_object_set_new(bursts->result, "restarts", json_integer(i));
	return ret;
}

static void
note_counts(const struct bursts *bursts)
{
	const struct sleeper *s = &bursts->sleeper;
	const struct {
		const char *name;
		uint64_t value;
	} counts[] = {
		{"rounds", bursts->rounds}, {"short_rounds", bursts->short_rounds},
		{"received", s->received}, {"wakeups", s->wakeups}, {"spurious", s->spurious},
		{"caught", s->caught}, {"timeouts", s->timeouts}, {"missed", s->missed},
		{"errors", s->errors},
	};
	unsigned int i;

	for (i = 0; i < RTE_DIM(counts); i++)
		json_object_set_new(bursts->result, counts[i].name, json_integer((json_int_t)counts[i].value));
	json_object_set_new(bursts->result, "counters", port_counters(&bursts->port));
}

/* Results of calls on a port started without interrupts. */
static void
note_refusals(const struct bursts *bursts)
{
	uint16_t port = bursts->port.id;

	json_object_set_new(bursts->result, "enable", json_integer(rte_eth_dev_rx_intr_enable(port, 0)));
	json_object_set_new(bursts->result, "disable", json_integer(rte_eth_dev_rx_intr_disable(port, 0)));
	json_object_set_new(bursts->result, "ctl", json_integer(rte_eth_dev_rx_intr_ctl_q(port, 0,
		RTE_EPOLL_PER_THREAD, RTE_INTR_EVENT_ADD, NULL)));
}

int
main(int argc, char **argv)
{
	static struct bursts bursts;
	int used = rte_eal_init(argc, argv), before, ret = 0;

	if (used < 0 || argc - used != 4) {
		fprintf(stderr, "usage: sleeper [EAL arguments] -- DEVICE ROUNDS RESTARTS\n"
			"	0 rounds: a port without Rx interrupts\n");
		return 2;
	}
	argv += used;
	bursts.port.interrupts = atoi(argv[2]) > 0;
	before = count_descriptors(EVENT_FILE);
	if (port_start(&bursts.port, argv[1], 1, FRAME) != 0)
		return 1;
	bursts.sleeper.port = bursts.port.id;
	bursts.result = json_pack("{s:i}", "channels", count_descriptors(EVENT_FILE) - before);
	if (bursts.port.interrupts) {
		ret = run_all(&bursts, atoi(argv[2]), atoi(argv[3]));
		note_counts(&bursts);
	} else {
		note_refusals(&bursts);
	}
	json_print(json_pack("{s:o}", "sleeper", bursts.result));
	port_stop(&bursts.port);
	rte_eal_cleanup();
	return ret != 0;
}
