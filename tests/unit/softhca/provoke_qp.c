/* SPDX-License-Identifier: BSD-3-Clause */
/* Refused calls that create and destroy raw packet QPs, with queues or with a table. */
#include <string.h>

#include "provoke.h"

#define MODEL_WQES 32768u
#define MODEL_SGE  32u

static uint8_t key[41];

struct ibv_qp *
provoke_make_qp(struct rig *rig, uint32_t sends, uint32_t receives)
{
	struct ibv_qp_init_attr init = {
		.qp_type = IBV_QPT_RAW_PACKET,
		.send_cq = rig->send_cq,
		.recv_cq = rig->recv_cq,
		.cap = {sends, receives, 1, 1, 0},
	};

	return ibv_create_qp(rig->pd, &init);
}

struct ibv_qp *
provoke_make_rss_qp(struct rig *rig, struct ibv_rwq_ind_table *table)
{
	struct ibv_qp_init_attr_ex attr = {
		.qp_type = IBV_QPT_RAW_PACKET,
		.comp_mask = IBV_QP_INIT_ATTR_PD | IBV_QP_INIT_ATTR_IND_TABLE |
			IBV_QP_INIT_ATTR_RX_HASH,
		.pd = rig->pd,
		.rwq_ind_tbl = table,
		.rx_hash_conf = {IBV_RX_HASH_FUNC_TOEPLITZ, 40, key, 0},
	};

	return ibv_create_qp_ex(rig->ctx, &attr);
}

/* What differs from a QP that can be created. */
struct change {
	uint32_t add, remove;	/* of comp_mask */
	struct ibv_qp_cap cap;	/* instead, unless it is all zeros */
	uint32_t create_flags;
	uint64_t operations;
	enum ibv_qp_type type;	/* 0: a raw packet QP */
	bool no_cq, no_queue;
	struct mlx5dv_qp_init_attr more;
};

static int
create(struct rig *rig, struct change change)
{
	struct ibv_qp_init_attr_ex attr = {
		.qp_type = change.type != 0 ? change.type : IBV_QPT_RAW_PACKET,
		.comp_mask = (IBV_QP_INIT_ATTR_PD | change.add) & ~change.remove,
		.pd = rig->pd,
		.send_cq = rig->send_cq,
		.recv_cq = change.no_cq ? NULL : rig->recv_cq,
		.cap = {1, 1, 1, 1, 0},
		.create_flags = change.create_flags,
		.send_ops_flags = change.operations,
	};
	const struct ibv_qp_cap none = {0};

	if (memcmp(&change.cap, &none, sizeof(none)) != 0 || change.no_queue)
		attr.cap = change.cap;
	return ERRNO_OF(mlx5dv_create_qp(rig->ctx, &attr, &change.more));
}

#define CREATES(name, ...)                                                                         \
	static int name(struct rig *rig)                                                           \
	{                                                                                          \
		return create(rig, (struct change){__VA_ARGS__});                                  \
	}
#define FLAGS(name, flags) CREATES(name, .add = IBV_QP_INIT_ATTR_CREATE_FLAGS, .create_flags = flags)
#define DV_FLAGS(name, flags)                                                                      \
	CREATES(name, .more = {.comp_mask = MLX5DV_QP_INIT_ATTR_MASK_QP_CREATE_FLAGS,              \
		.create_flags = flags})

CREATES(comp_mask, .add = 1 << 12)
CREATES(type, .type = 77)
CREATES(no_pd, .remove = IBV_QP_INIT_ATTR_PD)
CREATES(no_cq, .no_cq = true)
CREATES(send_ops, .add = IBV_QP_INIT_ATTR_SEND_OPS_FLAGS | IBV_QP_INIT_ATTR_RX_HASH)
CREATES(send_ops_flags, .add = IBV_QP_INIT_ATTR_SEND_OPS_FLAGS, .operations = IBV_QP_EX_WITH_RDMA_READ)
CREATES(dv_send_ops, .more = {.comp_mask = MLX5DV_QP_INIT_ATTR_MASK_SEND_OPS_FLAGS,
	.send_ops_flags = MLX5DV_QP_EX_WITH_MR_LIST})
CREATES(no_queue, .no_queue = true)
CREATES(send_sge, .cap = {1, 1, 62, 1, 0})
CREATES(inlined, .cap = {1, 1, 1, 1, 973})
CREATES(send_bytes, .cap = {1u << 21, 1, 1, 1, 0})
CREATES(send_wr, .cap = {MODEL_WQES + 1, 1, 1, 1, 0})
CREATES(recv_wr, .cap = {1, MODEL_WQES + 1, 1, 1, 0})
CREATES(recv_sge, .cap = {1, 1, 1, MODEL_SGE + 1, 0})
FLAGS(source_qpn, IBV_QP_CREATE_SOURCE_QPN)
FLAGS(create_flags, 1 << 20)
FLAGS(scatter_fcs, IBV_QP_CREATE_SCATTER_FCS)
FLAGS(end_padding, IBV_QP_CREATE_PCI_WRITE_END_PADDING)
CREATES(tso_header, .type = IBV_QPT_RC, .add = IBV_QP_INIT_ATTR_MAX_TSO_HEADER)
CREATES(underlay, .type = IBV_QPT_UD, .add = IBV_QP_INIT_ATTR_CREATE_FLAGS,
	.create_flags = IBV_QP_CREATE_SOURCE_QPN)
