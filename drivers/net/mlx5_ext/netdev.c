/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_ethdev.h>

#include "netdev.h"

static int
read_attribute(const char *sysfs, const char *netdev, const char *name, char *value, size_t size)
{
	char path[PATH_MAX];
	FILE *file;
	char *line;

	snprintf(path, sizeof(path), "%s/class/net/%s/%s", sysfs, netdev, name);
	file = fopen(path, "re");
	if (file == NULL)
		return -errno;
	line = fgets(value, size, file);
	fclose(file);
	/* carrier and speed answer EINVAL while the netdev is down. */
	if (line == NULL)
		return -ENODATA;
	value[strcspn(value, "\n")] = '\0';
	return 0;
}

int
mlx5x_netdev_mac(const char *sysfs, const char *netdev, struct rte_ether_addr *mac)
{
	char value[64];
	int ret;

	ret = read_attribute(sysfs, netdev, "address", value, sizeof(value));
	if (ret != 0)
		return ret;
	return rte_ether_unformat_addr(value, mac) == 0 ? 0 : -EINVAL;
}

bool
mlx5x_netdev_carrier(const char *sysfs, const char *netdev)
{
	char value[16];

	return read_attribute(sysfs, netdev, "carrier", value, sizeof(value)) == 0 &&
		strcmp(value, "1") == 0;
}

uint32_t
mlx5x_netdev_speed(const char *sysfs, const char *netdev)
{
	char value[16];
	long speed;

	if (read_attribute(sysfs, netdev, "speed", value, sizeof(value)) != 0)
		return RTE_ETH_SPEED_NUM_UNKNOWN;
	speed = strtol(value, NULL, 10);
	return speed > 0 && speed <= UINT32_MAX ? (uint32_t)speed : RTE_ETH_SPEED_NUM_UNKNOWN;
}
