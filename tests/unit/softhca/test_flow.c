/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <endian.h>
#include <errno.h>
#include <string.h>

#include <cmocka.h>

#include "packet.h"
#include "packet/flow.h"

/* A rule with up to three specs, in the layout of verbs. */
struct rule {
	struct ibv_flow_attr attr;
	uint8_t specs[3 * sizeof(struct ibv_flow_spec)];
	size_t used;
};

static const struct hca_rss rss;
static struct hca_flows flows;

static void
begin(struct rule *rule, enum ibv_flow_attr_type type, uint16_t priority)
{
	memset(rule, 0, sizeof(*rule));
	rule->attr.type = type;
	rule->attr.priority = priority;
	rule->attr.port = 1;
}

static void
append(struct rule *rule, const void *spec, size_t size)
{
	memcpy(rule->specs + rule->used, spec, size);
	rule->used += size;
	rule->attr.num_of_specs++;
}

static void
to_mac(struct rule *rule, const char *mac, const char *mask)
{
	struct ibv_flow_spec_eth eth = {.type = IBV_FLOW_SPEC_ETH, .size = sizeof(eth)};

	memcpy(eth.val.dst_mac, mac, 6);
	memcpy(eth.mask.dst_mac, mask, 6);
	append(rule, &eth, sizeof(eth));
}

static void
add(struct hca_flow *flow, const struct rule *rule)
{
	assert_int_equal(hca_flow_add(&flows, flow, &rule->attr, &rss), 0);
}

static const struct hca_flow *
match(const struct packet *packet)
{
	struct hca_frame frame;

	hca_frame_parse(&frame, packet->bytes, packet->len);
	return hca_flow_match(&flows, NULL, &frame);
}

static void
clear(void)
{
	while (!TAILQ_EMPTY(&flows))
		hca_flow_remove(&flows, TAILQ_FIRST(&flows));
}

static int
set_up(void **state)
{
	TAILQ_INIT(&flows);
	return 0;
}

static const struct packet_plan udp = {
	.src = {10, 0, 0, 1}, .dst = {10, 0, 0, 2}, .src_port = 11, .dst_port = 22,
};

static void
addresses(void **state)
{
	struct hca_flow unicast, broadcast, multicast, all;
	struct packet packet;
	struct rule rule;

	packet_make(&packet, &udp);
	assert_null(match(&packet));
	begin(&rule, IBV_FLOW_ATTR_NORMAL, 0);
	to_mac(&rule, "\2\0\0\0\0\1", "\xff\xff\xff\xff\xff\xff");
	add(&unicast, &rule);
	begin(&rule, IBV_FLOW_ATTR_NORMAL, 0);
	to_mac(&rule, "\xff\xff\xff\xff\xff\xff", "\xff\xff\xff\xff\xff\xff");
	add(&broadcast, &rule);
	begin(&rule, IBV_FLOW_ATTR_NORMAL, 0);
	to_mac(&rule, "\1\0\0\0\0\0", "\1\0\0\0\0\0");
	add(&multicast, &rule);
	assert_ptr_equal(match(&packet), &unicast);
	packet.bytes[5] = 9;
	assert_null(match(&packet));
	memset(packet.bytes, 0xff, 6);
	assert_ptr_equal(match(&packet), &broadcast);
	packet.bytes[5] = 0;
	assert_ptr_equal(match(&packet), &multicast);
	begin(&rule, IBV_FLOW_ATTR_ALL_DEFAULT, 0);
	add(&all, &rule);
	packet.bytes[0] = 2;
	assert_ptr_equal(match(&packet), &all);
	memset(packet.bytes, 0xff, 6);
	assert_ptr_equal(match(&packet), &broadcast);
	clear();
}

static void
defaults_come_last(void **state)
{
	struct hca_flow all, multicast, normal;
	struct packet packet;
	struct rule rule;

	packet_make(&packet, &udp);
	begin(&rule, IBV_FLOW_ATTR_ALL_DEFAULT, 0);
	add(&all, &rule);
	begin(&rule, IBV_FLOW_ATTR_MC_DEFAULT, 0);
	add(&multicast, &rule);
	assert_ptr_equal(match(&packet), &all);
	packet.bytes[0] |= 1;
	assert_ptr_equal(match(&packet), &multicast);
	begin(&rule, IBV_FLOW_ATTR_NORMAL, UINT16_MAX);
	to_mac(&rule, "\0\0\0\0\0\0", "\0\0\0\0\0\0");
	add(&normal, &rule);
	assert_ptr_equal(match(&packet), &normal);
	clear();
}

