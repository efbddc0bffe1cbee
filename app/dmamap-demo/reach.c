/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Owns the attempt to transmit from unmapped memory.
 *
 * Safe for the memory, since only one descriptor of one Tx ring points into it: the device may read
 * it, but never writes. Conclusive, since a packet from mapped memory is sent before and after it
 * through the same ring, in order: only a packet received between these two can be this one.
 */
#include <string.h>

#include "deadline.h"
#include "frame.h"
#include "reach.h"

#define DROP_COUNTER "tx_unmapped_packets" /* of mlx5_ext */

static const char *const texts[] = {
	[REACH_UNPROVEN] = "unproven (no packet received at all)",
	[REACH_REACHED] = "REACHED",
	[REACH_DROPPED] = "refused (tx dropped)",
	[REACH_BLANK] = "refused (packet came blank)",
	[REACH_NOT_SENT] = "refused (packet not sent)",
	[REACH_STALLED] = "refused (tx stalled, port restarted)",
	[REACH_UNTOUCHED] = "refused (copy had no effect)",
	[REACH_SOFTWARE] = "not applicable (software)",
};

const char *
reach_text(enum reach reach)
{
	return texts[reach];
}

bool
reach_is_refusal(enum reach reach)
{
	return reach == REACH_DROPPED || reach == REACH_BLANK || reach == REACH_NOT_SENT ||
		reach == REACH_STALLED || reach == REACH_UNTOUCHED;
}

struct attempt {
	const struct traffic *traffic;
	struct port *port;
	struct pattern secret;
	uint32_t control;	/* sequence number of the last control packet received */
	bool leaked;
	bool blank;
};

static void
hear(struct port *port, struct rte_mbuf *packet, void *arg)
{
	struct attempt *attempt = arg;
	struct pattern pattern;

	if (frame_leaks(packet, &attempt->secret))
		attempt->leaked = true;
	if (port != attempt->port->peer)
		return;
	if (!frame_read(packet, attempt->traffic->run, &pattern))
		attempt->blank = attempt->blank ||
			packet->pkt_len == attempt->traffic->args->packet_size;
	else if (pattern.kind == PATTERN_CONTROL && pattern.sender == attempt->port->id)
		attempt->control = pattern.seq;
}

/* Send a packet with the pattern from the pool. False if the port does not accept it in time. */
static bool
send_from(struct attempt *attempt, struct rte_mempool *pool, const struct pattern *pattern)
{
	const struct args *args = attempt->traffic->args;
	struct deadline deadline = deadline_in_ms(args->timeout_ms);
	struct port *port = attempt->port;
	struct rte_mbuf *packet;

	packet = frame_new(pool, args->packet_size, &port->peer->mac, &port->mac, pattern);
	if (packet == NULL)
		return false;
	while (!port_send(port, packet)) {
		traffic_poll(attempt->traffic, hear, attempt);
		if (deadline_passed(deadline)) {
			rte_pktmbuf_free(packet);
			return false;
		}
	}
	return true;
}

/* Whether a packet from mapped memory is received. */
static bool
control_arrives(struct attempt *attempt, uint32_t seq)
{
	const struct pattern pattern = {
		.run = attempt->traffic->run, .seq = seq, .sender = attempt->port->id,
		.kind = PATTERN_CONTROL,
	};
	struct deadline deadline;

	if (!send_from(attempt, attempt->port->native, &pattern))
		return false;
	deadline = deadline_in_ms(attempt->traffic->args->timeout_ms);
	while (attempt->control != seq && !deadline_passed(deadline))
		traffic_poll(attempt->traffic, hear, attempt);
	return attempt->control == seq;
}

/* A new link may lose the first packets: several attempts. */
static bool
any_control_arrives(struct attempt *attempt, uint32_t seq)
{
	unsigned int i;

	for (i = 0; i < 3; i++)
		if (control_arrives(attempt, seq + i))
			return true;
	return false;
}

static bool
restart_helps(struct attempt *attempt)
{
	port_stop(attempt->port);
	if (port_start(attempt->port, attempt->port->native) != 0)
		return false;
	traffic_wait_links(attempt->traffic);
	return any_control_arrives(attempt, 20);
}

enum reach
reach_try_port(const struct traffic *traffic, struct port *port)
{
	struct attempt attempt = {
		.traffic = traffic, .port = port,
		.secret = {.run = traffic->run, .seq = 0, .sender = port->id,
			.kind = PATTERN_SECRET},
	};
	int64_t dropped = port_counter(port, DROP_COUNTER);
	bool through;

	if (port->software)
		return REACH_SOFTWARE;
	if (port->peer == NULL || !any_control_arrives(&attempt, 1))
		return REACH_UNPROVEN;
	attempt.blank = false; /* earlier packets are not of this attempt */
	through = send_from(&attempt, port->pool, &attempt.secret) &&
		any_control_arrives(&attempt, 10);
	if (attempt.leaked)
		return REACH_REACHED;
	if (!through)
		return restart_helps(&attempt) && !attempt.leaked ? REACH_STALLED : REACH_UNPROVEN;
	if (dropped >= 0 && port_counter(port, DROP_COUNTER) > dropped)
		return REACH_DROPPED;
	return attempt.blank ? REACH_BLANK : REACH_NOT_SENT;
}
