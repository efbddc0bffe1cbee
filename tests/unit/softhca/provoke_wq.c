/* SPDX-License-Identifier: BSD-3-Clause */
/* Refused calls of work queues and tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "provoke.h"

#define MODEL_WQES 32768u
#define MODEL_SGE  32u

static struct ibv_wq_init_attr
a_wq(struct rig *rig, uint32_t requests)
{
	return (struct ibv_wq_init_attr){
		.wq_type = IBV_WQT_RQ,
		.max_wr = requests,
		.max_sge = 1,
		.pd = rig->pd,
		.cq = rig->recv_cq,
	};
}

struct ibv_wq *
provoke_make_wq(struct rig *rig, uint32_t requests)
{
	struct ibv_wq_init_attr attr = a_wq(rig, requests);
	struct ibv_wq *wq = ibv_create_wq(rig->ctx, &attr);

	assert_non_null(wq);
	return wq;
}

struct ibv_rwq_ind_table *
provoke_make_table(struct rig *rig, struct ibv_wq *wq, uint32_t log)
{
	struct ibv_wq *wqs[4] = {wq, wq, wq, wq};
	struct ibv_rwq_ind_table_init_attr attr = {.log_ind_tbl_size = log, .ind_tbl = wqs};
	struct ibv_rwq_ind_table *table = ibv_create_rwq_ind_table(rig->ctx, &attr);

	assert_non_null(table);
	return table;
}

static int
create(struct rig *rig, const struct ibv_wq_init_attr *change, struct mlx5dv_wq_init_attr more)
{
	struct ibv_wq_init_attr attr = a_wq(rig, change->max_wr);

	attr.wq_type = change->wq_type;
	attr.max_sge = change->max_sge;
	attr.comp_mask = change->comp_mask;
	attr.create_flags = change->create_flags;
	return ERRNO_OF(mlx5dv_create_wq(rig->ctx, &attr, &more));
}

#define CREATES(name, dv, ...)                                                                     \
	static int name(struct rig *rig)                                                           \
	{                                                                                          \
		const struct ibv_wq_init_attr change = {.wq_type = IBV_WQT_RQ, __VA_ARGS__};       \
		return create(rig, &change, (struct mlx5dv_wq_init_attr){.comp_mask = dv});        \
	}
#define FLAGS(name, flags)                                                                         \
	CREATES(name, 0, .max_wr = 1, .comp_mask = IBV_WQ_INIT_ATTR_FLAGS, .create_flags = flags)

CREATES(comp_mask, 0, .max_wr = 1, .comp_mask = 1 << 3)
CREATES(no_requests, 0, .max_wr = 0)
CREATES(sge, 0, .max_wr = 1, .max_sge = MODEL_SGE + 1)
CREATES(size, 0, .max_wr = MODEL_WQES + 1)
FLAGS(create_flags, 1 << 12)
FLAGS(end_padding, IBV_WQ_FLAGS_PCI_WRITE_END_PADDING)
FLAGS(scatter_fcs, IBV_WQ_FLAGS_SCATTER_FCS)
FLAGS(delay_drop, IBV_WQ_FLAGS_DELAY_DROP)
CREATES(dv_comp_mask, 1 << 3, .max_wr = 1)
CREATES(striding, MLX5DV_WQ_INIT_ATTR_MASK_STRIDING_RQ, .max_wr = 1)

static int
type(struct rig *rig)
{
	const struct ibv_wq_init_attr change = {.wq_type = IBV_WQT_RQ + 1, .max_wr = 1};

	return create(rig, &change, (struct mlx5dv_wq_init_attr){0});
}

static int
wq_in_use(struct rig *rig)
{
	struct ibv_wq *wq = provoke_make_wq(rig, 4);
	struct ibv_rwq_ind_table *table = provoke_make_table(rig, wq, 0);
	int error = ibv_destroy_wq(wq);

	ibv_destroy_rwq_ind_table(table);
	ibv_destroy_wq(wq);
	return error;
}

/* The last of the changes; those before it, if any, succeed. */
static int
modify(struct rig *rig, enum ibv_wq_state first, struct ibv_wq_attr last)
{
	struct ibv_wq *wq = provoke_make_wq(rig, 4);
	struct ibv_wq_attr attr = {.attr_mask = IBV_WQ_ATTR_STATE, .wq_state = first};
	int error;

	if (first != IBV_WQS_RESET)
		assert_int_equal(ibv_modify_wq(wq, &attr), 0);
	error = ibv_modify_wq(wq, &last);
	ibv_destroy_wq(wq);
	return error;
}

