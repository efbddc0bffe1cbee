/* SPDX-License-Identifier: BSD-3-Clause */
/* Refused changes of QPs with a transport, addresses, and regions that are to become others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <unistd.h>

#include <cmocka.h>

#include "pair.h"
#include "provoke.h"
#include "udmabuf.h"

/* The second QP of a pair goes from RESET to the state before, and then on with what change() does. */
static int
step(struct rig *rig, enum ibv_qp_state to, int more, void (*change)(struct ibv_qp_attr *attr))
{
	struct ibv_qp_attr attr = {.qp_state = IBV_QPS_RESET};
	struct pair pair;
	int error;

	pair_set_up(&pair, rig, IBV_QPT_RC);
	assert_int_equal(ibv_modify_qp(pair.qps[1], &attr, IBV_QP_STATE), 0);
	attr = pair_attributes(rig, pair.qps[0]->qp_num);
	pair_start(pair.qps[1], &attr, to - 1);
	attr.qp_state = to;
	change(&attr);
	error = ibv_modify_qp(pair.qps[1], &attr, pair_mask(IBV_QPT_RC, to) | more);
	pair_tear_down(&pair);
	return error;
}

#define STEPS(name, to, more, change)                                                              \
	static void change_##name(struct ibv_qp_attr *attr)                                        \
	{                                                                                          \
		attr->change;                                                                      \
	}                                                                                          \
	static int name(struct rig *rig)                                                           \
	{                                                                                          \
		return step(rig, to, more, change_##name);                                         \
	}

STEPS(path_port, IBV_QPS_RTR, 0, ah_attr.port_num = 2)
STEPS(path_grh, IBV_QPS_RTR, 0, ah_attr.is_global = 0)
STEPS(path_gid, IBV_QPS_RTR, 0, ah_attr.grh.sgid_index = 2)
STEPS(path_rate, IBV_QPS_RTR, 0, ah_attr.static_rate = 1)
STEPS(rate_type, IBV_QPS_RTS, IBV_QP_RATE_LIMIT, rate_limit = 1000)
STEPS(pkey, IBV_QPS_INIT, 0, pkey_index = 128)
STEPS(reads, IBV_QPS_RTS, 0, max_rd_atomic = 17)
STEPS(peer_reads, IBV_QPS_RTR, 0, max_dest_rd_atomic = 17)
STEPS(mtu, IBV_QPS_RTR, 0, path_mtu = 0)

/* As if it were not in RTS yet. */
static int
current(struct rig *rig)
{
	struct ibv_qp_attr attr;
	struct pair pair;
	int error;

	pair_set_up(&pair, rig, IBV_QPT_RC);
	attr = pair_attributes(rig, pair.qps[1]->qp_num);
	attr.qp_state = IBV_QPS_RTS;
	attr.cur_qp_state = IBV_QPS_RTR;
	error = ibv_modify_qp(pair.qps[0], &attr,
		pair_mask(IBV_QPT_RC, IBV_QPS_RTS) | IBV_QP_CUR_STATE);
	pair_tear_down(&pair);
	return error;
}

/* A path that would do. */
static void
change_alternate(struct ibv_qp_attr *attr)
{
	attr->alt_ah_attr = attr->ah_attr;
	attr->alt_port_num = attr->alt_ah_attr.port_num;
}

static int
alternate(struct rig *rig)
{
	return step(rig, IBV_QPS_RTR, IBV_QP_ALT_PATH, change_alternate);
}

static int
make_address(struct rig *rig, struct ibv_ah_attr attr)
{

	return ERRNO_OF(ibv_create_ah(rig->pd, &attr));
}

static int
ah_port(struct rig *rig)
{
	return make_address(rig, (struct ibv_ah_attr){.port_num = 2, .is_global = 1});
}

static int
ah_grh(struct rig *rig)
{
	return make_address(rig, (struct ibv_ah_attr){.port_num = 1});
}

static int
ah_gid(struct rig *rig)
{
	return make_address(rig, (struct ibv_ah_attr){
		.port_num = 1, .is_global = 1, .grh.sgid_index = 2});
}

static int
ah_rate(struct rig *rig)
{
	return make_address(rig, (struct ibv_ah_attr){
		.port_num = 1, .is_global = 1, .static_rate = 1});
}

static int
flow_qp(struct rig *rig)
{
	struct ibv_flow_attr attr = {
		.type = IBV_FLOW_ATTR_ALL_DEFAULT, .size = sizeof(attr), .port = 1};
	struct pair pair;
	int error;

	pair_set_up(&pair, rig, IBV_QPT_RC);
	error = ERRNO_OF(ibv_create_flow(pair.qps[0], &attr));
	pair_tear_down(&pair);
	return error;
}

static int
rereg(struct ibv_mr *mr, int flags, size_t len, int access)
{
	errno = 0;
	return ibv_rereg_mr(mr, flags, mr->pd, mr->addr, len, access) != 0 ? errno : NOT_REFUSED;
}

static int
rereg_flags(struct rig *rig)
{
	return rereg(rig->mr, 1 << 6, 1, 0);
}

static int
rereg_length(struct rig *rig)
{
	return rereg(rig->mr, IBV_REREG_MR_CHANGE_TRANSLATION, 0, 0);
}

static int
rereg_nothing(struct rig *rig)
{
	return rereg(rig->mr, 0, 0, 0);
}

static int
rereg_access(struct rig *rig)
{
	return rereg(rig->mr, IBV_REREG_MR_CHANGE_PD, 0, IBV_ACCESS_LOCAL_WRITE);
}

static int
rereg_writable(struct rig *rig)
{
	struct ibv_mr *mr = ibv_reg_mr(rig->pd, rig->mem, RIG_MEM, 0);
	int error = rereg(mr, IBV_REREG_MR_CHANGE_ACCESS, 0, IBV_ACCESS_LOCAL_WRITE);

	ibv_dereg_mr(mr);
	return error;
}

static int
rereg_type(struct rig *rig)
{
	int fd = udmabuf_create(4096), error;
	struct ibv_mr *mr = ibv_reg_dmabuf_mr(rig->pd, 0, 4096, 0, fd, IBV_ACCESS_LOCAL_WRITE);

	close(fd);
	assert_non_null(mr);
	error = rereg(mr, IBV_REREG_MR_CHANGE_ACCESS, 0, 0);
	ibv_dereg_mr(mr);
	return error;
}

const struct provocation provoke_transport[] = {
	{HCA_RULE_MODIFY_QP_PATH_PORT, path_port},
	{HCA_RULE_MODIFY_QP_PATH_GRH, path_grh},
	{HCA_RULE_MODIFY_QP_PATH_GID, path_gid},
	{HCA_RULE_MODIFY_QP_ALTERNATE, alternate},
	{HCA_RULE_MODIFY_QP_PKEY, pkey},
	{HCA_RULE_MODIFY_QP_READS, reads},
	{HCA_RULE_MODIFY_QP_PEER_READS, peer_reads},
	{HCA_RULE_MODIFY_QP_MTU, mtu},
	{HCA_RULE_MODIFY_QP_PATH_RATE, path_rate},
	{HCA_RULE_MODIFY_QP_CURRENT, current},
	{HCA_RULE_MODIFY_QP_RATE_TYPE, rate_type},
	{HCA_RULE_AH_PORT, ah_port},
	{HCA_RULE_AH_GRH, ah_grh},
	{HCA_RULE_AH_GID, ah_gid},
	{HCA_RULE_AH_RATE, ah_rate},
	{HCA_RULE_FLOW_QP, flow_qp},
	{HCA_RULE_REREG_TYPE, rereg_type},
	{HCA_RULE_REREG_FLAGS, rereg_flags},
	{HCA_RULE_REREG_LENGTH, rereg_length},
	{HCA_RULE_REREG_NOTHING, rereg_nothing},
	{HCA_RULE_REREG_ACCESS, rereg_access},
	{HCA_RULE_REREG_WRITABLE, rereg_writable},
	{HCA_RULE_NONE, NULL},
};
