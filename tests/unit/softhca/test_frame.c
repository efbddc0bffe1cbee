/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "packet.h"
#include "packet/frame.h"

static const struct packet_plan udp = {
	.src = {10, 0, 0, 1}, .dst = {10, 0, 0, 2}, .src_port = 1, .dst_port = 2, .payload = 33,
};

static struct hca_frame
parse(struct packet *packet, const struct packet_plan *plan)
{
	struct hca_frame frame;

	packet_make(packet, plan);
	hca_frame_parse(&frame, packet->bytes, packet->len);
	return frame;
}

static void
headers_are_found(void **state)
{
	struct packet_plan plan = udp;
	struct hca_frame frame;
	struct packet packet;
	int i;

	for (i = 0; i < 8; i++) {
		plan.ipv6 = (i & 1) != 0;
		plan.tcp = (i & 2) != 0;
		plan.vlan = (i & 4) != 0;
		plan.tci = 0x6123;
		frame = parse(&packet, &plan);
		assert_int_equal(frame.l3, plan.ipv6 ? HCA_L3_IPV6 : HCA_L3_IPV4);
		assert_int_equal(frame.l4, plan.tcp ? HCA_L4_TCP : HCA_L4_UDP);
		assert_int_equal(frame.vlan, plan.vlan);
		assert_int_equal(frame.tci, plan.vlan ? 0x6123 : 0);
		assert_int_equal(frame.l3_at, packet.l3);
		assert_int_equal(frame.l4_at, packet.l4);
		assert_int_equal(frame.l4_len, packet.len - packet.l4);
	}
}

static void
fragments_have_no_l4(void **state)
{
	struct packet_plan plan = udp;
	struct hca_frame frame;
	struct packet packet;

	plan.fragment = true;
	frame = parse(&packet, &plan);
	assert_true(frame.fragment);
	assert_int_equal(frame.l4, HCA_L4_NONE);
	plan.ipv6 = true;
	frame = parse(&packet, &plan);
	assert_int_equal(frame.l3, HCA_L3_IPV6);
	assert_true(frame.fragment);
	assert_int_equal(frame.proto, 17);
	assert_int_equal(frame.l4, HCA_L4_NONE);
}

/* No byte behind the end is read, which sanitizers check, and a partial header is ignored. */
static void
truncated_frames(void **state)
{
	struct packet_plan plan = udp;
	struct hca_frame frame;
	struct packet packet;
	uint8_t *copy;
	uint32_t len;
	int i;

	for (i = 0; i < 8; i++) {
		plan.ipv6 = (i & 1) != 0;
		plan.tcp = (i & 2) != 0;
		plan.vlan = (i & 4) != 0;
		packet_make(&packet, &plan);
		for (len = 14; len < packet.len; len++) {
			copy = test_malloc(len);
			memcpy(copy, packet.bytes, len);
			hca_frame_parse(&frame, copy, len);
			/* A whole header of L4 is one, but no checksum is right. */
			assert_int_equal(frame.l4 != HCA_L4_NONE,
				len >= packet.l4 + (plan.tcp ? 20 : 8));
			assert_false(hca_frame_l4_ok(&frame));
			assert_true(len >= packet.l4 || frame.l3 == HCA_L3_NONE || plan.ipv6);
			hca_frame_l3_ok(&frame);
			hca_frame_l4_ok(&frame);
			test_free(copy);
		}
	}
}

/* An IPv4 header computed by hand, as in RFC 1071. */
static void
a_known_checksum(void **state)
{
	static const uint8_t known[34] = {
		[12] = 0x08, 0x00, 0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11,
		0xb8, 0x61, 0xc0, 0xa8, 0x00, 0x01, 0xc0, 0xa8, 0x00, 0xc7,
	};
	struct hca_frame frame;
	uint8_t bytes[34];

	memcpy(bytes, known, sizeof(bytes));
	hca_frame_parse(&frame, bytes, sizeof(bytes));
	assert_true(hca_frame_l3_ok(&frame));
	bytes[24] ^= 1;
	assert_false(hca_frame_l3_ok(&frame));
	hca_frame_fill_l3(&frame, bytes);
	assert_memory_equal(bytes, known, sizeof(bytes));
}

static void
filled_memory_is_valid(void **state)
{
	struct packet_plan plan = udp;
	struct hca_frame frame;
	struct packet packet;
	int i;

	for (i = 0; i < 400; i++) {
		plan.ipv6 = (i & 1) != 0;
		plan.tcp = (i & 2) != 0;
		plan.payload = i / 4;
		plan.src_port = i * 997;
		frame = parse(&packet, &plan);
		assert_int_equal(hca_frame_l3_ok(&frame), plan.ipv6);
		assert_int_equal(hca_frame_l4_ok(&frame), !plan.ipv6 && !plan.tcp);
		hca_frame_fill_l3(&frame, packet.bytes);
		hca_frame_fill_l4(&frame, packet.bytes);
		assert_true(hca_frame_l3_ok(&frame));
		assert_true(hca_frame_l4_ok(&frame));
		packet.bytes[packet.len - 1] ^= 0x10;
		assert_int_equal(hca_frame_l4_ok(&frame), false);
	}
}

/* A UDP checksum of zero would mean that there is none. */
static void
udp_never_gets_zero(void **state)
{
	struct packet_plan plan = udp;
	struct hca_frame frame;
	struct packet packet;
	uint32_t port, ones = 0;

	for (port = 0; port < 65536; port++) {
		plan.src_port = port;
		frame = parse(&packet, &plan);
		hca_frame_fill_l4(&frame, packet.bytes);
		assert_int_not_equal(packet_get(&packet, packet.l4 + 6), 0);
		ones += packet_get(&packet, packet.l4 + 6) == 0xffff;
	}
	assert_true(ones >= 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_are_found),
		cmocka_unit_test(fragments_have_no_l4),
		cmocka_unit_test(truncated_frames),
		cmocka_unit_test(a_known_checksum),
		cmocka_unit_test(filled_memory_is_valid),
		cmocka_unit_test(udp_never_gets_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
