/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * QPs with a transport: which changes of their state and attributes are refused, and addresses.
 * Each transition has attributes that it needs, and others that it may have.
 */
#include <stdbool.h>

#include "device/gid.h"
#include "queue/qp.h"
#include "refusals/refusals.h"

#define TRANSPORTS 3

/* Of enum ibv_rate, in newer headers. */
#define RATE_1600_GBPS 25

struct transition {
	bool exists;
	int needed[TRANSPORTS], optional[TRANSPORTS];	/* by IBV_QPT_RC, IBV_QPT_UC, IBV_QPT_UD */
};

#define INIT	     (IBV_QP_PKEY_INDEX | IBV_QP_PORT)
#define INIT_ACCESS  (INIT | IBV_QP_ACCESS_FLAGS)
#define INIT_QKEY    (INIT | IBV_QP_QKEY)
#define PEER	     (IBV_QP_AV | IBV_QP_PATH_MTU | IBV_QP_DEST_QPN | IBV_QP_RQ_PSN)
#define PATH	     (IBV_QP_ALT_PATH | IBV_QP_ACCESS_FLAGS)
#define NOW	     (IBV_QP_CUR_STATE | PATH | IBV_QP_PATH_MIG_STATE)
#define NOW_DATAGRAM (IBV_QP_CUR_STATE | IBV_QP_QKEY)

static const struct transition transitions[IBV_QPS_ERR + 1][IBV_QPS_ERR + 1] = {
	[IBV_QPS_RESET] = {
		[IBV_QPS_RESET] = {true},
		[IBV_QPS_INIT] = {true, {INIT_ACCESS, INIT_ACCESS, INIT_QKEY}, {0}},
	},
	[IBV_QPS_INIT] = {
		[IBV_QPS_RESET] = {true},
		[IBV_QPS_INIT] = {true, {0}, {INIT_ACCESS, INIT_ACCESS, INIT_QKEY}},
		[IBV_QPS_RTR] = {true,
			{PEER | IBV_QP_MAX_DEST_RD_ATOMIC | IBV_QP_MIN_RNR_TIMER, PEER, 0},
			{PATH | IBV_QP_PKEY_INDEX, PATH | IBV_QP_PKEY_INDEX,
				IBV_QP_PKEY_INDEX | IBV_QP_QKEY}},
		[IBV_QPS_ERR] = {true},
	},
	[IBV_QPS_RTR] = {
		[IBV_QPS_RESET] = {true},
		[IBV_QPS_RTS] = {true,
			{IBV_QP_TIMEOUT | IBV_QP_RETRY_CNT | IBV_QP_RNR_RETRY | IBV_QP_SQ_PSN |
				IBV_QP_MAX_QP_RD_ATOMIC, IBV_QP_SQ_PSN, IBV_QP_SQ_PSN},
			{NOW | IBV_QP_MIN_RNR_TIMER, NOW, NOW_DATAGRAM}},
		[IBV_QPS_ERR] = {true},
	},
	[IBV_QPS_RTS] = {
		[IBV_QPS_RESET] = {true},
		[IBV_QPS_RTS] = {true, {0}, {NOW | IBV_QP_MIN_RNR_TIMER, NOW, NOW_DATAGRAM}},
		[IBV_QPS_SQD] = {true, {0}, {IBV_QP_EN_SQD_ASYNC_NOTIFY,
			IBV_QP_EN_SQD_ASYNC_NOTIFY, IBV_QP_EN_SQD_ASYNC_NOTIFY}},
		[IBV_QPS_ERR] = {true},
	},
	[IBV_QPS_SQE] = {
		[IBV_QPS_RESET] = {true},
		[IBV_QPS_RTS] = {true, {0},
			{0, IBV_QP_CUR_STATE | IBV_QP_ACCESS_FLAGS, NOW_DATAGRAM}},
		[IBV_QPS_ERR] = {true},
	},
	[IBV_QPS_ERR] = {
		[IBV_QPS_RESET] = {true},
		[IBV_QPS_ERR] = {true},
	},
};

static int
index_of(enum ibv_qp_type type)
{
	return type == IBV_QPT_RC ? 0 : type == IBV_QPT_UC ? 1 : 2;
}

/* The path to a peer. On Ethernet it is by addresses, and there is but one. */
static enum hca_rule
of_path(const struct ibv_qp_attr *attr, int mask)
{
	if ((mask & IBV_QP_AV) != 0) {
		if (attr->ah_attr.port_num != 1)
			return HCA_RULE_MODIFY_QP_PATH_PORT;
		if (!attr->ah_attr.is_global)
			return HCA_RULE_MODIFY_QP_PATH_GRH;
		if (attr->ah_attr.grh.sgid_index >= SOFT_GIDS)
			return HCA_RULE_MODIFY_QP_PATH_GID;
	}
	return (mask & IBV_QP_ALT_PATH) != 0 ? HCA_RULE_MODIFY_QP_ALTERNATE : HCA_RULE_NONE;
}

