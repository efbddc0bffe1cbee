/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * steer.c against a device that keeps its rules, QPs and tables, and finds those that match a
 * frame.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/verbs.h"
#include "steer/steer.h"

int mlx5x_logtype;

#define MAX_RULES 128

struct fake_rule {
	struct ibv_qp *qp;	/* NULL: unused */
	uint8_t attr[256];
};

struct fake_table {
	struct ibv_rwq_ind_table ibv;
	struct ibv_wq *first;
	uint32_t size;
};

/* A QP has its number in qp_num. */
struct fake_qp {
	struct ibv_qp ibv;
	struct fake_table *table;
};

/*
 * The device. calls_left: so many creations succeed, then one fails, or for_good all; negative:
 * none fails.
 */
static struct fake_rule rules[MAX_RULES];
static int nb_qps, nb_tables, calls_left;
static bool for_good;

static bool
fails(void)
{
	if (calls_left == 0 && for_good)
		return true;
	return calls_left >= 0 && calls_left-- == 0;
}

int
mlx5x_verbs_create_reta(struct ibv_context *ctx, struct ibv_wq **wqs, uint32_t log2_n,
	struct ibv_rwq_ind_table **reta)
{
	struct fake_table *table;
	uint32_t i;

	*reta = NULL;
	if (fails())
		return -ENOMEM;
	for (i = 0; i < 1u << log2_n; i++)
		assert_non_null(wqs[i]);
	table = calloc(1, sizeof(*table));
	table->first = wqs[0];
	table->size = 1u << log2_n;
	*reta = &table->ibv;
	nb_tables++;
	return 0;
}

void
mlx5x_verbs_destroy_reta(struct ibv_rwq_ind_table *reta)
{
	if (reta == NULL)
		return;
	assert_int_equal(nb_qps >= 0, 1);
	nb_tables--;
	free(reta);
}

int
mlx5x_verbs_create_hash_qp(struct ibv_pd *pd, struct ibv_rwq_ind_table *reta,
	const struct ibv_rx_hash_conf *hash, struct ibv_qp **qp)
{
	struct fake_qp *fake;

	*qp = NULL;
	if (fails())
		return -ENOMEM;
	assert_non_null(reta);
	/* As the kernel's create_rss_raw_qp_tir(). */
	if (hash->rx_hash_key_len != MLX5X_RSS_KEY_LEN ||
	    (hash->rx_hash_fields_mask == 0 && ((struct fake_table *)reta)->size != 1))
		return -EINVAL;
	fake = calloc(1, sizeof(*fake));
	fake->table = (struct fake_table *)reta;
	fake->ibv.qp_num = hash->rx_hash_fields_mask;
	*qp = &fake->ibv;
	nb_qps++;
	return 0;
}

void
mlx5x_verbs_destroy_qp(struct ibv_qp *qp)
{
	unsigned int i;

	if (qp == NULL)
		return;
	for (i = 0; i < MAX_RULES; i++)
		assert_ptr_not_equal(rules[i].qp, qp);
	nb_qps--;
	free(qp);
}

int
mlx5x_verbs_create_flow(struct ibv_qp *qp, struct ibv_flow_attr *attr, struct ibv_flow **flow)
{
	unsigned int i;

	*flow = NULL;
	if (fails())
		return -ENOMEM;
	assert_true(attr->size <= sizeof(rules[0].attr));
	for (i = 0; i < MAX_RULES && rules[i].qp != NULL; i++)
		;
	assert_true(i < MAX_RULES);
	rules[i].qp = qp;
	memcpy(rules[i].attr, attr, attr->size);
	*flow = (struct ibv_flow *)&rules[i];
	return 0;
}

void
mlx5x_verbs_destroy_flow(struct ibv_flow *flow)
{
	if (flow != NULL)
		((struct fake_rule *)flow)->qp = NULL;
}

static unsigned int
count_rules(void)
{
	unsigned int i, n = 0;

	for (i = 0; i < MAX_RULES; i++)
		n += rules[i].qp != NULL;
	return n;
}

struct frame {
	struct rte_ether_addr to;
	uint32_t ip;	/* enum ibv_flow_spec_type, or 0 */
	uint32_t l4;
};

