/* SPDX-License-Identifier: BSD-3-Clause */
/* Refused calls about shared receive queues. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>

#include <cmocka.h>

#include "provoke.h"

static int
create(struct rig *rig, uint32_t requests, uint32_t segments)
{
	struct ibv_srq_init_attr init = {.attr = {requests, segments, 0}};

	return ERRNO_OF(ibv_create_srq(rig->pd, &init));
}

static int
requests(struct rig *rig)
{
	return create(rig, 32769, 1);
}

static int
size(struct rig *rig)
{
	return create(rig, 32768, 1);
}

static int
stride(struct rig *rig)
{
	return create(rig, 1, 32);
}

static int
sge(struct rig *rig)
{
	return create(rig, 1, 33);
}

/* Of three requests with one segment, and a call about it. */
static int
with_srq(struct rig *rig, int (*call)(struct rig *rig, struct ibv_srq *srq))
{
	struct ibv_srq_init_attr init = {.attr = {3, 1, 0}};
	struct ibv_srq *srq = ibv_create_srq(rig->pd, &init);
	int error;

	assert_non_null(srq);
	error = call(rig, srq);
	assert_int_equal(ibv_destroy_srq(srq), 0);
	return error;
}

static int
destroy_used(struct rig *rig, struct ibv_srq *srq)
{
	struct ibv_qp_init_attr init = {.qp_type = IBV_QPT_RC, .send_cq = rig->send_cq,
		.recv_cq = rig->recv_cq, .srq = srq, .cap = {1, 0, 1, 0, 0}};
	struct ibv_qp *qp = ibv_create_qp(rig->pd, &init);
	int error;

	assert_non_null(qp);
	error = ibv_destroy_srq(srq);
	assert_int_equal(ibv_destroy_qp(qp), 0);
	return error;
}

static int
modify_size(struct rig *rig, struct ibv_srq *srq)
{
	struct ibv_srq_attr attr = {.max_wr = 8};

	return ibv_modify_srq(srq, &attr, IBV_SRQ_MAX_WR);
}

static int
modify_limit(struct rig *rig, struct ibv_srq *srq)
{
	struct ibv_srq_attr attr = {.srq_limit = 8};

	return ibv_modify_srq(srq, &attr, IBV_SRQ_LIMIT);
}

static int
post(struct ibv_srq *srq, int segments)
{
	struct ibv_sge list[4] = {{0}};
	struct ibv_recv_wr *bad, wr = {.sg_list = list, .num_sge = segments};

	return ibv_post_srq_recv(srq, &wr, &bad);
}

static int
post_segments(struct rig *rig, struct ibv_srq *srq)
{
	return post(srq, 2);
}

static int
post_many(struct rig *rig, struct ibv_srq *srq)
{
	int i;

	for (i = 0; i < 3; i++)
		assert_int_equal(post(srq, 0), 0);
	return post(srq, 0);
}

#define WITH_SRQ(name, call)                                                                       \
	static int name(struct rig *rig)                                                           \
	{                                                                                          \
		return with_srq(rig, call);                                                        \
	}

WITH_SRQ(busy, destroy_used)
WITH_SRQ(other_size, modify_size)
WITH_SRQ(other_limit, modify_limit)
WITH_SRQ(segments, post_segments)
WITH_SRQ(full, post_many)

const struct provocation provoke_srq[] = {
	{HCA_RULE_SRQ_REQUESTS, requests},
	{HCA_RULE_SRQ_SIZE, size},
	{HCA_RULE_SRQ_STRIDE, stride},
	{HCA_RULE_SRQ_SGE, sge},
	{HCA_RULE_SRQ_BUSY, busy},
	{HCA_RULE_MODIFY_SRQ_SIZE, other_size},
	{HCA_RULE_MODIFY_SRQ_LIMIT, other_limit},
	{HCA_RULE_POST_SRQ_SGE, segments},
	{HCA_RULE_POST_SRQ_FULL, full},
	{HCA_RULE_NONE, NULL},
};
