/* SPDX-License-Identifier: BSD-3-Clause */
/* QPs: what is refused of them, in the order of libmlx5, libibverbs and the kernel. */
#include <stdbool.h>

#include "packet/rss.h"
#include "queue/segment.h"
#include "refusals/refusals.h"
#include "refusals/size.h"

#define COMP_MASK                                                                                  \
	(IBV_QP_INIT_ATTR_PD | IBV_QP_INIT_ATTR_XRCD | IBV_QP_INIT_ATTR_CREATE_FLAGS |             \
		IBV_QP_INIT_ATTR_MAX_TSO_HEADER | IBV_QP_INIT_ATTR_IND_TABLE |                     \
		IBV_QP_INIT_ATTR_RX_HASH | IBV_QP_INIT_ATTR_SEND_OPS_FLAGS)
#define CREATE_FLAGS                                                                               \
	(IBV_QP_CREATE_BLOCK_SELF_MCAST_LB | IBV_QP_CREATE_SCATTER_FCS |                           \
		IBV_QP_CREATE_CVLAN_STRIPPING | IBV_QP_CREATE_SOURCE_QPN |                         \
		IBV_QP_CREATE_PCI_WRITE_END_PADDING)
#define DV_COMP_MASK                                                                               \
	(MLX5DV_QP_INIT_ATTR_MASK_QP_CREATE_FLAGS | MLX5DV_QP_INIT_ATTR_MASK_DC |                  \
		MLX5DV_QP_INIT_ATTR_MASK_SEND_OPS_FLAGS | MLX5DV_QP_INIT_ATTR_MASK_DCI_STREAMS)
#define DV_FLAGS    (2u * MLX5DV_QP_CREATE_SIG_PIPELINING - 1)
#define DV_SCATTER                                                                                 \
	(MLX5DV_QP_CREATE_DISABLE_SCATTER_TO_CQE | MLX5DV_QP_CREATE_ALLOW_SCATTER_TO_CQE)
/* What a QP without a table may have too. */
#define DV_NOT_RSS                                                                                 \
	(MLX5DV_QP_CREATE_ALLOW_SCATTER_TO_CQE | MLX5DV_QP_CREATE_PACKET_BASED_CREDIT_MODE)

#define HASH_IPV4 (IBV_RX_HASH_SRC_IPV4 | IBV_RX_HASH_DST_IPV4)
#define HASH_IPV6 (IBV_RX_HASH_SRC_IPV6 | IBV_RX_HASH_DST_IPV6)
#define HASH_TCP  (IBV_RX_HASH_SRC_PORT_TCP | IBV_RX_HASH_DST_PORT_TCP)
#define HASH_UDP  (IBV_RX_HASH_SRC_PORT_UDP | IBV_RX_HASH_DST_PORT_UDP)

static enum hca_rule
of_hash(const struct ibv_rx_hash_conf *hash, uint32_t table_size)
{
	uint64_t fields = hash->rx_hash_fields_mask;

	if ((fields & IBV_RX_HASH_INNER) != 0)
		return HCA_RULE_RSS_INNER;
	if (hash->rx_hash_function != IBV_RX_HASH_FUNC_TOEPLITZ)
		return HCA_RULE_RSS_FUNCTION;
	if (hash->rx_hash_key_len != HCA_RSS_KEY_LEN)
		return HCA_RULE_RSS_KEY_LENGTH;
	if (fields == 0)
		return table_size != 1 ? HCA_RULE_RSS_NO_FIELDS : HCA_RULE_NONE;
	if ((fields & HASH_IPV4) != 0 && (fields & HASH_IPV6) != 0)
		return HCA_RULE_RSS_IP_VERSIONS;
	if (((fields & HASH_TCP) != 0) + ((fields & HASH_UDP) != 0) +
	    ((fields & IBV_RX_HASH_IPSEC_SPI) != 0) > 1)
		return HCA_RULE_RSS_L4_PROTOCOLS;
	return HCA_RULE_NONE;
}

