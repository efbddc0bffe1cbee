/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * backend_vfio.c with a VFIO of EAL that fails as EAL's does (rte_errno set, or only errno, or
 * neither), and with a kernel that takes its ioctls.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/vfio.h>

#include <rte_errno.h>
#include <rte_log.h>
#include <rte_vfio.h>

#include "backend.h"
#include "memory.h"
#include "unit.h"

static int fake_return, fake_rte_errno, fake_errno, calls;

static int
fail_like_eal(int container, uint64_t addr, uint64_t iova, uint64_t len)
{
	calls++;
	assert_int_equal(container, RTE_VFIO_DEFAULT_CONTAINER_FD);
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

static int fake_noiommu;

int
rte_vfio_noiommu_is_enabled(void)
{
	return fake_noiommu;
}

static bool is_eals;

bool
pci_ext_memory_is_mapped_by_eal(uint64_t iova, uint64_t len)
{
	assert_int_equal(iova, 0x10000);
	assert_int_equal(len, 0x2000);
	return is_eals;
}

/* EAL's container, or -1; or a new one each time, as some releases have it. */
static int fake_container = -1;
static bool opens_new_ones;
static int closed;

int
rte_vfio_get_container_fd(void)
{
	return opens_new_ones ? fake_container++ : fake_container;
}

int
close(int fd)
{
	closed++;
	return 0;
}

/* The kernel, with an IOMMU of type 1 or another one. */
static bool is_type1, has_lost_iommu;
static int kernel_calls, kernel_error;
static struct vfio_iommu_type1_dma_map kernel_mapped;
static struct vfio_iommu_type1_dma_unmap kernel_unmapped;

static int
get_info(struct vfio_iommu_type1_info *info)
{
	struct vfio_iommu_type1_info_dma_avail *avail = (void *)(info + 1);

	if (info->argsz < sizeof(*info) + sizeof(*avail))
		return 0;
	info->flags = VFIO_IOMMU_INFO_CAPS;
	info->cap_offset = sizeof(*info);
	avail->header = (struct vfio_info_cap_header){.id = VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL};
	avail->avail = 4711;
	return 0;
}

int
ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	void *arg;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	assert_int_equal(fd, fake_container);
	errno = is_type1 ? kernel_error : ENOTTY;
	if (request == VFIO_IOMMU_GET_INFO)
		return is_type1 && !has_lost_iommu ? get_info(arg) : -1;
	kernel_calls++;
	if (request == VFIO_IOMMU_MAP_DMA)
		kernel_mapped = *(struct vfio_iommu_type1_dma_map *)arg;
	else if (request == VFIO_IOMMU_UNMAP_DMA)
		kernel_unmapped = *(struct vfio_iommu_type1_dma_unmap *)arg;
	else
		fail();
	return errno == 0 ? 0 : -1;
}

static const struct pci_ext_target target = {.name = "x", .driver = "d", .on_vfio = true};
static const struct pci_ext_range range = {0x10000, 0x10000, 0x2000};

static int
reset(void **state)
{
	calls = kernel_calls = kernel_error = closed = 0;
	is_type1 = has_lost_iommu = opens_new_ones = false;
	fake_container = -1;
	return 0;
}

static void
check(int reported, int from_kernel, int expected)
{
	fake_return = -1;
	fake_rte_errno = reported;
	fake_errno = from_kernel;
	errno = EPERM;
	rte_errno = ENOENT; /* stale */
	assert_int_equal(pci_ext_backend_vfio.map(&target, &range), expected);
	errno = EPERM;
	rte_errno = ENOENT;
	assert_int_equal(pci_ext_backend_vfio.unmap(&target, &range), expected);
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
errors_are_those_of_the_contract(void **state)
{
	check(0, ENOSPC, -ENOMEM);
	check(ENODEV, 0, -EINVAL);
}

static void
success_is_zero(void **state)
{
	fake_return = 0;
	fake_rte_errno = EIO;
	assert_int_equal(pci_ext_backend_vfio.map(&target, &range), 0);
	assert_int_equal(pci_ext_backend_vfio.unmap(&target, &range), 0);
	assert_int_equal(calls, 2);
}

static void
memory_of_eal_is_mapped_already(void **state)
{
	fake_return = 0;
	is_eals = true;
	assert_int_equal(pci_ext_backend_vfio.map(&target, &range), -EEXIST);
	assert_int_equal(calls, 0);
	is_eals = false;
	assert_int_equal(pci_ext_backend_vfio.map(&target, &range), 0);
}

static void
type1_is_mapped_by_the_kernel(void **state)
{
	static const struct {
		int from_kernel;
		int expected;
	} cases[] = {
		{0, 0},
		{EEXIST, -EEXIST},
		{EFAULT, -EFAULT},
		{EINVAL, -EINVAL},
		{ENOMEM, -ENOMEM},
		{ENOSPC, -ENOMEM},
	};
	size_t i;

	is_type1 = true;
	fake_container = 30;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		kernel_error = cases[i].from_kernel;
		assert_int_equal(pci_ext_backend_vfio.map(&target, &range), cases[i].expected);
		assert_int_equal(pci_ext_backend_vfio.unmap(&target, &range), cases[i].expected);
	}
	assert_int_equal(calls, 0);
	assert_int_equal(kernel_mapped.vaddr, range.addr);
	assert_int_equal(kernel_mapped.iova, range.iova);
	assert_int_equal(kernel_mapped.size, range.len);
	assert_int_equal(kernel_mapped.flags, VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE);
	assert_int_equal(kernel_unmapped.iova, range.iova);
	assert_int_equal(kernel_unmapped.size, range.len);
}

