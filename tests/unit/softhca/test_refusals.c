/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Calls that the kernel rejects are rejected by the model: each for its reason and with its errno,
 * while similar valid calls succeed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <string.h>

#include <cmocka.h>

#include "refusals/refusals.h"
#include "rig.h"

#define IPV4 (IBV_RX_HASH_SRC_IPV4 | IBV_RX_HASH_DST_IPV4)
#define TCP  (IBV_RX_HASH_SRC_PORT_TCP | IBV_RX_HASH_DST_PORT_TCP)

static uint8_t key[41];

/* Tables of one entry and of four, of the same queue. */
static struct ibv_cq *cq;
static struct ibv_wq *wq;
static struct ibv_rwq_ind_table *one, *four;

static int
set_up(void **state)
{
	struct ibv_wq_init_attr init = {.wq_type = IBV_WQT_RQ, .max_wr = 4, .max_sge = 1};
	struct ibv_rwq_ind_table_init_attr table = {0};
	struct ibv_wq *wqs[4];
	struct rig *rig;

	assert_int_equal(rig_set_up(state), 0);
	rig = *state;
	cq = ibv_create_cq(rig->ctx, 7, NULL, NULL, 0);
	init.pd = rig->pd;
	init.cq = cq;
	wq = ibv_create_wq(rig->ctx, &init);
	assert_non_null(wq);
	wqs[0] = wqs[1] = wqs[2] = wqs[3] = wq;
	table.ind_tbl = wqs;
	one = ibv_create_rwq_ind_table(rig->ctx, &table);
	table.log_ind_tbl_size = 2;
	four = ibv_create_rwq_ind_table(rig->ctx, &table);
	assert_non_null(one);
	assert_non_null(four);
	return 0;
}

static int
tear_down(void **state)
{
	assert_int_equal(ibv_destroy_rwq_ind_table(one), 0);
	assert_int_equal(ibv_destroy_rwq_ind_table(four), 0);
	assert_int_equal(ibv_destroy_wq(wq), 0);
	assert_int_equal(ibv_destroy_cq(cq), 0);
	return rig_tear_down(state);
}

static struct ibv_qp_init_attr_ex
rss_qp(const struct rig *rig, struct ibv_rwq_ind_table *table, uint64_t fields)
{
	return (struct ibv_qp_init_attr_ex){
		.qp_type = IBV_QPT_RAW_PACKET,
		.comp_mask = IBV_QP_INIT_ATTR_PD | IBV_QP_INIT_ATTR_IND_TABLE |
			IBV_QP_INIT_ATTR_RX_HASH,
		.pd = rig->pd,
		.rwq_ind_tbl = table,
		.rx_hash_conf = {
			.rx_hash_function = IBV_RX_HASH_FUNC_TOEPLITZ,
			.rx_hash_key_len = 40,
			.rx_hash_key = key,
			.rx_hash_fields_mask = fields,
		},
	};
}

static void
allows_qp(struct rig *rig, struct ibv_qp_init_attr_ex attr)
{
	uint64_t before = softhca_refusals(NULL);
	struct ibv_qp *qp = ibv_create_qp_ex(rig->ctx, &attr);

	assert_non_null(qp);
	assert_int_equal(softhca_refusals(NULL), before);
	assert_int_equal(ibv_destroy_qp(qp), 0);
}

static void
refuses_qp(struct rig *rig, struct ibv_qp_init_attr_ex attr, const char *name, int error)
{
	uint64_t of_name = softhca_refusals(name), all = softhca_refusals(NULL);

	errno = 0;
	assert_null(ibv_create_qp_ex(rig->ctx, &attr));
	assert_int_equal(errno, error);
	assert_int_equal(softhca_refusals(name), of_name + 1);
	assert_int_equal(softhca_refusals(NULL), all + 1);
}

static void
a_qp_has_a_queue(void **state)
{
	struct rig *rig = *state;
	struct ibv_qp_init_attr_ex attr = {
		.qp_type = IBV_QPT_RAW_PACKET,
		.comp_mask = IBV_QP_INIT_ATTR_PD,
		.pd = rig->pd,
		.send_cq = cq,
		.recv_cq = cq,
	};

	refuses_qp(rig, attr, "qp.no_queue", EINVAL);
	attr.cap.max_send_wr = attr.cap.max_send_sge = 1;
	allows_qp(rig, attr);
}

