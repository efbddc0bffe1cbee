/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The cost of map + unmap of 64 KiB through rte_dev_dma_map(), beside the backend alone (the
 * driver's callbacks, or EAL's VFIO functions, or the kernel's ioctls on VFIO's container), in one
 * run; and the cost with many other mappings:
 *   map_cost [EAL arguments, -d librte_bus_pci_ext.so among them] -- DEVICE [MANY]
 *
 * Both alternate, so that a change of the machine's load affects both. Prints rows of JSON; times
 * are medians, of one pair.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <linux/vfio.h>

#include <rte_bus_pci.h>
#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_memory.h>
#include <rte_vfio.h>

#include "common/compat.h"
#include "device.h"
#include "json.h"
#include "now.h"

#define PAGE	4096
#define LEN	(64 * 1024)
#define SAMPLES 501

typedef bool (*pair_t)(struct rte_device *dev, uint8_t *addr, size_t len);

struct times {
	double us[SAMPLES];
};

static bool
through_bus(struct rte_device *dev, uint8_t *addr, size_t len)
{
	return rte_dev_dma_map(dev, addr, (uintptr_t)addr, len) == 0 &&
	       rte_dev_dma_unmap(dev, addr, (uintptr_t)addr, len) == 0;
}

static const struct rte_pci_driver *
driver_of(struct rte_device *dev)
{
	return pci_ext_compat_driver(PCI_EXT_TO_PCI(dev));
}

static bool
by_driver(struct rte_device *dev, uint8_t *addr, size_t len)
{
	struct rte_pci_device *pci = PCI_EXT_TO_PCI(dev);
	const struct rte_pci_driver *driver = driver_of(dev);

	return driver->dma_map(pci, addr, (uintptr_t)addr, len) == 0 &&
	       driver->dma_unmap(pci, addr, (uintptr_t)addr, len) == 0;
}

static bool
by_kernel(struct rte_device *dev, uint8_t *addr, size_t len)
{
	int container = rte_vfio_get_container_fd();
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.vaddr = (uintptr_t)addr,
		.iova = (uintptr_t)addr,
		.size = len,
	};
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap), .iova = (uintptr_t)addr, .size = len};

	return ioctl(container, VFIO_IOMMU_MAP_DMA, &map) == 0 &&
	       ioctl(container, VFIO_IOMMU_UNMAP_DMA, &unmap) == 0;
}

static bool
by_eal(struct rte_device *dev, uint8_t *addr, size_t len)
{
	const int container = RTE_VFIO_DEFAULT_CONTAINER_FD;

	return rte_vfio_container_dma_map(container, (uintptr_t)addr, (uintptr_t)addr, len) == 0 &&
	       rte_vfio_container_dma_unmap(container, (uintptr_t)addr, (uintptr_t)addr, len) == 0;
}

static double
measure(pair_t pair, struct rte_device *dev, uint8_t *addr)
{
	double start = now_us();

	if (!pair(dev, addr, LEN)) {
		fprintf(stderr, "map or unmap failed: %s\n", rte_strerror(rte_errno));
		exit(1);
	}
	return now_us() - start;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double
median(struct times *t)
{
	qsort(t->us, SAMPLES, sizeof(t->us[0]), compare);
	return t->us[SAMPLES / 2];
}

static void
print_row(struct rte_device *dev, json_t *figures)
{
	json_t *row = json_pack("{s:s, s:s}", "device", rte_dev_name(dev), "driver",
		driver_of(dev)->driver.name);

	json_object_update(row, figures);
	json_decref(figures);
	json_print(row);
}

static void
compare_to(const char *what, pair_t alone, struct rte_device *dev, uint8_t *addr)
{
	static struct times bus, backend;
	double with, without;
	int i;

	for (i = 0; i < SAMPLES; i++) {
		backend.us[i] = measure(alone, dev, addr);
		bus.us[i] = measure(through_bus, dev, addr);
	}
	without = median(&backend);
	with = median(&bus);
	print_row(dev, json_pack("{s:i, s:o, s:s, s:o, s:f}", "live", 0, "pair_us",
		json_tenths(with), "against", what, "alone_us", json_tenths(without), "ratio",
		with / without));
}

static void
compare_ways(struct rte_device *dev, uint8_t *addr)
{
	if (driver_of(dev)->dma_map != NULL) {
		compare_to("driver", by_driver, dev, addr);
		return;
	}
	compare_to("EAL VFIO", by_eal, dev, addr);
	compare_to("kernel", by_kernel, dev, addr);
}

/*
 * Maps every other page after the first LEN bytes, from mapping number from up to n. Returns the
 * number of mappings.
 */
static int
fill(struct rte_device *dev, uint8_t *mem, int from, int n)
{
	uint8_t *page;

	for (; from < n; from++) {
		page = mem + LEN + (size_t)(2 * from + 1) * PAGE;
		if (rte_dev_dma_map(dev, page, (uintptr_t)page, PAGE) != 0)
			break;
	}
	return from;
}

static void
show_growth(struct rte_device *dev, uint8_t *mem, int many)
{
	static struct times t;
	int live = 0, wanted = 16, i;

	for (; live < many; wanted *= 16) {
		wanted = RTE_MIN(wanted, many);
		live = fill(dev, mem, live, wanted);
		for (i = 0; i < SAMPLES; i++)
			t.us[i] = measure(through_bus, dev, mem);
		print_row(dev, json_pack("{s:i, s:o}", "live", live, "pair_us",
			json_tenths(median(&t))));
		if (live < wanted)
			break;
	}
}

int
main(int argc, char **argv)
{
	int args = rte_eal_init(argc, argv);
	int many = args >= 0 && args + 2 < argc ? atoi(argv[args + 2]) : 4096;
	size_t size = LEN + (size_t)(2 * many + 1) * PAGE;
	struct rte_device *dev;
	uint8_t *mem;

	if (args < 0 || args + 1 >= argc)
		return 1;
	dev = find_device(argv[args + 1]);
	mem = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (dev == NULL || driver_of(dev) == NULL || mem == MAP_FAILED ||
		rte_extmem_register(mem, size, NULL, 0, PAGE) != 0) {
		fprintf(stderr, "%s: no such device, or no memory\n", argv[args + 1]);
		return 1;
	}
	memset(mem, 1, LEN);
	compare_ways(dev, mem);
	show_growth(dev, mem, many);
	return rte_eal_cleanup();
}
