/* SPDX-License-Identifier: BSD-3-Clause */
/* Receive work queues and the tables of them: what is refused of them. */
#include "queue/segment.h"
#include "queue/strides.h"
#include "refusals/refusals.h"

static enum hca_rule
of_flags(const struct ibv_wq_init_attr *attr)
{
	uint32_t flags = attr->create_flags;

	if ((attr->comp_mask & IBV_WQ_INIT_ATTR_FLAGS) == 0)
		return HCA_RULE_NONE;
	if ((flags & ~(uint32_t)(IBV_WQ_FLAGS_RESERVED - 1)) != 0)
		return HCA_RULE_WQ_CREATE_FLAGS;
	if ((flags & IBV_WQ_FLAGS_PCI_WRITE_END_PADDING) != 0)
		return HCA_RULE_WQ_END_PADDING;
	if ((flags & IBV_WQ_FLAGS_SCATTER_FCS) != 0)
		return HCA_RULE_WQ_SCATTER_FCS;
	return (flags & IBV_WQ_FLAGS_DELAY_DROP) != 0 ? HCA_RULE_WQ_DELAY_DROP : HCA_RULE_NONE;
}

/* A device without them has strides of 0 to 0. */
static bool
has_strides(const struct hca_model *model, const struct mlx5dv_striding_rq_init_attr *attr)
{
	return model->striding && attr->single_stride_log_num_of_bytes >= HCA_STRIDE_LOG_MIN &&
		attr->single_stride_log_num_of_bytes <= HCA_STRIDE_LOG_MAX &&
		attr->single_wqe_log_num_of_strides >= HCA_STRIDES_LOG_MIN &&
		attr->single_wqe_log_num_of_strides <= HCA_STRIDES_LOG_MAX;
}

enum hca_rule
hca_rule_of_wq(const struct ibv_wq_init_attr *attr, const struct mlx5dv_wq_init_attr *more,
	const struct hca_model *model)
{
	const uint64_t striding = MLX5DV_WQ_INIT_ATTR_MASK_STRIDING_RQ;

	if (attr->wq_type != IBV_WQT_RQ)
		return HCA_RULE_WQ_TYPE;
	if (attr->max_wr == 0)
		return HCA_RULE_WQ_NO_REQUESTS;
	if (more != NULL && (more->comp_mask & ~striding) != 0)
		return HCA_RULE_WQ_DV_COMP_MASK;
	if (attr->max_sge > model->receive_wqe / HCA_SEGMENT)
		return HCA_RULE_WQ_SGE;
	if (more != NULL && (more->comp_mask & striding) != 0 &&
	    !has_strides(model, &more->striding_rq_attrs))
		return HCA_RULE_WQ_STRIDING;
	if (attr->comp_mask >= IBV_WQ_INIT_ATTR_RESERVED)
		return HCA_RULE_WQ_COMP_MASK;
	if ((attr->comp_mask & IBV_WQ_INIT_ATTR_FLAGS) != 0 &&
	    (attr->create_flags & ~(uint32_t)(IBV_WQ_FLAGS_RESERVED - 1)) != 0)
		return HCA_RULE_WQ_CREATE_FLAGS;
	return attr->max_wr > model->queue ? HCA_RULE_WQ_SIZE : of_flags(attr);
}

enum hca_rule
hca_rule_of_table(const struct ibv_rwq_ind_table_init_attr *attr, const struct hca_model *model)
{
	if (attr->comp_mask >= IBV_CREATE_IND_TABLE_RESERVED)
		return HCA_RULE_TABLE_COMP_MASK;
	return attr->log_ind_tbl_size > 31 || 1u << attr->log_ind_tbl_size > model->table ?
		HCA_RULE_TABLE_SIZE : HCA_RULE_NONE;
}
