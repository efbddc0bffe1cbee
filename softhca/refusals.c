/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>

#include "checks.h"
#include "export.h"
#include "refusals.h"
#include "rss.h"

/* MLX5_BY_PASS_NUM_REGULAR_PRIOS - 1, and IB_FLOW_SPEC_SUPPORT_LAYERS. */
#define PRIORITY_MAX 15
#define SPECS_MAX    10

#define ETHER_IPV4 0x0800
#define ETHER_IPV6 0x86dd

#define HASH_IPV4 (IBV_RX_HASH_SRC_IPV4 | IBV_RX_HASH_DST_IPV4)
#define HASH_IPV6 (IBV_RX_HASH_SRC_IPV6 | IBV_RX_HASH_DST_IPV6)
#define HASH_TCP  (IBV_RX_HASH_SRC_PORT_TCP | IBV_RX_HASH_DST_PORT_TCP)
#define HASH_UDP  (IBV_RX_HASH_SRC_PORT_UDP | IBV_RX_HASH_DST_PORT_UDP)

static const struct {
	const char *name, *by;
	int error;
} refusals[HCA_REFUSALS] = {
	[HCA_ALLOWED] = {"allowed", "nobody", 0},
	[HCA_QP_NO_QUEUE] = {"qp.no_queue", "create_raw_packet_qp", EINVAL},
	[HCA_QP_TABLE_AND_SEND] = {"qp.table_and_send", "check_qp_attr", EINVAL},
	[HCA_QP_TABLE_AND_RECEIVE] = {"qp.table_and_receive", "create_qp", EINVAL},
	[HCA_RSS_INNER] = {"rss.inner", "create_rss_raw_qp_tir", EOPNOTSUPP},
	[HCA_RSS_FUNCTION] = {"rss.function", "create_rss_raw_qp_tir", EOPNOTSUPP},
	[HCA_RSS_KEY_LENGTH] = {"rss.key_length", "create_rss_raw_qp_tir", EINVAL},
	[HCA_RSS_NO_FIELDS] = {"rss.no_fields", "create_rss_raw_qp_tir", EINVAL},
	[HCA_RSS_IP_VERSIONS] = {"rss.ip_versions", "create_rss_raw_qp_tir", EINVAL},
	[HCA_RSS_L4_PROTOCOLS] = {"rss.l4_protocols", "create_rss_raw_qp_tir", EINVAL},
	[HCA_FLOW_PRIORITY] = {"flow.priority", "mlx5_ib_create_flow", ENOMEM},
	[HCA_FLOW_FLAGS] = {"flow.flags", "mlx5_ib_create_flow", EINVAL},
	[HCA_FLOW_DEFAULT_TRAP] = {"flow.default_trap", "ib_uverbs_ex_create_flow", EINVAL},
	[HCA_FLOW_DEFAULT_SIDE] = {"flow.default_side", "mlx5_ib_create_flow", EINVAL},
	[HCA_FLOW_SPECS] = {"flow.specs", "ib_uverbs_ex_create_flow", EINVAL},
	[HCA_FLOW_PORT] = {"flow.port", "ib_uverbs_ex_create_flow", EINVAL},
	[HCA_FLOW_ETHER_TYPE] = {"flow.ether_type", "is_valid_ethertype", EINVAL},
	[HCA_FLOW_PROTOCOL] = {"flow.protocol", "set_proto", EINVAL},
	[HCA_FLOW_FIELDS] = {"flow.fields", "parse_flow_attr", EOPNOTSUPP},
};

static uint64_t counts[HCA_REFUSALS];

static enum hca_refusal
of_hash(const struct ibv_rx_hash_conf *hash, uint32_t table_size)
{
	uint64_t fields = hash->rx_hash_fields_mask;

	if ((fields & IBV_RX_HASH_INNER) != 0)
		return HCA_RSS_INNER;
	if (hash->rx_hash_function != IBV_RX_HASH_FUNC_TOEPLITZ)
		return HCA_RSS_FUNCTION;
	if (hash->rx_hash_key_len != HCA_RSS_KEY_LEN)
		return HCA_RSS_KEY_LENGTH;
	if (fields == 0)
		return table_size != 1 ? HCA_RSS_NO_FIELDS : HCA_ALLOWED;
	if ((fields & HASH_IPV4) != 0 && (fields & HASH_IPV6) != 0)
		return HCA_RSS_IP_VERSIONS;
	if ((fields & HASH_TCP) != 0 && (fields & HASH_UDP) != 0)
		return HCA_RSS_L4_PROTOCOLS;
	return HCA_ALLOWED;
}