static uint32_t
create_flags(const struct ibv_qp_init_attr_ex *attr)
{
	return (attr->comp_mask & IBV_QP_INIT_ATTR_CREATE_FLAGS) != 0 ? attr->create_flags : 0;
}

static uint32_t
dv_flags(const struct mlx5dv_qp_init_attr *more)
{
	return more != NULL && (more->comp_mask & MLX5DV_QP_INIT_ATTR_MASK_QP_CREATE_FLAGS) != 0 ?
		more->create_flags : 0;
}

/* Of libmlx5, by the type of the QP. */
static uint64_t
known_operations(enum ibv_qp_type type)
{
	const uint64_t sends = IBV_QP_EX_WITH_SEND | IBV_QP_EX_WITH_SEND_WITH_IMM;
	const uint64_t connected = sends | IBV_QP_EX_WITH_SEND_WITH_INV |
		IBV_QP_EX_WITH_RDMA_WRITE | IBV_QP_EX_WITH_RDMA_WRITE_WITH_IMM |
		IBV_QP_EX_WITH_LOCAL_INV | IBV_QP_EX_WITH_BIND_MW;

	switch (type) {
	case IBV_QPT_RC:
		return connected | IBV_QP_EX_WITH_RDMA_READ | IBV_QP_EX_WITH_ATOMIC_CMP_AND_SWP |
			IBV_QP_EX_WITH_ATOMIC_FETCH_AND_ADD;
	case IBV_QPT_UC:
		return connected;
	case IBV_QPT_UD:
		return sends;
	default:
		return IBV_QP_EX_WITH_SEND | IBV_QP_EX_WITH_TSO;
	}
}

/* The same of mlx5dv. */
static uint64_t
known_dv_operations(enum ibv_qp_type type)
{
	return type == IBV_QPT_RC ? MLX5DV_QP_EX_WITH_MR_INTERLEAVED | MLX5DV_QP_EX_WITH_MR_LIST |
		MLX5DV_QP_EX_WITH_MKEY_CONFIGURE | MLX5DV_QP_EX_WITH_RAW_WQE |
		MLX5DV_QP_EX_WITH_MEMCPY : MLX5DV_QP_EX_WITH_RAW_WQE;
}

/* Operations to post by. */
static enum hca_rule
of_operations(const struct ibv_qp_init_attr_ex *attr, const struct mlx5dv_qp_init_attr *more)
{
	const uint64_t known = known_operations(attr->qp_type);
	bool has_dv = more != NULL &&
		(more->comp_mask & MLX5DV_QP_INIT_ATTR_MASK_SEND_OPS_FLAGS) != 0;

	if (has_dv && (more->send_ops_flags & ~known_dv_operations(attr->qp_type)) != 0)
		return HCA_RULE_QP_DV_SEND_OPS;
	if ((attr->comp_mask & IBV_QP_INIT_ATTR_SEND_OPS_FLAGS) == 0)
		return HCA_RULE_NONE;
	return (attr->send_ops_flags & ~known) != 0 ? HCA_RULE_QP_SEND_OPS_FLAGS : HCA_RULE_NONE;
}

static enum hca_rule
of_dv(enum ibv_qp_type type, const struct mlx5dv_qp_init_attr *more)
{
	uint32_t flags = dv_flags(more);

	if (more == NULL)
		return HCA_RULE_NONE;
	if ((more->comp_mask & ~(uint64_t)DV_COMP_MASK) != 0)
		return HCA_RULE_QP_DV_COMP_MASK;
	if ((more->comp_mask & MLX5DV_QP_INIT_ATTR_MASK_DC) != 0 && type != IBV_QPT_DRIVER)
		return HCA_RULE_QP_DV_DC;
	if ((flags & ~DV_FLAGS) != 0)
		return HCA_RULE_QP_DV_FLAGS;
	if ((flags & DV_SCATTER) == DV_SCATTER)
		return HCA_RULE_QP_DV_SCATTER;
	return (flags & MLX5DV_QP_CREATE_SIG_PIPELINING) != 0 ? HCA_RULE_QP_DV_PIPELINING :
		HCA_RULE_NONE;
}

