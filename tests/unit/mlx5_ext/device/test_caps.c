/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * caps.c: the capabilities of a port, from the attributes of its rdma device, and the attributes
 * that it can do without.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <string.h>

#include <cmocka.h>
#include <rte_ethdev.h>

#include "device/caps.h"
#include "device/netdev.h"

#undef ibv_query_gid

#define RAW (1u << IBV_QPT_RAW_PACKET)

static struct ibv_device device;
static struct ibv_device_attr_ex dev;
static struct ibv_port_attr port;
static int device_error, port_error, gid_error, ip_error;
static unsigned int gid_queries, ip_queries;
static struct mlx5x_caps caps;

static int
query_device(struct ibv_context *ctx, const struct ibv_query_device_ex_input *input,
	struct ibv_device_attr_ex *attr, size_t size)
{
	assert_int_equal(size, sizeof(*attr));
	*attr = dev;
	return device_error;
}

static int
query_port(struct ibv_context *ctx, uint8_t number, struct ibv_port_attr *attr, size_t size)
{
	assert_int_equal(number, 1);
	*attr = port;
	return port_error;
}

static struct verbs_context verbs = {
	.sz = sizeof(verbs),
	.query_device_ex = query_device,
	.query_port = query_port,
	.context = {.device = &device, .abi_compat = __VERBS_ABI_IS_EXTENDED},
};

int
ibv_query_gid(struct ibv_context *ctx, uint8_t number, int index, union ibv_gid *gid)
{
	assert_ptr_equal(ctx, &verbs.context);
	assert_int_equal(number, 1);
	assert_int_equal(index, 0);
	gid_queries++;
	memset(gid->raw, 7, sizeof(gid->raw));
	return gid_error;
}

int
mlx5x_netdev_ip(const char *netdev, struct in6_addr *ip)
{
	assert_string_equal(netdev, "eth0");
	ip_queries++;
	memset(ip, 9, sizeof(*ip));
	return ip_error;
}

/* A NIC with all capabilities. */
static int
set_up(void **state)
{
	device = (struct ibv_device){.transport_type = IBV_TRANSPORT_IB};
	dev = (struct ibv_device_attr_ex){
		.orig_attr = {
			.max_qp_wr = 32768, .max_cqe = 1 << 22, .max_sge = 30, .max_mr = 1 << 24,
			.max_mr_size = UINT64_MAX, .fw_ver = "16.35.2000",
		},
		.rss_caps = {
			.supported_qpts = RAW, .max_rwq_indirection_table_size = 2048,
			.rx_hash_fields_mask = IBV_RX_HASH_SRC_IPV4 | IBV_RX_HASH_DST_IPV4,
			.rx_hash_function = IBV_RX_HASH_FUNC_TOEPLITZ,
		},
		.raw_packet_caps = IBV_RAW_PACKET_CAP_CVLAN_STRIPPING | IBV_RAW_PACKET_CAP_IP_CSUM,
	};
	port = (struct ibv_port_attr){.gid_tbl_len = 1, .active_mtu = IBV_MTU_4096, .lid = 77};
	device_error = port_error = gid_error = ip_error = 0;
	gid_queries = ip_queries = 0;
	/* All fields are set, whatever they were before. */
	memset(&caps, 0xff, sizeof(caps));
	return 0;
}

static void
query(void)
{
	assert_int_equal(mlx5x_caps_query(&verbs.context, "eth0", &caps), 0);
}

static void
reported_offloads_are_set(void **state)
{
	query();
	assert_int_equal(caps.max_wr, 32768);
	assert_int_equal(caps.max_mr, 1 << 24);
	assert_int_equal(caps.max_mr_size, UINT64_MAX);
	assert_int_equal(caps.path_mtu, IBV_MTU_4096);
	assert_int_equal(caps.lid, 77);
	assert_string_equal(caps.firmware, "16.35.2000");
	assert_int_equal(caps.max_reta, 2048);
	assert_int_equal(caps.rss_fields, IBV_RX_HASH_SRC_IPV4 | IBV_RX_HASH_DST_IPV4);
	assert_int_equal(caps.rx_offloads, RTE_ETH_RX_OFFLOAD_SCATTER |
		RTE_ETH_RX_OFFLOAD_RSS_HASH | RTE_ETH_RX_OFFLOAD_VLAN_STRIP |
		RTE_ETH_RX_OFFLOAD_CHECKSUM);
	assert_int_equal(caps.tx_offloads, RTE_ETH_TX_OFFLOAD_MULTI_SEGS |
		RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE | RTE_ETH_TX_OFFLOAD_IPV4_CKSUM |
		RTE_ETH_TX_OFFLOAD_TCP_CKSUM | RTE_ETH_TX_OFFLOAD_UDP_CKSUM);
}

/* And a completion for each work request fits its CQ. */
static void
a_ring_is_a_power_of_two(void **state)
{
	dev.orig_attr.max_qp_wr = 32767;
	query();
	assert_int_equal(caps.max_wr, 16384);
	dev.orig_attr.max_qp_wr = 32768;
	dev.orig_attr.max_cqe = 1023;
	query();
	assert_int_equal(caps.max_wr, 512);
}

