/* SPDX-License-Identifier: BSD-3-Clause */
/* Contexts, completion queues and memory regions: what is refused of them. */
#include <limits.h>

#include "common/pages.h"
#include "refusals/refusals.h"
#include "refusals/size.h"

#define COMP_MASK (IBV_CQ_INIT_ATTR_MASK_FLAGS | IBV_CQ_INIT_ATTR_MASK_PD)
#define FLAGS	  (IBV_CREATE_CQ_ATTR_SINGLE_THREADED | IBV_CREATE_CQ_ATTR_IGNORE_OVERRUN)
#define WC_FLAGS                                                                                   \
	(IBV_WC_STANDARD_FLAGS | IBV_WC_EX_WITH_COMPLETION_TIMESTAMP | IBV_WC_EX_WITH_CVLAN |      \
		IBV_WC_EX_WITH_FLOW_TAG | IBV_WC_EX_WITH_TM_INFO |                                 \
		IBV_WC_EX_WITH_COMPLETION_TIMESTAMP_WALLCLOCK)
#define DV_COMP_MASK                                                                               \
	(MLX5DV_CQ_INIT_ATTR_MASK_COMPRESSED_CQE | MLX5DV_CQ_INIT_ATTR_MASK_FLAGS |                \
		MLX5DV_CQ_INIT_ATTR_MASK_CQE_SIZE)

/* Access flags of memory. A device may take no notice of the optional ones. */
#define REMOTE_WRITES  (IBV_ACCESS_REMOTE_WRITE | IBV_ACCESS_REMOTE_ATOMIC)
#define FLUSH	       (1u << 8 | 1u << 9)
#define OPTIONAL_FIRST 20
#define OPTIONAL_LAST  29
#define OPTIONAL       ((2u << OPTIONAL_LAST) - (1u << OPTIONAL_FIRST))
#define KNOWN_ACCESS   ((1u << 10) - 1)

enum hca_rule
hca_rule_of_dv_open(const struct mlx5dv_context_attr *attr)
{
	if (attr->comp_mask != 0)
		return HCA_RULE_DV_OPEN_COMP_MASK;
	return (attr->flags & ~(uint32_t)MLX5DV_CONTEXT_FLAGS_DEVX) != 0 ? HCA_RULE_DV_OPEN_FLAGS :
		HCA_RULE_NONE;
}

enum hca_rule
hca_rule_of_cq(const struct ibv_context *context, const struct ibv_cq_init_attr_ex *attr,
	const struct hca_model *model, bool has_domain)
{
	if (attr->cqe == 0 || attr->cqe > INT_MAX)
		return HCA_RULE_CQ_ENTRIES;
	if ((attr->comp_mask & ~(uint32_t)COMP_MASK) != 0)
		return HCA_RULE_CQ_COMP_MASK;
	if ((attr->comp_mask & IBV_CQ_INIT_ATTR_MASK_FLAGS) != 0 &&
	    (attr->flags & ~(uint32_t)FLAGS) != 0)
		return HCA_RULE_CQ_FLAGS;
	if ((attr->wc_flags & ~(uint64_t)WC_FLAGS) != 0)
		return HCA_RULE_CQ_WC_FLAGS;
	if ((attr->comp_mask & IBV_CQ_INIT_ATTR_MASK_PD) != 0 && !has_domain)
		return HCA_RULE_CQ_PARENT_DOMAIN;
	if (attr->comp_vector >= (uint32_t)context->num_comp_vectors)
		return HCA_RULE_CQ_VECTOR;
	if (attr->channel != NULL && attr->channel->context != context)
		return HCA_RULE_CQ_CHANNEL;
	/* One entry more than asked for, up to a power of two. */
	return attr->cqe >= model->cq ? HCA_RULE_CQ_SIZE : HCA_RULE_NONE;
}

enum hca_rule
hca_rule_of_dv_cq(const struct mlx5dv_cq_init_attr *more, const struct hca_model *model)
{
	if ((more->comp_mask & ~(uint64_t)DV_COMP_MASK) != 0)
		return HCA_RULE_CQ_DV_COMP_MASK;
	if (soft_cqe_size(more) != 64 && soft_cqe_size(more) != 128)
		return HCA_RULE_CQ_CQE_SIZE;
	if ((more->comp_mask & MLX5DV_CQ_INIT_ATTR_MASK_COMPRESSED_CQE) != 0 &&
	    (more->cqe_comp_res_format & hca_model_formats(model)) == 0)
		return HCA_RULE_CQ_COMPRESSION;
	if ((more->comp_mask & MLX5DV_CQ_INIT_ATTR_MASK_FLAGS) == 0)
		return HCA_RULE_NONE;
	if ((more->flags & ~(uint32_t)(MLX5DV_CQ_INIT_ATTR_FLAGS_RESERVED - 1)) != 0)
		return HCA_RULE_CQ_DV_FLAGS;
	return (more->flags & MLX5DV_CQ_INIT_ATTR_FLAGS_CQE_PAD) != 0 ? HCA_RULE_CQ_PADDING :
		HCA_RULE_NONE;
}

static enum hca_rule
of_access(unsigned int access)
{
	if ((access & REMOTE_WRITES) != 0 && (access & IBV_ACCESS_LOCAL_WRITE) == 0)
		return HCA_RULE_MR_REMOTE;
	if ((access & ~(KNOWN_ACCESS | OPTIONAL)) != 0)
		return HCA_RULE_MR_ACCESS;
	if ((access & IBV_ACCESS_ON_DEMAND) != 0)
		return HCA_RULE_MR_ON_DEMAND;
	return (access & FLUSH) != 0 ? HCA_RULE_MR_FLUSH : HCA_RULE_NONE;
}

enum hca_rule
hca_rule_of_mr(const void *addr, size_t len, uint64_t iova, unsigned int access)
{
	uintptr_t start = (uintptr_t)addr;
	enum hca_rule rule;

	if ((access & IBV_ACCESS_ON_DEMAND) != 0 && len == SIZE_MAX && addr != NULL)
		return HCA_RULE_MR_IMPLICIT;
	if (((start ^ iova) & (HCA_PAGE - 1)) != 0)
		return HCA_RULE_MR_OFFSET;
	rule = of_access(access);
	if (rule != HCA_RULE_NONE)
		return rule;
	/* Up to the end of the last page. */
	if (start + len < start || ((start + len + HCA_PAGE - 1) & ~(HCA_PAGE - 1ul)) < start + len)
		return HCA_RULE_MR_WRAPS;
	return len == 0 ? HCA_RULE_MR_EMPTY : HCA_RULE_NONE;
}
