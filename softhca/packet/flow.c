/* SPDX-License-Identifier: BSD-3-Clause */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "packet/flow.h"

/* Ranks of the default rules, behind those of priorities. */
enum { RANK_MULTICAST = 1 << 16, RANK_ALL };

struct spec {
	uint32_t type;
	uint32_t size;
	const uint8_t *at;
};

/* The spec at *at of the rule, and *at moves behind it. */
static struct spec
next_spec(const struct ibv_flow_attr *attr, size_t *at)
{
	const uint8_t *bytes = (const uint8_t *)attr + *at;
	struct spec spec = {.at = bytes};
	uint16_t size;

	memcpy(&spec.type, bytes, sizeof(spec.type));
	memcpy(&size, bytes + 4, sizeof(size));
	spec.size = size;
	*at += size;
	return spec;
}

static bool
is_modelled(uint32_t type)
{
	switch (type) {
	case IBV_FLOW_SPEC_ETH:
	case IBV_FLOW_SPEC_IPV4:
	case IBV_FLOW_SPEC_IPV4_EXT:
	case IBV_FLOW_SPEC_IPV6:
	case IBV_FLOW_SPEC_TCP:
	case IBV_FLOW_SPEC_UDP:
	case IBV_FLOW_SPEC_ACTION_TAG:
	case IBV_FLOW_SPEC_ACTION_DROP:
		return true;
	default:
		return false;
	}
}

uint32_t
hca_flow_spec_size(uint32_t type)
{
	switch (type) {
	case IBV_FLOW_SPEC_ETH:
		return sizeof(struct ibv_flow_spec_eth);
	case IBV_FLOW_SPEC_IPV4:
		return sizeof(struct ibv_flow_spec_ipv4);
	case IBV_FLOW_SPEC_IPV4_EXT:
		return sizeof(struct ibv_flow_spec_ipv4_ext);
	case IBV_FLOW_SPEC_IPV6:
		return sizeof(struct ibv_flow_spec_ipv6);
	case IBV_FLOW_SPEC_TCP:
	case IBV_FLOW_SPEC_UDP:
		return sizeof(struct ibv_flow_spec_tcp_udp);
	case IBV_FLOW_SPEC_ESP:
		return sizeof(struct ibv_flow_spec_esp);
	case IBV_FLOW_SPEC_GRE:
		return sizeof(struct ibv_flow_spec_gre);
	case IBV_FLOW_SPEC_MPLS:
		return sizeof(struct ibv_flow_spec_mpls);
	case IBV_FLOW_SPEC_VXLAN_TUNNEL:
		return sizeof(struct ibv_flow_spec_tunnel);
	case IBV_FLOW_SPEC_ACTION_TAG:
		return sizeof(struct ibv_flow_spec_action_tag);
	case IBV_FLOW_SPEC_ACTION_DROP:
		return sizeof(struct ibv_flow_spec_action_drop);
	case IBV_FLOW_SPEC_ACTION_HANDLE:
		return sizeof(struct ibv_flow_spec_action_handle);
	case IBV_FLOW_SPEC_ACTION_COUNT:
		return sizeof(struct ibv_flow_spec_counter_action);
	default:
		return 0;
	}
}

static uint32_t
count_bits(const void *bytes, size_t len)
{
	const uint8_t *at = bytes;
	uint32_t bits = 0;
	size_t i;

	for (i = 0; i < len; i++)
		bits += __builtin_popcount(at[i]);
	return bits;
}

/* A filter is {values, masks} of the same size, behind type and size. */
static uint32_t
mask_bits(const struct spec *spec)
{
	switch (spec->type) {
	case IBV_FLOW_SPEC_ETH:
		return count_bits(&((const struct ibv_flow_spec_eth *)spec->at)->mask,
			sizeof(struct ibv_flow_eth_filter));
	case IBV_FLOW_SPEC_IPV4:
		return count_bits(&((const struct ibv_flow_spec_ipv4 *)spec->at)->mask,
			sizeof(struct ibv_flow_ipv4_filter));
	case IBV_FLOW_SPEC_IPV4_EXT:
		return count_bits(&((const struct ibv_flow_spec_ipv4_ext *)spec->at)->mask,
			sizeof(struct ibv_flow_ipv4_ext_filter));
	case IBV_FLOW_SPEC_IPV6:
		return count_bits(&((const struct ibv_flow_spec_ipv6 *)spec->at)->mask,
			sizeof(struct ibv_flow_ipv6_filter));
	default:
		return 0;
	}
}

/* Learns from the specs. */
static void
study(struct hca_flow *flow)
{
	const struct ibv_flow_attr *attr = flow->attr;
	size_t at = sizeof(*attr);
	struct spec spec;
	int i;

	for (i = 0; i < attr->num_of_specs; i++) {
		spec = next_spec(attr, &at);
		flow->bits += mask_bits(&spec) + (spec.type < IBV_FLOW_SPEC_INNER ? 1 : 0);
		flow->drop |= spec.type == IBV_FLOW_SPEC_ACTION_DROP;
		if (spec.type != IBV_FLOW_SPEC_ACTION_TAG)
			continue;
		flow->tag = ((const struct ibv_flow_spec_action_tag *)spec.at)->tag_id;
		flow->tagged = true;
	}
}