#define MODIFIES(name, first, ...)                                                                 \
	static int name(struct rig *rig)                                                           \
	{                                                                                          \
		return modify(rig, first, (struct ibv_wq_attr){__VA_ARGS__});                      \
	}

MODIFIES(no_mask, IBV_WQS_RESET, .attr_mask = 0)
MODIFIES(no_state, IBV_WQS_RESET, .attr_mask = IBV_WQ_ATTR_STATE, .wq_state = IBV_WQS_UNKNOWN)
MODIFIES(flags, IBV_WQS_RESET, .attr_mask = IBV_WQ_ATTR_FLAGS, .flags_mask = 1 << 12)
MODIFIES(modify_padding, IBV_WQS_RESET, .attr_mask = IBV_WQ_ATTR_FLAGS,
	.flags_mask = IBV_WQ_FLAGS_PCI_WRITE_END_PADDING)
MODIFIES(current, IBV_WQS_RESET, .attr_mask = IBV_WQ_ATTR_STATE | IBV_WQ_ATTR_CURR_STATE,
	.wq_state = IBV_WQS_RDY, .curr_wq_state = IBV_WQS_ERR)
MODIFIES(transition, IBV_WQS_ERR, .attr_mask = IBV_WQ_ATTR_STATE, .wq_state = IBV_WQS_RDY)

static int
table_comp_mask(struct rig *rig)
{
	struct ibv_rwq_ind_table_init_attr attr = {.comp_mask = 1};

	return ERRNO_OF(ibv_create_rwq_ind_table(rig->ctx, &attr));
}

static int
table_size(struct rig *rig)
{
	struct ibv_rwq_ind_table_init_attr attr = {.log_ind_tbl_size = 12};

	return ERRNO_OF(ibv_create_rwq_ind_table(rig->ctx, &attr));
}

static int
table_in_use(struct rig *rig)
{
	struct ibv_wq *wq = provoke_make_wq(rig, 4);
	struct ibv_rwq_ind_table *table = provoke_make_table(rig, wq, 0);
	struct ibv_qp *qp = provoke_make_rss_qp(rig, table);
	int error = ibv_destroy_rwq_ind_table(table);

	ibv_destroy_qp(qp);
	ibv_destroy_rwq_ind_table(table);
	ibv_destroy_wq(wq);
	return error;
}

const struct provocation provoke_wq[] = {
	{HCA_RULE_WQ_TYPE, type},
	{HCA_RULE_WQ_COMP_MASK, comp_mask},
	{HCA_RULE_WQ_NO_REQUESTS, no_requests},
	{HCA_RULE_WQ_SGE, sge},
	{HCA_RULE_WQ_SIZE, size},
	{HCA_RULE_WQ_CREATE_FLAGS, create_flags},
	{HCA_RULE_WQ_END_PADDING, end_padding},
	{HCA_RULE_WQ_SCATTER_FCS, scatter_fcs},
	{HCA_RULE_WQ_DELAY_DROP, delay_drop},
	{HCA_RULE_WQ_DV_COMP_MASK, dv_comp_mask},
	{HCA_RULE_WQ_STRIDING, striding},
	{HCA_RULE_WQ_BUSY, wq_in_use},
	{HCA_RULE_MODIFY_WQ_MASK, no_mask},
	{HCA_RULE_MODIFY_WQ_STATE, no_state},
	{HCA_RULE_MODIFY_WQ_FLAGS, flags},
	{HCA_RULE_MODIFY_WQ_END_PADDING, modify_padding},
	{HCA_RULE_MODIFY_WQ_CURRENT, current},
	{HCA_RULE_MODIFY_WQ_TRANSITION, transition},
	{HCA_RULE_TABLE_COMP_MASK, table_comp_mask},
	{HCA_RULE_TABLE_SIZE, table_size},
	{HCA_RULE_TABLE_BUSY, table_in_use},
	{HCA_RULE_NONE, NULL},
};
