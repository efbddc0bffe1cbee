/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * backend_iommufd.c with an EAL whose default container is /dev/iommu, as no release has it, or
 * something else, on a kernel that is a model of Linux 6.12.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <rte_log.h>

#include "backend/backend.h"
#include "backend/container.h"
#include "explained.h"
#include "fake_iommufd.h"
#include "common/memory.h"
#include "unit.h"

#define backend pci_ext_backend_iommufd

static int container;
static bool is_eals;

int
pci_ext_container_find(void)
{
	return container;
}

enum pci_ext_eal_use
pci_ext_memory_eal_use(uint64_t iova, uint64_t len)
{
	return is_eals ? PCI_EXT_EAL_RESERVED : PCI_EXT_EAL_NONE;
}

void
pci_ext_memory_describe_eal_use(enum pci_ext_eal_use use, FILE *out)
{
	if (use != PCI_EXT_EAL_NONE)
		fputs("by EAL", out);
}

static struct rlimit memlock;

int
getrlimit(__rlimit_resource_t resource, struct rlimit *limit)
{
	if (resource != RLIMIT_MEMLOCK) /* sanitizers ask for others, before main() */
		return prlimit(0, resource, NULL, limit);
	*limit = memlock;
	return 0;
}

static const struct pci_ext_target target = {.name = "x", .driver = "d", .on_vfio = true};
static const struct pci_ext_range range = {0x7f0000010000, 0x10000, 0x3000};
static const struct pci_ext_range reserved = {0x10000, 0xfed00000, 0x200000};

/* Another container for each case, as the backend remembers what it found. */
static int
reset(void **state)
{
	static int next = 1030; /* beyond what is open */

	fake_iommufd_reset();
	container = fake_iommufd.fd = next++;
	is_eals = false;
	return 0;
}

static char text[2048];
static FILE *stream;

static void
record_log(void)
{
	memset(text, 0, sizeof(text));
	stream = fmemopen(text, sizeof(text), "w");
	rte_openlog_stream(stream);
}

static void
end_log(void)
{
	rte_openlog_stream(NULL);
	fclose(stream);
}

static void
serves_claimed_devices_on_vfio(void **state)
{
	static const struct pci_ext_target unclaimed = {.on_vfio = true};
	static const struct pci_ext_target on_kernel = {.driver = "d"};
	static const struct pci_ext_target apart = {
		.driver = "d", .on_vfio = true, .is_apart = true};

	assert_true(backend.match(&target));
	assert_false(backend.match(&unclaimed));
	assert_false(backend.match(&on_kernel));
	assert_false(backend.match(&apart));
	assert_true(backend.shared);
	assert_string_equal(backend.name, "iommufd");
	assert_int_equal(backend.granule(), sysconf(_SC_PAGESIZE));
}

static void
other_containers_are_left_to_vfio(void **state)
{
	container = -1;
	assert_false(backend.match(&target));
	container = open("/dev/null", O_RDWR); /* a device too, as /dev/vfio/vfio is */
	assert_true(container >= 0 && container != fake_iommufd.fd);
	assert_false(backend.match(&target));
	close(container);
	container = fake_iommufd.fd;
	fake_iommufd.is_absent = true;
	assert_false(backend.match(&target));
	assert_int_equal(fake_iommufd.calls, 0);
}

/* Each map and unmap asks, also where VFIO's own container is the usual answer. */
static void
a_container_is_looked_at_once(void **state)
{
	int stats;

	assert_true(backend.match(&target));
	stats = fake_iommufd.stats;
	assert_true(stats > 0);
	assert_true(backend.match(&target));
	assert_int_equal(fake_iommufd.stats, stats);
	reset(state);
	fake_iommufd.is_absent = true;
	assert_false(backend.match(&target));
	stats = fake_iommufd.stats;
	assert_true(stats > 0);
	assert_false(backend.match(&target));
	assert_int_equal(backend.unmap(&target, &range), -ENOENT);
	assert_int_equal(fake_iommufd.stats, stats);
}