/* All specs are known, and whole; *size is that of the rule. The user's attr->size is no help. */
static int
measure(const struct ibv_flow_attr *attr, size_t *size)
{
	struct spec spec;
	int i;

	*size = sizeof(*attr);
	for (i = 0; i < attr->num_of_specs; i++) {
		spec = next_spec(attr, size);
		if (!is_modelled(spec.type))
			return -EOPNOTSUPP;
		if (spec.size < hca_flow_spec_size(spec.type))
			return -EINVAL;
	}
	return 0;
}

/* Do they name the same bits, and the same values of them? */
static bool
same_filter(const struct spec *a, const struct spec *b)
{
	const uint8_t *values_a = a->at + 8, *values_b = b->at + 8;
	uint32_t len = (a->size - 8) / 2, i;

	if (a->size != b->size || memcmp(values_a + len, values_b + len, len) != 0)
		return false;
	for (i = 0; i < len; i++)
		if (((values_a[i] ^ values_b[i]) & values_a[len + i]) != 0)
			return false;
	return true;
}

static bool
is_action(const struct spec *spec)
{
	return spec->type == IBV_FLOW_SPEC_ACTION_TAG || spec->type == IBV_FLOW_SPEC_ACTION_DROP;
}

/* False: there are no more. */
static bool
next_filter(const struct ibv_flow_attr *attr, size_t *at, int *i, struct spec *spec)
{
	while (*i < attr->num_of_specs) {
		*spec = next_spec(attr, at);
		(*i)++;
		if (!is_action(spec))
			return true;
	}
	return false;
}

static bool
same_match(const struct ibv_flow_attr *a, const struct ibv_flow_attr *b)
{
	size_t at_a = sizeof(*a), at_b = sizeof(*b);
	struct spec spec_a, spec_b;
	int i = 0, j = 0;
	bool more;

	for (;;) {
		more = next_filter(a, &at_a, &i, &spec_a);
		if (more != next_filter(b, &at_b, &j, &spec_b))
			return false;
		if (!more)
			return true;
		if (spec_a.type != spec_b.type || !same_filter(&spec_a, &spec_b))
			return false;
	}
}

/* The number of an equal match, or a new one. */
static int
find_match(const struct hca_flows *flows, struct hca_flow *flow)
{
	const struct hca_flow *other;
	uint32_t last = 0;

	TAILQ_FOREACH(other, flows, next) {
		last = other->match > last ? other->match : last;
		if (other->rank != flow->rank || other->bits != flow->bits ||
		    !same_match(other->attr, flow->attr))
			continue;
		if (other->drop != flow->drop || (flow->tag != other->tag && flow->tagged))
			return -EEXIST;
		flow->match = other->match;
		return 0;
	}
	flow->match = last + 1;
	return 0;
}

static int
find_rank(struct hca_flow *flow)
{
	switch (flow->attr->type) {
	case IBV_FLOW_ATTR_NORMAL:
		flow->rank = flow->attr->priority;
		return 0;
	case IBV_FLOW_ATTR_MC_DEFAULT:
		flow->rank = RANK_MULTICAST;
		return 0;
	case IBV_FLOW_ATTR_ALL_DEFAULT:
		flow->rank = RANK_ALL;
		return 0;
	default:
		return -EOPNOTSUPP;
	}
}

static bool
comes_before(const struct hca_flow *a, const struct hca_flow *b)
{
	return a->rank != b->rank ? a->rank < b->rank : a->bits > b->bits;
}

int
hca_flow_add(struct hca_flows *flows, struct hca_flow *flow, const struct ibv_flow_attr *attr,
	const struct hca_rss *rss)
{
	struct hca_flow *other;
	size_t size;
	int ret;

	ret = measure(attr, &size);
	if (ret != 0)
		return ret;
	*flow = (struct hca_flow){.rss = rss, .attr = malloc(size)};
	if (flow->attr == NULL)
		return -ENOMEM;
	memcpy(flow->attr, attr, size);
	ret = find_rank(flow);
	if (ret != 0)
		goto err_free;
	if (attr->type != IBV_FLOW_ATTR_NORMAL)
		flow->attr->num_of_specs = 0;
	study(flow);
	ret = find_match(flows, flow);
	if (ret != 0)
		goto err_free;
	TAILQ_FOREACH(other, flows, next)
		if (comes_before(flow, other)) {
			TAILQ_INSERT_BEFORE(other, flow, next);
			return 0;
		}
	TAILQ_INSERT_TAIL(flows, flow, next);
	return 0;

err_free:
	free(flow->attr);
	return ret;
}

void
hca_flow_remove(struct hca_flows *flows, struct hca_flow *flow)
{
	TAILQ_REMOVE(flows, flow, next);
	free(flow->attr);
}

static bool
differs(const void *got, const void *wanted, const void *mask, size_t len)
{
	const uint8_t *g = got, *w = wanted, *m = mask;
	size_t i;

	for (i = 0; i < len; i++)
		if (((g[i] ^ w[i]) & m[i]) != 0)
			return true;
	return false;
}

