/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#include <rte_pci.h>

#include "common/name.h"

int
pci_ext_name_parse(const char *text, char name[PCI_EXT_NAME_SIZE])
{
	struct rte_pci_addr addr;

	if (text == NULL || rte_pci_addr_parse(text, &addr) != 0)
		return -EINVAL;
	rte_pci_device_name(&addr, name, PCI_EXT_NAME_SIZE);
	return 0;
}
