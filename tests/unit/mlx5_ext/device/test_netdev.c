/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if_arp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <rte_ethdev.h>

#include "device/netdev.h"

/* The kernel, with one netdev. */
static struct {
	sa_family_t type;
	uint8_t mac[6];
	short flags;
	int carrier;		/* negative: ethtool does not support it */
	int nb_words;		/* bits of a link mode mask; 0: no ethtool */
	uint32_t speed;
	const char *bus_info;
	int mtu, max_mtu;
} eth0;

static int
answer_ethtool(struct ethtool_link_settings *settings)
{
	if (eth0.nb_words == 0) {
		errno = EOPNOTSUPP;
		return -1;
	}
	assert_int_equal(settings->cmd, ETHTOOL_GLINKSETTINGS);
	if (settings->link_mode_masks_nwords != eth0.nb_words) {
		memset(settings, 0, sizeof(*settings));
		settings->link_mode_masks_nwords = -eth0.nb_words;
		return 0;
	}
	settings->speed = eth0.speed;
	memset(settings + 1, 0xff, 3 * sizeof(uint32_t) * eth0.nb_words);
	return 0;
}

static int
answer_driver(struct ethtool_drvinfo *info)
{
	if (eth0.bus_info == NULL) {
		errno = EOPNOTSUPP;
		return -1;
	}
	snprintf(info->bus_info, sizeof(info->bus_info), "%s", eth0.bus_info);
	return 0;
}

static int
answer_link(struct ethtool_value *link)
{
	if (eth0.carrier < 0) {
		errno = EOPNOTSUPP;
		return -1;
	}
	link->data = eth0.carrier;
	return 0;
}

static int
set_mtu(int mtu)
{
	if (mtu > eth0.max_mtu) {
		errno = EINVAL;
		return -1;
	}
	eth0.mtu = mtu;
	return 0;
}

int
ioctl(int fd, unsigned long request, ...)
{
	struct ifreq *answer;
	va_list args;

	va_start(args, request);
	answer = va_arg(args, struct ifreq *);
	va_end(args);
	if (strcmp(answer->ifr_name, "eth0") != 0) {
		errno = ENODEV;
		return -1;
	}
	if (request == SIOCETHTOOL && *(uint32_t *)answer->ifr_data == ETHTOOL_GDRVINFO)
		return answer_driver((void *)answer->ifr_data);
	if (request == SIOCETHTOOL && *(uint32_t *)answer->ifr_data == ETHTOOL_GLINK)
		return answer_link((void *)answer->ifr_data);
	if (request == SIOCETHTOOL)
		return answer_ethtool((void *)answer->ifr_data);
	if (request == SIOCSIFMTU)
		return set_mtu(answer->ifr_mtu);
	if (request == SIOCGIFMTU) {
		answer->ifr_mtu = eth0.mtu;
	} else if (request == SIOCGIFHWADDR) {
		answer->ifr_hwaddr.sa_family = eth0.type;
		memcpy(answer->ifr_hwaddr.sa_data, eth0.mac, sizeof(eth0.mac));
	} else {
		assert_int_equal(request, SIOCGIFFLAGS);
		answer->ifr_flags = eth0.flags;
	}
	return 0;
}

static void
mac_is_read(void **state)
{
	const struct rte_ether_addr want = {{0x52, 0x54, 0x00, 0xab, 0x00, 0x10}};
	struct rte_ether_addr mac;

	eth0.type = ARPHRD_ETHER;
	memcpy(eth0.mac, &want, sizeof(want));
	assert_int_equal(mlx5x_netdev_mac("eth0", &mac), 0);
	assert_memory_equal(&mac, &want, sizeof(mac));
}

static void
an_invalid_mac_is_rejected(void **state)
{
	struct rte_ether_addr mac;

	assert_int_equal(mlx5x_netdev_mac("eth1", &mac), -ENODEV);
	assert_int_equal(mlx5x_netdev_mac("", &mac), -ENODEV);
	eth0.type = ARPHRD_INFINIBAND;
	assert_int_equal(mlx5x_netdev_mac("eth0", &mac), -EINVAL);
}

