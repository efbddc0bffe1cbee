/* SPDX-License-Identifier: BSD-3-Clause */
/* Refused changes of the states of raw packet QPs, and requests that are not posted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/engine.h"
#include "provoke.h"

static int
modify(struct rig *rig, int mask, struct ibv_qp_attr attr)
{
	return ibv_modify_qp(rig->qp, &attr, mask);
}

/* Of the rig's QP, which is in RTS. */
#define MODIFIES(name, mask, ...)                                                                  \
	static int name(struct rig *rig)                                                           \
	{                                                                                          \
		return modify(rig, mask, (struct ibv_qp_attr){__VA_ARGS__});                       \
	}

MODIFIES(mask, IBV_QP_STATE | 1 << 27, .qp_state = IBV_QPS_RTS)
MODIFIES(port, IBV_QP_PORT, .port_num = 2)
MODIFIES(state, IBV_QP_STATE, .qp_state = IBV_QPS_UNKNOWN)
MODIFIES(attributes, IBV_QP_STATE | IBV_QP_QKEY, .qp_state = IBV_QPS_RTS)
MODIFIES(transition, IBV_QP_STATE, .qp_state = IBV_QPS_RTR)
MODIFIES(drain, IBV_QP_STATE, .qp_state = IBV_QPS_SQD)
MODIFIES(rate, IBV_QP_STATE | IBV_QP_RATE_LIMIT, .qp_state = IBV_QPS_RTS, .rate_limit = 1000)

static int
query(struct rig *rig, int mask_bits)
{
	struct ibv_qp_init_attr init;
	struct ibv_qp_attr attr;

	return ibv_query_qp(rig->qp, &attr, mask_bits, &init);
}

/* An invalid lkey stops one of the queues. */
static void
break_send(struct rig *rig)
{
	rig_fill(rig->mem, 0);
	assert_int_equal(rig_send(rig, RIG_SENT, RIG_FRAME, 0), 0);
	softhca_step();
	rig_expect("key.unknown", 1);
}

static int
recover(struct rig *rig)
{
	break_send(rig);
	if (query(rig, IBV_QP_STATE) != 0 || rig->qp->state != IBV_QPS_SQE)
		return NOT_REFUSED;
	return modify(rig, IBV_QP_STATE, (struct ibv_qp_attr){.qp_state = IBV_QPS_RTS});
}

static int
receive_error_alone(struct rig *rig)
{
	rig_fill(rig->mem, 0);
	assert_int_equal(rig_recv(rig, RIG_RECEIVED, 2048, 0), 0);
	assert_int_equal(rig_send(rig, RIG_SENT, RIG_FRAME, rig->mr->lkey), 0);
	softhca_step();
	rig_expect("key.unknown", 1);
	return query(rig, IBV_QP_STATE);
}

static int
query_mask(struct rig *rig)
{
	return query(rig, IBV_QP_RATE_LIMIT);
}

const struct provocation provoke_state[] = {
	{HCA_RULE_MODIFY_QP_MASK, mask},
	{HCA_RULE_MODIFY_QP_PORT, port},
	{HCA_RULE_MODIFY_QP_STATE, state},
	{HCA_RULE_MODIFY_QP_ATTRIBUTES, attributes},
	{HCA_RULE_MODIFY_QP_TRANSITION, transition},
	{HCA_RULE_MODIFY_QP_DRAIN, drain},
	{HCA_RULE_MODIFY_QP_RECOVER, recover},
	{HCA_RULE_MODIFY_QP_RATE, rate},
	{HCA_RULE_QUERY_QP_MASK, query_mask},
	{HCA_RULE_QUERY_QP_STATES, receive_error_alone},
	{HCA_RULE_NONE, NULL},
};

static int
post_send(struct ibv_qp *qp, struct ibv_send_wr wr)
{
	struct ibv_send_wr *bad;

	return ibv_post_send(qp, &wr, &bad);
}

