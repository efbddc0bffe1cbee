/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * memory.h - memory of the application, registered with EAL and mapped for a device: how all these
 * examples begin and end.
 */
#ifndef EXAMPLES_MEMORY_H
#define EXAMPLES_MEMORY_H

#include <unistd.h>

#include <rte_errno.h>
#include <rte_memory.h>

#include <pci_ext.h>

/* >>> memory */
/* 0; or -errno, and it is neither registered nor mapped. */
static inline int
memory_map(const char *device, const struct pci_ext_memory *memory)
{
	int ret;

	if (rte_extmem_register(memory->addr, memory->len, NULL, 0, sysconf(_SC_PAGESIZE)) != 0)
		return -rte_errno;
	ret = pci_ext_dma_map(device, memory);
	if (ret != 0)
		rte_extmem_unregister(memory->addr, memory->len);
	return ret;
}

/* 0; or -errno, and it is as it was: -EBUSY while a queue has buffers in it. */
static inline int
memory_unmap(const char *device, const struct pci_ext_memory *memory)
{
	int ret = pci_ext_dma_unmap(device, memory);

	if (ret == 0)
		rte_extmem_unregister(memory->addr, memory->len);
	return ret;
}
/* <<< memory */

#endif
