/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "packet/frame.h"

enum {
	ETHER_IPV4 = 0x0800,
	ETHER_VLAN = 0x8100,
	ETHER_IPV6 = 0x86dd,
	PROTO_TCP = 6,
	PROTO_UDP = 17,
	IPV6_HOP_BY_HOP = 0,
	IPV6_ROUTING = 43,
	IPV6_FRAGMENT = 44,
	IPV6_DESTINATION = 60,
};

static uint16_t
get16(const uint8_t *at)
{
	return at[0] << 8 | at[1];
}

static void
put16(uint8_t *at, uint16_t value)
{
	at[0] = value >> 8;
	at[1] = value;
}

/* len bytes at at are all in the frame. */
static bool
has(const struct hca_frame *frame, uint32_t at, uint32_t len)
{
	return at <= frame->len && len <= frame->len - at;
}

static void
parse_l4(struct hca_frame *frame, uint32_t at, uint32_t len)
{
	uint32_t header = frame->proto == PROTO_TCP ? 20 : frame->proto == PROTO_UDP ? 8 : 0;

	if (header == 0 || frame->fragment || len < header || !has(frame, at, header))
		return;
	frame->cut = !has(frame, at, len);
	frame->l4 = frame->proto == PROTO_TCP ? HCA_L4_TCP : HCA_L4_UDP;
	frame->l4_at = at;
	frame->l4_len = len;
}

static void
parse_ipv4(struct hca_frame *frame, uint32_t at)
{
	const uint8_t *ip = frame->bytes + at;
	uint32_t header, total;

	if (!has(frame, at, 20))
		return;
	header = (ip[0] & 0xf) * 4u;
	total = get16(ip + 2);
	if (ip[0] >> 4 != 4 || header < 20 || !has(frame, at, header) || total < header)
		return;
	frame->l3 = HCA_L3_IPV4;
	frame->l3_at = at;
	frame->proto = ip[9];
	frame->fragment = (get16(ip + 6) & 0x3fff) != 0;
	parse_l4(frame, at + header, total - header);
}

static bool
is_ipv6_option(uint8_t proto)
{
	return proto == IPV6_HOP_BY_HOP || proto == IPV6_ROUTING || proto == IPV6_DESTINATION ||
		proto == IPV6_FRAGMENT;
}

static void
parse_ipv6(struct hca_frame *frame, uint32_t at)
{
	const uint8_t *ip = frame->bytes + at, *option;
	uint32_t left, size;

	if (!has(frame, at, 40) || ip[0] >> 4 != 6)
		return;
	frame->l3 = HCA_L3_IPV6;
	frame->l3_at = at;
	frame->proto = ip[6];
	left = get16(ip + 4);
	at += 40;
	while (is_ipv6_option(frame->proto)) {
		if (left < 8 || !has(frame, at, 8))
			return;
		option = frame->bytes + at;
		size = frame->proto == IPV6_FRAGMENT ? 8 : (option[1] + 1) * 8u;
		frame->fragment |= frame->proto == IPV6_FRAGMENT;
		if (size > left)
			return;
		frame->proto = option[0];
		at += size;
		left -= size;
	}
	parse_l4(frame, at, left);
}

void
hca_frame_parse(struct hca_frame *frame, const uint8_t *bytes, uint32_t len)
{
	uint32_t at = 14;

	*frame = (struct hca_frame){.bytes = bytes, .len = len, .ether_type = get16(bytes + 12)};
	if (frame->ether_type == ETHER_VLAN && has(frame, at, 4)) {
		frame->vlan = true;
		frame->tci = get16(bytes + at);
		frame->ether_type = get16(bytes + at + 2);
		at += 4;
	}
	if (frame->ether_type == ETHER_IPV4)
		parse_ipv4(frame, at);
	else if (frame->ether_type == ETHER_IPV6)
		parse_ipv6(frame, at);
}

/* The one's complement sum of RFC 1071, not yet complemented. */
static uint32_t
sum(uint32_t start, const uint8_t *bytes, uint32_t len)
{
	uint32_t i;

	for (i = 0; i + 1 < len; i += 2)
		start += get16(bytes + i);
	return len % 2 != 0 ? start + (bytes[len - 1] << 8) : start;
}

static uint16_t
fold(uint32_t total)
{
	total = (total & 0xffff) + (total >> 16);
	return (total & 0xffff) + (total >> 16);
}

static uint16_t
sum_l3(const struct hca_frame *frame)
{
	const uint8_t *ip = frame->bytes + frame->l3_at;

	return fold(sum(0, ip, (ip[0] & 0xf) * 4u));
}

/* With the pseudo header: addresses, protocol and length. */
static uint16_t
sum_l4(const struct hca_frame *frame)
{
	const uint8_t *ip = frame->bytes + frame->l3_at;
	uint32_t start = frame->proto + (frame->l4_len & 0xffff) + (frame->l4_len >> 16);

	start = frame->l3 == HCA_L3_IPV4 ? sum(start, ip + 12, 8) : sum(start, ip + 8, 32);
	return fold(sum(start, frame->bytes + frame->l4_at, frame->l4_len));
}

/* Where the checksum of the L4 header is. */
static uint32_t
l4_field(const struct hca_frame *frame)
{
	return frame->l4_at + (frame->l4 == HCA_L4_TCP ? 16 : 6);
}

bool
hca_frame_l3_ok(const struct hca_frame *frame)
{
	return frame->l3 == HCA_L3_IPV6 || (frame->l3 == HCA_L3_IPV4 && sum_l3(frame) == 0xffff);
}

bool
hca_frame_l4_ok(const struct hca_frame *frame)
{
	if (frame->l4 == HCA_L4_NONE || frame->cut)
		return false;
	if (frame->l4 == HCA_L4_UDP && get16(frame->bytes + l4_field(frame)) == 0)
		return frame->l3 == HCA_L3_IPV4;
	return sum_l4(frame) == 0xffff;
}

void
hca_frame_fill_l3(const struct hca_frame *frame, uint8_t *bytes)
{
	if (frame->l3 != HCA_L3_IPV4)
		return;
	put16(bytes + frame->l3_at + 10, 0);
	put16(bytes + frame->l3_at + 10, ~sum_l3(frame));
}

void
hca_frame_fill_l4(const struct hca_frame *frame, uint8_t *bytes)
{
	uint16_t value;

	if (frame->l4 == HCA_L4_NONE || frame->cut)
		return;
	put16(bytes + l4_field(frame), 0);
	value = ~sum_l4(frame);
	/* Zero would mean that there is none. */
	if (value == 0 && frame->l4 == HCA_L4_UDP)
		value = 0xffff;
	put16(bytes + l4_field(frame), value);
}
