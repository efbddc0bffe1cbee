/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <rte_mbuf.h>

#include "steer/filter.h"

#define FRAMES 8

/*
 * Frames in static mbufs. A free would require their mempool; with a reference count of 2 a free
 * shows as a 1 instead.
 */
static struct rte_mbuf mbufs[FRAMES];
static uint8_t data[FRAMES][64];
static struct rte_mbuf *pkts[FRAMES];

static const struct rte_ether_addr ours = {{2, 0, 0, 0, 0, 1}};
static const struct rte_ether_addr second = {{2, 0, 0, 0, 0, 2}};
static const struct rte_ether_addr stranger = {{2, 0, 0, 0, 0, 9}};
static const struct rte_ether_addr group = {{1, 0, 0x5e, 0, 0, 1}};
static const struct rte_ether_addr broadcast = {{255, 255, 255, 255, 255, 255}};
static const struct rte_ether_addr zero;

static void
frame(int i, const struct rte_ether_addr *to)
{
	memset(&mbufs[i], 0, sizeof(mbufs[i]));
	memcpy(data[i], to, sizeof(*to));
	mbufs[i].buf_addr = data[i];
	mbufs[i].nb_segs = 1;
	rte_mbuf_refcnt_set(&mbufs[i], 2);
	pkts[i] = &mbufs[i];
}

static uint16_t
keep_all_kinds(const struct mlx5x_filter *filter)
{
	frame(0, &ours);
	frame(1, &stranger);
	frame(2, &broadcast);
	frame(3, &group);
	frame(4, &second);
	frame(5, &zero);
	return mlx5x_filter_keep(filter, pkts, 6);
}

static void
ours_and_broadcast_are_kept_in_order(void **state)
{
	struct mlx5x_filter filter = {0};

	mlx5x_filter_set_mac(&filter, 0, &ours);
	assert_int_equal(keep_all_kinds(&filter), 2);
	assert_ptr_equal(pkts[0], &mbufs[0]);
	assert_ptr_equal(pkts[1], &mbufs[2]);
	assert_int_equal(rte_mbuf_refcnt_read(&mbufs[0]), 2);
	assert_int_equal(rte_mbuf_refcnt_read(&mbufs[1]), 1);
	assert_int_equal(rte_mbuf_refcnt_read(&mbufs[5]), 1);
}

static void
multicast_on_request(void **state)
{
	struct mlx5x_filter filter = {.all_multicast = true};

	mlx5x_filter_set_mac(&filter, 0, &ours);
	assert_int_equal(keep_all_kinds(&filter), 3);
	assert_ptr_equal(pkts[2], &mbufs[3]);
}

static void
groups_are_kept_and_replaced(void **state)
{
	static const struct rte_ether_addr other = {{1, 0, 0x5e, 0, 0, 2}};
	struct rte_ether_addr groups[] = {other, group};
	struct mlx5x_filter filter = {0};

	mlx5x_filter_set_mac(&filter, 0, &ours);
	mlx5x_filter_set_groups(&filter, groups, 2);
	assert_int_equal(keep_all_kinds(&filter), 3);
	assert_ptr_equal(pkts[2], &mbufs[3]);
	mlx5x_filter_set_groups(&filter, groups, 1);
	assert_int_equal(keep_all_kinds(&filter), 2);
	assert_true(rte_is_zero_ether_addr(&filter.groups[1]));
	mlx5x_filter_set_groups(&filter, NULL, 0);
	assert_true(rte_is_zero_ether_addr(&filter.groups[0]));
}

static void
more_addresses_are_added_and_removed(void **state)
{
	struct mlx5x_filter filter = {0};

	mlx5x_filter_set_mac(&filter, 0, &ours);
	mlx5x_filter_set_mac(&filter, 7, &second);
	assert_int_equal(keep_all_kinds(&filter), 3);
	assert_int_equal(filter.nb_macs, 8);
	mlx5x_filter_set_mac(&filter, 3, &stranger);
	mlx5x_filter_set_mac(&filter, 3, NULL);
	assert_int_equal(filter.nb_macs, 8);
	assert_int_equal(keep_all_kinds(&filter), 3);
	/* Frames are compared only with existing addresses then. */
	mlx5x_filter_set_mac(&filter, 7, NULL);
	assert_int_equal(filter.nb_macs, 1);
	assert_int_equal(keep_all_kinds(&filter), 2);
	mlx5x_filter_set_mac(&filter, 0, NULL);
	assert_int_equal(filter.nb_macs, 0);
	assert_int_equal(keep_all_kinds(&filter), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ours_and_broadcast_are_kept_in_order),
		cmocka_unit_test(multicast_on_request),
		cmocka_unit_test(groups_are_kept_and_replaced),
		cmocka_unit_test(more_addresses_are_added_and_removed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
