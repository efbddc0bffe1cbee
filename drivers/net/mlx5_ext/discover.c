/* SPDX-License-Identifier: BSD-3-Clause */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

#include <infiniband/verbs.h>
#include <rte_pci.h>

#include "discover.h"

static bool
is_pci_address(const char *name)
{
	struct rte_pci_addr addr;

	return strchr(name, '.') != NULL && rte_pci_addr_parse(name, &addr) == 0;
}

/*
 * The address of the PCI function that the sysfs path leads to: the last component that is one,
 * since a virtio device lies below its function and a function below its bridges.
 */
static bool
path_is_of_function(const char *path, const char *pci)
{
	char real[PATH_MAX], last[NAME_MAX + 1] = "";
	char *part, *save;

	if (realpath(path, real) == NULL)
		return false;
	for (part = strtok_r(real, "/", &save); part != NULL; part = strtok_r(NULL, "/", &save))
		if (is_pci_address(part))
			strlcpy(last, part, sizeof(last));
	return strcmp(last, pci) == 0;
}

static int
read_word(const char *path, char *word, size_t size)
{
	FILE *file = fopen(path, "re");
	char *line;

	if (file == NULL)
		return -errno;
	line = fgets(word, size, file);
	fclose(file);
	if (line == NULL)
		return -ENODATA;
	word[strcspn(word, "\n")] = '\0';
	return word[0] != '\0' ? 0 : -ENODATA;
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
match_software(const char *sysfs, const char *ibdev, const char *pci, struct mlx5x_discovery *found)
{
	char path[PATH_MAX], netdev[IF_NAMESIZE];

	/* rxe names its netdev in parent; siw only in the GID's attributes. */
	snprintf(path, sizeof(path), "%s/parent", ibdev);
	if (read_word(path, netdev, sizeof(netdev)) != 0) {
		snprintf(path, sizeof(path), "%s/ports/1/gid_attrs/ndevs/0", ibdev);
		if (read_word(path, netdev, sizeof(netdev)) != 0)
			return false;
	}
	snprintf(path, sizeof(path), "%s/class/net/%s/device", sysfs, netdev);
	if (!path_is_of_function(path, pci))
		return false;
	strlcpy(found->netdev, netdev, sizeof(found->netdev));
	found->software = true;
	return true;
}

int
mlx5x_discover(const char *sysfs, const char *pci, struct mlx5x_discovery *found)
{
	struct ibv_device **list;
	int ret = -ENOENT;
	int n, i;

	/* NULL: no rdma in this kernel, or not for us. */
	list = ibv_get_device_list(&n);
	for (i = 0; list != NULL && i < n && ret != 0; i++) {
		if (!match_hardware(list[i]->ibdev_path, pci, found) &&
		    !match_software(sysfs, list[i]->ibdev_path, pci, found))
			continue;
		strlcpy(found->rdma, ibv_get_device_name(list[i]), sizeof(found->rdma));
		ret = 0;
	}
	if (list != NULL)
		ibv_free_device_list(list);
	return ret;
}
