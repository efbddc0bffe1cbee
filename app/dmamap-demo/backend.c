/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Owns the question to the pci_ext plugin, and what to think without it.
 *
 * EAL loads a plugin without RTLD_GLOBAL, so its symbols are found only through its own handle.
 */
#include <dlfcn.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_bus.h>

#include "backend.h"
#include "pci_ext.h"

#define PLUGIN "librte_bus_pci_ext.so"
#define QUERY "pci_ext_device_query"

typedef int (*device_query)(const char *device, struct pci_ext_device *info);

static int
is_plugin(struct dl_phdr_info *info, size_t size, void *path)
{
	const char *base = strrchr(info->dlpi_name, '/');

	base = base != NULL ? base + 1 : info->dlpi_name;
	if (strncmp(base, PLUGIN, strlen(PLUGIN)) != 0)
		return 0;
	snprintf(path, PATH_MAX, "%s", info->dlpi_name);
	return 1;
}

/* The handle stays open: the plugin never leaves the process anyway. */
static device_query
find_query(void)
{
	char path[PATH_MAX];
	void *handle;

	if (dl_iterate_phdr(is_plugin, path) == 0)
		return NULL;
	handle = dlopen(path, RTLD_NOW | RTLD_NOLOAD);
	return handle == NULL ? NULL : (device_query)(uintptr_t)dlsym(handle, QUERY);
}

static bool
on_vfio(const struct rte_device *dev)
{
	const char *root = getenv("SYSFS_PCI_DEVICES"); /* as the PCI bus has it */
	char path[PATH_MAX], target[PATH_MAX];
	const char *base;
	ssize_t len;

	if (root == NULL)
		root = "/sys/bus/pci/devices";
	if (snprintf(path, sizeof(path), "%s/%s/driver", root, rte_dev_name(dev)) >=
			(int)sizeof(path))
		return false;
	len = readlink(path, target, sizeof(target) - 1);
	if (len < 0)
		return false;
	target[len] = '\0';
	base = strrchr(target, '/');
	return strcmp(base != NULL ? base + 1 : target, "vfio-pci") == 0;
}

/* True when the plugin is there and knows the device. */
static bool
ask_plugin(const struct rte_device *dev, char *name, size_t len)
{
	static device_query query;
	static bool looked;
	struct pci_ext_device info;

	if (!looked)
		query = find_query();
	looked = true;
	if (query == NULL || query(rte_dev_name(dev), &info) != 0)
		return false;
	snprintf(name, len, "%s", info.backend[0] != '\0' ? info.backend : "none");
	return true;
}

bool
backend_of(const struct rte_device *dev, bool mapped, char *name, size_t len)
{
	bool is_pci = strcmp(rte_bus_name(rte_dev_bus(dev)), "pci") == 0;
	bool vfio;

	if (is_pci && ask_plugin(dev, name, len))
		return false;
	if (!is_pci || !mapped) {
		snprintf(name, len, "none");
		return false;
	}
	vfio = on_vfio(dev); /* else nothing but the driver can have done it */
	snprintf(name, len, "%s", vfio ? "vfio" : "driver");
	return vfio;
}
