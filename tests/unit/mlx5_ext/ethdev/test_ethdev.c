/* SPDX-License-Identifier: BSD-3-Clause */
/* ethdev.c: the port's information, and its filter; test_ethdev_start.c has its life cycle. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <net/if.h>
#include <string.h>

#include <cmocka.h>

#include "compat_ptypes.h"
#include "ethdev_fixture.h"

static void
a_probed_port_has_the_netdev_s_address(void **state)
{
	assert_memory_equal(&data.mac_addrs[0], &netdev_mac, sizeof(netdev_mac));
	assert_memory_equal(&port.filter.macs[0], &netdev_mac, sizeof(netdev_mac));
	assert_int_equal(port.filter.nb_macs, 1);
	/* ethdev's initial state has promiscuous mode off. */
	assert_true(port.filter.active);
	assert_false(port.filter.all_multicast);
	assert_ptr_equal(dev.rx_pkt_burst, rx_burst);
	assert_ptr_equal(dev.tx_pkt_burst, tx_burst);
	assert_true(data.dev_flags & RTE_ETH_DEV_AUTOFILL_QUEUE_XSTATS);
	/* ethdev dereferences all pointers that infos_get sets. */
	assert_int_equal(data.mac_addrs[MLX5X_FILTER_MACS - 1].addr_bytes[5], 0);
}

static void
a_port_without_an_address_is_none(void **state)
{
	struct rte_eth_dev_data other = {.dev_private = &port};
	struct rte_eth_dev bare = {.data = &other};

	mac_error = -EINVAL;
	assert_int_equal(mlx5x_ethdev_init(&bare), -EINVAL);
	assert_null(other.mac_addrs);
	mac_error = 0;
	no_memory = true;
	assert_int_equal(mlx5x_ethdev_init(&bare), -ENOMEM);
	assert_null(bare.dev_ops);
}

static struct rte_eth_dev_info
get_info(void)
{
	struct rte_eth_dev_info info = {.dev_capa = UINT64_MAX};

	assert_int_equal(dev.dev_ops->dev_infos_get(&dev, &info), 0);
	return info;
}

static void
limits_are_the_device_s_and_the_driver_s(void **state)
{
	struct rte_eth_dev_info info;

	port.caps = (struct mlx5x_caps){.max_wr = 1024, .max_sge = 7};
	info = get_info();
	assert_int_equal(info.if_index, if_nametoindex("lo"));
	assert_int_equal(info.min_mtu, RTE_ETHER_MIN_MTU);
	assert_int_equal(info.max_mtu, 9600);
	assert_int_equal(info.max_rx_pktlen, 9600 + 14 + 8);
	assert_int_equal(info.max_rx_queues, 64);
	assert_int_equal(info.max_tx_queues, 64);
	assert_int_equal(info.max_mac_addrs, 16);
	assert_int_equal(info.rx_desc_lim.nb_max, 1024);
	assert_int_equal(info.tx_desc_lim.nb_max, 1024);
	assert_int_equal(info.tx_desc_lim.nb_min, 32);
	assert_int_equal(info.tx_desc_lim.nb_align, 1);
	assert_int_equal(info.tx_desc_lim.nb_seg_max, 7);
	assert_int_equal(info.tx_desc_lim.nb_mtu_seg_max, 7);
	/* Flow rules end with a stop. */
	assert_int_equal(info.dev_capa, ~RTE_ETH_DEV_CAPA_FLOW_RULE_KEEP);
	port.caps.max_wr = 32768;
	assert_int_equal(get_info().rx_desc_lim.nb_max, 8192);
}

static void
offloads_are_those_of_device_and_datapath(void **state)
{
	struct rte_eth_dev_info info;

	dp.rx_offloads = RTE_ETH_RX_OFFLOAD_SCATTER | RTE_ETH_RX_OFFLOAD_RSS_HASH;
	dp.tx_offloads = RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
	port.caps.rx_offloads = RTE_ETH_RX_OFFLOAD_SCATTER | RTE_ETH_RX_OFFLOAD_VLAN_STRIP;
	port.caps.tx_offloads = RTE_ETH_TX_OFFLOAD_MULTI_SEGS | RTE_ETH_TX_OFFLOAD_UDP_CKSUM;
	info = get_info();
	assert_int_equal(info.rx_offload_capa, RTE_ETH_RX_OFFLOAD_SCATTER);
	assert_int_equal(info.rx_queue_offload_capa, RTE_ETH_RX_OFFLOAD_SCATTER);
	assert_int_equal(info.tx_offload_capa, RTE_ETH_TX_OFFLOAD_MULTI_SEGS);
	/* Whatever the device can. */
	dp.rx_software = RTE_ETH_RX_OFFLOAD_UDP_CKSUM;
	dp.tx_software = RTE_ETH_TX_OFFLOAD_IPV4_CKSUM;
	info = get_info();
	assert_int_equal(info.rx_offload_capa,
		RTE_ETH_RX_OFFLOAD_SCATTER | RTE_ETH_RX_OFFLOAD_UDP_CKSUM);
	assert_int_equal(info.rx_queue_offload_capa, RTE_ETH_RX_OFFLOAD_SCATTER);
	assert_int_equal(info.tx_offload_capa,
		RTE_ETH_TX_OFFLOAD_MULTI_SEGS | RTE_ETH_TX_OFFLOAD_IPV4_CKSUM);
	dp.rx_software = 0;
	port.caps.rx_offloads = dp.rx_offloads = RTE_ETH_RX_OFFLOAD_RSS_HASH;
	info = get_info();
	assert_int_equal(info.rx_offload_capa, RTE_ETH_RX_OFFLOAD_RSS_HASH);
	assert_int_equal(info.rx_queue_offload_capa, 0);
}

