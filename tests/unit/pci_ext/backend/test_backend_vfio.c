/* SPDX-License-Identifier: BSD-3-Clause */
/* backend_vfio.c with a container and a kernel that are made up: of type 1, iommufd, or another. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/vfio.h>

#include <rte_log.h>

#include "backend/backend.h"
#include "backend/container.h"
#include "explained.h"
#include "backend/iommufd_uapi.h"
#include "common/memory.h"
#include "unit.h"

static int fake_container = -1; /* EAL's */
static bool is_type1, has_lost_iommu, is_noiommu;
static int fake_return, calls; /* of EAL's functions */
static int kernel_calls, kernel_error;
static struct vfio_iommu_type1_dma_map kernel_mapped;
static struct vfio_iommu_type1_dma_unmap kernel_unmapped;

int
pci_ext_container_find(void)
{
	return fake_container;
}

bool
pci_ext_container_is_noiommu(int fd)
{
	assert_int_equal(fd, fake_container);
	return is_noiommu;
}

int
pci_ext_container_map_by_eal(const struct pci_ext_range *asked)
{
	calls++;
	return fake_return;
}

int
pci_ext_container_unmap_by_eal(const struct pci_ext_range *asked)
{
	calls++;
	return fake_return;
}

bool
pci_ext_container_read_info(int fd, struct vfio_iommu_type1_info *info, size_t size)
{
	assert_int_equal(fd, fake_container);
	if (!is_type1 || has_lost_iommu)
		return false;
	memset(info, 0, size);
	return true;
}

static bool is_eals;
static uint64_t asked_iova = 0x10000;
static long long available = 4711;

enum pci_ext_eal_use
pci_ext_memory_eal_use(uint64_t iova, uint64_t len)
{
	assert_int_equal(iova, asked_iova);
	assert_int_equal(len, 0x2000);
	return is_eals ? PCI_EXT_EAL_MAPPED : PCI_EXT_EAL_NONE;
}

void
pci_ext_memory_describe_eal_use(enum pci_ext_eal_use use, FILE *out)
{
	assert_int_equal(use, PCI_EXT_EAL_MAPPED);
	fputs("by EAL", out);
}

/* A 39-bit IOMMU. */
void
pci_ext_container_read_windows(int fd, struct pci_ext_windows *windows)
{
	*windows = (struct pci_ext_windows){0};
	if (fd >= 0 && is_type1 && !has_lost_iommu)
		*windows =
			(struct pci_ext_windows){2, {{0, 0xfedfffff}, {0xfef00000, 0x7fffffffff}}};
}

long long
pci_ext_container_read_available(int fd)
{
	return fd >= 0 && is_type1 ? available : -1;
}

/* The ID of the IOAS behind the container, or 0, and a page that is mapped there. */
static uint32_t fake_ioas;
static uint64_t mapped_page;

static bool unmaps_nothing;

static void
note_unmap(struct vfio_iommu_type1_dma_unmap *unmap)
{
	kernel_unmapped = *unmap;
	if (unmaps_nothing)
		unmap->size = 0;
}

static int
ask_iommufd(unsigned long request, void *arg)
{
	const struct pci_ext_iommu_ioas_copy *copy = arg;

	errno = ENOTTY;
	if (fake_ioas == 0)
		return -1;
	if (request == PCI_EXT_IOMMU_VFIO_IOAS) {
		((struct pci_ext_iommu_vfio_ioas *)arg)->ioas_id = fake_ioas;
		return 0;
	}
	assert_int_equal(copy->src_ioas_id, fake_ioas);
	assert_int_equal(copy->dst_ioas_id, fake_ioas);
	errno = copy->src_iova == mapped_page ? EEXIST : ENOENT;
	return -1;
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
	if (request == PCI_EXT_IOMMU_VFIO_IOAS || request == PCI_EXT_IOMMU_IOAS_COPY)
		return ask_iommufd(request, arg);
	errno = is_type1 ? kernel_error : ENOTTY;
	kernel_calls++;
	if (request == VFIO_IOMMU_MAP_DMA)
		kernel_mapped = *(struct vfio_iommu_type1_dma_map *)arg;
	else if (request == VFIO_IOMMU_UNMAP_DMA)
		note_unmap(arg);
	else
		fail();
	return errno == 0 ? 0 : -1;
}

