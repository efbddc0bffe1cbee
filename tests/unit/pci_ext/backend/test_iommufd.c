/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * iommufd.c on a kernel that is a model of Linux 6.12, each of whose calls fails once.
 */
#include <errno.h>
#include <string.h>

#if __has_include(<linux/iommufd.h>)
#include <linux/iommufd.h>
#endif

#include "fake_iommufd.h"
#include "backend/iommufd.h"
#include "backend/iommufd_uapi.h"
#include "unit.h"

static const struct pci_ext_ioas ioas = {.fd = 1030, .id = 1};
static const struct pci_ext_range range = {0x7f0000010000, 0x10000, 0x3000};

static int
reset(void **state)
{
	fake_iommufd_reset();
	return 0;
}

static void
maps_at_the_given_iova_for_both_directions(void **state)
{
	assert_int_equal(pci_ext_iommufd_map(&ioas, &range), 0);
	assert_int_equal(fake_iommufd.map_flags,
		PCI_EXT_IOMMU_FIXED_IOVA | PCI_EXT_IOMMU_READABLE | PCI_EXT_IOMMU_WRITEABLE);
	assert_int_equal(fake_iommufd.areas[0].va, range.addr);
	assert_int_equal(fake_iommufd.areas[0].iova, range.iova);
	assert_int_equal(fake_iommufd.areas[0].len, range.len);
	assert_int_equal(pci_ext_iommufd_map(&ioas, &range), -EEXIST);
	assert_int_equal(pci_ext_iommufd_unmap(&ioas, &range), 0);
	assert_int_equal(fake_iommufd_areas(), 0);
}

static void
maps_for_reading_alone(void **state)
{
	struct pci_ext_range to_read = range;

	to_read.access = PCI_EXT_ACCESS_READ;
	assert_int_equal(pci_ext_iommufd_map(&ioas, &to_read), 0);
	assert_int_equal(fake_iommufd.map_flags, PCI_EXT_IOMMU_FIXED_IOVA | PCI_EXT_IOMMU_READABLE);
}

static void
errors_of_map_are_the_kernels(void **state)
{
	static const struct pci_ext_range reserved = {0x10000, 0xfee00000, 0x1000};
	static const struct pci_ext_range wraps = {0x10000, UINT64_MAX - 0xfff, 0x2000};
	static const struct pci_ext_ioas other = {.fd = 1030, .id = 2};

	assert_int_equal(pci_ext_iommufd_map(&ioas, &reserved), -EINVAL);
	assert_int_equal(pci_ext_iommufd_map(&ioas, &wraps), -EOVERFLOW);
	assert_int_equal(pci_ext_iommufd_map(&other, &range), -ENOENT);
	assert_int_equal(fake_iommufd_areas(), 0);
}

/* The kernel has ENOENT for all of these. */
static void
unmap_tells_nothing_from_too_much(void **state)
{
	static const struct {
		uint64_t iova, len;
		int expected;
	} mapped[] = {
		{0x20000, 0x1000, -ENOENT}, /* elsewhere */
		{0xf000, 0x1000, -ENOENT},  /* ends before it */
		{0x13000, 0x1000, -ENOENT}, /* begins after it */
		{0xf000, 0x2000, -EINVAL},  /* reaches beyond its start, */
		{0x12000, 0x2000, -EINVAL}, /* its end, */
		{0x8000, 0x10000, -EINVAL}, /* both */
		{0x10000, 0x4000, -EINVAL},
		{0x11000, 0x1000, 0}, /* within: the range is a superset */
	};
	size_t i;

	for (i = 0; i < sizeof(mapped) / sizeof(mapped[0]); i++) {
		fake_iommufd_reset();
		fake_iommufd_put(mapped[i].iova, mapped[i].len);
		assert_int_equal(pci_ext_iommufd_unmap(&ioas, &range), mapped[i].expected);
		assert_int_equal(fake_iommufd_areas(), mapped[i].expected != 0);
	}
}

/* The copy that asks whether a page is mapped must not map it again. */
static void
a_question_maps_nothing(void **state)
{
	fake_iommufd_put(range.iova, 0x4000);
	fake_iommufd.is_unmapped_in_copy = true;
	assert_int_equal(pci_ext_iommufd_unmap(&ioas, &range), -ENOENT);
	assert_int_equal(fake_iommufd_areas(), 0);
}