static bool
meets(const struct fake_rule *rule, const struct frame *frame)
{
	const struct ibv_flow_attr *attr = (const void *)rule->attr;
	const uint8_t *at = (const uint8_t *)(attr + 1);
	const struct ibv_flow_spec_eth *eth = (const void *)at;
	uint32_t type;
	uint16_t size;
	int i, b;

	for (b = 0; b < 6; b++)
		if ((frame->to.addr_bytes[b] ^ eth->val.dst_mac[b]) & eth->mask.dst_mac[b])
			return false;
	for (i = 0; i < attr->num_of_specs; i++) {
		memcpy(&type, at, sizeof(type));
		memcpy(&size, at + sizeof(type), sizeof(size));
		if (type != IBV_FLOW_SPEC_ETH && type != frame->ip && type != frame->l4)
			return false;
		at += size;
	}
	assert_ptr_equal(at, rule->attr + attr->size);
	return true;
}

/* The QP that receives the frame, or NULL. */
static struct ibv_qp *
taker_of(const struct frame *frame)
{
	const struct ibv_flow_attr *attr, *best = NULL;
	struct ibv_qp *qp = NULL;
	unsigned int i;

	for (i = 0; i < MAX_RULES; i++) {
		attr = (const void *)rules[i].attr;
		if (rules[i].qp == NULL || !meets(&rules[i], frame) ||
		    (best != NULL && best->priority <= attr->priority))
			continue;
		best = attr;
		qp = rules[i].qp;
	}
	return qp;
}

/* The hashed fields of the frame; -1: no rule matches. */
static int64_t
sorted(const struct frame *frame)
{
	struct ibv_qp *qp = taker_of(frame);

	return qp != NULL ? (int64_t)qp->qp_num : -1;
}

static const struct fake_table *
table_of(const struct frame *frame)
{
	return ((struct fake_qp *)taker_of(frame))->table;
}

static const struct rte_ether_addr own = {{0x02, 0, 0, 0, 0, 1}};
static const struct rte_ether_addr second = {{0x02, 0, 0, 0, 0, 2}};
static const struct rte_ether_addr other = {{0x02, 0, 0, 0, 0, 3}};
static const struct rte_ether_addr group = {{0x01, 0, 0x5e, 0, 0, 1}};
static const struct rte_ether_addr all_of_them = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

static struct ibv_wq wqs[2];
static struct ibv_wq *const by_queue[] = {&wqs[0], &wqs[1]};
static struct mlx5x_filter filter;
static struct mlx5x_rss rss;
static struct mlx5x_steer steer;
static const struct mlx5x_steer_config config = {
	.name = "port", .filter = &filter, .rss = &rss, .wqs = by_queue,
};

static int
create(void **state)
{
	unsigned int i;

	memset(rules, 0, sizeof(rules));
	nb_qps = nb_tables = 0;
	calls_left = -1;
	for_good = false;
	filter = (struct mlx5x_filter){0};
	rss = (struct mlx5x_rss){0};
	steer = (struct mlx5x_steer){0};
	filter.active = true;
	mlx5x_filter_set_mac(&filter, 0, &own);
	rss.asked = RTE_ETH_RSS_NONFRAG_IPV4_UDP | RTE_ETH_RSS_IPV4;
	rss.nb_entries = 8;
	for (i = 0; i < 8; i++)
		rss.reta[i] = i % 2;
	return 0;
}

static void
expect_nothing_left(void)
{
	assert_int_equal(count_rules(), 0);
	assert_int_equal(nb_qps, 0);
	assert_int_equal(nb_tables, 0);
}

static bool
takes(const struct rte_ether_addr *to)
{
	const struct frame frame = {.to = *to};

	return sorted(&frame) >= 0;
}

static void
only_own_and_broadcast_are_accepted(void **state)
{
	assert_int_equal(mlx5x_steer_start(&steer, &config), 0);
	assert_true(takes(&own));
	assert_true(takes(&all_of_them));
	assert_false(takes(&other));
	assert_false(takes(&group));
	mlx5x_steer_stop(&steer);
	expect_nothing_left();
}