/* EAL has something else there: its own calls are better than a wrong address space. */
static void
without_an_ioas_it_serves_nothing(void **state)
{
	char *told;

	fake_iommufd.ioas = 2;
	record_log();
	assert_false(backend.match(&target));
	assert_false(backend.match(&target));
	end_log();
	told = strstr(text, "its object 1 is no IOAS");
	assert_non_null(told);
	assert_null(strstr(told + 1, "its object"));
	assert_int_equal(backend.map(&target, &range, NULL), -EINVAL);
	assert_int_equal(backend.unmap(&target, &range), -ENOENT);
	assert_int_equal(fake_iommufd_areas(), 0);
}

static void
maps_and_unmaps_in_eals_address_space(void **state)
{
	assert_int_equal(backend.map(&target, &range, NULL), 0);
	assert_int_equal(fake_iommufd.areas[0].va, range.addr);
	assert_int_equal(fake_iommufd.areas[0].iova, range.iova);
	assert_int_equal(fake_iommufd.areas[0].len, range.len);
	assert_int_equal(backend.map(&target, &range, NULL), -EEXIST);
	assert_int_equal(backend.unmap(&target, &range), 0);
	assert_int_equal(fake_iommufd_areas(), 0);
	assert_int_equal(backend.unmap(&target, &range), -ENOENT);
}

/* The container is asked about once, not with each map. */
static void
a_map_is_one_call(void **state)
{
	assert_true(backend.match(&target));
	fake_iommufd.calls = 0;
	assert_int_equal(backend.map(&target, &range, NULL), 0);
	assert_int_equal(backend.unmap(&target, &range), 0);
	assert_int_equal(fake_iommufd.calls, 2);
}

static void
a_mapping_of_others_is_not_cut(void **state)
{
	fake_iommufd_put(range.iova + 0x1000, 0x10000);
	assert_int_equal(backend.unmap(&target, &range), -EINVAL);
	assert_int_equal(fake_iommufd_areas(), 1);
}

static void
confirm_makes_a_mapping_that_is_gone(void **state)
{
	assert_int_equal(backend.map(&target, &range, NULL), 0);
	assert_int_equal(backend.confirm(&target, &range), 0);
	assert_int_equal(backend.unmap(&target, &range), 0);
	assert_int_equal(backend.confirm(&target, &range), 1);
	assert_int_equal(fake_iommufd_areas(), 1);
	assert_int_equal(backend.unmap(&target, &range), 0);
	assert_int_equal(backend.confirm(&target, &reserved), -EINVAL);
}

static void
memory_of_eal_is_mapped_already(void **state)
{
	is_eals = true;
	assert_int_equal(backend.map(&target, &range, NULL), -EEXIST);
	assert_int_equal(fake_iommufd_areas(), 0);
}

static void
errors_are_those_of_the_contract(void **state)
{
	static const struct {
		int from_kernel, of_map, of_unmap;
	} cases[] = {
		{EEXIST, -EEXIST, -EEXIST},
		{EFAULT, -EFAULT, -EFAULT},
		{EINVAL, -EINVAL, -EINVAL},
		{ENOMEM, -ENOMEM, -ENOMEM},
		{ENOSPC, -ENOMEM, -ENOMEM},
		{EOVERFLOW, -EINVAL, -EINVAL},
		{ENOENT, -EINVAL, -ENOENT},
	};
	size_t i;

	assert_true(backend.match(&target));
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fake_iommufd.error = cases[i].from_kernel;
		fake_iommufd.failing = fake_iommufd.calls + 1;
		assert_int_equal(backend.map(&target, &range, NULL), cases[i].of_map);
		fake_iommufd.failing = fake_iommufd.calls + 1;
		assert_int_equal(backend.unmap(&target, &range), cases[i].of_unmap);
	}
	assert_int_equal(fake_iommufd_areas(), 0);
}

/* Each call of a first map and unmap fails in turn; the next try finds all as it was. */
static void
any_call_can_fail(void **state)
{
	static const int expected[3][2] = {
		{-EINVAL, -ENOENT}, /* not found at the map, but at the unmap */
		{-ENOMEM, -ENOENT},
		{0, -ENOMEM},
	};
	int nth, left;

	for (nth = 1; nth <= 3; nth++) {
		reset(NULL);
		fake_iommufd.failing = nth;
		fake_iommufd.error = ENOMEM;
		assert_int_equal(backend.map(&target, &range, NULL), expected[nth - 1][0]);
		assert_int_equal(backend.unmap(&target, &range), expected[nth - 1][1]);
		left = fake_iommufd_areas();
		assert_int_equal(left, nth == 3);
		assert_int_equal(backend.map(&target, &range, NULL), left == 0 ? 0 : -EEXIST);
		assert_int_equal(backend.unmap(&target, &range), 0);
	}
}