CREATES(vlan_stripping, .type = IBV_QPT_UD, .add = IBV_QP_INIT_ATTR_CREATE_FLAGS,
	.create_flags = IBV_QP_CREATE_CVLAN_STRIPPING)
FLAGS(mcast_loopback, IBV_QP_CREATE_BLOCK_SELF_MCAST_LB)
CREATES(dv_comp_mask, .more = {.comp_mask = 1 << 12})
CREATES(dv_dc, .more = {.comp_mask = MLX5DV_QP_INIT_ATTR_MASK_DC})
DV_FLAGS(dv_flags, 1 << 20)
DV_FLAGS(dv_scatter, MLX5DV_QP_CREATE_DISABLE_SCATTER_TO_CQE | MLX5DV_QP_CREATE_ALLOW_SCATTER_TO_CQE)
DV_FLAGS(dv_pipelining, MLX5DV_QP_CREATE_SIG_PIPELINING)
DV_FLAGS(dv_credits, MLX5DV_QP_CREATE_PACKET_BASED_CREDIT_MODE)
DV_FLAGS(tunnels, MLX5DV_QP_CREATE_TUNNEL_OFFLOADS)

static int
qp_in_use(struct rig *rig)
{
	return ibv_destroy_qp(rig->qp);
}

const struct provocation provoke_qp[] = {
	{HCA_RULE_QP_COMP_MASK, comp_mask},
	{HCA_RULE_QP_TYPE, type},
	{HCA_RULE_QP_NO_PD, no_pd},
	{HCA_RULE_QP_NO_CQ, no_cq},
	{HCA_RULE_QP_SEND_OPS, send_ops},
	{HCA_RULE_QP_SEND_OPS_FLAGS, send_ops_flags},
	{HCA_RULE_QP_DV_SEND_OPS, dv_send_ops},
	{HCA_RULE_QP_SOURCE_QPN, source_qpn},
	{HCA_RULE_QP_CREATE_FLAGS, create_flags},
	{HCA_RULE_QP_SCATTER_FCS, scatter_fcs},
	{HCA_RULE_QP_END_PADDING, end_padding},
	{HCA_RULE_QP_MCAST_LOOPBACK, mcast_loopback},
	{HCA_RULE_QP_TSO_HEADER, tso_header},
	{HCA_RULE_QP_UNDERLAY, underlay},
	{HCA_RULE_QP_VLAN_STRIPPING, vlan_stripping},
	{HCA_RULE_QP_SEND_SGE, send_sge},
	{HCA_RULE_QP_INLINE, inlined},
	{HCA_RULE_QP_SEND_BYTES, send_bytes},
	{HCA_RULE_QP_SEND_WR, send_wr},
	{HCA_RULE_QP_RECV_WR, recv_wr},
	{HCA_RULE_QP_RECV_SGE, recv_sge},
	{HCA_RULE_QP_NO_QUEUE, no_queue},
	{HCA_RULE_QP_DV_COMP_MASK, dv_comp_mask},
	{HCA_RULE_QP_DV_DC, dv_dc},
	{HCA_RULE_QP_DV_FLAGS, dv_flags},
	{HCA_RULE_QP_DV_SCATTER, dv_scatter},
	{HCA_RULE_QP_DV_PIPELINING, dv_pipelining},
	{HCA_RULE_QP_DV_CREDITS, dv_credits},
	{HCA_RULE_QP_TUNNELS, tunnels},
	{HCA_RULE_QP_BUSY, qp_in_use},
	{HCA_RULE_NONE, NULL},
};

/* The same for a QP with a table of four entries, which hashes addresses of IPv4. */
struct rss_change {
	uint32_t add, remove;	/* of comp_mask */
	struct ibv_qp_cap cap;
	uint32_t create_flags, dv_flags;
	uint64_t fields;	/* further ones */
	uint64_t no_fields;
	uint8_t key_len, function;
	enum ibv_qp_type type;	/* 0: a raw packet QP */
};