static void
priority_then_bits_then_age(void **state)
{
	struct hca_flow wide, narrow, first, again;
	struct packet packet;
	struct rule rule;

	packet_make(&packet, &udp);
	begin(&rule, IBV_FLOW_ATTR_NORMAL, 3);
	to_mac(&rule, "\2\0\0\0\0\0", "\xff\0\0\0\0\0");
	add(&wide, &rule);
	begin(&rule, IBV_FLOW_ATTR_NORMAL, 3);
	to_mac(&rule, "\2\0\0\0\0\1", "\xff\xff\xff\xff\xff\xff");
	add(&narrow, &rule);
	add(&again, &rule);
	assert_ptr_equal(match(&packet), &narrow);
	begin(&rule, IBV_FLOW_ATTR_NORMAL, 2);
	to_mac(&rule, "\2\0\0\0\0\0", "\xff\0\0\0\0\0");
	add(&first, &rule);
	assert_ptr_equal(match(&packet), &first);
	hca_flow_remove(&flows, &first);
	assert_ptr_equal(match(&packet), &narrow);
	clear();
}

static void
layers(void **state)
{
	struct ibv_flow_spec_ipv4 ipv4 = {
		.type = IBV_FLOW_SPEC_IPV4, .size = sizeof(ipv4),
		.val = {htobe32(0x0a000001), htobe32(0x0a000002)},
		.mask = {UINT32_MAX, htobe32(0xffffff00)},
	};
	struct ibv_flow_spec_tcp_udp ports = {
		.type = IBV_FLOW_SPEC_UDP, .size = sizeof(ports),
		.val = {.dst_port = htobe16(22)}, .mask = {.dst_port = UINT16_MAX},
	};
	struct packet_plan plan = udp;
	struct hca_flow flow;
	struct packet packet;
	struct rule rule;

	begin(&rule, IBV_FLOW_ATTR_NORMAL, 0);
	to_mac(&rule, "\0\0\0\0\0\0", "\0\0\0\0\0\0");
	append(&rule, &ipv4, sizeof(ipv4));
	append(&rule, &ports, sizeof(ports));
	add(&flow, &rule);
	packet_make(&packet, &plan);
	assert_ptr_equal(match(&packet), &flow);
	plan.dst[3] = 200;
	packet_make(&packet, &plan);
	assert_ptr_equal(match(&packet), &flow);
	plan.dst[2] = 1;
	packet_make(&packet, &plan);
	assert_null(match(&packet));
	plan = udp;
	plan.dst_port = 23;
	packet_make(&packet, &plan);
	assert_null(match(&packet));
	plan = udp;
	plan.tcp = true;
	packet_make(&packet, &plan);
	assert_null(match(&packet));
	plan.ipv6 = true;
	packet_make(&packet, &plan);
	assert_null(match(&packet));
	clear();
}

static void
ipv6_and_vlan(void **state)
{
	struct ibv_flow_spec_ipv6 ipv6 = {
		.type = IBV_FLOW_SPEC_IPV6, .size = sizeof(ipv6),
		.val = {.src_ip = {10, 0, 0, 1}, .next_hdr = 17, .hop_limit = 64},
		.mask = {.src_ip = {255, 255}, .next_hdr = 255, .hop_limit = 255},
	};
	struct ibv_flow_spec_eth eth = {
		.type = IBV_FLOW_SPEC_ETH, .size = sizeof(eth),
		.val = {.vlan_tag = htobe16(0x123)}, .mask = {.vlan_tag = htobe16(0xfff)},
	};
	struct packet_plan plan = udp;
	struct hca_flow flow;
	struct packet packet;
	struct rule rule;

	begin(&rule, IBV_FLOW_ATTR_NORMAL, 0);
	append(&rule, &eth, sizeof(eth));
	append(&rule, &ipv6, sizeof(ipv6));
	add(&flow, &rule);
	plan.ipv6 = plan.vlan = true;
	plan.tci = 0x6123;
	packet_make(&packet, &plan);
	assert_ptr_equal(match(&packet), &flow);
	plan.tci = 0x6124;
	packet_make(&packet, &plan);
	assert_null(match(&packet));
	plan.vlan = false;
	packet_make(&packet, &plan);
	assert_null(match(&packet));
	clear();
}

