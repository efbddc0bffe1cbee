/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The changes of state of QPs with a transport, each with the attributes that it must have and those
 * that it may have, as in the table of Linux (drivers/infiniband/core/verbs.c): all sets of attributes
 * that differ from a right one in one of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "refusals/refusals.h"

#define STATES (IBV_QPS_ERR + 1)
/* Attributes of enum ibv_qp_attr_mask that there are in the tables. */
#define BITS 25
#define CASES (sizeof(cases) / sizeof(cases[0]))

#define ALL	  -1
#define RC	  IBV_QPT_RC
#define UC	  IBV_QPT_UC
#define UD	  IBV_QPT_UD
#define PEER	  (IBV_QP_AV | IBV_QP_PATH_MTU | IBV_QP_DEST_QPN | IBV_QP_RQ_PSN)
#define PLACE	  (IBV_QP_PKEY_INDEX | IBV_QP_PORT)
#define MIGRATION (IBV_QP_CUR_STATE | IBV_QP_ACCESS_FLAGS | IBV_QP_PATH_MIG_STATE)

static const struct {
	int type;
	enum ibv_qp_state from, to;
	int needed, optional;
} cases[] = {
	{ALL, IBV_QPS_RESET, IBV_QPS_RESET, 0, 0},
	{RC, IBV_QPS_RESET, IBV_QPS_INIT, PLACE | IBV_QP_ACCESS_FLAGS, 0},
	{UC, IBV_QPS_RESET, IBV_QPS_INIT, PLACE | IBV_QP_ACCESS_FLAGS, 0},
	{UD, IBV_QPS_RESET, IBV_QPS_INIT, PLACE | IBV_QP_QKEY, 0},
	{RC, IBV_QPS_INIT, IBV_QPS_INIT, 0, PLACE | IBV_QP_ACCESS_FLAGS},
	{UC, IBV_QPS_INIT, IBV_QPS_INIT, 0, PLACE | IBV_QP_ACCESS_FLAGS},
	{UD, IBV_QPS_INIT, IBV_QPS_INIT, 0, PLACE | IBV_QP_QKEY},
	{RC, IBV_QPS_INIT, IBV_QPS_RTR, PEER | IBV_QP_MAX_DEST_RD_ATOMIC | IBV_QP_MIN_RNR_TIMER,
		IBV_QP_ACCESS_FLAGS | IBV_QP_PKEY_INDEX},
	{UC, IBV_QPS_INIT, IBV_QPS_RTR, PEER, IBV_QP_ACCESS_FLAGS | IBV_QP_PKEY_INDEX},
	{UD, IBV_QPS_INIT, IBV_QPS_RTR, 0, IBV_QP_PKEY_INDEX | IBV_QP_QKEY},
	{RC, IBV_QPS_RTR, IBV_QPS_RTS, IBV_QP_TIMEOUT | IBV_QP_RETRY_CNT | IBV_QP_RNR_RETRY |
		IBV_QP_SQ_PSN | IBV_QP_MAX_QP_RD_ATOMIC, MIGRATION | IBV_QP_MIN_RNR_TIMER},
	{UC, IBV_QPS_RTR, IBV_QPS_RTS, IBV_QP_SQ_PSN, MIGRATION},
	{UD, IBV_QPS_RTR, IBV_QPS_RTS, IBV_QP_SQ_PSN, IBV_QP_CUR_STATE | IBV_QP_QKEY},
	{RC, IBV_QPS_RTS, IBV_QPS_RTS, 0, MIGRATION | IBV_QP_MIN_RNR_TIMER},
	{UC, IBV_QPS_RTS, IBV_QPS_RTS, 0, MIGRATION},
	{UD, IBV_QPS_RTS, IBV_QPS_RTS, 0, IBV_QP_CUR_STATE | IBV_QP_QKEY},
	{ALL, IBV_QPS_RTS, IBV_QPS_SQD, 0, IBV_QP_EN_SQD_ASYNC_NOTIFY},
	{RC, IBV_QPS_SQE, IBV_QPS_RTS, 0, 0},
	{UC, IBV_QPS_SQE, IBV_QPS_RTS, 0, IBV_QP_CUR_STATE | IBV_QP_ACCESS_FLAGS},
	{UD, IBV_QPS_SQE, IBV_QPS_RTS, 0, IBV_QP_CUR_STATE | IBV_QP_QKEY},
	{ALL, IBV_QPS_INIT, IBV_QPS_RESET, 0, 0},
	{ALL, IBV_QPS_RTR, IBV_QPS_RESET, 0, 0},
	{ALL, IBV_QPS_RTS, IBV_QPS_RESET, 0, 0},
	{ALL, IBV_QPS_SQE, IBV_QPS_RESET, 0, 0},
	{ALL, IBV_QPS_ERR, IBV_QPS_RESET, 0, 0},
	{ALL, IBV_QPS_INIT, IBV_QPS_ERR, 0, 0},
	{ALL, IBV_QPS_RTR, IBV_QPS_ERR, 0, 0},
	{ALL, IBV_QPS_RTS, IBV_QPS_ERR, 0, 0},
	{ALL, IBV_QPS_SQE, IBV_QPS_ERR, 0, 0},
	{ALL, IBV_QPS_ERR, IBV_QPS_ERR, 0, 0},
};