/* The last device has gone, so what was mapped has gone already. */
static void
container_without_an_iommu_has_nothing(void **state)
{
	is_type1 = true;
	fake_container = 30;
	assert_int_equal(pci_ext_backend_vfio.map(&target, &range), 0);
	kernel_error = EINVAL;
	assert_int_equal(pci_ext_backend_vfio.unmap(&target, &range), -EINVAL);
	has_lost_iommu = true;
	assert_int_equal(pci_ext_backend_vfio.unmap(&target, &range), 0);
	assert_int_equal(pci_ext_backend_vfio.map(&target, &range), -EINVAL);
	kernel_error = EIO;
	assert_int_equal(pci_ext_backend_vfio.unmap(&target, &range), -EIO);
}

static void
other_types_are_left_to_eal(void **state)
{
	fake_container = 40;
	fake_return = 0;
	assert_int_equal(pci_ext_backend_vfio.map(&target, &range), 0);
	assert_int_equal(pci_ext_backend_vfio.unmap(&target, &range), 0);
	assert_int_equal(calls, 2);
	assert_int_equal(kernel_calls, 0);
}

/* Who reads the log knows that there is no protection; once is enough. */
static void
missing_iommu_is_told_once(void **state)
{
	char text[512] = "";
	FILE *stream = fmemopen(text, sizeof(text), "w");
	const char *told;

	fake_return = 0;
	fake_noiommu = 1;
	rte_openlog_stream(stream);
	fake_container = -1; /* hidden: who knows */
	assert_int_equal(pci_ext_backend_vfio.map(&target, &range), 0);
	fflush(stream);
	assert_string_equal(text, "");
	fake_container = 40;
	assert_int_equal(pci_ext_backend_vfio.map(&target, &range), 0);
	assert_int_equal(pci_ext_backend_vfio.map(&target, &range), 0);
	fflush(stream);
	told = strstr(text, "without an IOMMU");
	assert_non_null(told);
	assert_null(strstr(told + 1, "without an IOMMU"));
	assert_int_equal(pci_ext_backend_vfio.unmap(&target, &range), 0);
	rte_openlog_stream(NULL);
	fclose(stream);
}

static void
what_is_left_is_counted(void **state)
{
	char text[256];

	is_type1 = true;
	fake_container = 30;
	pci_ext_backend_vfio.describe_limits(text, sizeof(text));
	assert_non_null(strstr(text, "4711 left"));
}

/* The last one: it is found once and remembered. */
static void
containers_that_are_not_eals_are_closed(void **state)
{
	is_type1 = true;
	opens_new_ones = true;
	fake_container = 50;
	fake_return = 0;
	assert_int_equal(pci_ext_backend_vfio.map(&target, &range), 0);
	assert_int_equal(pci_ext_backend_vfio.unmap(&target, &range), 0);
	assert_int_equal(fake_container, 52);
	assert_int_equal(closed, 2);
	assert_int_equal(calls, 2);
}

static void
wants_pages(void **state)
{
	assert_int_equal(pci_ext_backend_vfio.granule(), sysconf(_SC_PAGESIZE));
}

static void
serves_claimed_devices_on_vfio(void **state)
{
	static const struct pci_ext_target unclaimed = {.on_vfio = true};
	static const struct pci_ext_target on_kernel = {.driver = "d"};

	assert_true(pci_ext_backend_vfio.match(&target));
	assert_false(pci_ext_backend_vfio.match(&unclaimed));
	assert_false(pci_ext_backend_vfio.match(&on_kernel));
}

static void
limits_are_named(void **state)
{
	char text[256];

	pci_ext_backend_vfio.describe_limits(text, sizeof(text));
	assert_non_null(strstr(text, "RLIMIT_MEMLOCK"));
	assert_non_null(strstr(text, "dma_entry_limit"));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(stale_errnos_are_never_reported, reset),
		cmocka_unit_test_setup(errors_are_those_of_the_contract, reset),
		cmocka_unit_test_setup(success_is_zero, reset),
		cmocka_unit_test_setup(memory_of_eal_is_mapped_already, reset),
		cmocka_unit_test_setup(type1_is_mapped_by_the_kernel, reset),
		cmocka_unit_test_setup(container_without_an_iommu_has_nothing, reset),
		cmocka_unit_test_setup(missing_iommu_is_told_once, reset),
		cmocka_unit_test_setup(other_types_are_left_to_eal, reset),
		cmocka_unit_test_setup(what_is_left_is_counted, reset),
		cmocka_unit_test_setup(wants_pages, reset),
		cmocka_unit_test_setup(serves_claimed_devices_on_vfio, reset),
		cmocka_unit_test_setup(limits_are_named, reset),
		cmocka_unit_test_setup(containers_that_are_not_eals_are_closed, reset),
	};

	return cmocka_run_group_tests_name("backend_vfio", tests, NULL, NULL);
}
