/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "packet.h"

static void
put8(struct packet *packet, uint8_t value)
{
	packet->bytes[packet->len++] = value;
}

static void
put16(struct packet *packet, uint16_t value)
{
	put8(packet, value >> 8);
	put8(packet, value);
}

static void
put(struct packet *packet, const void *bytes, uint32_t len)
{
	memcpy(packet->bytes + packet->len, bytes, len);
	packet->len += len;
}

static void
put_ipv4(struct packet *packet, const struct packet_plan *plan, uint32_t inner)
{
	put16(packet, 0x4500);
	put16(packet, 20 + inner);
	put16(packet, 1);
	put16(packet, plan->fragment ? 0x2000 : 0);
	put8(packet, 64);
	put8(packet, plan->tcp ? 6 : 17);
	put16(packet, 0);
	put(packet, plan->src, 4);
	put(packet, plan->dst, 4);
}

static void
put_ipv6(struct packet *packet, const struct packet_plan *plan, uint32_t inner)
{
	uint8_t proto = plan->tcp ? 6 : 17;

	put16(packet, 0x6000);
	put16(packet, 0);
	put16(packet, inner + (plan->fragment ? 8 : 0));
	put8(packet, plan->fragment ? 44 : proto);
	put8(packet, 64);
	put(packet, plan->src, 16);
	put(packet, plan->dst, 16);
	if (!plan->fragment)
		return;
	put16(packet, proto << 8);
	put16(packet, 1);
	put16(packet, 0);
	put16(packet, 7);
}

static void
put_l4(struct packet *packet, const struct packet_plan *plan)
{
	put16(packet, plan->src_port);
	put16(packet, plan->dst_port);
	if (plan->tcp) {
		put(packet, "\0\0\0\1\0\0\0\2\x50\x10\xff\xff\0\0\0\0", 16);
	} else {
		put16(packet, 8 + plan->payload);
		put16(packet, 0);
	}
}

void
packet_make(struct packet *packet, const struct packet_plan *plan)
{
	uint32_t inner = (plan->tcp ? 20 : 8) + plan->payload, i;

	memset(packet, 0, sizeof(*packet));
	put(packet, "\2\0\0\0\0\1\2\0\0\0\0\2", 12);
	if (plan->vlan) {
		put16(packet, 0x8100);
		put16(packet, plan->tci);
	}
	put16(packet, plan->ipv6 ? 0x86dd : 0x0800);
	packet->l3 = packet->len;
	if (plan->ipv6)
		put_ipv6(packet, plan, inner);
	else
		put_ipv4(packet, plan, inner);
	packet->l4 = packet->len;
	put_l4(packet, plan);
	for (i = 0; i < plan->payload; i++)
		put8(packet, i * 7 + 1);
}

uint16_t
packet_get(const struct packet *packet, uint32_t at)
{
	return packet->bytes[at] << 8 | packet->bytes[at + 1];
}