static void
segments_are_bounded(void **state)
{
	query();
	assert_int_equal(caps.max_sge, MLX5X_CAPS_SGE);
	dev.orig_attr.max_sge = 5;
	query();
	assert_int_equal(caps.max_sge, 5);
}

/* Nor is there anything that needs them. */
static void
without_raw_packets_there_is_no_rss(void **state)
{
	dev.rss_caps.supported_qpts = 0xff & ~RAW;
	query();
	assert_int_equal(caps.max_reta, 0);
	assert_int_equal(caps.rss_fields, 0);
	assert_int_equal(caps.rx_offloads, RTE_ETH_RX_OFFLOAD_SCATTER);
	assert_int_equal(caps.tx_offloads,
		RTE_ETH_TX_OFFLOAD_MULTI_SEGS | RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE);
}

static void
an_indirection_table_is_a_power_of_two(void **state)
{
	dev.rss_caps.max_rwq_indirection_table_size = 127;
	query();
	assert_int_equal(caps.max_reta, 64);
	dev.rss_caps.max_rwq_indirection_table_size = 0;
	query();
	assert_int_equal(caps.max_reta, 0);
}

static void
each_offload_is_distinguished(void **state)
{
	dev.rss_caps.rx_hash_function = 0;
	query();
	assert_int_equal(caps.max_reta, 2048);
	assert_int_equal(caps.rss_fields, 0);
	assert_int_equal(caps.rx_offloads & RTE_ETH_RX_OFFLOAD_RSS_HASH, 0);
	dev.raw_packet_caps = IBV_RAW_PACKET_CAP_IP_CSUM;
	query();
	assert_int_equal(caps.rx_offloads & RTE_ETH_RX_OFFLOAD_VLAN_STRIP, 0);
	assert_int_equal(caps.rx_offloads & RTE_ETH_RX_OFFLOAD_CHECKSUM, RTE_ETH_RX_OFFLOAD_CHECKSUM);
	dev.raw_packet_caps = IBV_RAW_PACKET_CAP_CVLAN_STRIPPING;
	query();
	assert_int_equal(caps.rx_offloads, RTE_ETH_RX_OFFLOAD_SCATTER | RTE_ETH_RX_OFFLOAD_VLAN_STRIP);
	assert_int_equal(caps.tx_offloads,
		RTE_ETH_TX_OFFLOAD_MULTI_SEGS | RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE);
}

static bool
has_gid_of(uint8_t byte)
{
	union ibv_gid gid;

	memset(gid.raw, byte, sizeof(gid.raw));
	return caps.has_gid && memcmp(&caps.gid, &gid, sizeof(gid)) == 0;
}

static void
a_gid_is_the_port_s_first_one(void **state)
{
	query();
	assert_true(has_gid_of(7));
	assert_int_equal(ip_queries, 0);
}

/* Only some wires use it. */
static void
no_gid_is_no_error(void **state)
{
	gid_error = -1;
	query();
	assert_false(caps.has_gid);
	gid_queries = 0;
	port.gid_tbl_len = 0;
	gid_error = 0;
	query();
	assert_false(caps.has_gid);
	assert_int_equal(gid_queries, 0);
}

/* Its GIDs are derived from MAC addresses, and not routable. */
static void
iwarp_has_the_ip_of_the_netdev(void **state)
{
	device.transport_type = IBV_TRANSPORT_IWARP;
	port.gid_tbl_len = 0;
	query();
	assert_true(has_gid_of(9));
	assert_int_equal(gid_queries, 0);
	ip_error = -EADDRNOTAVAIL;
	query();
	assert_false(caps.has_gid);
}

static void
the_error_of_a_query_is_returned_negative(void **state)
{
	port_error = EIO;
	assert_int_equal(mlx5x_caps_query(&verbs.context, "eth0", &caps), -EIO);
	device_error = EPERM;
	assert_int_equal(mlx5x_caps_query(&verbs.context, "eth0", &caps), -EPERM);
}

static void
a_long_version_is_truncated(void **state)
{
	memset(dev.orig_attr.fw_ver, 'v', sizeof(dev.orig_attr.fw_ver) - 1);
	query();
	assert_int_equal(strlen(caps.firmware), sizeof(caps.firmware) - 1);
}

#define CASE(name) cmocka_unit_test_setup(name, set_up)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(reported_offloads_are_set),
		CASE(a_ring_is_a_power_of_two),
		CASE(segments_are_bounded),
		CASE(without_raw_packets_there_is_no_rss),
		CASE(an_indirection_table_is_a_power_of_two),
		CASE(each_offload_is_distinguished),
		CASE(a_gid_is_the_port_s_first_one),
		CASE(no_gid_is_no_error),
		CASE(iwarp_has_the_ip_of_the_netdev),
		CASE(the_error_of_a_query_is_returned_negative),
		CASE(a_long_version_is_truncated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