/* A table of work queues, a hash, or both. */
static enum hca_rule
of_rss(const struct ibv_qp_init_attr_ex *attr, uint32_t flags, uint32_t table_size)
{
	const struct ibv_qp_cap *cap = &attr->cap;

	if ((attr->comp_mask & IBV_QP_INIT_ATTR_IND_TABLE) == 0)
		return HCA_RULE_RSS_NO_TABLE;
	if (cap->max_recv_wr != 0 || cap->max_recv_sge != 0 || attr->recv_cq != NULL ||
	    attr->srq != NULL)
		return HCA_RULE_QP_TABLE_AND_RECEIVE;
	if ((attr->comp_mask & IBV_QP_INIT_ATTR_RX_HASH) == 0)
		return HCA_RULE_RSS_NO_HASH;
	if ((create_flags(attr) & ~(uint32_t)CREATE_FLAGS) != 0)
		return HCA_RULE_QP_CREATE_FLAGS;
	if ((flags & MLX5DV_QP_CREATE_TUNNEL_OFFLOADS) != 0)
		return HCA_RULE_QP_TUNNELS;
	if ((flags & DV_NOT_RSS) != 0)
		return HCA_RULE_RSS_DV_FLAGS;
	if (create_flags(attr) != 0)
		return HCA_RULE_RSS_CREATE_FLAGS;
	if (cap->max_send_wr != 0)
		return HCA_RULE_QP_TABLE_AND_SEND;
	return of_hash(&attr->rx_hash_conf, table_size);
}

static enum hca_rule
of_sizes(const struct ibv_qp_init_attr_ex *attr, const struct hca_model *model)
{
	const struct ibv_qp_cap *cap = &attr->cap;
	struct soft_send_size size;
	enum hca_rule rule = soft_send_size(&size, attr, model);

	if (rule != HCA_RULE_NONE || cap->max_recv_wr == 0)
		return rule;
	if (cap->max_recv_wr > model->queue)
		return HCA_RULE_QP_RECV_WR;
	return attr->srq == NULL && cap->max_recv_sge > model->receive_wqe / HCA_SEGMENT ?
		HCA_RULE_QP_RECV_SGE : HCA_RULE_NONE;
}

/* Flags of creation without a table. VLAN tags of frames can be stripped. */
static enum hca_rule
of_flags(enum ibv_qp_type type, uint32_t flags, uint32_t more)
{
	if ((more & MLX5DV_QP_CREATE_TUNNEL_OFFLOADS) != 0)
		return HCA_RULE_QP_TUNNELS;
	if ((more & MLX5DV_QP_CREATE_PACKET_BASED_CREDIT_MODE) != 0)
		return HCA_RULE_QP_DV_CREDITS;
	if ((flags & IBV_QP_CREATE_BLOCK_SELF_MCAST_LB) != 0)
		return HCA_RULE_QP_MCAST_LOOPBACK;
	if ((flags & IBV_QP_CREATE_SCATTER_FCS) != 0)
		return HCA_RULE_QP_SCATTER_FCS;
	if ((flags & IBV_QP_CREATE_PCI_WRITE_END_PADDING) != 0)
		return HCA_RULE_QP_END_PADDING;
	/* Of IPoIB. */
	if ((flags & IBV_QP_CREATE_SOURCE_QPN) != 0)
		return HCA_RULE_QP_UNDERLAY;
	return (flags & IBV_QP_CREATE_CVLAN_STRIPPING) != 0 && type != IBV_QPT_RAW_PACKET ?
		HCA_RULE_QP_VLAN_STRIPPING : HCA_RULE_NONE;
}

