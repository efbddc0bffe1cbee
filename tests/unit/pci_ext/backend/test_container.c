/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * container.c with an EAL that gives its container away, or opens a new one on each call, or has
 * none. /dev/null stands for /dev/vfio/vfio: its descriptors are real, and their IOMMU is made up.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <linux/vfio.h>

#include <rte_errno.h>
#include <rte_log.h>
#include <rte_vfio.h>

#include "backend/container.h"
#include "unit.h"

#define MAX_FD 64

static int eals = -1;	     /* EAL's container */
static bool opens_new_ones;  /* EAL, on each call */
static int opened[2], nb_opened;
static bool has_iommu[MAX_FD]; /* a descriptor */
static bool is_noiommu;

int
stat(const char *path, struct stat *st)
{
	assert_string_equal(path, "/dev/vfio/vfio");
	memset(st, 0, sizeof(*st));
	st->st_rdev = makedev(1, 3);
	return 0;
}

static int
open_container(bool iommu)
{
	int fd = open("/dev/null", O_RDWR);

	assert_uint_in_range(fd, 1, MAX_FD - 1);
	has_iommu[fd] = iommu;
	return fd;
}

int
rte_vfio_get_container_fd(void)
{
	if (!opens_new_ones)
		return eals;
	assert_true(nb_opened < 2);
	return opened[nb_opened++] = open_container(false);
}

/* A kernel's, with one between that is not known here; none if there are no windows. */
static unsigned int nb_windows;

static void
add_capabilities(struct vfio_iommu_type1_info *info)
{
	struct vfio_info_cap_header *other = (void *)(info + 1);
	struct vfio_iommu_type1_info_cap_iova_range *ranges = (void *)(other + 1);
	struct vfio_iommu_type1_info_dma_avail *avail = (void *)&ranges->iova_ranges[nb_windows];
	unsigned int i;

	if (nb_windows == 0)
		return;
	info->flags = VFIO_IOMMU_INFO_CAPS;
	info->cap_offset = sizeof(*info);
	*other = (struct vfio_info_cap_header){
		.id = 4711, .next = info->cap_offset + sizeof(*other)};
	ranges->header = (struct vfio_info_cap_header){.id = VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE,
		.next = (uintptr_t)avail - (uintptr_t)info};
	ranges->nr_iovas = nb_windows;
	for (i = 0; i < nb_windows; i++) {
		ranges->iova_ranges[i].start = i * 0x10000;
		ranges->iova_ranges[i].end = i * 0x10000 + 0xfff;
	}
	avail->header = (struct vfio_info_cap_header){.id = VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL};
	avail->avail = 65535;
}

int
ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	struct vfio_iommu_type1_info *info;

	va_start(args, request);
	info = va_arg(args, void *);
	va_end(args);
	errno = ENOTTY;
	if (request == VFIO_CHECK_EXTENSION) {
		assert_int_equal((uintptr_t)info, VFIO_NOIOMMU_IOMMU);
		return is_noiommu;
	}
	assert_int_equal(request, VFIO_IOMMU_GET_INFO);
	assert_true(info->argsz >= sizeof(*info));
	if (has_iommu[fd] && info->argsz > sizeof(*info))
		add_capabilities(info);
	return has_iommu[fd] ? 0 : -1;
}

/* EAL's map and unmap fail as EAL's do: rte_errno set, or only errno, or neither. */
static int fake_return, fake_rte_errno, fake_errno, calls;

static int
fail_like_eal(int container, uint64_t addr, uint64_t iova, uint64_t len)
{
	calls++;
	assert_int_equal(container, RTE_VFIO_DEFAULT_CONTAINER_FD);
	assert_int_equal(addr, 0x10000);
	assert_int_equal(iova, 0x20000);
	assert_int_equal(len, 0x3000);
	if (fake_rte_errno != 0)
		rte_errno = fake_rte_errno;
	if (fake_errno != 0)
		errno = fake_errno;
	return fake_return;
}

int
rte_vfio_container_dma_map(int container, uint64_t addr, uint64_t iova, uint64_t len)
{
	return fail_like_eal(container, addr, iova, len);
}

int
rte_vfio_container_dma_unmap(int container, uint64_t addr, uint64_t iova, uint64_t len)
{
	return fail_like_eal(container, addr, iova, len);
}

