/* SPDX-License-Identifier: BSD-3-Clause */
/* The states of raw packet QPs and of work queues: which changes are refused. */
#include <stdbool.h>

#include "refusals/refusals.h"

/* By from and to; a raw packet QP's attributes are none but the port, from RESET to INIT. */
static const bool transitions[IBV_QPS_ERR + 1][IBV_QPS_ERR + 1] = {
	[IBV_QPS_RESET] = {[IBV_QPS_RESET] = true, [IBV_QPS_INIT] = true},
	[IBV_QPS_INIT] = {[IBV_QPS_RESET] = true, [IBV_QPS_INIT] = true, [IBV_QPS_RTR] = true,
		[IBV_QPS_ERR] = true},
	[IBV_QPS_RTR] = {[IBV_QPS_RESET] = true, [IBV_QPS_RTS] = true, [IBV_QPS_ERR] = true},
	[IBV_QPS_RTS] = {[IBV_QPS_RESET] = true, [IBV_QPS_RTS] = true, [IBV_QPS_SQD] = true,
		[IBV_QPS_ERR] = true},
	[IBV_QPS_SQE] = {[IBV_QPS_RESET] = true, [IBV_QPS_RTS] = true, [IBV_QPS_ERR] = true},
	[IBV_QPS_ERR] = {[IBV_QPS_RESET] = true, [IBV_QPS_ERR] = true},
};

/* What is refused of any QP, before its type matters. */
static enum hca_rule
of_values(enum ibv_qp_state to, const struct ibv_qp_attr *attr, int mask)
{
	if ((mask & ~(2 * IBV_QP_RATE_LIMIT - 1)) != 0)
		return HCA_RULE_MODIFY_QP_MASK;
	if ((mask & IBV_QP_PORT) != 0 && attr->port_num != 1)
		return HCA_RULE_MODIFY_QP_PORT;
	return to > IBV_QPS_ERR ||
		((mask & IBV_QP_CUR_STATE) != 0 && attr->cur_qp_state > IBV_QPS_ERR) ?
		HCA_RULE_MODIFY_QP_STATE : HCA_RULE_NONE;
}

enum hca_rule
hca_rule_of_modify_qp(enum ibv_qp_type type, enum ibv_qp_state from,
	const struct ibv_qp_attr *attr, int mask)
{
	const int optional = IBV_QP_STATE | IBV_QP_RATE_LIMIT;
	enum ibv_qp_state to = (mask & IBV_QP_STATE) != 0 ? attr->qp_state : from;
	int needed = from == IBV_QPS_RESET && to == IBV_QPS_INIT ? IBV_QP_PORT : 0;
	enum hca_rule rule = of_values(to, attr, mask);

	if (rule != HCA_RULE_NONE)
		return rule;
	if (type != IBV_QPT_RAW_PACKET)
		return hca_rule_of_modify_transport(type, from, attr, mask);
	if (!transitions[from][to])
		return HCA_RULE_MODIFY_QP_TRANSITION;
	if ((mask & needed) != needed || (mask & ~(needed | optional)) != 0)
		return HCA_RULE_MODIFY_QP_ATTRIBUTES;
	if (to == IBV_QPS_SQD)
		return HCA_RULE_MODIFY_QP_DRAIN;
	if (from == IBV_QPS_SQE && to == IBV_QPS_RTS)
		return HCA_RULE_MODIFY_QP_RECOVER;
	/* 0 means no limit. */
	return (mask & IBV_QP_RATE_LIMIT) != 0 && attr->rate_limit != 0 ? HCA_RULE_MODIFY_QP_RATE :
		HCA_RULE_NONE;
}

static enum hca_rule
of_wq_flags(const struct ibv_wq_attr *attr)
{
	if ((attr->attr_mask & IBV_WQ_ATTR_FLAGS) == 0)
		return HCA_RULE_NONE;
	if ((attr->flags_mask & ~(uint32_t)(IBV_WQ_FLAGS_RESERVED - 1)) != 0)
		return HCA_RULE_MODIFY_WQ_FLAGS;
	return (attr->flags_mask & IBV_WQ_FLAGS_PCI_WRITE_END_PADDING) != 0 ?
		HCA_RULE_MODIFY_WQ_END_PADDING : HCA_RULE_NONE;
}

enum hca_rule
hca_rule_of_modify_wq(enum ibv_wq_state from, const struct ibv_wq_attr *attr)
{
	bool has_state = (attr->attr_mask & IBV_WQ_ATTR_STATE) != 0;
	bool has_current = (attr->attr_mask & IBV_WQ_ATTR_CURR_STATE) != 0;
	enum hca_rule rule;

	if (has_state && attr->wq_state == IBV_WQS_RDY && has_current &&
	    attr->curr_wq_state != from)
		return HCA_RULE_MODIFY_WQ_CURRENT;
	if (attr->attr_mask == 0 || attr->attr_mask >= IBV_WQ_ATTR_RESERVED)
		return HCA_RULE_MODIFY_WQ_MASK;
	if ((has_state && attr->wq_state > IBV_WQS_ERR) ||
	    (has_current && attr->curr_wq_state > IBV_WQS_ERR))
		return HCA_RULE_MODIFY_WQ_STATE;
	rule = of_wq_flags(attr);
	if (rule != HCA_RULE_NONE)
		return rule;
	if (has_current && attr->curr_wq_state != from)
		return HCA_RULE_MODIFY_WQ_TRANSITION;
	return has_state && attr->wq_state == IBV_WQS_RDY && from == IBV_WQS_ERR ?
		HCA_RULE_MODIFY_WQ_TRANSITION : HCA_RULE_NONE;
}
