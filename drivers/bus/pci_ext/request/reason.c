/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * reason: see reason.h. Called by dispatch and replay, after a transaction of registry.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rte_errno.h>

#include "backend/backend.h"
#include "request/reason.h"

static void
write_conflict(const struct pci_ext_range *range, const struct pci_ext_conflict *conflict,
	bool is_map, int ret, FILE *out)
{
	fprintf(out, "%s " PCI_EXT_RANGE_FMT,
		is_map ? "conflicts with the mapping" : "not the mapping there,",
		PCI_EXT_RANGE_ARGS(&conflict->range));
	if (is_map && range->access != conflict->range.access)
		fputs(pci_ext_range_writes(range) ? ", which the device may only read"
						  : ", which the device may write, too",
			out);
	if (conflict->shared)
		fputs(", for a device in the same IOMMU domain", out);
	if (ret == -EBUSY)
		fputs(", which is stale (its memory was unregistered or freed)", out);
}

/* What is known without the backend. */
static void
write_check(const struct pci_ext_range *range, const struct pci_ext_conflict *conflict, bool is_map,
	int ret, FILE *out)
{
	if (conflict->found)
		write_conflict(range, conflict, is_map, ret, out);
	else if (conflict->granule != 0)
		fprintf(out, "not aligned to the IOMMU page of %" PRIu64 " bytes",
			conflict->granule);
	else if (ret == -ENOENT)
		fputs("not mapped", out);
	else if (conflict->unable != NULL)
		fputs(conflict->unable->shared
				? "VFIO maps memory of the process: if the dma-buf is made of "
				  "such memory, map that"
				: "its driver has no dma_map_memory (pci_ext_driver.h)",
			out);
	else if (ret == -ENOTSUP)
		fputs("its driver has no dma_map and the device is not on vfio-pci", out);
	else if (ret == -EDEADLK)
		fputs("called from a dma_map or dma_unmap of its driver", out);
	else if (ret == -EINVAL)
		fputs("the device is being unplugged", out);
}

void
pci_ext_reason_write(const struct pci_ext_range *range, bool is_map,
	const struct pci_ext_conflict *conflict, int ret, char buf[PCI_EXT_REASON_SIZE])
{
	char detail[PCI_EXT_REASON_SIZE - 64] = "";
	FILE *out = fmemopen(detail, sizeof(detail) - 1, "w");

	if (out != NULL) {
		if (conflict->refused_by == NULL || conflict->found)
			write_check(range, conflict, is_map, ret, out);
		else if (is_map && conflict->of_dmabuf) /* not that at its addresses */
			fputs("by its driver, of a dma-buf", out);
		else if (is_map)
			conflict->refused_by->explain(range, ret, out);
		if (ret == -EBUSY)
			fprintf(out,
				"%sa queue owns buffers in it: stop or drain the queue and retry",
				ftell(out) > 0 ? "; " : "");
		fclose(out);
	}
	snprintf(buf, PCI_EXT_REASON_SIZE, "%s%s%s", rte_strerror(-ret),
		detail[0] == '\0' ? "" : ": ", detail);
}