static void
actions(void **state)
{
	struct ibv_flow_spec_action_tag tag = {IBV_FLOW_SPEC_ACTION_TAG, sizeof(tag), 0xabcde};
	struct ibv_flow_spec_action_drop drop = {IBV_FLOW_SPEC_ACTION_DROP, sizeof(drop)};
	struct hca_flow tagged, dropped;
	struct packet packet;
	struct rule rule;

	packet_make(&packet, &udp);
	begin(&rule, IBV_FLOW_ATTR_NORMAL, 5);
	append(&rule, &tag, sizeof(tag));
	add(&tagged, &rule);
	begin(&rule, IBV_FLOW_ATTR_NORMAL, 6);
	append(&rule, &drop, sizeof(drop));
	add(&dropped, &rule);
	assert_ptr_equal(match(&packet), &tagged);
	assert_int_equal(tagged.tag, 0xabcde);
	assert_false(tagged.drop);
	assert_true(dropped.drop);
	clear();
}

/* They are one rule with two destinations, for the device. */
static void
rules_with_the_same_match(void **state)
{
	struct ibv_flow_spec_action_tag tag = {IBV_FLOW_SPEC_ACTION_TAG, sizeof(tag), 7};
	static const struct hca_rss other_rss;
	struct hca_flow first, again, second, refused, other_priority;
	struct rule rule;

	begin(&rule, IBV_FLOW_ATTR_NORMAL, 3);
	to_mac(&rule, "\2\0\0\0\0\1", "\xff\xff\xff\xff\xff\0");
	add(&first, &rule);
	add(&again, &rule);
	assert_null(hca_flow_twin(&first));
	/* Bits that the mask leaves out do not matter. */
	begin(&rule, IBV_FLOW_ATTR_NORMAL, 3);
	to_mac(&rule, "\2\0\0\0\0\2", "\xff\xff\xff\xff\xff\0");
	assert_int_equal(hca_flow_add(&flows, &second, &rule.attr, &other_rss), 0);
	assert_ptr_equal(hca_flow_twin(&first), &second);
	append(&rule, &tag, sizeof(tag));
	assert_int_equal(hca_flow_add(&flows, &refused, &rule.attr, &other_rss), -EEXIST);
	rule.attr.priority = 4;
	assert_int_equal(hca_flow_add(&flows, &other_priority, &rule.attr, &other_rss), 0);
	assert_null(hca_flow_twin(&second));
	clear();
}

static void
default_rules_have_no_specifications(void **state)
{
	struct ibv_flow_spec_action_drop drop = {IBV_FLOW_SPEC_ACTION_DROP, sizeof(drop)};
	struct packet packet;
	struct hca_flow all;
	struct rule rule;

	packet_make(&packet, &udp);
	begin(&rule, IBV_FLOW_ATTR_ALL_DEFAULT, 0);
	to_mac(&rule, "\2\0\0\0\0\7", "\xff\xff\xff\xff\xff\xff");
	append(&rule, &drop, sizeof(drop));
	add(&all, &rule);
	assert_ptr_equal(match(&packet), &all);
	assert_false(all.drop);
	clear();
}

static void
unsupported_calls_fail(void **state)
{
	struct ibv_flow_spec_tunnel tunnel = {
		.type = IBV_FLOW_SPEC_VXLAN_TUNNEL, .size = sizeof(tunnel)};
	struct ibv_flow_spec_eth eth = {.type = IBV_FLOW_SPEC_ETH, .size = 12};
	struct hca_flow flow;
	struct rule rule;

	begin(&rule, IBV_FLOW_ATTR_NORMAL, 0);
	append(&rule, &tunnel, sizeof(tunnel));
	assert_int_equal(hca_flow_add(&flows, &flow, &rule.attr, &rss), -EOPNOTSUPP);
	begin(&rule, IBV_FLOW_ATTR_NORMAL, 0);
	append(&rule, &eth, sizeof(eth));
	assert_int_equal(hca_flow_add(&flows, &flow, &rule.attr, &rss), -EINVAL);
	begin(&rule, IBV_FLOW_ATTR_SNIFFER, 0);
	assert_int_equal(hca_flow_add(&flows, &flow, &rule.attr, &rss), -EOPNOTSUPP);
	assert_true(TAILQ_EMPTY(&flows));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses),
		cmocka_unit_test(defaults_come_last),
		cmocka_unit_test(priority_then_bits_then_age),
		cmocka_unit_test(layers),
		cmocka_unit_test(ipv6_and_vlan),
		cmocka_unit_test(actions),
		cmocka_unit_test(rules_with_the_same_match),
		cmocka_unit_test(default_rules_have_no_specifications),
		cmocka_unit_test(unsupported_calls_fail),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