/* With values that are all right. */
static enum hca_rule
rule_of(enum ibv_qp_type type, enum ibv_qp_state from, enum ibv_qp_state to,
	enum ibv_qp_state current, int mask)
{
	struct ibv_qp_attr attr = {
		.qp_state = to,
		.cur_qp_state = current,
		.port_num = 1,
		.path_mtu = IBV_MTU_4096,
		.max_rd_atomic = 16,
		.max_dest_rd_atomic = 16,
		.ah_attr = {.is_global = 1, .port_num = 1, .grh.sgid_index = 1},
	};

	return hca_rule_of_modify_qp(type, from, &attr, mask | IBV_QP_STATE);
}

static int
find(enum ibv_qp_type type, enum ibv_qp_state from, enum ibv_qp_state to)
{
	size_t i;

	for (i = 0; i < CASES; i++)
		if ((cases[i].type == ALL || cases[i].type == (int)type) && cases[i].from == from &&
		    cases[i].to == to)
			return i;
	return -1;
}

/* Each attribute the other way round than it is in a right set. */
static void
check_attributes(enum ibv_qp_type type, int at)
{
	int needed = cases[at].needed, optional = cases[at].optional, i, bit;
	enum ibv_qp_state from = cases[at].from, to = cases[at].to;
	/* mlx5 has no way there, whatever it comes with. */
	enum hca_rule right = to == IBV_QPS_SQD ? HCA_RULE_MODIFY_QP_DRAIN : HCA_RULE_NONE;

	assert_int_equal(rule_of(type, from, to, from, needed), right);
	assert_int_equal(rule_of(type, from, to, from, needed | optional), right);
	for (i = 0; i < BITS; i++) {
		bit = 1 << i;
		if (bit == IBV_QP_STATE || bit == IBV_QP_ALT_PATH)
			continue;
		if ((optional & bit) != 0)
			assert_int_equal(rule_of(type, from, to, from, needed | bit), right);
		else if ((needed & bit) != 0)
			assert_int_equal(rule_of(type, from, to, from, needed & ~bit),
				HCA_RULE_MODIFY_QP_ATTRIBUTES);
		else
			assert_int_not_equal(rule_of(type, from, to, from, needed | bit), right);
	}
}

static void
each_change_has_its_attributes(void **state)
{
	static const enum ibv_qp_type types[] = {RC, UC, UD};
	int type, from, to, at;

	for (type = 0; type < 3; type++)
		for (from = 0; from < STATES; from++)
			for (to = 0; to < STATES; to++) {
				/* In which no QP of the model is. */
				if (from == IBV_QPS_SQD)
					continue;
				at = find(types[type], from, to);
				if (at < 0)
					assert_int_equal(rule_of(types[type], from, to, from, 0),
						HCA_RULE_MODIFY_QP_TRANSITION);
				else
					check_attributes(types[type], at);
			}
}

/* The kernel goes by what the user says that it is, and the device by what it is. */
static void
the_present_state_is_another(void **state)
{
	assert_int_equal(rule_of(UD, IBV_QPS_SQE, IBV_QPS_RTS, IBV_QPS_RTS, IBV_QP_CUR_STATE),
		HCA_RULE_MODIFY_QP_CURRENT);
	assert_int_equal(rule_of(UD, IBV_QPS_RTS, IBV_QPS_RTS, IBV_QPS_SQE, IBV_QP_CUR_STATE),
		HCA_RULE_MODIFY_QP_CURRENT);
	assert_int_equal(rule_of(UD, IBV_QPS_RTS, IBV_QPS_RTS, IBV_QPS_RTR, IBV_QP_CUR_STATE),
		HCA_RULE_MODIFY_QP_ATTRIBUTES);
	assert_int_equal(rule_of(UD, IBV_QPS_RTS, IBV_QPS_RTS, IBV_QPS_ERR, IBV_QP_CUR_STATE),
		HCA_RULE_MODIFY_QP_TRANSITION);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_change_has_its_attributes),
		cmocka_unit_test(the_present_state_is_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