static enum hca_rule
of_queues(const struct ibv_qp_init_attr_ex *attr, const struct mlx5dv_qp_init_attr *more,
	const struct hca_model *model)
{
	enum hca_rule rule = of_sizes(attr, model);

	if (rule != HCA_RULE_NONE)
		return rule;
	if ((attr->comp_mask & IBV_QP_INIT_ATTR_PD) == 0 || attr->pd == NULL)
		return HCA_RULE_QP_NO_PD;
	if (attr->send_cq == NULL || attr->recv_cq == NULL)
		return HCA_RULE_QP_NO_CQ;
	if ((create_flags(attr) & ~(uint32_t)CREATE_FLAGS) != 0)
		return HCA_RULE_QP_CREATE_FLAGS;
	rule = of_flags(attr->qp_type, create_flags(attr), dv_flags(more));
	if (rule != HCA_RULE_NONE || attr->qp_type != IBV_QPT_RAW_PACKET)
		return rule;
	return attr->cap.max_send_wr == 0 && attr->cap.max_recv_wr == 0 ? HCA_RULE_QP_NO_QUEUE :
		HCA_RULE_NONE;
}

static bool
is_type(enum ibv_qp_type type)
{
	return (type >= IBV_QPT_RC && type <= IBV_QPT_UD) ||
		(type >= IBV_QPT_RAW_PACKET && type <= IBV_QPT_XRC_RECV) || type == IBV_QPT_DRIVER;
}

static bool
is_modelled(enum ibv_qp_type type)
{
	return type == IBV_QPT_RAW_PACKET || type == IBV_QPT_RC || type == IBV_QPT_UC ||
		type == IBV_QPT_UD;
}

enum hca_rule
hca_rule_of_qp(const struct ibv_qp_init_attr_ex *attr, const struct mlx5dv_qp_init_attr *more,
	const struct hca_model *model, uint32_t table_size)
{
	const uint32_t rss = IBV_QP_INIT_ATTR_IND_TABLE | IBV_QP_INIT_ATTR_RX_HASH;
	enum hca_rule rule;

	if ((attr->comp_mask & ~(uint32_t)COMP_MASK) != 0)
		return HCA_RULE_QP_COMP_MASK;
	if ((attr->comp_mask & IBV_QP_INIT_ATTR_MAX_TSO_HEADER) != 0 &&
	    attr->qp_type != IBV_QPT_RAW_PACKET)
		return HCA_RULE_QP_TSO_HEADER;
	if ((attr->comp_mask & IBV_QP_INIT_ATTR_SEND_OPS_FLAGS) != 0 &&
	    (attr->comp_mask & IBV_QP_INIT_ATTR_RX_HASH) != 0)
		return HCA_RULE_QP_SEND_OPS;
	if ((create_flags(attr) & IBV_QP_CREATE_SOURCE_QPN) != 0 && attr->qp_type != IBV_QPT_UD)
		return HCA_RULE_QP_SOURCE_QPN;
	rule = of_dv(attr->qp_type, more);
	if (rule != HCA_RULE_NONE)
		return rule;
	if (!is_type(attr->qp_type))
		return HCA_RULE_QP_TYPE;
	/* The others are not modelled: the caller says so. */
	if (!is_modelled(attr->qp_type))
		return HCA_RULE_NONE;
	rule = of_operations(attr, more);
	if (rule != HCA_RULE_NONE)
		return rule;
	if ((attr->comp_mask & rss) == 0)
		return of_queues(attr, more, model);
	if (attr->qp_type != IBV_QPT_RAW_PACKET)
		return (attr->comp_mask & IBV_QP_INIT_ATTR_IND_TABLE) != 0 ?
			HCA_RULE_QP_TABLE_TYPE : HCA_RULE_NONE;
	if ((attr->comp_mask & IBV_QP_INIT_ATTR_PD) == 0 || attr->pd == NULL)
		return HCA_RULE_QP_NO_PD;
	return of_rss(attr, dv_flags(more), table_size);
}
