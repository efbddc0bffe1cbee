/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mlx5dv.c - libmlx5's own verbs: objects with a few more attributes, and the rings of objects for
 * who drives them himself.
 */
#include <stdlib.h>

#include <infiniband/mlx5dv.h>

#include "common/checks.h"
#include "common/export.h"
#include "common/pages.h"
#include "provider/objects.h"
#include "queue/compress.h"
#include "refusals/refusals.h"
#include "verbs/verbs_cq.h"
#include "verbs/verbs_qp.h"
#include "verbs/verbs_wq.h"

EXPORT struct ibv_cq_ex *
mlx5dv_create_cq(struct ibv_context *context, struct ibv_cq_init_attr_ex *attr,
	struct mlx5dv_cq_init_attr *more)
{
	int error = more != NULL ?
		hca_refuse(hca_rule_of_dv_cq(more, soft_device(context)->model)) : 0;
	struct ibv_cq_ex *cq;

	if (error != 0)
		return soft_refuse(error);
	/* Larger ones are not modelled. */
	if (more != NULL && soft_cqe_size(more) != 64)
		return soft_refuse(EOPNOTSUPP);
	cq = soft_cq_create(context, attr);
	/* With the checksum alone the device puts none together: not modelled. */
	if (cq != NULL && more != NULL &&
	    (more->comp_mask & MLX5DV_CQ_INIT_ATTR_MASK_COMPRESSED_CQE) != 0)
		hca_compress_init(&soft_cq((struct ibv_cq *)cq)->hw, more->cqe_comp_res_format &
			~(unsigned int)MLX5DV_CQE_RES_FORMAT_CSUM);
	return cq;
}

EXPORT struct ibv_wq *
mlx5dv_create_wq(struct ibv_context *context, struct ibv_wq_init_attr *attr,
	struct mlx5dv_wq_init_attr *more)
{
	return soft_wq_create(context, attr, more);
}

EXPORT struct ibv_qp *
mlx5dv_create_qp(struct ibv_context *context, struct ibv_qp_init_attr_ex *attr,
	struct mlx5dv_qp_init_attr *more)
{
	return soft_qp_create(context, attr, more);
}

static void
show_cq(struct soft_cq *cq, struct mlx5dv_cq *out)
{
	cq->dv_owned = true;
	*out = (struct mlx5dv_cq){
		.buf = cq->hw.ring,
		.dbrec = cq->hw.dbrec,
		.cqe_cnt = cq->hw.entries,
		.cqe_size = 64,
		.cq_uar = cq->hw.uar,
		.cqn = cq->hw.number,
	};
}

static void
show_qp(struct soft_qp *qp, struct mlx5dv_qp *out)
{
	uint64_t mask = out->comp_mask & MLX5DV_QP_MASK_UAR_MMAP_OFFSET;

	*out = (struct mlx5dv_qp){
		.dbrec = qp->dbrec,
		.comp_mask = mask,
		/* A page that is not cached, if mmap() of cmd_fd were to be had. */
		.uar_mmap_offset = (off_t)(3 << 8) * HCA_PAGE,
	};
	if (qp->has_sq) {
		out->sq.buf = qp->sq.ring;
		out->sq.wqe_cnt = qp->sq.wqebbs;
		out->sq.stride = HCA_WQEBB;
		out->bf.reg = qp->sq.uar + HCA_SQ_DOORBELL_AT;
	}
	if (qp->has_rq) {
		out->rq.buf = qp->rq.ring;
		out->rq.wqe_cnt = qp->rq.wqes;
		out->rq.stride = qp->rq.stride;
	}
}

static void
show_rwq(struct soft_wq *wq, struct mlx5dv_rwq *out)
{
	*out = (struct mlx5dv_rwq){
		.buf = wq->hw.ring,
		.dbrec = wq->hw.dbrec,
		.wqe_cnt = wq->hw.wqes,
		.stride = wq->hw.stride,
	};
}

EXPORT int
mlx5dv_init_obj(struct mlx5dv_obj *obj, uint64_t type)
{
	const uint64_t known = MLX5DV_OBJ_CQ | MLX5DV_OBJ_QP | MLX5DV_OBJ_RWQ;

	if ((type & ~known) != 0)
		return EOPNOTSUPP;
	if ((type & MLX5DV_OBJ_CQ) != 0)
		show_cq(soft_cq(obj->cq.in), obj->cq.out);
	if ((type & MLX5DV_OBJ_QP) != 0)
		show_qp((struct soft_qp *)obj->qp.in, obj->qp.out);
	if ((type & MLX5DV_OBJ_RWQ) != 0)
		show_rwq((struct soft_wq *)obj->rwq.in, obj->rwq.out);
	return 0;
}

/*
 * The in-tree PMD makes one of these for every RSS QP, and does not use it when its rules go by
 * ibv_create_flow().
 */
EXPORT struct mlx5dv_dr_action *
mlx5dv_dr_action_create_dest_ibv_qp(struct ibv_qp *qp)
{
	return malloc(1);
}

EXPORT int
mlx5dv_dr_action_destroy(struct mlx5dv_dr_action *action)
{
	free(action);
	return 0;
}

/* The device counts nanoseconds. */
EXPORT int
mlx5dv_get_clock_info(struct ibv_context *context, struct mlx5dv_clock_info *info)
{
	uint64_t clock = hca_device_clock();

	*info = (struct mlx5dv_clock_info){
		.nsec = hca_device_wallclock(clock),
		.last_cycles = clock,
		.mult = 1,
		.mask = UINT64_MAX,
	};
	return 0;
}

EXPORT struct mlx5dv_qp_ex *
mlx5dv_qp_ex_from_ibv_qp_ex(struct ibv_qp_ex *qp)
{
	return &((struct soft_qp *)qp)->dv;
}