static void
windows_are_those_of_the_ioas(void **state)
{
	static const struct pci_ext_ioas other = {.fd = 1030, .id = 2};
	struct pci_ext_window windows[3] = {{1, 1}, {1, 1}, {1, 1}};

	assert_int_equal(pci_ext_iommufd_windows(&ioas, NULL, 0), 2);
	assert_int_equal(pci_ext_iommufd_windows(&ioas, windows, 1), 2);
	assert_int_equal(windows[0].first, 0);
	assert_int_equal(windows[0].last, 0xfedfffff);
	assert_int_equal(windows[1].first, 1);
	assert_int_equal(pci_ext_iommufd_windows(&ioas, windows, 3), 2);
	assert_int_equal(windows[1].first, 0xfef00000);
	assert_int_equal(windows[1].last, 0xffffffffffff);
	assert_int_equal(windows[2].first, 1);
	assert_int_equal(pci_ext_iommufd_windows(&other, windows, 3), -ENOENT);
}

static void
a_device_is_known_by_its_number(void **state)
{
	assert_true(pci_ext_iommufd_is_device(1030));
	assert_false(pci_ext_iommufd_is_device(2));
	fake_iommufd.is_absent = true;
	assert_false(pci_ext_iommufd_is_device(1030));
}

static void
a_container_may_be_one(void **state)
{
	struct pci_ext_ioas found = {0, 0};

	assert_false(pci_ext_iommufd_of_container(1030, &found));
	fake_iommufd.compat = 7;
	assert_true(pci_ext_iommufd_of_container(1030, &found));
	assert_int_equal(found.fd, 1030);
	assert_int_equal(found.id, 7);
}

/* Map, a conflict, an unmap that cuts, an unmap, an unmap of nothing: each call fails in turn. */
static int
run_all(int results[5])
{
	static const struct pci_ext_range part = {0x7f0000010000, 0x10000, 0x1000};

	results[0] = pci_ext_iommufd_map(&ioas, &range);
	results[1] = pci_ext_iommufd_map(&ioas, &part);
	results[2] = pci_ext_iommufd_unmap(&ioas, &part);
	results[3] = pci_ext_iommufd_unmap(&ioas, &range);
	results[4] = pci_ext_iommufd_unmap(&ioas, &range);
	return fake_iommufd.calls;
}

/* A question that fails is answered with "mapped": a caller must not take it for unmapped. */
static void
any_call_can_fail(void **state)
{
	static const int good[5] = {0, -EEXIST, -EINVAL, 0, -ENOENT};
	static const int failed[8][5] = {
		{-ENOMEM, 0, 0, -ENOENT, -ENOENT},
		{0, -ENOMEM, -EINVAL, 0, -ENOENT},
		{0, -EEXIST, -ENOMEM, 0, -ENOENT},
		{0, -EEXIST, -EINVAL, 0, -ENOENT},
		{0, -EEXIST, -EINVAL, -ENOMEM, 0},
		{0, -EEXIST, -EINVAL, 0, -ENOMEM},
		{0, -EEXIST, -EINVAL, 0, -EINVAL},
		{0, -EEXIST, -EINVAL, 0, -EINVAL},
	};
	int results[5], nth;

	assert_int_equal(run_all(results), 8);
	assert_memory_equal(results, good, sizeof(good));
	for (nth = 1; nth <= 8; nth++) {
		fake_iommufd_reset();
		fake_iommufd.failing = nth;
		fake_iommufd.error = ENOMEM;
		run_all(results);
		assert_memory_equal(results, failed[nth - 1], sizeof(good));
	}
}

/* linux-libc-dev has the header from Linux 6.2 on. */
#if __has_include(<linux/iommufd.h>)
#define SAME_SIZE(a, b)	    assert_int_equal(sizeof(struct a), sizeof(struct b))
#define SAME_FIELD(a, b, f) assert_int_equal(offsetof(struct a, f), offsetof(struct b, f))

