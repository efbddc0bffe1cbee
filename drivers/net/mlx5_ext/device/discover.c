/* SPDX-License-Identifier: BSD-3-Clause */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

#include <infiniband/verbs.h>

#include "device/discover.h"
#include "device/netdev.h"
#include "device/nldev.h"

static bool
path_is_of_function(const char *path, const char *pci)
{
	char real[PATH_MAX];

	return realpath(path, real) != NULL && strcmp(strrchr(real, '/') + 1, pci) == 0;
}

/* The netdev of a hardware function: the first entry of its net folder. */
static void
first_netdev(const char *device, char *netdev, size_t size)
{
	char path[PATH_MAX + sizeof("/net")];
	struct dirent *entry;
	DIR *dir;

	netdev[0] = '\0';
	snprintf(path, sizeof(path), "%s/net", device);
	dir = opendir(path);
	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		strlcpy(netdev, entry->d_name, size);
		break;
	}
	closedir(dir);
}

static bool
match_hardware(const char *ibdev, const char *pci, struct mlx5x_discovery *found)
{
	char device[PATH_MAX];

	snprintf(device, sizeof(device), "%s/device", ibdev);
	if (!path_is_of_function(device, pci))
		return false;
	first_netdev(device, found->netdev, sizeof(found->netdev));
	found->software = false;
	return true;
}

static bool
match_software(struct ibv_device *ibdev, const char *pci, struct mlx5x_discovery *found)
{
	char function[MLX5X_NETDEV_FUNCTION_SIZE];
	int index = ibv_get_device_index(ibdev);

	if (index < 0 || mlx5x_nldev_netdev(index, found->netdev, sizeof(found->netdev)) != 0 ||
	    mlx5x_netdev_function(found->netdev, function) != 0 || strcmp(function, pci) != 0)
		return false;
	found->software = true;
	return true;
}

int
mlx5x_discover(const char *pci, struct mlx5x_discovery *found)
{
	struct ibv_device **list;
	int ret = -ENOENT;
	int n, i;

	/* NULL: the kernel has no rdma support, or denies access. */
	list = ibv_get_device_list(&n);
	for (i = 0; list != NULL && i < n && ret != 0; i++) {
		if (!match_hardware(list[i]->ibdev_path, pci, found) &&
		    !match_software(list[i], pci, found))
			continue;
		strlcpy(found->rdma, ibv_get_device_name(list[i]), sizeof(found->rdma));
		ret = 0;
	}
	if (list != NULL)
		ibv_free_device_list(list);
	return ret;
}