static int
create_rss(struct rig *rig, struct rss_change change)
{
	struct ibv_wq *wq = provoke_make_wq(rig, 4);
	struct ibv_rwq_ind_table *table = provoke_make_table(rig, wq, 2);
	const uint64_t ipv4 = IBV_RX_HASH_SRC_IPV4;
	struct ibv_qp_init_attr_ex attr = {
		.qp_type = change.type != 0 ? change.type : IBV_QPT_RAW_PACKET,
		.comp_mask = (IBV_QP_INIT_ATTR_PD | IBV_QP_INIT_ATTR_IND_TABLE |
			IBV_QP_INIT_ATTR_RX_HASH | change.add) & ~change.remove,
		.pd = rig->pd,
		.rwq_ind_tbl = table,
		.cap = change.cap,
		.create_flags = change.create_flags,
		.rx_hash_conf = {
			.rx_hash_function = change.function != 0 ? 0 : IBV_RX_HASH_FUNC_TOEPLITZ,
			.rx_hash_key_len = change.key_len != 0 ? change.key_len : 40,
			.rx_hash_key = key,
			.rx_hash_fields_mask = change.no_fields != 0 ? 0 : ipv4 | change.fields,
		},
	};
	struct mlx5dv_qp_init_attr more = {
		.comp_mask = MLX5DV_QP_INIT_ATTR_MASK_QP_CREATE_FLAGS,
		.create_flags = change.dv_flags,
	};
	int error = ERRNO_OF(mlx5dv_create_qp(rig->ctx, &attr, &more));

	ibv_destroy_rwq_ind_table(table);
	ibv_destroy_wq(wq);
	return error;
}

#define RSS(name, ...)                                                                             \
	static int name(struct rig *rig)                                                           \
	{                                                                                          \
		return create_rss(rig, (struct rss_change){__VA_ARGS__});                          \
	}

RSS(table_and_receive, .cap.max_recv_wr = 1)
RSS(table_and_send, .cap.max_send_wr = 1)
RSS(table_type, .type = IBV_QPT_UD)
RSS(no_hash, .remove = IBV_QP_INIT_ATTR_RX_HASH)
RSS(no_table, .remove = IBV_QP_INIT_ATTR_IND_TABLE)
RSS(rss_create_flags, .add = IBV_QP_INIT_ATTR_CREATE_FLAGS,
	.create_flags = IBV_QP_CREATE_CVLAN_STRIPPING)
RSS(rss_dv_flags, .dv_flags = MLX5DV_QP_CREATE_ALLOW_SCATTER_TO_CQE)
RSS(inner, .fields = IBV_RX_HASH_INNER)
RSS(function, .function = 1)
RSS(key_length, .key_len = 41)
RSS(no_fields, .no_fields = 1)
RSS(ip_versions, .fields = IBV_RX_HASH_DST_IPV6)
RSS(l4_protocols, .fields = IBV_RX_HASH_SRC_PORT_TCP | IBV_RX_HASH_DST_PORT_UDP)

/* A change of a QP with a table, or a query of it. */
static int
touch_rss(struct rig *rig, bool query)
{
	struct ibv_wq *wq = provoke_make_wq(rig, 4);
	struct ibv_rwq_ind_table *table = provoke_make_table(rig, wq, 0);
	struct ibv_qp *qp = provoke_make_rss_qp(rig, table);
	struct ibv_qp_attr to = {.qp_state = IBV_QPS_INIT, .port_num = 1};
	struct ibv_qp_init_attr init;
	int error = query ? ibv_query_qp(qp, &to, IBV_QP_STATE, &init) :
		ibv_modify_qp(qp, &to, IBV_QP_STATE | IBV_QP_PORT);

	ibv_destroy_qp(qp);
	ibv_destroy_rwq_ind_table(table);
	ibv_destroy_wq(wq);
	return error;
}

static int
modify_rss(struct rig *rig)
{
	return touch_rss(rig, false);
}

static int
query_rss(struct rig *rig)
{
	return touch_rss(rig, true);
}

const struct provocation provoke_rss[] = {
	{HCA_RULE_QP_TABLE_AND_RECEIVE, table_and_receive},
	{HCA_RULE_QP_TABLE_AND_SEND, table_and_send},
	{HCA_RULE_QP_TABLE_TYPE, table_type},
	{HCA_RULE_RSS_NO_HASH, no_hash},
	{HCA_RULE_RSS_NO_TABLE, no_table},
	{HCA_RULE_RSS_CREATE_FLAGS, rss_create_flags},
	{HCA_RULE_RSS_DV_FLAGS, rss_dv_flags},
	{HCA_RULE_RSS_INNER, inner},
	{HCA_RULE_RSS_FUNCTION, function},
	{HCA_RULE_RSS_KEY_LENGTH, key_length},
	{HCA_RULE_RSS_NO_FIELDS, no_fields},
	{HCA_RULE_RSS_IP_VERSIONS, ip_versions},
	{HCA_RULE_RSS_L4_PROTOCOLS, l4_protocols},
	{HCA_RULE_RSS_MODIFY, modify_rss},
	{HCA_RULE_RSS_QUERY, query_rss},
	{HCA_RULE_NONE, NULL},
};