static void
a_table_is_all_the_queues_of_its_qp(void **state)
{
	struct rig *rig = *state;
	struct ibv_qp_init_attr_ex attr = rss_qp(rig, four, IPV4);

	attr.send_cq = cq;
	attr.cap.max_send_wr = attr.cap.max_send_sge = 1;
	refuses_qp(rig, attr, "qp.table_and_send", EINVAL);
	attr.cap = (struct ibv_qp_cap){.max_recv_wr = 1, .max_recv_sge = 1};
	refuses_qp(rig, attr, "qp.table_and_receive", EINVAL);
	attr.cap = (struct ibv_qp_cap){0};
	allows_qp(rig, attr);
	attr.recv_cq = cq;
	refuses_qp(rig, attr, "qp.table_and_receive", EINVAL);
}

static void
without_fields_there_is_one_entry(void **state)
{
	refuses_qp(*state, rss_qp(*state, four, 0), "rss.no_fields", EINVAL);
	allows_qp(*state, rss_qp(*state, one, 0));
	allows_qp(*state, rss_qp(*state, one, IPV4 | TCP));
}

static void
fields_are_of_one_kind_of_packet(void **state)
{
	refuses_qp(*state, rss_qp(*state, four, IPV4 | IBV_RX_HASH_DST_IPV6),
		"rss.ip_versions", EINVAL);
	refuses_qp(*state, rss_qp(*state, four, IPV4 | TCP | IBV_RX_HASH_SRC_PORT_UDP),
		"rss.l4_protocols", EINVAL);
	refuses_qp(*state, rss_qp(*state, four, IPV4 | IBV_RX_HASH_INNER), "rss.inner", EOPNOTSUPP);
	allows_qp(*state, rss_qp(*state, four, IPV4 | TCP));
	allows_qp(*state, rss_qp(*state, four, IBV_RX_HASH_SRC_IPV6 | IBV_RX_HASH_DST_PORT_UDP));
}

static void
the_hash_is_toeplitz_by_forty_bytes(void **state)
{
	struct ibv_qp_init_attr_ex attr = rss_qp(*state, four, IPV4);

	attr.rx_hash_conf.rx_hash_function = 0;
	refuses_qp(*state, attr, "rss.function", EOPNOTSUPP);
	attr = rss_qp(*state, four, IPV4);
	attr.rx_hash_conf.rx_hash_key_len = 41;
	refuses_qp(*state, attr, "rss.key_length", EINVAL);
	attr.rx_hash_conf.rx_hash_key_len = 39;
	refuses_qp(*state, attr, "rss.key_length", EINVAL);
}

static struct ibv_qp_init_attr_ex
rc_qp(const struct rig *rig)
{
	return (struct ibv_qp_init_attr_ex){
		.qp_type = IBV_QPT_RC,
		.comp_mask = IBV_QP_INIT_ATTR_PD,
		.pd = rig->pd,
		.send_cq = cq,
		.recv_cq = cq,
		.cap = {1, 1, 1, 1, 0},
	};
}

/* An RC QP may have more operations of mlx5dv than the model: no rule of libmlx5 forbids them. */
static void
what_is_not_modelled_is_no_refusal(void **state)
{
	struct rig *rig = *state;
	struct ibv_qp_init_attr_ex attr = rc_qp(rig);
	struct mlx5dv_qp_init_attr more = {.comp_mask = MLX5DV_QP_INIT_ATTR_MASK_SEND_OPS_FLAGS,
		.send_ops_flags = MLX5DV_QP_EX_WITH_MR_LIST};
	uint64_t all = softhca_refusals(NULL);

	errno = 0;
	assert_null(mlx5dv_create_qp(rig->ctx, &attr, &more));
	assert_int_equal(errno, EOPNOTSUPP);
	assert_int_equal(softhca_refusals(NULL), all);
	more.send_ops_flags = 1 << 20;
	errno = 0;
	assert_null(mlx5dv_create_qp(rig->ctx, &attr, &more));
	assert_int_equal(errno, EOPNOTSUPP);
	assert_int_equal(softhca_refusals("qp.dv_send_ops"), 1);
}

/* A rule with its specs, in the layout of verbs. */
struct rule {
	struct ibv_flow_attr attr;
	uint8_t specs[12 * sizeof(struct ibv_flow_spec_eth)];
	size_t used;
};

