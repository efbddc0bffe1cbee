/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <ifaddrs.h>
#include <net/if_arp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bsd/string.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <rte_ethdev.h>

#include "device/netdev.h"

/* Words of one of the three masks of link modes; current kernels need fewer. */
#define MODE_WORDS 32

/* An ioctl of the netdev, SIOCG..., SIOCS... or SIOCETHTOOL. 0 or -errno. */
static int
ask(const char *netdev, unsigned long request, struct ifreq *answer)
{
	int fd, ret;

	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	strlcpy(answer->ifr_name, netdev, sizeof(answer->ifr_name));
	ret = ioctl(fd, request, answer) == 0 ? 0 : -errno;
	close(fd);
	return ret;
}

int
mlx5x_netdev_mac(const char *netdev, struct rte_ether_addr *mac)
{
	struct ifreq answer = {0};
	int ret;

	ret = ask(netdev, SIOCGIFHWADDR, &answer);
	if (ret != 0)
		return ret;
	if (answer.ifr_hwaddr.sa_family != ARPHRD_ETHER)
		return -EINVAL;
	memcpy(mac, answer.ifr_hwaddr.sa_data, sizeof(*mac));
	return 0;
}

/* 2: link-local IPv6; 1: IPv4; 0: others on the network may not reach it. */
static int
rank_of(const struct sockaddr *address, struct in6_addr *ip)
{
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)address;
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)address;

	if (address->sa_family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr)) {
		*ip = v6->sin6_addr;
		return 2;
	}
	if (address->sa_family != AF_INET)
		return 0;
	*ip = (struct in6_addr){.s6_addr = {[10] = 0xff, [11] = 0xff}};
	memcpy(&ip->s6_addr[12], &v4->sin_addr, sizeof(v4->sin_addr));
	return 1;
}

int
mlx5x_netdev_ip(const char *netdev, struct in6_addr *ip)
{
	struct ifaddrs *list, *at;
	struct in6_addr found;
	int best = 0, rank;

	if (getifaddrs(&list) != 0)
		return -errno;
	for (at = list; at != NULL; at = at->ifa_next) {
		if (at->ifa_addr == NULL || strcmp(at->ifa_name, netdev) != 0)
			continue;
		rank = rank_of(at->ifa_addr, &found);
		if (rank > best) {
			*ip = found;
			best = rank;
		}
	}
	freeifaddrs(list);
	return best != 0 ? 0 : -EADDRNOTAVAIL;
}

unsigned int
mlx5x_netdev_index(const char *netdev)
{
	return if_nametoindex(netdev);
}

int
mlx5x_netdev_raise_mtu(const char *netdev, uint16_t mtu)
{
	struct ifreq answer = {0};
	int ret;

	ret = ask(netdev, SIOCGIFMTU, &answer);
	if (ret != 0 || answer.ifr_mtu >= mtu)
		return ret;
	answer.ifr_mtu = mtu;
	return ask(netdev, SIOCSIFMTU, &answer);
}

/*
 * By ETHTOOL_GLINK, the carrier, which changes before the rdma event is sent. IFF_RUNNING is the
 * operational state, which the kernel's link watch updates up to a second later: only for a netdev
 * without ethtool.
 */
bool
mlx5x_netdev_carrier(const char *netdev)
{
	struct ethtool_value link = {.cmd = ETHTOOL_GLINK};
	struct ifreq answer = {.ifr_data = (char *)&link};

	if (ask(netdev, SIOCETHTOOL, &answer) == 0)
		return link.data != 0;
	return ask(netdev, SIOCGIFFLAGS, &answer) == 0 && (answer.ifr_flags & IFF_UP) != 0 &&
		(answer.ifr_flags & IFF_RUNNING) != 0;
}

int
mlx5x_netdev_function(const char *netdev, char function[MLX5X_NETDEV_FUNCTION_SIZE])
{
	struct ethtool_drvinfo info = {.cmd = ETHTOOL_GDRVINFO};
	struct ifreq answer = {.ifr_data = (char *)&info};
	int ret;

	ret = ask(netdev, SIOCETHTOOL, &answer);
	if (ret != 0)
		return ret;
	strlcpy(function, info.bus_info, MLX5X_NETDEV_FUNCTION_SIZE);
	return function[0] != '\0' ? 0 : -ENOENT;
}

uint32_t
mlx5x_netdev_speed(const char *netdev)
{
	/* The kernel stores the masks of link modes behind the settings. */
	union {
		struct ethtool_link_settings settings;
		char room[sizeof(struct ethtool_link_settings) + 3 * MODE_WORDS * sizeof(uint32_t)];
	} link = {.settings = {.cmd = ETHTOOL_GLINKSETTINGS}};
	struct ifreq answer = {.ifr_data = (char *)&link};

	/* The first call only returns the kernel's number of words, negated. */
	if (ask(netdev, SIOCETHTOOL, &answer) != 0 || link.settings.link_mode_masks_nwords >= 0)
		return RTE_ETH_SPEED_NUM_UNKNOWN;
	link.settings.cmd = ETHTOOL_GLINKSETTINGS;
	link.settings.link_mode_masks_nwords = -link.settings.link_mode_masks_nwords;
	if (link.settings.link_mode_masks_nwords > MODE_WORDS ||
	    ask(netdev, SIOCETHTOOL, &answer) != 0)
		return RTE_ETH_SPEED_NUM_UNKNOWN;
	return link.settings.speed != 0 && link.settings.speed <= INT32_MAX ?
		link.settings.speed : RTE_ETH_SPEED_NUM_UNKNOWN;
}