static void
check(int reported, int from_kernel, int expected)
{
	static const struct pci_ext_range range = {0x10000, 0x20000, 0x3000};

	fake_return = -1;
	fake_rte_errno = reported;
	fake_errno = from_kernel;
	errno = EPERM;
	rte_errno = ENOENT; /* stale */
	assert_int_equal(pci_ext_container_map_by_eal(&range), expected);
	errno = EPERM;
	rte_errno = ENOENT;
	assert_int_equal(pci_ext_container_unmap_by_eal(&range), expected);
	fake_return = 0;
	assert_int_equal(pci_ext_container_map_by_eal(&range), 0);
	assert_int_equal(pci_ext_container_unmap_by_eal(&range), 0);
}

static void
stale_errnos_are_never_reported(void **state)
{
	check(ENOMEM, 0, -ENOMEM);
	check(0, EFAULT, -EFAULT);
	check(EINVAL, EFAULT, -EINVAL);
	check(0, 0, -EIO);
}

static void
noiommu_is_asked_of_the_kernel(void **state)
{
	assert_false(pci_ext_container_is_noiommu(3));
	is_noiommu = true;
	assert_true(pci_ext_container_is_noiommu(3));
}

static void
eals_own_is_taken(void **state)
{
	assert_int_equal(pci_ext_container_find(), -1);
	eals = open_container(false);
	assert_int_equal(pci_ext_container_find(), eals);
	close(eals);
	eals = -1;
	assert_int_equal(pci_ext_container_find(), -1);
}

static void
search_twice(int expected, char text[512])
{
	FILE *stream = fmemopen(text, 512, "w");

	rte_openlog_stream(stream);
	assert_int_equal(pci_ext_container_find(), expected);
	assert_int_equal(pci_ext_container_find(), expected);
	rte_openlog_stream(NULL);
	fclose(stream);
}

static void
capabilities_are_read(void **state)
{
	struct pci_ext_windows windows;
	int with = open_container(true), without = open_container(false);

	nb_windows = 0;
	pci_ext_container_read_windows(with, &windows);
	assert_int_equal(windows.nb, 0);
	assert_int_equal(pci_ext_container_read_available(with), -1);
	nb_windows = 2;
	pci_ext_container_read_windows(with, &windows);
	assert_int_equal(windows.nb, 2);
	assert_int_equal(windows.at[0].last, 0xfff);
	assert_int_equal(windows.at[1].first, 0x10000);
	assert_int_equal(windows.at[1].last, 0x10fff);
	assert_int_equal(pci_ext_container_read_available(with), 65535);
	nb_windows = PCI_EXT_WINDOWS_MAX + 1;
	pci_ext_container_read_windows(with, &windows);
	assert_int_equal(windows.nb, nb_windows);
	assert_int_equal(windows.at[PCI_EXT_WINDOWS_MAX - 1].first,
		(PCI_EXT_WINDOWS_MAX - 1) * 0x10000);
	pci_ext_container_read_windows(without, &windows);
	assert_int_equal(windows.nb, 0);
	assert_int_equal(pci_ext_container_read_available(without), -1);
	pci_ext_container_read_windows(-1, &windows);
	assert_int_equal(windows.nb, 0);
	assert_int_equal(pci_ext_container_read_available(-1), -1);
	close(with);
	close(without);
}

/* Last: what is hidden stays so, and what has been found is not searched for again. */
static void
hidden_one_is_found_by_its_iommu(void **state)
{
	char text[512] = "";
	const char *line;
	int hidden, users;

	opens_new_ones = true;
	search_twice(-1, text);
	assert_int_equal(nb_opened, 2);
	assert_int_equal(fcntl(opened[0], F_GETFD), -1);
	assert_int_equal(fcntl(opened[1], F_GETFD), -1);
	assert_string_equal(text, "");

	hidden = open_container(true);
	users = open_container(true);
	search_twice(-1, text);
	line = strstr(text, "the process has several");
	assert_non_null(line);
	assert_null(strstr(line + 1, "the process has several"));

	close(users);
	users = open_container(false);
	assert_int_equal(pci_ext_container_find(), hidden);
	has_iommu[hidden] = false; /* with its last device */
	has_iommu[users] = true;
	assert_int_equal(pci_ext_container_find(), hidden);
	assert_int_equal(nb_opened, 2);
	close(hidden);
	close(users);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(stale_errnos_are_never_reported),
		cmocka_unit_test(noiommu_is_asked_of_the_kernel),
		cmocka_unit_test(eals_own_is_taken),
		cmocka_unit_test(capabilities_are_read),
		cmocka_unit_test(hidden_one_is_found_by_its_iommu),
	};

	return cmocka_run_group_tests_name("container", tests, NULL, NULL);
}