static struct rule
a_rule(enum ibv_flow_attr_type type)
{
	return (struct rule){.attr = {.type = type, .port = 1, .size = sizeof(struct ibv_flow_attr)}};
}

static void
append(struct rule *rule, const void *spec, size_t size)
{
	assert_true(rule->used + size <= sizeof(rule->specs));
	memcpy(rule->specs + rule->used, spec, size);
	rule->used += size;
	rule->attr.num_of_specs++;
}

static void
append_eth(struct rule *rule, uint16_t type, uint16_t mask)
{
	struct ibv_flow_spec_eth eth = {.type = IBV_FLOW_SPEC_ETH, .size = sizeof(eth)};

	eth.val.ether_type = htobe16(type);
	eth.mask.ether_type = htobe16(mask);
	append(rule, &eth, sizeof(eth));
}

static void
append_tcp(struct rule *rule)
{
	struct ibv_flow_spec_tcp_udp tcp = {.type = IBV_FLOW_SPEC_TCP, .size = sizeof(tcp)};

	append(rule, &tcp, sizeof(tcp));
}

static void
allows_flow(struct rig *rig, struct rule *rule)
{
	uint64_t before = softhca_refusals(NULL);
	struct ibv_flow *flow = ibv_create_flow(rig->qp, &rule->attr);

	assert_non_null(flow);
	assert_int_equal(softhca_refusals(NULL), before);
	assert_int_equal(ibv_destroy_flow(flow), 0);
}

static void
refuses_flow(struct rig *rig, struct rule *rule, const char *name, int error)
{
	uint64_t of_name = softhca_refusals(name), all = softhca_refusals(NULL);

	errno = 0;
	assert_null(ibv_create_flow(rig->qp, &rule->attr));
	assert_int_equal(errno, error);
	assert_int_equal(softhca_refusals(name), of_name + 1);
	assert_int_equal(softhca_refusals(NULL), all + 1);
}

static void
priorities_are_sixteen(void **state)
{
	struct rule rule = a_rule(IBV_FLOW_ATTR_NORMAL);

	append_eth(&rule, 0, 0);
	rule.attr.priority = 15;
	allows_flow(*state, &rule);
	rule.attr.priority = 16;
	refuses_flow(*state, &rule, "flow.priority", ENOMEM);
}

/* The kernel asks for the QP before mlx5 for the priority, and for the port before it. */
static void
rules_are_for_what_receives_frames(void **state)
{
	struct rig *rig = *state;
	struct ibv_qp_init_attr_ex init = rc_qp(rig);
	struct rule rule = a_rule(IBV_FLOW_ATTR_NORMAL);
	struct ibv_qp *raw = rig->qp, *qp = ibv_create_qp_ex(rig->ctx, &init);

	assert_non_null(qp);
	rig->qp = qp;
	rule.attr.priority = 16;
	refuses_flow(rig, &rule, "flow.qp", EINVAL);
	rule.attr.port = 2;
	refuses_flow(rig, &rule, "flow.port", EINVAL);
	rig->qp = raw;
	assert_int_equal(ibv_destroy_qp(qp), 0);
}

static void
flags_are_those_of_mlx5(void **state)
{
	struct rule rule = a_rule(IBV_FLOW_ATTR_NORMAL);

	append_eth(&rule, 0, 0);
	rule.attr.flags = IBV_FLOW_ATTR_FLAGS_DONT_TRAP;
	allows_flow(*state, &rule);
	rule.attr.flags = 1;
	refuses_flow(*state, &rule, "flow.flags", EINVAL);
	rule.attr.flags = 8;
	refuses_flow(*state, &rule, "flow.flags", EINVAL);
}

static void
default_rules_match_last(void **state)
{
	struct rule rule = a_rule(IBV_FLOW_ATTR_MC_DEFAULT);

	allows_flow(*state, &rule);
	rule.attr.flags = IBV_FLOW_ATTR_FLAGS_DONT_TRAP;
	refuses_flow(*state, &rule, "flow.default_trap", EINVAL);
	rule.attr.flags = IBV_FLOW_ATTR_FLAGS_EGRESS;
	refuses_flow(*state, &rule, "flow.default_side", EINVAL);
}

