/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The pci_ext plugin's calls of iommufd on the kernel itself, without a device: what the model that
 * the unit tests run on takes for granted. TAP.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "backend/iommufd.h"
#include "backend/iommufd_uapi.h"
#include "tap.h"

#define IOVA 0x10000000

static uint64_t page;
static uint64_t memory; /* 16 pages */

static struct pci_ext_range
pages(unsigned int first, unsigned int n)
{
	return (struct pci_ext_range){memory + first * page, IOVA + first * page, n * page};
}

static void
check(const char *what, int got, int expected)
{
	tap_result(got == expected, "%s: %s", what, strerror(-got));
}

static int
map(const struct pci_ext_ioas *ioas, unsigned int first, unsigned int n)
{
	struct pci_ext_range range = pages(first, n);

	return pci_ext_iommufd_map(ioas, &range);
}

static int
unmap(const struct pci_ext_ioas *ioas, unsigned int first, unsigned int n)
{
	struct pci_ext_range range = pages(first, n);

	return pci_ext_iommufd_unmap(ioas, &range);
}

static void
check_maps(const struct pci_ext_ioas *ioas)
{
	check("a map", map(ioas, 4, 4), 0);
	check("the same again", map(ioas, 4, 4), -EEXIST);
	check("an overlapping one", map(ioas, 7, 2), -EEXIST);
	check("unmap of its start", unmap(ioas, 4, 1), -EINVAL);
	check("of its end", unmap(ioas, 7, 1), -EINVAL);
	check("of its middle", unmap(ioas, 5, 1), -EINVAL);
	check("across its start", unmap(ioas, 2, 3), -EINVAL);
	check("across its end", unmap(ioas, 7, 3), -EINVAL);
	check("before it", unmap(ioas, 2, 2), -ENOENT);
	check("after it", unmap(ioas, 8, 2), -ENOENT);
	check("it is still there", map(ioas, 4, 4), -EEXIST);
	check("unmap", unmap(ioas, 4, 4), 0);
	check("again", unmap(ioas, 4, 4), -ENOENT);
	check("two mappings", map(ioas, 0, 1) | map(ioas, 2, 1), 0);
	check("unmap of a range around both", unmap(ioas, 0, 4), 0);
	check("neither is there", map(ioas, 0, 4), 0);
	check("unmap", unmap(ioas, 0, 4), 0);
}

static void
check_ends(const struct pci_ext_ioas *ioas)
{
	const struct pci_ext_ioas other = {ioas->fd, ioas->id + 1};
	const struct pci_ext_range last = {memory, -page, page};
	struct pci_ext_window window = {1, 1};
	int windows = pci_ext_iommufd_windows(ioas, &window, 1);

	tap_result(windows == 1 && window.first == 0 && window.last == UINT64_MAX,
		"one window without a device: 0x%llx to 0x%llx", (unsigned long long)window.first,
		(unsigned long long)window.last);
	check("another IOAS", pci_ext_iommufd_windows(&other, NULL, 0), -ENOENT);
	check("map there", map(&other, 0, 1), -ENOENT);
	check("unmap there", unmap(&other, 0, 1), -ENOENT);
	tap_result(pci_ext_iommufd_map(ioas, &last) == 0 ||
			   pci_ext_iommufd_map(ioas, &last) == -EOVERFLOW,
		"the last page of the address space: done, or EOVERFLOW");
}

int
main(void)
{
	struct pci_ext_iommu_ioas_alloc alloc = {.size = sizeof(alloc)};
	struct pci_ext_ioas ioas = {.fd = open("/dev/iommu", O_RDWR | O_CLOEXEC)};

	page = sysconf(_SC_PAGESIZE);
	memory = (uintptr_t)mmap(
		NULL, 16 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (ioas.fd < 0 || ioctl(ioas.fd, PCI_EXT_IOMMU_IOAS_ALLOC, &alloc) != 0) {
		printf("1..0 # SKIP /dev/iommu: %s\n", strerror(errno));
		return 0;
	}
	ioas.id = alloc.out_ioas_id;
	tap_result(ioas.id == 1, "the ID of the first object of /dev/iommu is 1: %u", ioas.id);
	tap_result(pci_ext_iommufd_is_device(ioas.fd) && !pci_ext_iommufd_is_device(1),
		"/dev/iommu is known, stdout is another");
	check_maps(&ioas);
	check_ends(&ioas);
	return tap_done() ? 0 : 1;
}