enum hca_refusal
hca_refusal_of_qp(const struct ibv_qp_init_attr_ex *attr, uint32_t table_size)
{
	const struct ibv_qp_cap *cap = &attr->cap;

	if ((attr->comp_mask & IBV_QP_INIT_ATTR_IND_TABLE) == 0)
		return cap->max_send_wr == 0 && cap->max_recv_wr == 0 ? HCA_QP_NO_QUEUE :
			HCA_ALLOWED;
	if (cap->max_recv_wr != 0 || cap->max_recv_sge != 0)
		return HCA_QP_TABLE_AND_RECEIVE;
	if (cap->max_send_wr != 0)
		return HCA_QP_TABLE_AND_SEND;
	return of_hash(&attr->rx_hash_conf, table_size);
}

/* What a rule says of the headers, as far as the specifications must agree. */
struct headers {
	uint16_t type, type_mask;	/* of Ethernet, host order */
	uint16_t wanted_type;		/* of the IP version; 0: none */
	uint8_t protocol, protocol_mask;
	bool fields, protocols;		/* refused */
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
	set_protocol(headers, spec->mask.next_hdr, spec->val.next_hdr);
}

/* size: of the specification; one that is too small is refused elsewhere. */
static void
study(struct headers *headers, uint32_t type, const void *spec, size_t size)
{
	if (type == IBV_FLOW_SPEC_ETH && size >= sizeof(struct ibv_flow_spec_eth))
		study_eth(headers, spec);
	else if (type == IBV_FLOW_SPEC_IPV4)
		headers->wanted_type = ETHER_IPV4;
	else if (type == IBV_FLOW_SPEC_IPV4_EXT && size >= sizeof(struct ibv_flow_spec_ipv4_ext))
		study_ipv4(headers, spec);
	else if (type == IBV_FLOW_SPEC_IPV6 && size >= sizeof(struct ibv_flow_spec_ipv6))
		study_ipv6(headers, spec);
	else if (type == IBV_FLOW_SPEC_TCP)
		set_protocol(headers, UINT8_MAX, IPPROTO_TCP);
	else if (type == IBV_FLOW_SPEC_UDP)
		set_protocol(headers, UINT8_MAX, IPPROTO_UDP);
}

static enum hca_refusal
of_specs(const struct ibv_flow_attr *attr)
{
	const uint8_t *at = (const uint8_t *)(attr + 1);
	struct headers headers = {0};
	uint32_t type;
	uint16_t size;
	int i;

	for (i = 0; i < attr->num_of_specs; i++, at += size) {
		memcpy(&type, at, sizeof(type));
		memcpy(&size, at + sizeof(type), sizeof(size));
		study(&headers, type, at, size);
	}
	if (headers.type_mask != 0 && headers.wanted_type != 0 &&
	    (headers.type_mask != UINT16_MAX || headers.type != headers.wanted_type))
		return HCA_FLOW_ETHER_TYPE;
	if (headers.fields)
		return HCA_FLOW_FIELDS;
	return headers.protocols ? HCA_FLOW_PROTOCOL : HCA_ALLOWED;
}

enum hca_refusal
hca_refusal_of_flow(const struct ibv_flow_attr *attr)
{
	bool dont_trap = (attr->flags & IBV_FLOW_ATTR_FLAGS_DONT_TRAP) != 0;
	bool egress = (attr->flags & IBV_FLOW_ATTR_FLAGS_EGRESS) != 0;
	bool of_default = attr->type == IBV_FLOW_ATTR_ALL_DEFAULT ||
		attr->type == IBV_FLOW_ATTR_MC_DEFAULT;

	if (of_default && dont_trap)
		return HCA_FLOW_DEFAULT_TRAP;
	if (attr->num_of_specs > SPECS_MAX)
		return HCA_FLOW_SPECS;
	if (attr->port != 1)
		return HCA_FLOW_PORT;
	if (attr->priority > PRIORITY_MAX)
		return HCA_FLOW_PRIORITY;
	if ((attr->flags & ~(IBV_FLOW_ATTR_FLAGS_DONT_TRAP | IBV_FLOW_ATTR_FLAGS_EGRESS)) != 0)
		return HCA_FLOW_FLAGS;
	if (of_default && egress)
		return HCA_FLOW_DEFAULT_SIDE;
	return of_specs(attr);
}

int
hca_refuse(enum hca_refusal refusal)
{
	if (refusal == HCA_ALLOWED)
		return 0;
	__atomic_add_fetch(&counts[refusal], 1, __ATOMIC_RELAXED);
	hca_trace("refused: %s: %s() of the kernel says %s", refusals[refusal].name,
		refusals[refusal].by, strerror(refusals[refusal].error));
	return refusals[refusal].error;
}

EXPORT uint64_t
softhca_refusals(const char *name)
{
	uint64_t sum = 0;
	int i;

	for (i = 0; i < HCA_REFUSALS; i++)
		if (name == NULL || strcmp(name, refusals[i].name) == 0)
			sum += __atomic_load_n(&counts[i], __ATOMIC_RELAXED);
	return sum;
}