/* The flags follow the carrier, with a delay. */
static void
mtu_is_raised_and_not_reduced(void **state)
{
	eth0.mtu = 1500;
	eth0.max_mtu = 9216;
	assert_int_equal(mlx5x_netdev_raise_mtu("eth0", 9000), 0);
	assert_int_equal(eth0.mtu, 9000);
	assert_int_equal(mlx5x_netdev_raise_mtu("eth0", 1500), 0);
	assert_int_equal(eth0.mtu, 9000);
	assert_int_equal(mlx5x_netdev_raise_mtu("eth0", 9600), -EINVAL);
	assert_int_equal(mlx5x_netdev_raise_mtu("eth1", 1500), -ENODEV);
}

static void
carrier_is_not_what_the_flags_said_last(void **state)
{
	assert_false(mlx5x_netdev_carrier("eth1"));
	eth0.flags = IFF_UP | IFF_RUNNING;
	eth0.carrier = 0;
	assert_false(mlx5x_netdev_carrier("eth0"));
	eth0.flags = IFF_UP;
	eth0.carrier = 1;
	assert_true(mlx5x_netdev_carrier("eth0"));
}

static void
carrier_without_ethtool_is_up_and_running(void **state)
{
	assert_false(mlx5x_netdev_carrier("eth1"));
	eth0.carrier = -1;
	eth0.flags = IFF_BROADCAST;
	assert_false(mlx5x_netdev_carrier("eth0"));
	eth0.flags = IFF_UP;
	assert_false(mlx5x_netdev_carrier("eth0"));
	eth0.flags = IFF_UP | IFF_RUNNING;
	assert_true(mlx5x_netdev_carrier("eth0"));
}

static void
function_is_reported_by_the_driver(void **state)
{
	char function[MLX5X_NETDEV_FUNCTION_SIZE];

	assert_int_equal(mlx5x_netdev_function("eth1", function), -ENODEV);
	eth0.bus_info = NULL;
	assert_int_equal(mlx5x_netdev_function("eth0", function), -EOPNOTSUPP);
	eth0.bus_info = "";
	assert_int_equal(mlx5x_netdev_function("eth0", function), -ENOENT);
	eth0.bus_info = "0000:00:10.0";
	assert_int_equal(mlx5x_netdev_function("eth0", function), 0);
	assert_string_equal(function, "0000:00:10.0");
}

static void
an_unknown_speed_is_unknown(void **state)
{
	eth0.nb_words = 0;
	assert_int_equal(mlx5x_netdev_speed("eth0"), RTE_ETH_SPEED_NUM_UNKNOWN);
	eth0.nb_words = 33;
	eth0.speed = 100000;
	assert_int_equal(mlx5x_netdev_speed("eth0"), RTE_ETH_SPEED_NUM_UNKNOWN);
	eth0.nb_words = 4;
	eth0.speed = (uint32_t)SPEED_UNKNOWN;
	assert_int_equal(mlx5x_netdev_speed("eth0"), RTE_ETH_SPEED_NUM_UNKNOWN);
	eth0.speed = 0;
	assert_int_equal(mlx5x_netdev_speed("eth0"), RTE_ETH_SPEED_NUM_UNKNOWN);
	eth0.speed = 100000;
	assert_int_equal(mlx5x_netdev_speed("eth0"), 100000);
}