static void
rules_belong_to_the_port_and_are_limited(void **state)
{
	struct rule rule = a_rule(IBV_FLOW_ATTR_NORMAL);
	int i;

	for (i = 0; i < 10; i++)
		append_eth(&rule, 0, 0);
	allows_flow(*state, &rule);
	rule.attr.port = 2;
	refuses_flow(*state, &rule, "flow.port", EINVAL);
	rule.attr.port = 1;
	append_eth(&rule, 0, 0);
	refuses_flow(*state, &rule, "flow.specs", EINVAL);
}

static void
the_ether_type_is_that_of_the_ip_version(void **state)
{
	struct ibv_flow_spec_ipv6 ipv6 = {.type = IBV_FLOW_SPEC_IPV6, .size = sizeof(ipv6)};
	struct rule rule = a_rule(IBV_FLOW_ATTR_NORMAL);

	append_eth(&rule, 0x86dd, 0xffff);
	append(&rule, &ipv6, sizeof(ipv6));
	allows_flow(*state, &rule);
	rule = a_rule(IBV_FLOW_ATTR_NORMAL);
	append_eth(&rule, 0x0800, 0xffff);
	append(&rule, &ipv6, sizeof(ipv6));
	refuses_flow(*state, &rule, "flow.ether_type", EINVAL);
	rule = a_rule(IBV_FLOW_ATTR_NORMAL);
	append_eth(&rule, 0x86dd, 0xff00);
	append(&rule, &ipv6, sizeof(ipv6));
	refuses_flow(*state, &rule, "flow.ether_type", EINVAL);
}

static void
the_protocol_is_that_of_the_next_header(void **state)
{
	struct ibv_flow_spec_ipv4_ext ipv4 = {.type = IBV_FLOW_SPEC_IPV4_EXT, .size = sizeof(ipv4)};
	struct rule rule = a_rule(IBV_FLOW_ATTR_NORMAL);

	ipv4.val.proto = 6;
	ipv4.mask.proto = 0xff;
	append(&rule, &ipv4, sizeof(ipv4));
	append_tcp(&rule);
	allows_flow(*state, &rule);
	rule = a_rule(IBV_FLOW_ATTR_NORMAL);
	ipv4.val.proto = 17;
	append(&rule, &ipv4, sizeof(ipv4));
	append_tcp(&rule);
	refuses_flow(*state, &rule, "flow.protocol", EINVAL);
}

static void
no_rule_matches_the_time_to_live(void **state)
{
	struct ibv_flow_spec_ipv4_ext ipv4 = {.type = IBV_FLOW_SPEC_IPV4_EXT, .size = sizeof(ipv4)};
	struct ibv_flow_spec_ipv6 ipv6 = {.type = IBV_FLOW_SPEC_IPV6, .size = sizeof(ipv6)};
	struct rule rule = a_rule(IBV_FLOW_ATTR_NORMAL);

	ipv4.mask.ttl = 0xff;
	append(&rule, &ipv4, sizeof(ipv4));
	refuses_flow(*state, &rule, "flow.fields", EOPNOTSUPP);
	rule = a_rule(IBV_FLOW_ATTR_NORMAL);
	ipv6.mask.hop_limit = 1;
	append(&rule, &ipv6, sizeof(ipv6));
	refuses_flow(*state, &rule, "flow.fields", EOPNOTSUPP);
	rule = a_rule(IBV_FLOW_ATTR_NORMAL);
	ipv4.mask.ttl = 0;
	ipv4.mask.tos = 0xff;
	append(&rule, &ipv4, sizeof(ipv4));
	allows_flow(*state, &rule);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(a_qp_has_a_queue),
		CASE(a_table_is_all_the_queues_of_its_qp),
		CASE(without_fields_there_is_one_entry),
		CASE(fields_are_of_one_kind_of_packet),
		CASE(the_hash_is_toeplitz_by_forty_bytes),
		CASE(what_is_not_modelled_is_no_refusal),
		CASE(rules_are_for_what_receives_frames),
		CASE(priorities_are_sixteen),
		CASE(flags_are_those_of_mlx5),
		CASE(default_rules_match_last),
		CASE(rules_belong_to_the_port_and_are_limited),
		CASE(the_ether_type_is_that_of_the_ip_version),
		CASE(the_protocol_is_that_of_the_next_header),
		CASE(no_rule_matches_the_time_to_live),
	};

	rig_environment(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