static const struct pci_ext_target target = {.name = "x", .driver = "d", .on_vfio = true};
static const struct pci_ext_range range = {0x10000, 0x10000, 0x2000};

static int
reset(void **state)
{
	calls = kernel_calls = kernel_error = fake_return = 0;
	is_type1 = has_lost_iommu = is_noiommu = false;
	fake_ioas = 0;
	mapped_page = 0;
	fake_container = -1;
	return 0;
}

static void
errors_are_those_of_the_contract(void **state)
{
	static const int cases[][2] = {
		{-ENOSPC, -ENOMEM}, {-ENODEV, -EINVAL}, {-EFAULT, -EFAULT}, {-EIO, -EIO}};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fake_return = cases[i][0];
		assert_int_equal(pci_ext_backend_vfio.map(&target, &range, NULL), cases[i][1]);
		assert_int_equal(pci_ext_backend_vfio.unmap(&target, &range), cases[i][1]);
	}
}

static void
success_is_zero(void **state)
{
	assert_int_equal(pci_ext_backend_vfio.map(&target, &range, NULL), 0);
	assert_int_equal(pci_ext_backend_vfio.unmap(&target, &range), 0);
	assert_int_equal(calls, 2);
}

static void
memory_of_eal_is_mapped_implicitly(void **state)
{
	fake_return = 0;
	is_eals = true;
	assert_int_equal(pci_ext_backend_vfio.map(&target, &range, NULL), -EEXIST);
	assert_int_equal(calls, 0);
	is_eals = false;
	assert_int_equal(pci_ext_backend_vfio.map(&target, &range, NULL), 0);
}