static int
rss_changed(struct mlx5x_port *of)
{
	return 0;
}

static void
rss_depends_on_the_wire(void **state)
{
	struct rte_eth_dev_info info;

	port.caps.rss_fields = IBV_RX_HASH_SRC_IPV4 | IBV_RX_HASH_DST_IPV4;
	port.caps.max_reta = 64;
	info = get_info();
	assert_int_equal(info.flow_type_rss_offloads, 0);
	assert_int_equal(info.reta_size, 0);
	wire.rss_changed = rss_changed;
	info = get_info();
	assert_int_equal(info.flow_type_rss_offloads, mlx5x_rss_offered(port.caps.rss_fields));
	assert_int_not_equal(info.flow_type_rss_offloads, 0);
	assert_int_equal(info.hash_key_size, 40);
	assert_int_equal(info.reta_size, 64);
	port.caps.max_reta = 2048;
	assert_int_equal(get_info().reta_size, 128);
}

static void
a_removed_device_is_reported(void **state)
{
	assert_int_equal(dev.dev_ops->is_removed(&dev), 0);
	is_gone = true;
	assert_int_equal(dev.dev_ops->is_removed(&dev), 1);
	is_gone = false;
	mlx5x_flag_set(&port.dead, true);
	assert_int_equal(dev.dev_ops->is_removed(&dev), 1);
}

/* The device, which has the rules. */
static unsigned int nb_rules;
static int rules_errors[2];

static int
filter_changed(struct mlx5x_port *of)
{
	return nb_rules < RTE_DIM(rules_errors) ? rules_errors[nb_rules++] : 0;
}

static void
sort_frames(int first, int second)
{
	wire.filter_changed = filter_changed;
	port.pairs = (struct mlx5x_pair *)&port;
	rules_errors[0] = first;
	rules_errors[1] = second;
	nb_rules = 0;
}

static void
modes_follow_the_filter(void **state)
{
	assert_int_equal(dev.dev_ops->promiscuous_enable(&dev), 0);
	assert_false(port.filter.active);
	assert_int_equal(dev.dev_ops->promiscuous_disable(&dev), 0);
	assert_true(port.filter.active);
	assert_int_equal(dev.dev_ops->allmulticast_enable(&dev), 0);
	assert_true(port.filter.all_multicast);
	assert_int_equal(dev.dev_ops->allmulticast_disable(&dev), 0);
	assert_false(port.filter.all_multicast);
}

static void
a_change_updates_the_rules_of_a_started_port(void **state)
{
	sort_frames(0, 0);
	assert_int_equal(dev.dev_ops->promiscuous_enable(&dev), 0);
	assert_int_equal(nb_rules, 1);
	port.pairs = NULL;
	assert_int_equal(dev.dev_ops->promiscuous_disable(&dev), 0);
	assert_true(port.filter.active);
	assert_int_equal(nb_rules, 1);
}

static void
a_rejected_filter_changes_nothing(void **state)
{
	struct mlx5x_filter before = port.filter;

	sort_frames(-ENOMEM, 0);
	assert_int_equal(dev.dev_ops->promiscuous_enable(&dev), -ENOMEM);
	assert_memory_equal(&port.filter, &before, sizeof(before));
	assert_int_equal(nb_rules, 2);
	assert_true(log_has("(Cannot allocate memory): it is as before"));
	sort_frames(-ENOMEM, -EIO);
	assert_int_equal(dev.dev_ops->allmulticast_enable(&dev), -ENOMEM);
	assert_memory_equal(&port.filter, &before, sizeof(before));
	assert_true(log_has("frames are missed: stop and start the port"));
	assert_int_equal(count_lines(), 2);
}

