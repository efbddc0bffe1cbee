/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A program of somebody else's, for tools/package/try: linked with the plugin by pkg-config. It unmaps what
 * was never mapped.
 */
#include <stdio.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_errno.h>

#include <pci_ext.h>

int
main(int argc, char **argv)
{
	static char page[4096];
	struct pci_ext_memory memory = {.addr = page, .len = sizeof(page)};

	if (rte_eal_init(argc, argv) < 0)
		return 1;
	if (pci_ext_dma_unmap("0000:00:1f.7", &memory) == 0)
		return 2;
	printf("refused: %s\n", strerror(rte_errno));
	return rte_eal_cleanup();
}
