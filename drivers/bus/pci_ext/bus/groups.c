/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * groups: see groups.h. Owns the list of devices, under a lock that is never held over a call.
 * Called by bus_ops.
 */
#include <dirent.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bsd/sys/queue.h>

#include "common/compat.h"
#include "bus/groups.h"
#include "pci_ext.h"

struct member {
	LIST_ENTRY(member) next;
	char device[PCI_EXT_NAME_SIZE];
	int group;
	bool apart;
};

static LIST_HEAD(, member) members = LIST_HEAD_INITIALIZER(members);
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_uint nb_apart; /* usually 0, so that a map takes no lock here */

/* Where a symbolic link leads; false if there is none. */
static bool
read_link(const char *link, char target[PATH_MAX])
{
	ssize_t n = readlink(link, target, PATH_MAX - 1);

	if (n < 0)
		return false;
	target[n] = '\0';
	return true;
}

/* Of /sys/bus/pci/devices/ADDRESS/iommu_group; -1: it has none. */
static int
find_group(const char *device)
{
	char link[PATH_MAX], target[PATH_MAX];
	const char *slash;

	snprintf(link, sizeof(link), "%s/%s/iommu_group", rte_pci_get_sysfs_path(), device);
	if (!read_link(link, target))
		return -1;
	slash = strrchr(target, '/');
	return atoi(slash == NULL ? target : slash + 1);
}

/* Whether this process has an open file of that path. */
static bool
is_file_open(const char *path)
{
	char link[64], target[PATH_MAX];
	const struct dirent *entry;
	DIR *dir = opendir("/proc/self/fd");
	bool found = false;

	while (dir != NULL && !found && (entry = readdir(dir)) != NULL) {
		snprintf(link, sizeof(link), "/proc/self/fd/%.32s", entry->d_name);
		found = read_link(link, target) && strcmp(target, path) == 0;
	}
	if (dir != NULL)
		closedir(dir);
	return found;
}

bool
pci_ext_groups_is_open(const char *device)
{
	char path[64];
	int group = find_group(device);

	if (group < 0)
		return false;
	snprintf(path, sizeof(path), "/dev/vfio/%d", group);
	return is_file_open(path);
}

static struct member *
find_member(const char *device)
{
	struct member *member;

	LIST_FOREACH (member, &members, next)
		if (strcmp(member->device, device) == 0)
			return member;
	return NULL;
}

/* Whether the group is apart; was_open if it has no device here. */
static bool
is_group_apart(int group, bool was_open)
{
	const struct member *member;

	LIST_FOREACH (member, &members, next)
		if (member->group == group)
			return member->apart;
	return was_open;
}

void
pci_ext_groups_enter(const char *device, bool was_open)
{
	struct member *new = calloc(1, sizeof(*new));
	int group = find_group(device);

	pthread_mutex_lock(&lock);
	if (new != NULL && group >= 0 && find_member(device) == NULL) {
		snprintf(new->device, sizeof(new->device), "%s", device);
		new->group = group;
		new->apart = is_group_apart(group, was_open);
		nb_apart += new->apart;
		LIST_INSERT_HEAD(&members, new, next);
		new = NULL;
	}
	pthread_mutex_unlock(&lock);
	free(new);
}

void
pci_ext_groups_leave(const char *device)
{
	struct member *member;

	pthread_mutex_lock(&lock);
	member = find_member(device);
	if (member != NULL) {
		nb_apart -= member->apart;
		LIST_REMOVE(member, next);
	}
	pthread_mutex_unlock(&lock);
	free(member);
}

bool
pci_ext_groups_is_apart(const char *device)
{
	const struct member *member;
	bool apart;

	if (nb_apart == 0)
		return false;
	pthread_mutex_lock(&lock);
	member = find_member(device);
	apart = member != NULL && member->apart;
	pthread_mutex_unlock(&lock);
	return apart;
}
