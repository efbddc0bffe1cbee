/* SPDX-License-Identifier: BSD-3-Clause */
/* Refused requests of extended QPs. */
#include "provoke.h"

/* Which part of a request is wrong. */
struct wrong {
	bool early;	/* before RTS */
	bool many;	/* as many requests as the queue has, and one */
	bool segments, inlined, inlined_list, tso;
};

static struct ibv_qp_ex *
make_qp(struct rig *rig)
{
	struct ibv_qp_init_attr_ex attr = {
		.qp_type = IBV_QPT_RAW_PACKET,
		.comp_mask = IBV_QP_INIT_ATTR_PD | IBV_QP_INIT_ATTR_SEND_OPS_FLAGS,
		.pd = rig->pd,
		.send_cq = rig->send_cq,
		.recv_cq = rig->recv_cq,
		.cap = {1, 0, 1, 0, 0},
		.send_ops_flags = IBV_QP_EX_WITH_SEND | IBV_QP_EX_WITH_TSO,
	};

	return ibv_qp_to_qp_ex(ibv_create_qp_ex(rig->ctx, &attr));
}

/* Nothing is read from these addresses, as nothing is posted. */
static void
build(struct ibv_qp_ex *ex, struct wrong wrong)
{
	static uint8_t bytes[1500];
	struct ibv_data_buf data[2] = {{bytes, 750}, {bytes, 750}};
	struct ibv_sge sge[2] = {{0}};

	if (wrong.tso) {
		ibv_wr_send_tso(ex, bytes, 54, 1000);
		return;
	}
	ibv_wr_send(ex);
	if (wrong.segments)
		ibv_wr_set_sge_list(ex, 2, sge);
	else if (wrong.inlined)
		ibv_wr_set_inline_data(ex, bytes, sizeof(bytes));
	else if (wrong.inlined_list)
		ibv_wr_set_inline_data_list(ex, 2, data);
	else
		ibv_wr_set_sge(ex, 0, 0, 17);
}

static int
post(struct rig *rig, struct wrong wrong)
{
	struct ibv_qp_ex *ex = make_qp(rig);
	int error;

	if (!wrong.early)
		rig_start(&ex->qp_base);
	ibv_wr_start(ex);
	build(ex, wrong);
	if (wrong.many)
		build(ex, wrong);
	error = ibv_wr_complete(ex);
	ibv_destroy_qp(&ex->qp_base);
	return error;
}

#define POSTS(name, ...)                                                                           \
	static int name(struct rig *rig)                                                           \
	{                                                                                          \
		return post(rig, (struct wrong){__VA_ARGS__});                                     \
	}

POSTS(state, .early = true)
POSTS(full, .many = true)
POSTS(segments, .segments = true)
POSTS(inlined, .inlined = true)
POSTS(inlined_list, .inlined_list = true)
POSTS(tso, .tso = true)
POSTS(as_it_should_be, .early = false)

static int
header(struct rig *rig)
{
	return provoke_with_header(as_it_should_be);
}

const struct provocation provoke_wr[] = {
	{HCA_RULE_WR_STATE, state},
	{HCA_RULE_WR_FULL, full},
	{HCA_RULE_WR_SGE, segments},
	{HCA_RULE_WR_HEADER, header},
	{HCA_RULE_WR_INLINE, inlined},
	{HCA_RULE_WR_INLINE_LIST, inlined_list},
	{HCA_RULE_WR_TSO, tso},
	{HCA_RULE_NONE, NULL},
};
