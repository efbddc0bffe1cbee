/* SPDX-License-Identifier: BSD-3-Clause */
/* dispatch.c with a fake registry. */
#include <errno.h>

#include <rte_memory.h>

#include "dispatch_rig.h"
#include "unit.h"

static int
check_map(const struct pci_ext_target *target, uint64_t addr, uint64_t iova, uint64_t len)
{
	const struct pci_ext_memory memory = at(addr, iova, len);

	return pci_ext_dispatch_check(target, &memory);
}

static int
range_of(uint64_t addr, uint64_t iova, uint64_t len, struct pci_ext_range *range)
{
	const struct pci_ext_memory memory = at(addr, iova, len);

	return pci_ext_dispatch_range("it", &memory, range);
}

static void
the_driver_is_preferred(void **state)
{
	static const struct {
		struct pci_ext_target target;
		int ret;
		const struct pci_ext_backend *backend;
	} cases[] = {
		{{.driver = "d", .has_callbacks = true, .on_vfio = false}, 0, &fake_driver},
		{{.driver = "d", .has_callbacks = true, .on_vfio = true}, 0, &fake_driver},
		{{.driver = "d", .has_callbacks = false, .on_vfio = true}, 0, &fake_vfio},
		{{.driver = "d", .has_callbacks = false, .on_vfio = false}, -ENOTSUP, NULL},
		{{.driver = NULL, .has_callbacks = false, .on_vfio = true}, -EINVAL, NULL},
		{{.driver = NULL, .has_callbacks = false, .on_vfio = false}, -ENOTSUP, NULL},
	};
	const struct pci_ext_backend *backend;
	size_t i;

	for (i = 0; i < RTE_DIM(cases); i++) {
		backend = NULL;
		assert_int_equal(pci_ext_dispatch_route(&cases[i].target, &backend), cases[i].ret);
		assert_ptr_equal(backend, cases[i].backend);
	}
}

static void
iova_not_given_is_the_address(void **state)
{
	struct pci_ext_range range;

	assert_int_equal(range_of(0x5000, 0, 16, &range), 0);
	assert_int_equal(range.iova, 0x5000);
	assert_int_equal(range_of(0x5000, RTE_BAD_IOVA, 16, &range), 0);
	assert_int_equal(range.iova, 0x5000);
	assert_int_equal(range_of(0x5000, 0x7000, 16, &range), 0);
	assert_int_equal(range.iova, 0x7000);
}

static void
iova_zero_is_zero_in_pa_mode(void **state)
{
	struct pci_ext_range range;

	fake_iova_mode = RTE_IOVA_PA;
	assert_int_equal(range_of(0x5000, 0, 16, &range), 0);
	assert_int_equal(range.iova, 0);
	assert_int_equal(range_of(0x5000, RTE_BAD_IOVA, 16, &range), -EINVAL);
}

static void
range_never_wraps(void **state)
{
	struct pci_ext_range range;

	assert_int_equal(range_of(0x1000, 0x1000, 0, &range), -EINVAL);
	assert_int_equal(range_of(0x1000, 0, UINT64_MAX, &range), -EINVAL);
	assert_int_equal(range_of(UINT64_MAX, 1, 2, &range), -EINVAL);
	assert_int_equal(range_of(1, UINT64_MAX - 1, 3, &range), -EINVAL);
	/* The very last byte is valid. */
	assert_int_equal(range_of(UINT64_MAX - 15, 0, 16, &range), 0);
}

static void
alignment_is_of_all_three(void **state)
{
	static const struct pci_ext_range all = {0x1000, 0x2000, 0x3000};
	static const struct pci_ext_range addr = {0x1001, 0x2000, 0x3000};
	static const struct pci_ext_range iova = {0x1000, 0x2800, 0x3000};
	static const struct pci_ext_range len = {0x1000, 0x2000, 0x3010};

	assert_true(pci_ext_range_is_aligned(&all, 0x1000));
	assert_false(pci_ext_range_is_aligned(&addr, 0x1000));
	assert_false(pci_ext_range_is_aligned(&iova, 0x1000));
	assert_false(pci_ext_range_is_aligned(&len, 0x1000));
	assert_true(pci_ext_range_is_aligned(&addr, 1));
}

static void
map_passes_the_resolved_range_on(void **state)
{
	assert_int_equal(map(&with_callbacks, 0x100010, 0, 33), 0);
	assert_int_equal(calls_of_map, 1);
	assert_ptr_equal(seen_backend, &fake_driver);
	assert_int_equal(seen.addr, 0x100010);
	assert_int_equal(seen.iova, 0x100010);
	assert_int_equal(seen.len, 33);
	assert_int_equal(unmap(&with_callbacks, 0x100010, RTE_BAD_IOVA, 33), 0);
	assert_int_equal(calls_of_unmap, 1);
	assert_int_equal(seen.iova, 0x100010);
}

static void
rejected_before_a_backend_is_called(void **state)
{
	static const struct pci_ext_target on_kernel = {
		.dev = (struct rte_device *)&fake_granule, .name = "0000:00:15.0"};

	assert_int_equal(map(&with_callbacks, 0x100000, 0, 0), -EINVAL);
	assert_int_equal(map(&with_callbacks, 0x300000, 0, 1), -EINVAL);
	assert_int_equal(map(&on_kernel, 0x100000, 0, PAGE), -ENOTSUP);
	assert_int_equal(unmap(&on_kernel, 0x100000, 0, PAGE), -ENOTSUP);
	fake_granule = PAGE;
	assert_int_equal(map(&with_callbacks, 0x100010, 0, PAGE), -EINVAL);
	assert_int_equal(calls_of_map, 0);
	assert_int_equal(calls_of_unmap, 0);
}