/* What a user says of the present state must be one of those from which there are several ways. */
static bool
may_be_current(enum ibv_qp_state state)
{
	return state == IBV_QPS_RTR || state == IBV_QPS_RTS || state == IBV_QPS_SQD ||
		state == IBV_QPS_SQE;
}

static enum hca_rule
of_transition(enum ibv_qp_type type, enum ibv_qp_state from, enum ibv_qp_state to, int mask)
{
	const struct transition *way = &transitions[from][to];
	int needed = way->needed[index_of(type)];
	int known = needed | way->optional[index_of(type)] | IBV_QP_STATE | IBV_QP_RATE_LIMIT;

	if ((mask & IBV_QP_CUR_STATE) != 0 && !may_be_current(from))
		return HCA_RULE_MODIFY_QP_TRANSITION;
	if (!way->exists)
		return HCA_RULE_MODIFY_QP_TRANSITION;
	return (mask & needed) != needed || (mask & ~known) != 0 ?
		HCA_RULE_MODIFY_QP_ATTRIBUTES : HCA_RULE_NONE;
}

static enum hca_rule
of_limits(const struct ibv_qp_attr *attr, int mask)
{
	if ((mask & IBV_QP_PKEY_INDEX) != 0 && attr->pkey_index >= SOFT_PKEYS_MAX)
		return HCA_RULE_MODIFY_QP_PKEY;
	if ((mask & IBV_QP_MAX_QP_RD_ATOMIC) != 0 && attr->max_rd_atomic > HCA_QP_READS_MAX)
		return HCA_RULE_MODIFY_QP_READS;
	return (mask & IBV_QP_MAX_DEST_RD_ATOMIC) != 0 &&
		attr->max_dest_rd_atomic > HCA_QP_READS_MAX ?
		HCA_RULE_MODIFY_QP_PEER_READS : HCA_RULE_NONE;
}

/* Of enum ibv_rate, as the newest kernel knows it. */
static bool
is_rate(uint8_t rate)
{
	return rate == IBV_RATE_MAX || (rate >= IBV_RATE_2_5_GBPS && rate <= RATE_1600_GBPS);
}

/* What is found when the command to the device is made. */
static enum hca_rule
of_command(enum ibv_qp_state to, const struct ibv_qp_attr *attr, int mask)
{
	if ((mask & IBV_QP_PATH_MTU) != 0 &&
	    (attr->path_mtu < IBV_MTU_256 || attr->path_mtu > IBV_MTU_4096))
		return HCA_RULE_MODIFY_QP_MTU;
	if ((mask & IBV_QP_AV) != 0 && !is_rate(attr->ah_attr.static_rate))
		return HCA_RULE_MODIFY_QP_PATH_RATE;
	if (to == IBV_QPS_SQD)
		return HCA_RULE_MODIFY_QP_DRAIN;
	return (mask & IBV_QP_RATE_LIMIT) != 0 ? HCA_RULE_MODIFY_QP_RATE_TYPE : HCA_RULE_NONE;
}

enum hca_rule
hca_rule_of_modify_transport(enum ibv_qp_type type, enum ibv_qp_state from,
	const struct ibv_qp_attr *attr, int mask)
{
	enum ibv_qp_state current = (mask & IBV_QP_CUR_STATE) != 0 ? attr->cur_qp_state : from;
	enum ibv_qp_state to = (mask & IBV_QP_STATE) != 0 ? attr->qp_state : current;
	enum hca_rule rule = of_path(attr, mask);

	if (rule == HCA_RULE_NONE)
		rule = of_transition(type, current, to, mask);
	if (rule == HCA_RULE_NONE)
		rule = of_limits(attr, mask);
	/* There is nothing to be done. */
	if (rule != HCA_RULE_NONE || (current == IBV_QPS_RESET && to == IBV_QPS_RESET))
		return rule;
	rule = of_command(to, attr, mask);
	if (rule != HCA_RULE_NONE)
		return rule;
	/* The user is believed, but not by the device. */
	return current != from ? HCA_RULE_MODIFY_QP_CURRENT : HCA_RULE_NONE;
}

enum hca_rule
hca_rule_of_ah(const struct ibv_ah_attr *attr)
{
	if (attr->port_num != 1)
		return HCA_RULE_AH_PORT;
	if (!attr->is_global)
		return HCA_RULE_AH_GRH;
	if (attr->grh.sgid_index >= SOFT_GIDS)
		return HCA_RULE_AH_GID;
	return is_rate(attr->static_rate) ? HCA_RULE_NONE : HCA_RULE_AH_RATE;
}
