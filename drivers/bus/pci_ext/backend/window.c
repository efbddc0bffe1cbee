/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * window: see window.h. Called by the backends of shared address spaces.
 */
#include <inttypes.h>

#include <rte_common.h>

#include "backend/window.h"

bool
pci_ext_windows_accept(const struct pci_ext_windows *windows, const struct pci_ext_range *range)
{
	unsigned int i;

	for (i = 0; i < RTE_MIN(windows->nb, PCI_EXT_WINDOWS_MAX); i++)
		if (range->iova >= windows->at[i].first &&
			pci_ext_range_last_iova(range) <= windows->at[i].last)
			return true;
	return windows->nb == 0 || windows->nb > PCI_EXT_WINDOWS_MAX;
}

void
pci_ext_windows_describe(const struct pci_ext_windows *windows, FILE *out)
{
	const unsigned int nb = RTE_MIN(windows->nb, PCI_EXT_WINDOWS_MAX);
	unsigned int i;

	fputs("the IOMMU accepts IOVAs of", out);
	for (i = 0; i < nb; i++)
		fprintf(out, "%s 0x%" PRIx64 " to 0x%" PRIx64, i == 0 ? "" : ",",
			windows->at[i].first, windows->at[i].last);
	fputs(": map with an iova of your own in there, or with memory at such an address", out);
}