/* All that the primary process cannot know better is checked there. */
static void
secondary_asks_the_primary(void **state)
{
	uint64_t exist = pci_ext_dispatch_results(EEXIST);

	fake_process = RTE_PROC_SECONDARY;
	assert_int_equal(map(&with_callbacks, 0x300000, 0, PAGE), 0);
	assert_ptr_equal(asked_memory.addr, (void *)0x300000);
	assert_int_equal(asked_memory.iova, 0);
	assert_int_equal(asked_memory.len, PAGE);
	fake_result = -EEXIST;
	assert_int_equal(unmap(&with_callbacks, 0x100000, 7, PAGE), -EEXIST);
	assert_int_equal(asked_memory.iova, 7);
	assert_int_equal(pci_ext_dispatch_results(EEXIST), exist + 1);
	assert_int_equal(map(&with_callbacks, 0x100000, 0, 0), -EINVAL);
	assert_int_equal(unmap(&with_callbacks, UINT64_MAX - 5, 0, PAGE), -EINVAL);
	assert_int_equal(asked, 2);
	assert_int_equal(calls_of_map + calls_of_unmap, 0);
}

static void
device_known_by_name_only_is_not_routed(void **state)
{
	static const struct pci_ext_target named = {.name = "0000:00:10.0"};

	fake_granule = PAGE; /* of a backend that is not known yet */
	assert_int_equal(map(&named, 0x100010, 0, 33), 0);
	assert_null(seen_backend);
	assert_int_equal(unmap(&named, 0x100010, 0, 33), 0);
	assert_int_equal(map(&named, 0x300000, 0, 1), -EINVAL);
}

static void
unmap_of_unregistered_memory_is_passed_on(void **state)
{
	assert_int_equal(unmap(&with_callbacks, 0x300000, 0, PAGE), 0);
	assert_int_equal(calls_of_unmap, 1);
}

static void
results_are_counted_by_errno(void **state)
{
	uint64_t good = pci_ext_dispatch_results(0);
	uint64_t exist = pci_ext_dispatch_results(EEXIST);
	uint64_t odd = pci_ext_dispatch_results(PCI_EXT_DISPATCH_ERRORS - 1);

	map(&with_callbacks, 0x100000, 0, PAGE);
	fake_result = -EEXIST;
	map(&with_callbacks, 0x100000, 0, PAGE);
	fake_result = -4000;
	map(&with_callbacks, 0x100000, 0, PAGE);
	assert_int_equal(pci_ext_dispatch_results(0), good + 1);
	assert_int_equal(pci_ext_dispatch_results(EEXIST), exist + 1);
	assert_int_equal(pci_ext_dispatch_results(PCI_EXT_DISPATCH_ERRORS - 1), odd + 1);
}

static void
error_of_the_backend_is_returned(void **state)
{
	fake_result = -ENOMEM;
	assert_int_equal(map(&with_callbacks, 0x100000, 0, PAGE), -ENOMEM);
	fake_result = -EFAULT;
	assert_int_equal(map(&with_callbacks, 0x100000, 0, PAGE), -EFAULT);
}

static void
a_check_calls_no_map(void **state)
{
	static const struct pci_ext_target named = {.name = "0000:00:10.0"};

	assert_int_equal(check_map(&named, 0x100010, 0, 33), 0);
	assert_int_equal(seen.iova, 0x100010);
	assert_int_equal(checked.len, 0); /* it would be counted, or is absent */
	fake_called = &fake_driver;
	assert_int_equal(check_map(&named, 0x100010, 0, 33), 0);
	assert_int_equal(checked.len, 33);
	fake_check = -EFAULT;
	assert_int_equal(check_map(&named, 0x100010, 0, 33), -EFAULT);
	fake_called = NULL;
	fake_result = -EEXIST;
	assert_int_equal(check_map(&named, 0x100010, 0, 33), -EEXIST);
	assert_int_equal(check_map(&named, 0x300000, 0, 33), -EINVAL);
	assert_int_equal(check_map(&named, 0x100000, 0, 0), -EINVAL);
	fake_process = RTE_PROC_SECONDARY;
	assert_int_equal(check_map(&named, 0x100010, 0, 33), -ENOTSUP);
	assert_int_equal(calls_of_map + calls_of_unmap + asked, 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_driver_is_preferred, reset),
		cmocka_unit_test_setup(iova_not_given_is_the_address, reset),
		cmocka_unit_test_setup(iova_zero_is_zero_in_pa_mode, reset),
		cmocka_unit_test_setup(range_never_wraps, reset),
		cmocka_unit_test_setup(alignment_is_of_all_three, reset),
		cmocka_unit_test_setup(map_passes_the_resolved_range_on, reset),
		cmocka_unit_test_setup(rejected_before_a_backend_is_called, reset),
		cmocka_unit_test_setup(secondary_asks_the_primary, reset),
		cmocka_unit_test_setup(device_known_by_name_only_is_not_routed, reset),
		cmocka_unit_test_setup(unmap_of_unregistered_memory_is_passed_on, reset),
		cmocka_unit_test_setup(results_are_counted_by_errno, reset),
		cmocka_unit_test_setup(error_of_the_backend_is_returned, reset),
		cmocka_unit_test_setup(a_check_calls_no_map, reset),
	};

	return cmocka_run_group_tests_name("dispatch", tests, NULL, NULL);
}