static void
addresses_are_added_and_removed(void **state)
{
	struct rte_ether_addr a = {{2, 0, 0, 0, 0, 7}}, b = {{2, 0, 0, 0, 0, 8}};

	assert_int_equal(dev.dev_ops->mac_addr_add(&dev, &a, 15, 0), 0);
	assert_memory_equal(&port.filter.macs[15], &a, sizeof(a));
	assert_int_equal(port.filter.nb_macs, 16);
	assert_int_equal(dev.dev_ops->mac_addr_add(&dev, &a, 16, 0), -ENOSPC);
	dev.dev_ops->mac_addr_remove(&dev, 16);
	assert_int_equal(port.filter.nb_macs, 16);
	dev.dev_ops->mac_addr_remove(&dev, 15);
	assert_int_equal(port.filter.nb_macs, 1);
	assert_int_equal(dev.dev_ops->mac_addr_set(&dev, &b), 0);
	assert_memory_equal(&port.filter.macs[0], &b, sizeof(b));
	sort_frames(-ENOMEM, 0);
	assert_int_equal(dev.dev_ops->mac_addr_set(&dev, &a), -ENOMEM);
	assert_memory_equal(&port.filter.macs[0], &b, sizeof(b));
	sort_frames(-ENOSPC, 0);
	assert_int_equal(dev.dev_ops->mac_addr_add(&dev, &a, 3, 0), -ENOSPC);
	assert_int_equal(port.filter.nb_macs, 1);
}

static void
a_list_of_groups_is_replaced(void **state)
{
	struct rte_ether_addr list[MLX5X_FILTER_GROUPS + 1], before;
	unsigned int i;

	for (i = 0; i < RTE_DIM(list); i++)
		list[i] = (struct rte_ether_addr){{1, 0, 0x5e, 0, 1, i}};
	assert_int_equal(dev.dev_ops->set_mc_addr_list(&dev, list, MLX5X_FILTER_GROUPS), 0);
	assert_int_equal(port.filter.nb_groups, MLX5X_FILTER_GROUPS);
	before = port.filter.groups[7];
	assert_memory_equal(&before, &list[7], sizeof(before));
	assert_int_equal(dev.dev_ops->set_mc_addr_list(&dev, list, RTE_DIM(list)), -ENOSPC);
	list[1].addr_bytes[0] = 2;
	assert_int_equal(dev.dev_ops->set_mc_addr_list(&dev, list, 2), -EINVAL);
	assert_int_equal(port.filter.nb_groups, MLX5X_FILTER_GROUPS);
	sort_frames(-ENOMEM, 0);
	assert_int_equal(dev.dev_ops->set_mc_addr_list(&dev, list, 1), -ENOMEM);
	assert_int_equal(port.filter.nb_groups, MLX5X_FILTER_GROUPS);
	sort_frames(0, 0);
	assert_int_equal(dev.dev_ops->set_mc_addr_list(&dev, NULL, 0), 0);
	assert_int_equal(nb_rules, 1);
	assert_int_equal(port.filter.nb_groups, 0);
}

static void
an_mtu_is_changed_while_it_is_stopped(void **state)
{
	assert_int_equal(dev.dev_ops->mtu_set(&dev, 9000), 0);
	assert_int_equal(count_lines(), 0);
	data.dev_started = 1;
	assert_int_equal(dev.dev_ops->mtu_set(&dev, 1500), -EBUSY);
	assert_true(log_has("port: stop the port to change its MTU"));
}

/* The required size, if that is larger. */
static void
a_version_is_truncated_to_its_length(void **state)
{
	char version[8];

	strcpy(port.caps.firmware, "1.2.345");
	assert_int_equal(dev.dev_ops->fw_version_get(&dev, version, 8), 0);
	assert_string_equal(version, "1.2.345");
	assert_int_equal(dev.dev_ops->fw_version_get(&dev, version, 7), 8);
	assert_string_equal(version, "1.2.34");
}

static void
bursts_have_a_name(void **state)
{
	struct rte_eth_burst_mode mode = {0};

	assert_int_equal(dev.dev_ops->rx_burst_mode_get(&dev, 0, &mode), 0);
	assert_string_equal(mode.info, "verbs over raw");
	mode.info[0] = '\0';
	assert_int_equal(dev.dev_ops->tx_burst_mode_get(&dev, 0, &mode), 0);
	assert_string_equal(mode.info, "verbs over raw");
}

static void
packet_types_are_the_datapath_s(void **state)
{
	static const uint32_t ptypes[] = {RTE_PTYPE_L2_ETHER, RTE_PTYPE_UNKNOWN};
	size_t n;

	assert_null(compat_ptypes_get(&dev, &n));
	assert_true(n == 0 || n == SIZE_MAX);
	dp.ptypes = ptypes;
	assert_ptr_equal(compat_ptypes_get(&dev, &n), ptypes);
	assert_true(n == 1 || n == SIZE_MAX);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_probed_port_has_the_netdev_s_address),
		CASE(a_port_without_an_address_is_none),
		CASE(limits_are_the_device_s_and_the_driver_s),
		CASE(offloads_are_those_of_device_and_datapath),
		CASE(rss_depends_on_the_wire),
		CASE(a_removed_device_is_reported),
		CASE(modes_follow_the_filter),
		CASE(a_change_updates_the_rules_of_a_started_port),
		CASE(a_rejected_filter_changes_nothing),
		CASE(addresses_are_added_and_removed),
		CASE(a_list_of_groups_is_replaced),
		CASE(an_mtu_is_changed_while_it_is_stopped),
		CASE(a_version_is_truncated_to_its_length),
		CASE(bursts_have_a_name),
		CASE(packet_types_are_the_datapath_s),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
