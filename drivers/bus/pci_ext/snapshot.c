/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * snapshot: sees to the memory that registry copies into, which must not be allocated under its
 * lock: ask how many there are, allocate some more, and again if there are even more by then.
 *
 * Called by the public API and by telemetry, from any thread. Holds no lock.
 */
#include <errno.h>
#include <stdlib.h>

#include "registry.h"
#include "snapshot.h"

#define SLACK 16 /* for what comes between two calls */

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
