/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Owns the handle of the plugin. EAL loads it without RTLD_GLOBAL, so its symbols are found only
 * through its own handle, which stays open: the plugin is never unloaded.
 */
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <string.h>

#include "pci_ext.h"
#include "plugin.h"

#define PLUGIN "librte_bus_pci_ext.so"
#define VERSION "PCI_EXT_0.2"	/* of the functions in pci_ext.h; another one is no plugin */

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

static void *
find(const char *symbol)
{
	static void *handle;
	char path[PATH_MAX];

	if (handle == NULL && dl_iterate_phdr(is_plugin, path) != 0)
		handle = dlopen(path, RTLD_NOW | RTLD_NOLOAD);
	return handle == NULL ? NULL : dlvsym(handle, symbol, VERSION);
}

typedef int (*device_query)(const char *device, struct pci_ext_device *info);

bool
plugin_is_loaded(void)
{
	return find("pci_ext_device_query") != NULL;
}

bool
plugin_backend_of(const char *device, char *name, size_t size)
{
	device_query query = (device_query)(uintptr_t)find("pci_ext_device_query");
	struct pci_ext_device info;

	if (query == NULL || query(device, &info) != 0)
		return false;
	snprintf(name, size, "%s", info.backend[0] != '\0' ? info.backend : "none");
	return true;
}

plugin_map_t
plugin_map(void)
{
	return (plugin_map_t)(uintptr_t)find("pci_ext_dma_map");
}

plugin_map_t
plugin_unmap(void)
{
	return (plugin_map_t)(uintptr_t)find("pci_ext_dma_unmap");
}

plugin_map_t
plugin_check(void)
{
	return (plugin_map_t)(uintptr_t)find("pci_ext_dma_map_check");
}

plugin_map_list_t
plugin_map_list(void)
{
	return (plugin_map_list_t)(uintptr_t)find("pci_ext_dma_map_list");
}

plugin_map_list_t
plugin_unmap_list(void)
{
	return (plugin_map_list_t)(uintptr_t)find("pci_ext_dma_unmap_list");
}

plugin_map_all_t
plugin_map_all(void)
{
	return (plugin_map_all_t)(uintptr_t)find("pci_ext_dma_map_all");
}

plugin_map_all_t
plugin_unmap_all(void)
{
	return (plugin_map_all_t)(uintptr_t)find("pci_ext_dma_unmap_all");
}

plugin_query_t
plugin_query(void)
{
	return (plugin_query_t)(uintptr_t)find("pci_ext_query");
}

typedef int (*mapping_iterate)(const char *device, pci_ext_mapping_act_t act, void *arg);

static int
count(const struct pci_ext_mapping *mapping, void *n)
{
	++*(int *)n;
	return 0;
}

int
plugin_count_mappings(const char *device)
{
	mapping_iterate iterate = (mapping_iterate)(uintptr_t)find("pci_ext_mapping_iterate");
	int n = 0, ret;

	if (iterate == NULL)
		return -ENOSYS;
	ret = iterate(device, count, &n);
	return ret < 0 ? ret : n;
}