static void
filter_is_followed(void **state)
{
	assert_int_equal(mlx5x_steer_start(&steer, &config), 0);
	filter.all_multicast = true;
	mlx5x_filter_set_mac(&filter, 1, &second);
	assert_int_equal(mlx5x_steer_sync(&steer, &filter), 0);
	assert_true(takes(&group));
	assert_true(takes(&second));
	assert_false(takes(&other));
	mlx5x_filter_set_mac(&filter, 0, &other);
	mlx5x_filter_set_mac(&filter, 1, NULL);
	filter.all_multicast = false;
	assert_int_equal(mlx5x_steer_sync(&steer, &filter), 0);
	assert_true(takes(&other));
	assert_false(takes(&own));
	assert_false(takes(&second));
	assert_false(takes(&group));
	filter.active = false;
	assert_int_equal(mlx5x_steer_sync(&steer, &filter), 0);
	assert_true(takes(&own));
	assert_true(takes(&group));
	mlx5x_steer_stop(&steer);
	expect_nothing_left();
}

static void
groups_have_rules_of_their_own(void **state)
{
	static const struct rte_ether_addr one = {{1, 0, 0x5e, 0, 0, 1}}, two = {{1, 0, 0x5e, 0, 0, 2}};

	mlx5x_filter_set_groups(&filter, &one, 1);
	assert_int_equal(mlx5x_steer_start(&steer, &config), 0);
	assert_true(takes(&one) && takes(&own));
	assert_false(takes(&two));
	mlx5x_filter_set_groups(&filter, &two, 1);
	assert_int_equal(mlx5x_steer_sync(&steer, &filter), 0);
	assert_false(takes(&one));
	assert_true(takes(&two) && takes(&own));
	mlx5x_steer_stop(&steer);
	expect_nothing_left();
}

static void
each_class_is_hashed_by_its_fields(void **state)
{
	const uint32_t ipv4 = IBV_RX_HASH_SRC_IPV4 | IBV_RX_HASH_DST_IPV4;
	const uint32_t udp = IBV_RX_HASH_SRC_PORT_UDP | IBV_RX_HASH_DST_PORT_UDP;
	struct frame frame = {.to = own, .ip = IBV_FLOW_SPEC_IPV4, .l4 = IBV_FLOW_SPEC_UDP};

	assert_int_equal(mlx5x_steer_start(&steer, &config), 0);
	assert_int_equal(sorted(&frame), ipv4 | udp);
	frame.l4 = IBV_FLOW_SPEC_TCP;
	assert_int_equal(sorted(&frame), ipv4);
	frame.ip = IBV_FLOW_SPEC_IPV6;
	assert_int_equal(sorted(&frame), 0);
	rss.asked = RTE_ETH_RSS_IPV6;
	assert_int_equal(mlx5x_steer_rebuild(&steer, &config), 0);
	assert_int_equal(sorted(&frame), IBV_RX_HASH_SRC_IPV6 | IBV_RX_HASH_DST_IPV6);
	mlx5x_steer_stop(&steer);
	expect_nothing_left();
}

/* The kernel accepts a QP without hashing only with a table of one entry. */
static void
frames_without_a_hash_use_the_first_queue(void **state)
{
	const struct frame udp = {.to = own, .ip = IBV_FLOW_SPEC_IPV4, .l4 = IBV_FLOW_SPEC_UDP};
	const struct frame arp = {.to = own};

	rss.reta[0] = 1;
	assert_int_equal(mlx5x_steer_start(&steer, &config), 0);
	assert_int_equal(table_of(&arp)->size, 1);
	assert_ptr_equal(table_of(&arp)->first, &wqs[1]);
	assert_int_equal(table_of(&udp)->size, 8);
	rss.reta[0] = 0;
	assert_int_equal(mlx5x_steer_rebuild(&steer, &config), 0);
	assert_ptr_equal(table_of(&arp)->first, &wqs[0]);
	mlx5x_steer_stop(&steer);
	expect_nothing_left();
}

static void
without_rss_all_frames_use_the_first_queue(void **state)
{
	const struct frame udp = {.to = own, .ip = IBV_FLOW_SPEC_IPV4, .l4 = IBV_FLOW_SPEC_UDP};

	rss.asked = 0;
	rss.reta[0] = 1;
	assert_int_equal(mlx5x_steer_start(&steer, &config), 0);
	assert_int_equal(nb_tables, 1);
	assert_int_equal(table_of(&udp)->size, 1);
	assert_ptr_equal(table_of(&udp)->first, &wqs[1]);
	/* On, and off again, under traffic. */
	rss.asked = RTE_ETH_RSS_IPV4;
	assert_int_equal(mlx5x_steer_rebuild(&steer, &config), 0);
	assert_int_equal(table_of(&udp)->size, 8);
	rss.asked = 0;
	assert_int_equal(mlx5x_steer_rebuild(&steer, &config), 0);
	assert_int_equal(table_of(&udp)->size, 1);
	assert_int_equal(mlx5x_steer_sync(&steer, &filter), 0);
	mlx5x_steer_stop(&steer);
	expect_nothing_left();
}

