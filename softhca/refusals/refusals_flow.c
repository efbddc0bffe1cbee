/* SPDX-License-Identifier: BSD-3-Clause */
/* Flow rules: what is refused of them. */
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "packet/flow.h"
#include "refusals/refusals.h"

/* MLX5_BY_PASS_NUM_REGULAR_PRIOS - 1, and IB_FLOW_SPEC_SUPPORT_LAYERS. */
#define PRIORITY_MAX 15
#define SPECS_MAX    10

#define TAG_MAX	       0xffffffu
#define FLOW_LABEL_MAX 0xfffffu
/* IBV_FLOW_ATTR_FLAGS_DONT_TRAP and _EGRESS; there was another one, before. */
#define FLAGS (IBV_FLOW_ATTR_FLAGS_DONT_TRAP | IBV_FLOW_ATTR_FLAGS_EGRESS)

#define ETHER_IPV4 0x0800
#define ETHER_IPV6 0x86dd

/* What a rule says of the headers, as far as the specifications must agree. */
struct headers {
	uint16_t type, type_mask;	/* of Ethernet, host order */
	uint16_t wanted_type;		/* of the IP version; 0: none */
	uint8_t protocol, protocol_mask;
	bool fields, protocols, esp, tag, label;	/* refused */
};

static void
set_protocol(struct headers *headers, uint8_t mask, uint8_t value)
{
	if (mask == 0)
		return;
	if (headers->protocol_mask != 0)
		headers->protocols |= mask != headers->protocol_mask || value != headers->protocol;
	headers->protocol_mask = mask;
	headers->protocol = value;
}

static void
study_eth(struct headers *headers, const struct ibv_flow_spec_eth *spec)
{
	headers->type_mask = ntohs(spec->mask.ether_type);
	headers->type = ntohs(spec->val.ether_type);
}

static void
study_ipv4(struct headers *headers, const struct ibv_flow_spec_ipv4_ext *spec)
{
	headers->wanted_type = ETHER_IPV4;
	headers->fields |= spec->mask.ttl != 0 || spec->mask.flags != 0;
	set_protocol(headers, spec->mask.proto, spec->val.proto);
}

static void
study_ipv6(struct headers *headers, const struct ibv_flow_spec_ipv6 *spec)
{
	headers->wanted_type = ETHER_IPV6;
	headers->fields |= spec->mask.hop_limit != 0;
	headers->label |= ntohl(spec->mask.flow_label) > FLOW_LABEL_MAX ||
		ntohl(spec->val.flow_label) > FLOW_LABEL_MAX;
	set_protocol(headers, spec->mask.next_hdr, spec->val.next_hdr);
}

static void
study_tag(struct headers *headers, const struct ibv_flow_spec_action_tag *spec)
{
	headers->tag |= spec->tag_id > TAG_MAX;
}

static void
study(struct headers *headers, uint32_t type, const void *spec)
{
	if (type == IBV_FLOW_SPEC_ETH)
		study_eth(headers, spec);
	else if (type == IBV_FLOW_SPEC_IPV4)
		headers->wanted_type = ETHER_IPV4;
	else if (type == IBV_FLOW_SPEC_IPV4_EXT)
		study_ipv4(headers, spec);
	else if (type == IBV_FLOW_SPEC_IPV6)
		study_ipv6(headers, spec);
	else if (type == IBV_FLOW_SPEC_TCP)
		set_protocol(headers, UINT8_MAX, IPPROTO_TCP);
	else if (type == IBV_FLOW_SPEC_UDP)
		set_protocol(headers, UINT8_MAX, IPPROTO_UDP);
	else if (type == IBV_FLOW_SPEC_ACTION_TAG)
		study_tag(headers, spec);
	headers->esp |= type == IBV_FLOW_SPEC_ESP;
}