static int
send_full(struct rig *rig)
{
	uint32_t i;

	for (i = 0; i < RIG_WQES; i++)
		assert_int_equal(rig_send(rig, RIG_SENT, RIG_FRAME, rig->mr->lkey), 0);
	return rig_send(rig, RIG_SENT, RIG_FRAME, rig->mr->lkey);
}

#define SENDS(name, ...)                                                                           \
	static int name(struct rig *rig)                                                           \
	{                                                                                          \
		struct ibv_sge sge[3] = {{(uintptr_t)rig->mem, 14, rig->mr->lkey}};                \
		return post_send(rig->qp, (struct ibv_send_wr){.sg_list = sge, __VA_ARGS__});      \
	}

SENDS(send_sge, .num_sge = 3, .opcode = IBV_WR_SEND)
SENDS(send_none, .num_sge = 0, .opcode = IBV_WR_SEND)
SENDS(send_opcode, .num_sge = 1, .opcode = 33)

/* More than is left of the WQEBB that one segment takes. */
static int
send_inline(struct rig *rig)
{
	struct ibv_sge sge = {(uintptr_t)rig->mem, 1500, 0};

	return post_send(rig->qp, (struct ibv_send_wr){
		.sg_list = &sge, .num_sge = 1, .opcode = IBV_WR_SEND, .send_flags = IBV_SEND_INLINE});
}

/* The second device is a ConnectX-4. */
int
provoke_with_header(int (*call)(struct rig *rig))
{
	struct ibv_device **list = ibv_get_device_list(NULL);
	struct rig other = {.ctx = ibv_open_device(list[1])};
	int error;

	other.pd = ibv_alloc_pd(other.ctx);
	other.send_cq = other.recv_cq = ibv_create_cq(other.ctx, 1, NULL, NULL, 0);
	error = call(&other);
	ibv_destroy_cq(other.send_cq);
	ibv_dealloc_pd(other.pd);
	ibv_close_device(other.ctx);
	ibv_free_device_list(list);
	return error;
}

/* No memory is read: it is refused before. */
static int
send_short(struct rig *rig)
{
	struct ibv_qp *qp = provoke_make_qp(rig, 1, 1);
	struct ibv_sge sge = {0, 17, 0};
	int error;

	rig_start(qp);
	error = post_send(qp, (struct ibv_send_wr){
		.sg_list = &sge, .num_sge = 1, .opcode = IBV_WR_SEND});
	ibv_destroy_qp(qp);
	return error;
}

static int
send_header(struct rig *rig)
{
	return provoke_with_header(send_short);
}

static int
recv_full(struct rig *rig)
{
	uint32_t i;

	for (i = 0; i < RIG_WQES; i++)
		assert_int_equal(rig_recv(rig, RIG_RECEIVED, 2048, rig->mr->lkey), 0);
	return rig_recv(rig, RIG_RECEIVED, 2048, rig->mr->lkey);
}

static int
recv_in_reset(struct rig *rig)
{
	assert_int_equal(
		modify(rig, IBV_QP_STATE, (struct ibv_qp_attr){.qp_state = IBV_QPS_RESET}), 0);
	return rig_recv(rig, RIG_RECEIVED, 2048, rig->mr->lkey);
}

const struct provocation provoke_post[] = {
	{HCA_RULE_POST_SEND_FULL, send_full},
	{HCA_RULE_POST_SEND_SGE, send_sge},
	{HCA_RULE_POST_SEND_INLINE, send_inline},
	{HCA_RULE_POST_SEND_OPCODE, send_opcode},
	{HCA_RULE_POST_SEND_NO_SGE, send_none},
	{HCA_RULE_POST_SEND_HEADER, send_header},
	{HCA_RULE_POST_RECV_FULL, recv_full},
	{HCA_RULE_POST_RECV_SGE, recv_in_reset},
	{HCA_RULE_NONE, NULL},
};
