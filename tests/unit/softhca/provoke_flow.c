/* SPDX-License-Identifier: BSD-3-Clause */
/* Refused flow rules. */
#include <endian.h>
#include <string.h>

#include "provoke.h"

/* A rule with its specs, in the layout of verbs. */
struct rule {
	struct ibv_flow_attr attr;
	uint8_t specs[12 * sizeof(struct ibv_flow_spec_eth)];
	size_t used;
};

static struct rule
a_rule(uint32_t type)
{
	return (struct rule){.attr = {.type = type, .port = 1, .size = sizeof(struct ibv_flow_attr)}};
}

static void
append(struct rule *rule, const void *spec, size_t size)
{
	memcpy(rule->specs + rule->used, spec, size);
	rule->used += size;
	rule->attr.num_of_specs++;
}

static void
append_eth(struct rule *rule, uint16_t type)
{
	struct ibv_flow_spec_eth eth = {.type = IBV_FLOW_SPEC_ETH, .size = sizeof(eth)};

	eth.val.ether_type = htobe16(type);
	eth.mask.ether_type = type != 0 ? UINT16_MAX : 0;
	append(rule, &eth, sizeof(eth));
}

static int
create(struct rig *rig, struct rule *rule)
{
	return ERRNO_OF(ibv_create_flow(rig->qp, &rule->attr));
}

/* Without specs. */
#define CREATES(name, of_type, of_port, ...)                                                              \
	static int name(struct rig *rig)                                                           \
	{                                                                                          \
		struct rule rule = {.attr = {.type = of_type, .port = of_port, __VA_ARGS__}};      \
		return create(rig, &rule);                                                         \
	}

CREATES(flags, IBV_FLOW_ATTR_NORMAL, 1, .flags = 8)
CREATES(default_trap, IBV_FLOW_ATTR_ALL_DEFAULT, 1, .flags = IBV_FLOW_ATTR_FLAGS_DONT_TRAP)
CREATES(default_side, IBV_FLOW_ATTR_MC_DEFAULT, 1, .flags = IBV_FLOW_ATTR_FLAGS_EGRESS)
CREATES(egress, IBV_FLOW_ATTR_NORMAL, 1, .flags = IBV_FLOW_ATTR_FLAGS_EGRESS)
CREATES(port, IBV_FLOW_ATTR_NORMAL, 2, .flags = 0)
CREATES(priority, IBV_FLOW_ATTR_NORMAL, 1, .priority = 16)
CREATES(type, 7, 1, .flags = 0)
CREATES(sniffer, IBV_FLOW_ATTR_SNIFFER, 1, .flags = 0)

static int
specs(struct rig *rig)
{
	struct rule rule = a_rule(IBV_FLOW_ATTR_NORMAL);
	int i;

	for (i = 0; i < 11; i++)
		append_eth(&rule, 0);
	return create(rig, &rule);
}

/* With one specification, by its struct's last name, and its contents. */
#define SPECIFIES(name, last, ...)                                                                 \
	static int name(struct rig *rig)                                                           \
	{                                                                                          \
		struct ibv_flow_spec_##last spec = {.size = sizeof(spec), __VA_ARGS__};            \
		struct rule rule = a_rule(IBV_FLOW_ATTR_NORMAL);                                   \
		append(&rule, &spec, sizeof(spec));                                                \
		return create(rig, &rule);                                                         \
	}

SPECIFIES(spec_type, eth, .type = 0x7f)
SPECIFIES(flow_label, ipv6, .type = IBV_FLOW_SPEC_IPV6, .mask.flow_label = htobe32(1 << 20))
SPECIFIES(fields, ipv4_ext, .type = IBV_FLOW_SPEC_IPV4_EXT, .mask.ttl = UINT8_MAX)
SPECIFIES(esp, esp, .type = IBV_FLOW_SPEC_ESP)
SPECIFIES(tag, action_tag, .type = IBV_FLOW_SPEC_ACTION_TAG, .tag_id = 1 << 24)

static int
spec_size(struct rig *rig)
{
	struct ibv_flow_spec_ipv4_ext spec = {.type = IBV_FLOW_SPEC_IPV4_EXT, .size = 16};
	struct rule rule = a_rule(IBV_FLOW_ATTR_NORMAL);

	append(&rule, &spec, sizeof(spec));
	return create(rig, &rule);
}

static int
ether_type(struct rig *rig)
{
	struct ibv_flow_spec_ipv6 spec = {.type = IBV_FLOW_SPEC_IPV6, .size = sizeof(spec)};
	struct rule rule = a_rule(IBV_FLOW_ATTR_NORMAL);

	append_eth(&rule, 0x0800);
	append(&rule, &spec, sizeof(spec));
	return create(rig, &rule);
}

static int
protocol(struct rig *rig)
{
	struct ibv_flow_spec_ipv4_ext ip = {.type = IBV_FLOW_SPEC_IPV4_EXT, .size = sizeof(ip)};
	struct ibv_flow_spec_tcp_udp tcp = {.type = IBV_FLOW_SPEC_TCP, .size = sizeof(tcp)};
	struct rule rule = a_rule(IBV_FLOW_ATTR_NORMAL);

	ip.val.proto = 17;
	ip.mask.proto = UINT8_MAX;
	append(&rule, &ip, sizeof(ip));
	append(&rule, &tcp, sizeof(tcp));
	return create(rig, &rule);
}

static int
conflict(struct rig *rig)
{
	struct ibv_flow_spec_action_tag one = {
		.type = IBV_FLOW_SPEC_ACTION_TAG, .size = sizeof(one), .tag_id = 1};
	struct rule first = a_rule(IBV_FLOW_ATTR_NORMAL), second = first;
	struct ibv_flow *flow;
	int error;

	append_eth(&first, 0x88b5);
	append_eth(&second, 0x88b5);
	append(&second, &one, sizeof(one));
	flow = ibv_create_flow(rig->qp, &first.attr);
	if (flow == NULL)
		return NOT_REFUSED;
	error = create(rig, &second);
	ibv_destroy_flow(flow);
	return error;
}

const struct provocation provoke_flow[] = {
	{HCA_RULE_FLOW_SPEC_TYPE, spec_type},
	{HCA_RULE_FLOW_SPEC_SIZE, spec_size},
	{HCA_RULE_FLOW_FLAGS, flags},
	{HCA_RULE_FLOW_DEFAULT_TRAP, default_trap},
	{HCA_RULE_FLOW_DEFAULT_SIDE, default_side},
	{HCA_RULE_FLOW_SPECS, specs},
	{HCA_RULE_FLOW_PORT, port},
	{HCA_RULE_FLOW_FLOW_LABEL, flow_label},
	{HCA_RULE_FLOW_PRIORITY, priority},
	{HCA_RULE_FLOW_TYPE, type},
	{HCA_RULE_FLOW_SNIFFER, sniffer},
	{HCA_RULE_FLOW_EGRESS, egress},
	{HCA_RULE_FLOW_ETHER_TYPE, ether_type},
	{HCA_RULE_FLOW_PROTOCOL, protocol},
	{HCA_RULE_FLOW_FIELDS, fields},
	{HCA_RULE_FLOW_ESP, esp},
	{HCA_RULE_FLOW_TAG, tag},
	{HCA_RULE_FLOW_CONFLICT, conflict},
	{HCA_RULE_NONE, NULL},
};
