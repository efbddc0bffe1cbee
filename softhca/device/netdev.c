/* SPDX-License-Identifier: BSD-3-Clause */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/ethtool.h>
#include <linux/sockios.h>

#include "device/netdev.h"

static void
find_name(struct hca_netdev *netdev, const char *folder)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/device/net", folder);
	dir = opendir(path);
	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL)
		/* With room for the "p". */
		if (entry->d_name[0] != '.' && strlen(entry->d_name) < IF_NAMESIZE - 1)
			memcpy(netdev->name, entry->d_name, strlen(entry->d_name) + 1);
	closedir(dir);
}

void
hca_netdev_open(struct hca_netdev *netdev, const char *folder)
{
	*netdev = (struct hca_netdev){.fd = -1};
	find_name(netdev, folder);
	if (netdev->name[0] != '\0')
		netdev->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

void
hca_netdev_close(struct hca_netdev *netdev)
{
	if (netdev->fd >= 0)
		close(netdev->fd);
	netdev->fd = -1;
}

/*
 * The carrier itself. IFF_RUNNING tells of the state of operation, which the kernel's link watch
 * brings up to date some time afterwards, up to a second.
 */
bool
hca_netdev_has_carrier(const struct hca_netdev *netdev)
{
	struct ethtool_value link = {.cmd = ETHTOOL_GLINK};
	struct ifreq request = {.ifr_data = (void *)&link};

	memcpy(request.ifr_name, netdev->name, sizeof(netdev->name));
	if (netdev->fd < 0 || ioctl(netdev->fd, SIOCETHTOOL, &request) != 0)
		return true;
	return link.data != 0;
}

uint32_t
hca_netdev_mtu(const struct hca_netdev *netdev)
{
	struct ifreq request = {.ifr_mtu = 0};

	memcpy(request.ifr_name, netdev->name, sizeof(netdev->name));
	if (netdev->fd < 0 || ioctl(netdev->fd, SIOCGIFMTU, &request) != 0)
		return UINT32_MAX;
	return request.ifr_mtu;
}

void
hca_netdev_set_carrier(const struct hca_netdev *netdev, bool on)
{
	struct ifreq request = {.ifr_flags = 0};

	memcpy(request.ifr_name, netdev->name, sizeof(netdev->name));
	request.ifr_name[strlen(netdev->name)] = 'p';
	if (netdev->fd < 0 || ioctl(netdev->fd, SIOCGIFFLAGS, &request) != 0)
		return;
	request.ifr_flags = on ? request.ifr_flags | IFF_UP : request.ifr_flags & ~IFF_UP;
	ioctl(netdev->fd, SIOCSIFFLAGS, &request);
}