static void
type1_is_mapped_by_the_kernel(void **state)
{
	static const struct {
		int from_kernel, expected;
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
		assert_int_equal(
			pci_ext_backend_vfio.map(&target, &range, NULL), cases[i].expected);
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

static void
memory_to_read_is_mapped_so(void **state)
{
	struct pci_ext_range to_read = range;

	to_read.access = PCI_EXT_ACCESS_READ;
	is_type1 = true;
	fake_container = 30;
	assert_int_equal(pci_ext_backend_vfio.map(&target, &to_read, NULL), 0);
	assert_int_equal(kernel_mapped.flags, VFIO_DMA_MAP_FLAG_READ);
	assert_int_equal(pci_ext_backend_vfio.confirm(&target, &to_read), 1);
	assert_int_equal(kernel_mapped.flags, VFIO_DMA_MAP_FLAG_READ);
	/* EAL's own call would map it for writing, too. */
	fake_container = -1;
	assert_int_equal(pci_ext_backend_vfio.map(&target, &to_read, NULL), -ENOTSUP);
	assert_int_equal(calls, 0);
}

/* The kernel refuses to map what is mapped. */
static void
confirm_makes_a_mapping_that_is_gone(void **state)
{
	is_type1 = true;
	fake_container = 30;
	kernel_error = EEXIST;
	assert_int_equal(pci_ext_backend_vfio.confirm(&target, &range), 0);
	kernel_error = 0;
	assert_int_equal(pci_ext_backend_vfio.confirm(&target, &range), 1);
	kernel_error = EFAULT;
	assert_int_equal(pci_ext_backend_vfio.confirm(&target, &range), -EFAULT);
	fake_container = -1; /* EAL's own map does not tell */
	calls = 0;
	assert_int_equal(pci_ext_backend_vfio.confirm(&target, &range), 0);
	assert_int_equal(calls, 0);
}

/* The last device has been removed, and with it its mappings. */
static void
container_without_an_iommu_has_nothing(void **state)
{
	is_type1 = true;
	fake_container = 30;
	assert_int_equal(pci_ext_backend_vfio.map(&target, &range, NULL), 0);
	kernel_error = EINVAL;
	assert_int_equal(pci_ext_backend_vfio.unmap(&target, &range), -EINVAL);
	has_lost_iommu = true;
	assert_int_equal(pci_ext_backend_vfio.unmap(&target, &range), 0);
	assert_int_equal(pci_ext_backend_vfio.map(&target, &range, NULL), -EINVAL);
	kernel_error = EIO;
	assert_int_equal(pci_ext_backend_vfio.unmap(&target, &range), -EIO);
}

/* ENOENT: nothing is mapped there, or a mapping reaches beyond the range. Type 1 has no ENOENT. */
static void
iommufd_answers_as_type1_does(void **state)
{
	is_type1 = true;
	fake_container = 30;
	kernel_error = ENOENT;
	fake_ioas = 7;
	assert_int_equal(pci_ext_backend_vfio.unmap(&target, &range), 0);
	mapped_page = range.iova;
	assert_int_equal(pci_ext_backend_vfio.unmap(&target, &range), -EINVAL);
	mapped_page = range.iova + range.len - sysconf(_SC_PAGESIZE);
	assert_int_equal(pci_ext_backend_vfio.unmap(&target, &range), -EINVAL);
	mapped_page = 0;
	fake_ioas = 0;
	assert_int_equal(pci_ext_backend_vfio.unmap(&target, &range), -EINVAL);
}

static void
other_types_are_left_to_eal(void **state)
{
	fake_container = 40;
	fake_return = 0;
	assert_int_equal(pci_ext_backend_vfio.map(&target, &range, NULL), 0);
	assert_int_equal(pci_ext_backend_vfio.unmap(&target, &range), 0);
	assert_int_equal(calls, 2);
	assert_int_equal(kernel_calls, 0);
}

/* Runs act, and stores its log in text. */
static void
log_of(void (*act)(void), char text[512])
{
	FILE *stream = fmemopen(text, 512, "w");

	rte_openlog_stream(stream);
	act();
	rte_openlog_stream(NULL);
	fclose(stream);
}

static void
unmap_once(void)
{
	assert_int_equal(pci_ext_backend_vfio.unmap(&target, &range), 0);
}

static void
unmap_of_nothing_is_logged(void **state)
{
	char text[512] = "";

	is_type1 = true;
	fake_container = 30;
	log_of(unmap_once, text);
	assert_string_equal(text, "");
	unmaps_nothing = true;
	log_of(unmap_once, text);
	assert_non_null(strstr(text, "x: iova 0x10000 len 0x2000 was not mapped any more"));
	unmaps_nothing = false;
}

static void
map_thrice(void)
{
	fake_return = -ENOMEM; /* refused: nothing to warn of */
	assert_int_equal(pci_ext_backend_vfio.map(&target, &range, NULL), -ENOMEM);
	fake_return = 0;
	assert_int_equal(pci_ext_backend_vfio.map(&target, &range, NULL), 0);
	assert_int_equal(pci_ext_backend_vfio.map(&target, &range, NULL), 0);
}

/* There is no protection without an IOMMU, and EAL has limits of its own. */
static void
missing_iommu_is_logged_once(void **state)
{
	static const char *const lines[] = {
		"runs without an IOMMU", "go through EAL, which accepts 256"};
	char text[512] = "";
	const char *line;
	size_t i;

	is_noiommu = true;
	fake_container = 40;
	log_of(map_thrice, text);
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		line = strstr(text, lines[i]);
		assert_non_null(line);
		assert_null(strstr(line + 1, lines[i]));
	}
}

static void
requires_pages(void **state)
{
	assert_int_equal(pci_ext_backend_vfio.granule(), sysconf(_SC_PAGESIZE));
}

static void
serves_claimed_devices_on_vfio(void **state)
{
	static const struct pci_ext_target unclaimed = {.on_vfio = true};
	static const struct pci_ext_target on_kernel = {.driver = "d"};
	static const struct pci_ext_target apart = {
		.driver = "d", .on_vfio = true, .is_apart = true};

	assert_true(pci_ext_backend_vfio.match(&target));
	assert_false(pci_ext_backend_vfio.match(&unclaimed));
	assert_false(pci_ext_backend_vfio.match(&on_kernel));
	assert_false(pci_ext_backend_vfio.match(&apart));
}

static void
limits_are_named(void **state)
{
	const char *text = explained(&pci_ext_backend_vfio, &range, -ENOMEM);

	assert_non_null(strstr(text, "RLIMIT_MEMLOCK (ulimit -l) is "));
	assert_non_null(strstr(text, "dma_entry_limit"));
	assert_non_null(strstr(text, "EAL holds 256"));
	is_type1 = true;
	fake_container = 30;
	text = explained(&pci_ext_backend_vfio, &range, -ENOMEM);
	assert_non_null(strstr(text, "4711 left"));
	assert_null(strstr(text, "EAL holds 256"));
}

static void
windows_are_named(void **state)
{
	static const struct pci_ext_range beyond = {0x10000, 0x7fffffffff, 0x1000};

	is_type1 = true;
	fake_container = 30;
	assert_non_null(strstr(explained(&pci_ext_backend_vfio, &beyond, -EINVAL),
		"the IOMMU accepts IOVAs of 0x0 to 0xfedfffff, 0xfef00000 to 0x7fffffffff: "));
	assert_string_equal(explained(&pci_ext_backend_vfio, &range, -EINVAL), "");
	has_lost_iommu = true;
	assert_string_equal(explained(&pci_ext_backend_vfio, &range, -EINVAL),
		"EAL's VFIO container has no device");
}

static void
other_refusals_are_explained(void **state)
{
	static const struct pci_ext_range hole = {0xffffffffffff0000, 0, 0x1000};

	assert_non_null(strstr(explained(&pci_ext_backend_vfio, &hole, -EFAULT), "is not mapped"));
	assert_non_null(strstr(explained(&pci_ext_backend_vfio, &range, -EEXIST),
		"that rte_dev_dma_map() has not made"));
	is_eals = true;
	assert_string_equal(explained(&pci_ext_backend_vfio, &range, -EEXIST), "by EAL");
	is_eals = false;
	assert_string_equal(explained(&pci_ext_backend_vfio, &range, -EIO), "");
	assert_non_null(strstr(explained(&pci_ext_backend_vfio, &range, -ENOTSUP),
		"EAL itself maps for reading and writing"));
}

static int
check(const void *addr, uint64_t iova)
{
	const struct pci_ext_range asked = {(uintptr_t)addr, iova, 0x2000};

	asked_iova = iova;
	return pci_ext_backend_vfio.check(&asked);
}

static void
check_finds_what_the_kernel_would(void **state)
{
	static char memory[0x2000];
	const void *const hole = (const void *)0xffffffffffff0000;

	assert_int_equal(check(memory, 0xfedff000), 0); /* unknown windows */
	is_type1 = true;
	fake_container = 30;
	assert_int_equal(check(memory, 0x10000), 0);
	assert_int_equal(check(memory, 0xfedff000), -EINVAL);
	assert_int_equal(check(hole, 0x10000), -EFAULT);
	available = 0;
	assert_int_equal(check(memory, 0x10000), -ENOMEM);
	available = 4711;
	is_eals = true;
	assert_int_equal(check(memory, 0x10000), -EEXIST);
	is_eals = false;
	asked_iova = 0x10000;
	assert_int_equal(kernel_calls + calls, 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		/* First: each is logged once in a process. */
		cmocka_unit_test_setup(missing_iommu_is_logged_once, reset),
		cmocka_unit_test_setup(errors_are_those_of_the_contract, reset),
		cmocka_unit_test_setup(success_is_zero, reset),
		cmocka_unit_test_setup(memory_of_eal_is_mapped_implicitly, reset),
		cmocka_unit_test_setup(type1_is_mapped_by_the_kernel, reset),
		cmocka_unit_test_setup(confirm_makes_a_mapping_that_is_gone, reset),
		cmocka_unit_test_setup(memory_to_read_is_mapped_so, reset),
		cmocka_unit_test_setup(unmap_of_nothing_is_logged, reset),
		cmocka_unit_test_setup(container_without_an_iommu_has_nothing, reset),
		cmocka_unit_test_setup(iommufd_answers_as_type1_does, reset),
		cmocka_unit_test_setup(other_types_are_left_to_eal, reset),
		cmocka_unit_test_setup(requires_pages, reset),
		cmocka_unit_test_setup(serves_claimed_devices_on_vfio, reset),
		cmocka_unit_test_setup(limits_are_named, reset),
		cmocka_unit_test_setup(windows_are_named, reset),
		cmocka_unit_test_setup(other_refusals_are_explained, reset),
		cmocka_unit_test_setup(check_finds_what_the_kernel_would, reset),
	};

	return cmocka_run_group_tests_name("backend_vfio", tests, NULL, NULL);
}
