/* SPDX-License-Identifier: BSD-3-Clause */
/* reason.c with a made-up backend. */
#include <errno.h>
#include <string.h>

#include "backend/backend.h"
#include "request/reason.h"
#include "unit.h"

static const char *explanation = "";

static void
explain(const struct pci_ext_range *range, int error, FILE *out)
{
	fputs(explanation, out);
}

static const struct pci_ext_backend backend = {.name = "made up", .explain = explain};
static const struct pci_ext_range range = {0x1000, 0x2000, 0x3000};

static const char *
reason(const struct pci_ext_conflict *conflict, bool is_map, int ret)
{
	static char text[PCI_EXT_REASON_SIZE];

	pci_ext_reason_write(&range, is_map, conflict, ret, text);
	return text;
}

static void
backend_explains_its_refusal(void **state)
{
	static const struct pci_ext_conflict conflict = {.refused_by = &backend};

	explanation = "a limit";
	assert_string_equal(reason(&conflict, true, -ENOMEM), "Cannot allocate memory: a limit");
	explanation = "";
	assert_string_equal(reason(&conflict, true, -EIO), "Input/output error");
	explanation = "of a map only";
	assert_string_equal(reason(&conflict, false, -EIO), "Input/output error");
	assert_string_equal(reason(&conflict, false, -EBUSY),
		"Device or resource busy: a queue owns buffers in it: stop or drain the queue and "
		"retry");
}

static void
mapping_in_the_way_is_named(void **state)
{
	struct pci_ext_conflict conflict = {.found = true, .range = {0x10, 0x20, 0x30}};

	assert_string_equal(reason(&conflict, true, -EEXIST),
		"File exists: conflicts with the mapping addr 0x10 iova 0x20 len 0x30");
	assert_string_equal(reason(&conflict, false, -EINVAL),
		"Invalid argument: not the mapping there, addr 0x10 iova 0x20 len 0x30");
	conflict.shared = true;
	assert_non_null(strstr(reason(&conflict, true, -EEXIST),
		"len 0x30, for a device in the same IOMMU domain"));
	conflict.refused_by = &backend;
	assert_non_null(strstr(reason(&conflict, true, -EBUSY), "which is stale"));
	assert_non_null(strstr(reason(&conflict, true, -EBUSY), "; a queue owns buffers"));
}

static void
checks_name_themselves(void **state)
{
	static const struct {
		int ret;
		uint64_t granule;
		const char *text;
	} cases[] = {
		{-EINVAL, 4096, "Invalid argument: not aligned to the IOMMU page of 4096 bytes"},
		{-EINVAL, 0, "Invalid argument: the device is being unplugged"},
		{-ENOENT, 0, "No such file or directory: not mapped"},
		{-EDEADLK, 0,
			"Resource deadlock avoided: called from a dma_map or dma_unmap of its "
			"driver"},
		{-ENOMEM, 0, "Cannot allocate memory"},
	};
	struct pci_ext_conflict conflict = {0};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		conflict.granule = cases[i].granule;
		assert_string_equal(reason(&conflict, true, cases[i].ret), cases[i].text);
	}
	conflict.granule = 0;
	assert_non_null(strstr(reason(&conflict, true, -ENOTSUP), "no dma_map and"));
}

static void
who_cannot_map_it_is_named(void **state)
{
	static const struct pci_ext_backend shared = {.name = "vfio", .shared = true};
	struct pci_ext_conflict conflict = {.unable = &backend};

	assert_string_equal(reason(&conflict, true, -ENOTSUP),
		"Operation not supported: its driver has no dma_map_memory (pci_ext_driver.h)");
	conflict.unable = &shared;
	assert_string_equal(reason(&conflict, true, -ENOTSUP),
		"Operation not supported: VFIO maps memory of the process: if the dma-buf is made "
		"of such memory, map that");
}

/* What the backend knows is of the memory at its addresses, which it is not of. */
static void
a_dmabuf_is_not_blamed_for_its_addresses(void **state)
{
	struct pci_ext_conflict conflict = {.refused_by = &backend};

	assert_null(strstr(reason(&conflict, true, -ENOMEM), "dma-buf"));
	conflict.of_dmabuf = true;
	assert_string_equal(reason(&conflict, true, -ENOMEM),
		"Cannot allocate memory: by its driver, of a dma-buf");
}

static void
another_access_is_named(void **state)
{
	struct pci_ext_conflict conflict = {
		.found = true, .range = {0x1000, 0x1000, 0x100, PCI_EXT_ACCESS_READ}};

	assert_non_null(
		strstr(reason(&conflict, true, -EEXIST), ", which the device may only read"));
	assert_null(strstr(reason(&conflict, false, -EINVAL), "read"));
}

static void
long_reason_is_cut(void **state)
{
	static const struct pci_ext_conflict conflict = {.refused_by = &backend};
	static char much[2 * PCI_EXT_REASON_SIZE];

	memset(much, 'x', sizeof(much) - 1);
	explanation = much;
	assert_true(strlen(reason(&conflict, true, -ENOMEM)) > PCI_EXT_REASON_SIZE / 2);
	explanation = "";
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(backend_explains_its_refusal),
		cmocka_unit_test(mapping_in_the_way_is_named),
		cmocka_unit_test(checks_name_themselves),
		cmocka_unit_test(who_cannot_map_it_is_named),
		cmocka_unit_test(another_access_is_named),
		cmocka_unit_test(a_dmabuf_is_not_blamed_for_its_addresses),
		cmocka_unit_test(long_reason_is_cut),
	};

	return cmocka_run_group_tests_name("reason", tests, NULL, NULL);
}
