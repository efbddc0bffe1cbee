/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The public functions of the pci_ext bus plugin, if it is loaded: looked up at run time, so that
 * programs run without it. Any thread.
 */
#ifndef DMAMAP_PLUGIN_H
#define DMAMAP_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pci_ext_memory;
typedef int (*plugin_map_t)(const char *name, const struct pci_ext_memory *memory);

bool plugin_is_loaded(void);

/*
 * name is set to "driver", "iommufd", "vfio" or "none". False without the plugin or for an unknown
 * device.
 */
bool plugin_backend_of(const char *device, char *name, size_t size);

/*
 * pci_ext_dma_map(), pci_ext_dma_unmap() and pci_ext_dma_map_check(), which take a device's name;
 * NULL without the plugin.
 */
plugin_map_t plugin_map(void);
plugin_map_t plugin_unmap(void);
plugin_map_t plugin_check(void);

/* pci_ext_dma_map_list() and pci_ext_dma_unmap_list(); NULL without the plugin. */
typedef int (*plugin_map_list_t)(const char *const devices[], unsigned int n,
	const struct pci_ext_memory *memory, int results[]);
plugin_map_list_t plugin_map_list(void);
plugin_map_list_t plugin_unmap_list(void);

/* pci_ext_dma_map_all() and pci_ext_dma_unmap_all(); NULL without the plugin. */
typedef int (*plugin_map_all_t)(const struct pci_ext_memory *memory,
	void (*report)(const char *device, int result, void *arg), void *arg);
plugin_map_all_t plugin_map_all(void);
plugin_map_all_t plugin_unmap_all(void);

/* pci_ext_query(); NULL without the plugin. */
struct rte_device;
struct pci_ext_answer;
typedef int (*plugin_query_t)(const struct rte_device *device, const void *addr, size_t len,
	struct pci_ext_answer *answer);
plugin_query_t plugin_query(void);

/*
 * Number of mappings that pci_ext_mapping_iterate() lists, of a device or (NULL) of all; -ENOSYS
 * without the plugin, or the negative result of the iteration.
 */
int plugin_count_mappings(const char *device);

#endif
