/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vfio_kernel DEVICE - answers of VFIO that differ by kernel, a line "NAME: ANSWER" each. DEVICE
 * is a PCI function on vfio-pci.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/vfio.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../bench/now.h"
#include "../check.h"

#define PAGE ((size_t)4096)
#define LARGE ((size_t)256 << 20)
#define HUGE_SIZE ((size_t)2 << 20)
#define ROUNDS 5

static int container;

static void
open_container(const char *device)
{
	char path[PATH_MAX], target[PATH_MAX] = "", group_path[PATH_MAX];
	int group;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/iommu_group", device);
	check(readlink(path, target, sizeof(target) - 1) > 0, path);
	snprintf(group_path, sizeof(group_path), "/dev/vfio/%.32s", strrchr(target, '/') + 1);
	container = open("/dev/vfio/vfio", O_RDWR);
	group = open(group_path, O_RDWR);
	check(container >= 0 && group >= 0, group_path);
	check(ioctl(group, VFIO_GROUP_SET_CONTAINER, &container) == 0, "VFIO_GROUP_SET_CONTAINER");
	check(ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) == 0, "VFIO_SET_IOMMU");
}

static int
map(const void *addr, uint64_t iova, size_t len)
{
	struct vfio_iommu_type1_dma_map arg = {.argsz = sizeof(arg),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.vaddr = (uintptr_t)addr, .iova = iova, .size = len};

	return ioctl(container, VFIO_IOMMU_MAP_DMA, &arg) == 0 ? 0 : errno;
}

/* The bytes that were unmapped, or a negative error. */
static long long
unmap(uint64_t iova, size_t len)
{
	struct vfio_iommu_type1_dma_unmap arg = {.argsz = sizeof(arg), .iova = iova, .size = len};

	return ioctl(container, VFIO_IOMMU_UNMAP_DMA, &arg) == 0 ? (long long)arg.size : -errno;
}

static const char *
name(int error)
{
	return error == 0 ? "0" : strerrorname_np(error);
}

static void
tell_unmap(const char *what, long long ret)
{
	if (ret < 0)
		printf("%s: %s\n", what, name(-ret));
	else
		printf("%s: %lld bytes\n", what, ret);
}

/* The least time of some, in microseconds, for memory that is in pages of the size. */
static double
cost(int advice)
{
	uint8_t *mem = mmap(NULL, LARGE + HUGE_SIZE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint8_t *addr = (uint8_t *)(((uintptr_t)mem + HUGE_SIZE - 1) & ~(HUGE_SIZE - 1));
	double least = 1e9, took;
	int i;

	check(mem != MAP_FAILED, "mmap");
	madvise(addr, LARGE, advice);
	memset(addr, 1, LARGE);
	for (i = 0; i < ROUNDS; i++) {
		took = now_us();
		check(map(addr, 1u << 30, LARGE) == 0, "map");
		took = now_us() - took;
		least = took < least ? took : least;
		check(unmap(1u << 30, LARGE) == (long long)LARGE, "unmap");
	}
	munmap(mem, LARGE + HUGE_SIZE);
	return least;
}

int
main(int argc, char **argv)
{
	uint8_t *mem = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	const uint64_t iova = 1u << 30;

	check(argc == 2, "usage: vfio_kernel DEVICE");
	open_container(argv[1]);
	tell_unmap("unmap of nothing", unmap(iova, PAGE));
	check(map(mem, iova, 2 * PAGE) == 0, "map");
	printf("map of what is mapped: %s\n", name(map(mem, iova, 2 * PAGE)));
	tell_unmap("unmap of a half", unmap(iova, PAGE));
	tell_unmap("unmap of more", unmap(iova - PAGE, 4 * PAGE));
	printf("map of the last page of the address space: %s\n", name(map(mem, -PAGE, PAGE)));
	printf("pages of 4 KiB, 256 MiB: %.0f us\n", cost(MADV_NOHUGEPAGE));
	printf("pages of 2 MiB, 256 MiB: %.0f us\n", cost(MADV_HUGEPAGE));
	return 0;
}
