/* SPDX-License-Identifier: BSD-3-Clause */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

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
first_netdev(const char *sysfs, const char *rdma, char *netdev, size_t size)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	netdev[0] = '\0';
	snprintf(path, sizeof(path), "%s/class/infiniband/%s/device/net", sysfs, rdma);
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
match_hardware(const char *sysfs, const char *pci, const char *rdma, struct mlx5x_discovery *found)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/class/infiniband/%s/device", sysfs, rdma);
	if (!path_is_of_function(path, pci))
		return false;
	first_netdev(sysfs, rdma, found->netdev, sizeof(found->netdev));
	found->software = false;
	return true;
}

static bool
match_software(const char *sysfs, const char *pci, const char *rdma, struct mlx5x_discovery *found)
{
	char path[PATH_MAX], netdev[IF_NAMESIZE];

	/* rxe names its netdev in parent; siw only in the GID's attributes. */
	snprintf(path, sizeof(path), "%s/class/infiniband/%s/parent", sysfs, rdma);
	if (read_word(path, netdev, sizeof(netdev)) != 0) {
		snprintf(path, sizeof(path), "%s/class/infiniband/%s/ports/1/gid_attrs/ndevs/0",
			sysfs, rdma);
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
	char path[PATH_MAX];
	struct dirent *entry;
	int ret = -ENOENT;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/class/infiniband", sysfs);
	dir = opendir(path);
	if (dir == NULL)
		return -ENOENT;
	while (ret != 0 && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		if (!match_hardware(sysfs, pci, entry->d_name, found) &&
		    !match_software(sysfs, pci, entry->d_name, found))
			continue;
		strlcpy(found->rdma, entry->d_name, sizeof(found->rdma));
		ret = 0;
	}
	closedir(dir);
	return ret;
}