/* libibverbs reads all of them before the kernel sees any. */
static enum hca_rule
read_specs(const struct ibv_flow_attr *attr, struct headers *headers)
{
	const uint8_t *at = (const uint8_t *)(attr + 1);
	uint32_t type, least;
	uint16_t size;
	int i;

	for (i = 0; i < attr->num_of_specs; i++, at += size) {
		memcpy(&type, at, sizeof(type));
		memcpy(&size, at + sizeof(type), sizeof(size));
		least = hca_flow_spec_size(type & ~(uint32_t)IBV_FLOW_SPEC_INNER);
		if (least == 0)
			return HCA_RULE_FLOW_SPEC_TYPE;
		if (size < least)
			return HCA_RULE_FLOW_SPEC_SIZE;
		study(headers, type, at);
	}
	return HCA_RULE_NONE;
}

static enum hca_rule
of_headers(const struct headers *headers)
{
	if (headers->type_mask != 0 && headers->wanted_type != 0 &&
	    (headers->type_mask != UINT16_MAX || headers->type != headers->wanted_type))
		return HCA_RULE_FLOW_ETHER_TYPE;
	if (headers->fields)
		return HCA_RULE_FLOW_FIELDS;
	if (headers->protocols)
		return HCA_RULE_FLOW_PROTOCOL;
	if (headers->esp)
		return HCA_RULE_FLOW_ESP;
	return headers->tag ? HCA_RULE_FLOW_TAG : HCA_RULE_NONE;
}

static enum hca_rule
of_type(const struct ibv_flow_attr *attr)
{
	if ((attr->flags & IBV_FLOW_ATTR_FLAGS_EGRESS) != 0)
		return HCA_RULE_FLOW_EGRESS;
	switch (attr->type) {
	case IBV_FLOW_ATTR_NORMAL:
	case IBV_FLOW_ATTR_ALL_DEFAULT:
	case IBV_FLOW_ATTR_MC_DEFAULT:
		return HCA_RULE_NONE;
	case IBV_FLOW_ATTR_SNIFFER:
		return HCA_RULE_FLOW_SNIFFER;
	default:
		return HCA_RULE_FLOW_TYPE;
	}
}

static enum hca_rule
of_core(const struct ibv_flow_attr *attr, enum ibv_qp_type type, bool of_default,
	const struct headers *headers)
{
	if (of_default && (attr->flags & IBV_FLOW_ATTR_FLAGS_DONT_TRAP) != 0)
		return HCA_RULE_FLOW_DEFAULT_TRAP;
	if (attr->num_of_specs > SPECS_MAX)
		return HCA_RULE_FLOW_SPECS;
	if (attr->port != 1)
		return HCA_RULE_FLOW_PORT;
	if (type != IBV_QPT_RAW_PACKET && type != IBV_QPT_UD)
		return HCA_RULE_FLOW_QP;
	return headers->label ? HCA_RULE_FLOW_FLOW_LABEL : HCA_RULE_NONE;
}

enum hca_rule
hca_rule_of_flow(const struct ibv_flow_attr *attr, enum ibv_qp_type type)
{
	bool of_default = attr->type == IBV_FLOW_ATTR_ALL_DEFAULT ||
		attr->type == IBV_FLOW_ATTR_MC_DEFAULT;
	struct headers headers = {0};
	enum hca_rule rule;

	rule = read_specs(attr, &headers);
	if (rule == HCA_RULE_NONE)
		rule = of_core(attr, type, of_default, &headers);
	if (rule != HCA_RULE_NONE)
		return rule;
	if (attr->priority > PRIORITY_MAX)
		return HCA_RULE_FLOW_PRIORITY;
	if ((attr->flags & ~(uint32_t)FLAGS) != 0)
		return HCA_RULE_FLOW_FLAGS;
	if (of_default && (attr->flags & IBV_FLOW_ATTR_FLAGS_EGRESS) != 0)
		return HCA_RULE_FLOW_DEFAULT_SIDE;
	rule = of_type(attr);
	if (rule != HCA_RULE_NONE || of_default)
		/* A default rule's specifications are not used. */
		return rule;
	return of_headers(&headers);
}