/* An EINVAL with another reason, or where the windows are not known, says nothing of them. */
static void
windows_are_named(void **state)
{
	static const struct pci_ext_range beyond = {0x10000, 0x1000000000000, 0x1000};
	static const char windows[] = "the IOMMU accepts IOVAs of 0x0 to 0xfedfffff, 0xfef00000 to "
				      "0xffffffffffff: map with an iova of your own in there";

	assert_int_equal(backend.map(&target, &reserved, NULL), -EINVAL);
	assert_non_null(strstr(explained(&backend, &reserved, -EINVAL), windows));
	assert_non_null(strstr(explained(&backend, &beyond, -EINVAL), windows));
	assert_string_equal(explained(&backend, &range, -EINVAL), "");
	fake_iommufd.error = EINVAL;
	fake_iommufd.failing = fake_iommufd.calls + 1;
	assert_string_equal(explained(&backend, &reserved, -EINVAL), "");
}

static void
other_refusals_are_explained(void **state)
{
	static const struct pci_ext_range hole = {0xffffffffffff0000, 0, 0x1000};

	memlock.rlim_cur = 8192;
	assert_non_null(strstr(explained(&backend, &range, -ENOMEM),
		"RLIMIT_MEMLOCK (ulimit -l) is 8192 bytes, 0 of them used"));
	assert_non_null(strstr(explained(&backend, &range, -ENOMEM), "of the user"));
	memlock.rlim_cur = RLIM_INFINITY;
	assert_non_null(strstr(explained(&backend, &range, -ENOMEM), "is unlimited"));
	assert_non_null(strstr(explained(&backend, &hole, -EFAULT), "is not mapped"));
	assert_string_equal(explained(&backend, &range, -EEXIST), "");
	is_eals = true;
	assert_string_equal(explained(&backend, &range, -EEXIST), "by EAL");
	assert_string_equal(explained(&backend, &range, -EIO), "");
}

static void
check_finds_what_the_kernel_would(void **state)
{
	static char memory[0x3000];
	const struct pci_ext_range good = {(uintptr_t)memory, 0x10000, 0x3000};
	const struct pci_ext_range outside = {(uintptr_t)memory, 0xfedff000, 0x3000};

	assert_int_equal(backend.check(&good), 0);
	assert_int_equal(backend.check(&outside), -EINVAL);
	assert_int_equal(
		backend.check(&(const struct pci_ext_range){0xffffffffffff0000, 0x10000, 0x1000}),
		-EFAULT);
	is_eals = true;
	assert_int_equal(backend.check(&good), -EEXIST);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(serves_claimed_devices_on_vfio, reset),
		cmocka_unit_test_setup(other_containers_are_left_to_vfio, reset),
		cmocka_unit_test_setup(a_container_is_looked_at_once, reset),
		cmocka_unit_test_setup(without_an_ioas_it_serves_nothing, reset),
		cmocka_unit_test_setup(maps_and_unmaps_in_eals_address_space, reset),
		cmocka_unit_test_setup(a_map_is_one_call, reset),
		cmocka_unit_test_setup(a_mapping_of_others_is_not_cut, reset),
		cmocka_unit_test_setup(confirm_makes_a_mapping_that_is_gone, reset),
		cmocka_unit_test_setup(memory_of_eal_is_mapped_already, reset),
		cmocka_unit_test_setup(errors_are_those_of_the_contract, reset),
		cmocka_unit_test_setup(any_call_can_fail, reset),
		cmocka_unit_test_setup(windows_are_named, reset),
		cmocka_unit_test_setup(other_refusals_are_explained, reset),
		cmocka_unit_test_setup(check_finds_what_the_kernel_would, reset),
	};

	return cmocka_run_group_tests_name("backend_iommufd", tests, NULL, NULL);
}
