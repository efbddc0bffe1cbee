/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>

#include <cmocka.h>
#include <rte_ethdev.h>

#include "netdev.h"
#include "sysfs_tree.h"

static void
mac_is_read(void **state)
{
	const struct rte_ether_addr want = {{0x52, 0x54, 0x00, 0xab, 0x00, 0x10}};
	struct rte_ether_addr mac;

	sysfs_file("class/net/eth0/address", "52:54:00:ab:00:10\n");
	assert_int_equal(mlx5x_netdev_mac(sysfs_root, "eth0", &mac), 0);
	assert_memory_equal(&mac, &want, sizeof(mac));
}

static void
mac_that_is_none_is_refused(void **state)
{
	struct rte_ether_addr mac;

	assert_int_equal(mlx5x_netdev_mac(sysfs_root, "eth0", &mac), -ENOENT);
	sysfs_file("class/net/eth0/address", "not a mac\n");
	assert_int_equal(mlx5x_netdev_mac(sysfs_root, "eth0", &mac), -EINVAL);
	sysfs_file("class/net/eth0/address", "");
	assert_int_equal(mlx5x_netdev_mac(sysfs_root, "eth0", &mac), -ENODATA);
}

static void
carrier_is_only_a_one(void **state)
{
	assert_false(mlx5x_netdev_carrier(sysfs_root, "eth0"));
	sysfs_file("class/net/eth0/carrier", "0\n");
	assert_false(mlx5x_netdev_carrier(sysfs_root, "eth0"));
	sysfs_file("class/net/eth0/carrier", "1\n");
	assert_true(mlx5x_netdev_carrier(sysfs_root, "eth0"));
}

static void
speed_that_is_not_known_is_unknown(void **state)
{
	assert_int_equal(mlx5x_netdev_speed(sysfs_root, "eth0"), RTE_ETH_SPEED_NUM_UNKNOWN);
	sysfs_file("class/net/eth0/speed", "-1\n");
	assert_int_equal(mlx5x_netdev_speed(sysfs_root, "eth0"), RTE_ETH_SPEED_NUM_UNKNOWN);
	sysfs_file("class/net/eth0/speed", "100000\n");
	assert_int_equal(mlx5x_netdev_speed(sysfs_root, "eth0"), 100000);
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, sysfs_create, sysfs_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(mac_is_read),
		CASE(mac_that_is_none_is_refused),
		CASE(carrier_is_only_a_one),
		CASE(speed_that_is_not_known_is_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
