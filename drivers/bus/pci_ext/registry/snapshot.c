/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * snapshot: allocates the memory that registry copies into, since registry must not allocate under
 * its lock: count, allocate with slack, copy; repeat if there are more by then.
 *
 * Called by the public API and by telemetry, from any thread. Holds no lock.
 */
#include <errno.h>
#include <stdlib.h>

#include "registry/registry.h"
#include "registry/snapshot.h"

#define SLACK 16 /* new entries between two calls; if more, one repetition */

int
pci_ext_snapshot_mappings(const char *name, struct pci_ext_mapping **copies, size_t *n)
{
	struct pci_ext_mapping *array = NULL;
	size_t size = 0, found;

	while ((found = pci_ext_registry_copy_mappings(name, array, size)) > size) {
		free(array);
		size = found + SLACK;
		array = calloc(size, sizeof(*array));
		if (array == NULL)
			return -ENOMEM;
	}
	*copies = array;
	*n = found;
	return 0;
}

int
pci_ext_snapshot_devices(struct pci_ext_device **copies, size_t *n)
{
	struct pci_ext_device *array = NULL;
	size_t size = 0, found;

	while ((found = pci_ext_registry_copy_devices(NULL, array, size)) > size) {
		free(array);
		size = found + SLACK;
		array = calloc(size, sizeof(*array));
		if (array == NULL)
			return -ENOMEM;
	}
	*copies = array;
	*n = found;
	return 0;
}