/* The addresses that it has, as getifaddrs() lists them: after those of the hardware. */
static const struct {
	const char *netdev, *ip;	/* no ip: an entry without an address */
} addresses[] = {
	{"lo", "127.0.0.1"},
	{"lo", "::1"},
	{"eth0", NULL},
	{"eth0", "2001:db8::10"},
	{"eth0", "10.0.0.1"},
	{"eth0", "10.0.0.2"},
	{"eth00", "fe80::bad"},
	{"eth0", "fe80::5054:ff:feab:10"},
	{"eth0", "10.0.0.3"},
	{"eth0", "fe80::2"},
	{"eth2", "2001:db8::2"},
	{"eth2", NULL},
};
static struct ifaddrs entries[RTE_DIM(addresses)];
static struct sockaddr_storage sockaddrs[RTE_DIM(addresses)];
static bool no_addresses;
static int nb_lists;

int
getifaddrs(struct ifaddrs **list)
{
	struct sockaddr_in6 *v6;
	struct sockaddr_in *v4;
	unsigned int i;

	errno = ENOBUFS;
	if (no_addresses)
		return -1;
	for (i = 0; i < RTE_DIM(addresses); i++) {
		v4 = (struct sockaddr_in *)&sockaddrs[i];
		v6 = (struct sockaddr_in6 *)&sockaddrs[i];
		entries[i] = (struct ifaddrs){.ifa_name = strdup(addresses[i].netdev)};
		if (i > 0)
			entries[i - 1].ifa_next = &entries[i];
		if (addresses[i].ip == NULL)
			continue;
		entries[i].ifa_addr = (struct sockaddr *)v4;
		v4->sin_family = AF_INET;
		if (inet_pton(AF_INET, addresses[i].ip, &v4->sin_addr) == 1)
			continue;
		v6->sin6_family = AF_INET6;
		assert_int_equal(inet_pton(AF_INET6, addresses[i].ip, &v6->sin6_addr), 1);
	}
	nb_lists++;
	*list = entries;
	return 0;
}

void
freeifaddrs(struct ifaddrs *list)
{
	nb_lists--;
	for (; list != NULL; list = list->ifa_next)
		free(list->ifa_name);
}

static void
expect_ip(const char *netdev, const char *wanted)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr ip;

	assert_int_equal(mlx5x_netdev_ip(netdev, &ip), 0);
	assert_string_equal(inet_ntop(AF_INET6, &ip, text, sizeof(text)), wanted);
	assert_int_equal(nb_lists, 0);
}

static void
ip_is_one_for_the_same_network(void **state)
{
	expect_ip("eth0", "fe80::5054:ff:feab:10");
	expect_ip("lo", "::ffff:127.0.0.1");
}

static void
an_invalid_ip_is_rejected(void **state)
{
	struct in6_addr ip;

	assert_int_equal(mlx5x_netdev_ip("eth1", &ip), -EADDRNOTAVAIL);
	assert_int_equal(mlx5x_netdev_ip("", &ip), -EADDRNOTAVAIL);
	assert_int_equal(mlx5x_netdev_ip("eth2", &ip), -EADDRNOTAVAIL);
	assert_int_equal(nb_lists, 0);
	no_addresses = true;
	assert_int_equal(mlx5x_netdev_ip("eth0", &ip), -ENOBUFS);
	no_addresses = false;
}

static void
index_of_none_is_zero(void **state)
{
	assert_int_not_equal(mlx5x_netdev_index("lo"), 0);
	assert_int_equal(mlx5x_netdev_index("no-such-netdev"), 0);
	assert_int_equal(mlx5x_netdev_index(""), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mac_is_read),
		cmocka_unit_test(an_invalid_mac_is_rejected),
		cmocka_unit_test(mtu_is_raised_and_not_reduced),
		cmocka_unit_test(carrier_is_not_what_the_flags_said_last),
		cmocka_unit_test(carrier_without_ethtool_is_up_and_running),
		cmocka_unit_test(function_is_reported_by_the_driver),
		cmocka_unit_test(an_unknown_speed_is_unknown),
		cmocka_unit_test(ip_is_one_for_the_same_network),
		cmocka_unit_test(an_invalid_ip_is_rejected),
		cmocka_unit_test(index_of_none_is_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
