/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Maps application memory by device name before the device is probed: by_name [EAL arguments] --
 * DEVICE
 *
 * Build: cc by_name.c $(pkg-config --cflags --libs librte_bus_pci_ext)
 */
#include <stdio.h>
#include <sys/mman.h>

#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_memory.h>

#include <pci_ext.h>

static int
show(const struct pci_ext_mapping *m, void *arg)
{
	return printf("%s %s %s 0x%lx+0x%lx, %u references\n", m->device, m->backend,
		       m->state == PCI_EXT_ACTIVE ? "active" : "pending", m->addr, m->len,
		       m->references) < 0;
}

int
main(int argc, char **argv)
{
	const size_t len = 1 << 21;
	int args = rte_eal_init(argc, argv);
	void *mem = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	const char *device = args >= 0 && args + 1 < argc ? argv[args + 1] : "";
	const struct pci_ext_memory memory = {.addr = mem, .len = len};

	if (args >= 0 && mem != MAP_FAILED && rte_extmem_register(mem, len, NULL, 0, 4096) == 0 &&
		pci_ext_dma_map(device, &memory) == 0 &&
		pci_ext_mapping_iterate(NULL, show, NULL) == 0 && rte_dev_probe(device) == 0 &&
		pci_ext_mapping_iterate(NULL, show, NULL) == 0 &&
		pci_ext_dma_unmap(device, &memory) == 0)
		return rte_eal_cleanup();
	return printf("%s: %s\n", device, rte_strerror(rte_errno)) > 0;
}