static void
the_interface_is_the_kernels(void **state)
{
	assert_int_equal(PCI_EXT_IOMMU_IOAS_ALLOC, IOMMU_IOAS_ALLOC);
	assert_int_equal(PCI_EXT_IOMMU_IOAS_COPY, IOMMU_IOAS_COPY);
	assert_int_equal(PCI_EXT_IOMMU_IOAS_IOVA_RANGES, IOMMU_IOAS_IOVA_RANGES);
	assert_int_equal(PCI_EXT_IOMMU_IOAS_MAP, IOMMU_IOAS_MAP);
	assert_int_equal(PCI_EXT_IOMMU_IOAS_UNMAP, IOMMU_IOAS_UNMAP);
	assert_int_equal(PCI_EXT_IOMMU_VFIO_IOAS, IOMMU_VFIO_IOAS);
	assert_int_equal(PCI_EXT_IOMMU_FIXED_IOVA, IOMMU_IOAS_MAP_FIXED_IOVA);
	assert_int_equal(PCI_EXT_IOMMU_READABLE, IOMMU_IOAS_MAP_READABLE);
	assert_int_equal(PCI_EXT_IOMMU_WRITEABLE, IOMMU_IOAS_MAP_WRITEABLE);
	assert_int_equal(PCI_EXT_IOMMU_VFIO_IOAS_GET, IOMMU_VFIO_IOAS_GET);
	SAME_SIZE(pci_ext_iommu_ioas_alloc, iommu_ioas_alloc);
	SAME_FIELD(pci_ext_iommu_ioas_alloc, iommu_ioas_alloc, out_ioas_id);
	SAME_SIZE(pci_ext_iommu_iova_range, iommu_iova_range);
	SAME_FIELD(pci_ext_iommu_iova_range, iommu_iova_range, last);
	SAME_SIZE(pci_ext_iommu_ioas_iova_ranges, iommu_ioas_iova_ranges);
	SAME_FIELD(pci_ext_iommu_ioas_iova_ranges, iommu_ioas_iova_ranges, num_iovas);
	SAME_FIELD(pci_ext_iommu_ioas_iova_ranges, iommu_ioas_iova_ranges, allowed_iovas);
	SAME_FIELD(pci_ext_iommu_ioas_iova_ranges, iommu_ioas_iova_ranges, out_iova_alignment);
	SAME_SIZE(pci_ext_iommu_ioas_map, iommu_ioas_map);
	SAME_FIELD(pci_ext_iommu_ioas_map, iommu_ioas_map, ioas_id);
	SAME_FIELD(pci_ext_iommu_ioas_map, iommu_ioas_map, user_va);
	SAME_FIELD(pci_ext_iommu_ioas_map, iommu_ioas_map, length);
	SAME_FIELD(pci_ext_iommu_ioas_map, iommu_ioas_map, iova);
	SAME_SIZE(pci_ext_iommu_ioas_copy, iommu_ioas_copy);
	SAME_FIELD(pci_ext_iommu_ioas_copy, iommu_ioas_copy, dst_ioas_id);
	SAME_FIELD(pci_ext_iommu_ioas_copy, iommu_ioas_copy, src_ioas_id);
	SAME_FIELD(pci_ext_iommu_ioas_copy, iommu_ioas_copy, length);
	SAME_FIELD(pci_ext_iommu_ioas_copy, iommu_ioas_copy, dst_iova);
	SAME_FIELD(pci_ext_iommu_ioas_copy, iommu_ioas_copy, src_iova);
	SAME_SIZE(pci_ext_iommu_ioas_unmap, iommu_ioas_unmap);
	SAME_FIELD(pci_ext_iommu_ioas_unmap, iommu_ioas_unmap, ioas_id);
	SAME_FIELD(pci_ext_iommu_ioas_unmap, iommu_ioas_unmap, iova);
	SAME_FIELD(pci_ext_iommu_ioas_unmap, iommu_ioas_unmap, length);
	SAME_SIZE(pci_ext_iommu_vfio_ioas, iommu_vfio_ioas);
	SAME_FIELD(pci_ext_iommu_vfio_ioas, iommu_vfio_ioas, ioas_id);
	SAME_FIELD(pci_ext_iommu_vfio_ioas, iommu_vfio_ioas, op);
}
#endif

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(maps_at_the_given_iova_for_both_directions, reset),
		cmocka_unit_test_setup(errors_of_map_are_the_kernels, reset),
		cmocka_unit_test_setup(maps_for_reading_alone, reset),
		cmocka_unit_test_setup(unmap_tells_nothing_from_too_much, reset),
		cmocka_unit_test_setup(a_question_maps_nothing, reset),
		cmocka_unit_test_setup(windows_are_those_of_the_ioas, reset),
		cmocka_unit_test_setup(a_device_is_known_by_its_number, reset),
		cmocka_unit_test_setup(a_container_may_be_one, reset),
		cmocka_unit_test_setup(any_call_can_fail, reset),
#if __has_include(<linux/iommufd.h>)
		cmocka_unit_test_setup(the_interface_is_the_kernels, reset),
#endif
	};

	return cmocka_run_group_tests_name("iommufd", tests, NULL, NULL);
}
