/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The public functions of the pci_ext bus plugin, where it is loaded: found at run time, so that
 * programs run without it. Any thread.
 */
#ifndef DMAMAP_PLUGIN_H
#define DMAMAP_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef int (*plugin_map_t)(const char *name, void *addr, uint64_t iova, size_t len);

bool plugin_is_loaded(void);

/* "driver", "vfio" or "none"; false where nobody tells. */
bool plugin_backend_of(const char *device, char *name, size_t size);

/* pci_ext_dma_map() and pci_ext_dma_unmap(), by the device's name; NULL where there is none. */
plugin_map_t plugin_map(void);
plugin_map_t plugin_unmap(void);

/* How many mappings pci_ext_mapping_iterate() shows, of a device or (NULL) of all; or -errno. */
int plugin_count_mappings(const char *device);

#endif
