/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Reads a device's kernel driver from sysfs.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "on_vfio.h"

bool
on_vfio(const char *device)
{
	const char *root = getenv("SYSFS_PCI_DEVICES"); /* the PCI bus reads it too */
	char path[PATH_MAX], target[PATH_MAX];
	const char *base;
	ssize_t len;

	if (root == NULL)
		root = "/sys/bus/pci/devices";
	if (snprintf(path, sizeof(path), "%s/%s/driver", root, device) >= (int)sizeof(path))
		return false;
	len = readlink(path, target, sizeof(target) - 1);
	if (len < 0)
		return false;
	target[len] = '\0';
	base = strrchr(target, '/');
	return strcmp(base != NULL ? base + 1 : target, "vfio-pci") == 0;
}