static void
a_table_of_the_device_may_have_one_entry(void **state)
{
	const struct frame udp = {.to = own, .ip = IBV_FLOW_SPEC_IPV4, .l4 = IBV_FLOW_SPEC_UDP};

	rss.nb_entries = 1;
	assert_int_equal(mlx5x_steer_start(&steer, &config), 0);
	assert_int_equal(table_of(&udp)->size, 1);
	mlx5x_steer_stop(&steer);
	expect_nothing_left();
}

/*
 * The n-th creation fails, for each n until none does: no objects are left, and start can be
 * repeated.
 */
static void
failed_start_leaves_nothing(void **state)
{
	int n, ret;

	for (n = 0;; n++) {
		calls_left = n;
		ret = mlx5x_steer_start(&steer, &config);
		if (ret == 0)
			break;
		assert_int_equal(ret, -ENOMEM);
		expect_nothing_left();
	}
	assert_true(n > 3);
	mlx5x_steer_stop(&steer);
	expect_nothing_left();
}

static void
failed_rebuild_keeps_the_old_rules(void **state)
{
	const struct frame udp = {.to = own, .ip = IBV_FLOW_SPEC_IPV4, .l4 = IBV_FLOW_SPEC_UDP};
	struct mlx5x_rss old = rss;
	int n, ret;

	assert_int_equal(mlx5x_steer_start(&steer, &config), 0);
	for (n = 0;; n++) {
		calls_left = n;
		rss.asked = RTE_ETH_RSS_NONFRAG_IPV4_TCP;
		ret = mlx5x_steer_rebuild(&steer, &config);
		if (ret == 0)
			break;
		rss = old;
		assert_int_equal(sorted(&udp), IBV_RX_HASH_SRC_IPV4 | IBV_RX_HASH_DST_IPV4 |
			IBV_RX_HASH_SRC_PORT_UDP | IBV_RX_HASH_DST_PORT_UDP);
		assert_int_equal(nb_tables, 2);
	}
	assert_true(n > 3);
	assert_int_equal(sorted(&udp), 0);
	calls_left = -1;
	mlx5x_steer_stop(&steer);
	expect_nothing_left();
}

/* From the n-th creation on all fail, so that the old rules cannot be restored either. */
static void
a_failed_restoration_is_logged(void **state)
{
	int n, ret;

	for_good = true;
	for (n = 0;; n++) {
		calls_left = -1;
		assert_int_equal(mlx5x_steer_start(&steer, &config), 0);
		calls_left = n;
		ret = mlx5x_steer_rebuild(&steer, &config);
		calls_left = -1;
		mlx5x_steer_stop(&steer);
		expect_nothing_left();
		if (ret == 0)
			break;
		assert_int_equal(ret, -ENOMEM);
	}
	assert_true(n > 3);
}

static void
a_stopped_port_has_no_rules_to_change(void **state)
{
	assert_int_equal(mlx5x_steer_sync(&steer, &filter), 0);
	assert_int_equal(mlx5x_steer_rebuild(&steer, &config), 0);
	expect_nothing_left();
	mlx5x_steer_stop(&steer);
}

#define CASE(function) cmocka_unit_test_setup(function, create)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(only_own_and_broadcast_are_accepted),
		CASE(filter_is_followed),
		CASE(groups_have_rules_of_their_own),
		CASE(each_class_is_hashed_by_its_fields),
		CASE(frames_without_a_hash_use_the_first_queue),
		CASE(without_rss_all_frames_use_the_first_queue),
		CASE(a_table_of_the_device_may_have_one_entry),
		CASE(failed_start_leaves_nothing),
		CASE(failed_rebuild_keeps_the_old_rules),
		CASE(a_failed_restoration_is_logged),
		CASE(a_stopped_port_has_no_rules_to_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