static bool
match_eth(const struct ibv_flow_spec_eth *spec, const struct hca_frame *frame)
{
	struct ibv_flow_eth_filter got = {
		.ether_type = htobe16(frame->ether_type),
		.vlan_tag = htobe16(frame->tci),
	};

	if ((spec->mask.vlan_tag != 0) && !frame->vlan)
		return false;
	memcpy(got.dst_mac, frame->bytes, 6);
	memcpy(got.src_mac, frame->bytes + 6, 6);
	return !differs(&got, &spec->val, &spec->mask, sizeof(got));
}

static bool
match_ipv4(const struct ibv_flow_spec_ipv4 *spec, const struct hca_frame *frame)
{
	return frame->l3 == HCA_L3_IPV4 &&
		!differs(frame->bytes + frame->l3_at + 12, &spec->val, &spec->mask, 8);
}

static bool
match_ipv4_ext(const struct ibv_flow_spec_ipv4_ext *spec, const struct hca_frame *frame)
{
	const uint8_t *ip = frame->bytes + frame->l3_at;
	struct ibv_flow_ipv4_ext_filter got;

	if (frame->l3 != HCA_L3_IPV4)
		return false;
	memcpy(&got.src_ip, ip + 12, 8);
	got.proto = ip[9];
	got.tos = ip[1];
	got.ttl = ip[8];
	got.flags = frame->fragment;
	return !differs(&got, &spec->val, &spec->mask, sizeof(got));
}

static bool
match_ipv6(const struct ibv_flow_spec_ipv6 *spec, const struct hca_frame *frame)
{
	const uint8_t *ip = frame->bytes + frame->l3_at;
	struct ibv_flow_ipv6_filter got = {.next_hdr = frame->proto};
	uint32_t first;

	if (frame->l3 != HCA_L3_IPV6)
		return false;
	memcpy(&first, ip, sizeof(first));
	memcpy(got.src_ip, ip + 8, 32);
	got.flow_label = first & htobe32(0xfffff);
	got.traffic_class = be32toh(first) >> 20;
	got.hop_limit = ip[7];
	/* Not the struct's padding. */
	return !differs(&got, &spec->val, &spec->mask,
		offsetof(struct ibv_flow_ipv6_filter, hop_limit) + 1);
}

static bool
match_ports(const struct ibv_flow_spec_tcp_udp *spec, enum hca_l4 l4, const struct hca_frame *frame)
{
	struct ibv_flow_tcp_udp_filter got;

	if (frame->l4 != l4)
		return false;
	memcpy(&got.dst_port, frame->bytes + frame->l4_at + 2, 2);
	memcpy(&got.src_port, frame->bytes + frame->l4_at, 2);
	return !differs(&got, &spec->val, &spec->mask, sizeof(got));
}

static bool
match_spec(const struct spec *spec, const struct hca_frame *frame)
{
	const void *at = spec->at;

	switch (spec->type) {
	case IBV_FLOW_SPEC_ETH:
		return match_eth(at, frame);
	case IBV_FLOW_SPEC_IPV4:
		return match_ipv4(at, frame);
	case IBV_FLOW_SPEC_IPV4_EXT:
		return match_ipv4_ext(at, frame);
	case IBV_FLOW_SPEC_IPV6:
		return match_ipv6(at, frame);
	case IBV_FLOW_SPEC_TCP:
		return match_ports(at, HCA_L4_TCP, frame);
	case IBV_FLOW_SPEC_UDP:
		return match_ports(at, HCA_L4_UDP, frame);
	default:
		return true;	/* an action */
	}
}

static bool
matches(const struct hca_flow *flow, const struct hca_frame *frame)
{
	const struct ibv_flow_attr *attr = flow->attr;
	size_t at = sizeof(*attr);
	struct spec spec;
	int i;

	if (attr->type == IBV_FLOW_ATTR_MC_DEFAULT && (frame->bytes[0] & 1) == 0)
		return false;
	for (i = 0; i < attr->num_of_specs; i++) {
		spec = next_spec(attr, &at);
		if (!match_spec(&spec, frame))
			return false;
	}
	return true;
}

const struct hca_flow *
hca_flow_match(const struct hca_flows *flows, const struct hca_flow *after,
	const struct hca_frame *frame)
{
	const struct hca_flow *flow;

	flow = after == NULL ? TAILQ_FIRST(flows) : TAILQ_NEXT(after, next);
	while (flow != NULL && !matches(flow, frame))
		flow = TAILQ_NEXT(flow, next);
	return flow;
}

const struct hca_flow *
hca_flow_twin(const struct hca_flow *flow)
{
	const struct hca_flow *twin = TAILQ_NEXT(flow, next);

	while (twin != NULL && twin->rank == flow->rank && twin->bits == flow->bits) {
		/* The same rule for the same QP is one. */
		if (twin->match == flow->match && twin->rss != flow->rss)
			return twin;
		twin = TAILQ_NEXT(twin, next);
	}
	return NULL;
}
