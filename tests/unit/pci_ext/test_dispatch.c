/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dispatch.c with a fake registry. The fakes below replace functions of the same name, of the
 * plugin and of EAL.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_memory.h>

#include "common/dmabuf.h"
#include "request/dispatch.h"
#include "common/memory.h"
#include "request/mp_ask.h"
#include "../mlx5_ext/log_lines.h"
#include "registry/registry.h"
#include "unit.h"

#define PAGE	     UINT64_C(4096)
#define REGISTRATION 300

static enum rte_iova_mode fake_iova_mode;
static enum rte_proc_type_t fake_process;

static uint64_t known_from = 0x100000, known_to = 0x200000;

bool
pci_ext_memory_identify(uint64_t addr, uint64_t len, uint64_t *registration)
{
	*registration = REGISTRATION;
	return addr >= known_from && addr < known_to && len <= known_to - addr;
}

enum rte_iova_mode
rte_eal_iova_mode(void)
{
	return fake_iova_mode;
}

enum rte_proc_type_t
rte_eal_process_type(void)
{
	return fake_process;
}

static struct pci_ext_range seen;
static const struct pci_ext_backend *seen_backend;
static int calls_of_map, calls_of_unmap, fake_result;
static uint64_t fake_granule;

int
pci_ext_registry_map(const struct pci_ext_target *target, const struct pci_ext_backend *backend,
	const struct pci_ext_range *range, uint64_t registration, struct pci_ext_conflict *conflict)
{
	calls_of_map++;
	assert_int_equal(registration, REGISTRATION);
	seen = *range;
	seen_backend = backend;
	*conflict = (struct pci_ext_conflict){.found = fake_result == -EEXIST, .range = *range};
	return fake_result;
}

static uint64_t seen_offset;
static int calls_of_map_dmabuf;

int
pci_ext_registry_map_dmabuf(const struct pci_ext_target *target,
	const struct pci_ext_backend *backend, const struct pci_ext_range *range,
	uint64_t registration, struct pci_ext_dmabuf *dmabuf, struct pci_ext_conflict *conflict)
{
	calls_of_map_dmabuf++;
	seen_offset = dmabuf->offset;
	pci_ext_dmabuf_destroy(dmabuf);
	return pci_ext_registry_map(target, backend, range, registration, conflict);
}

int
pci_ext_registry_unmap(
	const char *name, const struct pci_ext_range *range, struct pci_ext_conflict *conflict)
{
	calls_of_unmap++;
	seen = *range;
	*conflict = (struct pci_ext_conflict){.found = false};
	return fake_result;
}

static const struct pci_ext_backend *fake_called;

int
pci_ext_registry_check(const char *name, const struct pci_ext_range *range, uint64_t registration,
	const struct pci_ext_backend **backend, struct pci_ext_conflict *conflict)
{
	assert_int_equal(registration, REGISTRATION);
	seen = *range;
	*backend = fake_called;
	*conflict = (struct pci_ext_conflict){.found = fake_result == -EEXIST, .range = *range};
	return fake_result;
}

static int asked;

int
pci_ext_mp_ask_map(const struct pci_ext_target *target, uint64_t addr, uint64_t iova, uint64_t len)
{
	asked++;
	seen = (struct pci_ext_range){.addr = addr, .iova = iova, .len = len};
	return fake_result;
}

int
pci_ext_mp_ask_unmap(
	const struct pci_ext_target *target, uint64_t addr, uint64_t iova, uint64_t len)
{
	return pci_ext_mp_ask_map(target, addr, iova, len);
}

static bool
match_callbacks(const struct pci_ext_target *target)
{
	return target->driver != NULL && target->has_callbacks;
}

static bool
match_vfio(const struct pci_ext_target *target)
{
	return target->driver != NULL && target->on_vfio;
}

static uint64_t
granule(void)
{
	return fake_granule;
}

static int fake_check;
static struct pci_ext_range checked;

static int
check(const struct pci_ext_range *range)
{
	checked = *range;
	return fake_check;
}

static void
explain(const struct pci_ext_range *range, int error, FILE *out)
{
	fputs("explained", out);
}

static const struct pci_ext_backend fake_driver = {.name = "driver",
	.match = match_callbacks,
	.granule = granule,
	.check = check,
	.explain = explain};
static const struct pci_ext_backend fake_vfio = {
	.name = "vfio", .match = match_vfio, .granule = granule};
static const struct pci_ext_backend *const fake_backends[] = {&fake_driver, &fake_vfio, NULL};

static const struct pci_ext_target with_callbacks = {
	.dev = (struct rte_device *)&fake_granule, /* only inspected */
	.name = "0000:00:10.0",
	.driver = "some",
	.has_callbacks = true};

static int
reset(void **state)
{
	fake_iova_mode = RTE_IOVA_VA;
	fake_process = RTE_PROC_PRIMARY;
	fake_granule = 1;
	fake_result = 0;
	fake_check = 0;
	fake_called = NULL;
	memset(&checked, 0, sizeof(checked));
	calls_of_map = calls_of_map_dmabuf = calls_of_unmap = asked = 0;
	memset(&seen, 0, sizeof(seen));
	pci_ext_dispatch_init(fake_backends);
	return 0;
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

	assert_int_equal(pci_ext_dispatch_range(0x5000, 0, 16, true, &range), 0);
	assert_int_equal(range.iova, 0x5000);
	assert_int_equal(pci_ext_dispatch_range(0x5000, RTE_BAD_IOVA, 16, true, &range), 0);
	assert_int_equal(range.iova, 0x5000);
	assert_int_equal(pci_ext_dispatch_range(0x5000, 0x7000, 16, true, &range), 0);
	assert_int_equal(range.iova, 0x7000);
}

static void
iova_zero_is_zero_in_pa_mode(void **state)
{
	struct pci_ext_range range;

	assert_int_equal(pci_ext_dispatch_range(0x5000, 0, 16, false, &range), 0);
	assert_int_equal(range.iova, 0);
	assert_int_equal(pci_ext_dispatch_range(0x5000, RTE_BAD_IOVA, 16, false, &range), -EINVAL);
}

static void
range_never_wraps(void **state)
{
	struct pci_ext_range range;

	assert_int_equal(pci_ext_dispatch_range(0x1000, 0x1000, 0, true, &range), -EINVAL);
	assert_int_equal(pci_ext_dispatch_range(0x1000, 0, UINT64_MAX, true, &range), -EINVAL);
	assert_int_equal(pci_ext_dispatch_range(UINT64_MAX, 1, 2, true, &range), -EINVAL);
	assert_int_equal(pci_ext_dispatch_range(1, UINT64_MAX - 1, 3, true, &range), -EINVAL);
	/* The very last byte is valid. */
	assert_int_equal(pci_ext_dispatch_range(UINT64_MAX - 15, 0, 16, true, &range), 0);
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
	assert_int_equal(pci_ext_dispatch_map(&with_callbacks, 0x100010, 0, 33), 0);
	assert_int_equal(calls_of_map, 1);
	assert_ptr_equal(seen_backend, &fake_driver);
	assert_int_equal(seen.addr, 0x100010);
	assert_int_equal(seen.iova, 0x100010);
	assert_int_equal(seen.len, 33);
	assert_int_equal(pci_ext_dispatch_unmap(&with_callbacks, 0x100010, RTE_BAD_IOVA, 33), 0);
	assert_int_equal(calls_of_unmap, 1);
	assert_int_equal(seen.iova, 0x100010);
}

static void
rejected_before_a_backend_is_called(void **state)
{
	static const struct pci_ext_target on_kernel = {
		.dev = (struct rte_device *)&fake_granule, .name = "0000:00:15.0"};

	assert_int_equal(pci_ext_dispatch_map(&with_callbacks, 0x100000, 0, 0), -EINVAL);
	assert_int_equal(pci_ext_dispatch_map(&with_callbacks, 0x300000, 0, 1), -EINVAL);
	assert_int_equal(pci_ext_dispatch_map(&on_kernel, 0x100000, 0, PAGE), -ENOTSUP);
	assert_int_equal(pci_ext_dispatch_unmap(&on_kernel, 0x100000, 0, PAGE), -ENOTSUP);
	fake_granule = PAGE;
	assert_int_equal(pci_ext_dispatch_map(&with_callbacks, 0x100010, 0, PAGE), -EINVAL);
	assert_int_equal(calls_of_map, 0);
	assert_int_equal(calls_of_unmap, 0);
}

/* All that the primary process cannot know better is checked there. */
static void
secondary_asks_the_primary(void **state)
{
	uint64_t exist = pci_ext_dispatch_results(EEXIST);

	fake_process = RTE_PROC_SECONDARY;
	assert_int_equal(pci_ext_dispatch_map(&with_callbacks, 0x300000, 0, PAGE), 0);
	assert_int_equal(seen.addr, 0x300000);
	assert_int_equal(seen.iova, 0);
	assert_int_equal(seen.len, PAGE);
	fake_result = -EEXIST;
	assert_int_equal(pci_ext_dispatch_unmap(&with_callbacks, 0x100000, 7, PAGE), -EEXIST);
	assert_int_equal(seen.iova, 7);
	assert_int_equal(pci_ext_dispatch_results(EEXIST), exist + 1);
	assert_int_equal(pci_ext_dispatch_map(&with_callbacks, 0x100000, 0, 0), -EINVAL);
	assert_int_equal(pci_ext_dispatch_unmap(&with_callbacks, UINT64_MAX - 5, 0, PAGE), -EINVAL);
	assert_int_equal(asked, 2);
	assert_int_equal(calls_of_map + calls_of_unmap, 0);
}

static void
device_known_by_name_only_is_not_routed(void **state)
{
	static const struct pci_ext_target named = {.name = "0000:00:10.0"};

	fake_granule = PAGE; /* of a backend that is not known yet */
	assert_int_equal(pci_ext_dispatch_map(&named, 0x100010, 0, 33), 0);
	assert_null(seen_backend);
	assert_int_equal(pci_ext_dispatch_unmap(&named, 0x100010, 0, 33), 0);
	assert_int_equal(pci_ext_dispatch_map(&named, 0x300000, 0, 1), -EINVAL);
}

static void
unmap_of_unregistered_memory_is_passed_on(void **state)
{
	assert_int_equal(pci_ext_dispatch_unmap(&with_callbacks, 0x300000, 0, PAGE), 0);
	assert_int_equal(calls_of_unmap, 1);
}

static void
results_are_counted_by_errno(void **state)
{
	uint64_t good = pci_ext_dispatch_results(0);
	uint64_t exist = pci_ext_dispatch_results(EEXIST);
	uint64_t odd = pci_ext_dispatch_results(PCI_EXT_DISPATCH_ERRORS - 1);

	pci_ext_dispatch_map(&with_callbacks, 0x100000, 0, PAGE);
	fake_result = -EEXIST;
	pci_ext_dispatch_map(&with_callbacks, 0x100000, 0, PAGE);
	fake_result = -4000;
	pci_ext_dispatch_map(&with_callbacks, 0x100000, 0, PAGE);
	assert_int_equal(pci_ext_dispatch_results(0), good + 1);
	assert_int_equal(pci_ext_dispatch_results(EEXIST), exist + 1);
	assert_int_equal(pci_ext_dispatch_results(PCI_EXT_DISPATCH_ERRORS - 1), odd + 1);
}

static void
error_of_the_backend_is_returned(void **state)
{
	fake_result = -ENOMEM;
	assert_int_equal(pci_ext_dispatch_map(&with_callbacks, 0x100000, 0, PAGE), -ENOMEM);
	fake_result = -EFAULT;
	assert_int_equal(pci_ext_dispatch_map(&with_callbacks, 0x100000, 0, PAGE), -EFAULT);
}

static void
a_check_calls_no_map(void **state)
{
	static const struct pci_ext_target named = {.name = "0000:00:10.0"};

	assert_int_equal(pci_ext_dispatch_check(&named, 0x100010, 0, 33), 0);
	assert_int_equal(seen.iova, 0x100010);
	assert_int_equal(checked.len, 0); /* it would be counted, or is absent */
	fake_called = &fake_driver;
	assert_int_equal(pci_ext_dispatch_check(&named, 0x100010, 0, 33), 0);
	assert_int_equal(checked.len, 33);
	fake_check = -EFAULT;
	assert_int_equal(pci_ext_dispatch_check(&named, 0x100010, 0, 33), -EFAULT);
	fake_called = NULL;
	fake_result = -EEXIST;
	assert_int_equal(pci_ext_dispatch_check(&named, 0x100010, 0, 33), -EEXIST);
	assert_int_equal(pci_ext_dispatch_check(&named, 0x300000, 0, 33), -EINVAL);
	assert_int_equal(pci_ext_dispatch_check(&named, 0x100000, 0, 0), -EINVAL);
	fake_process = RTE_PROC_SECONDARY;
	assert_int_equal(pci_ext_dispatch_check(&named, 0x100010, 0, 33), -ENOTSUP);
	assert_int_equal(calls_of_map + calls_of_unmap + asked, 0);
}

static int
map_access(uint64_t addr, uint64_t len, enum pci_ext_access access)
{
	static const struct pci_ext_target named = {.name = "0000:00:10.0"};
	const struct pci_ext_range request = {addr, 0, len, access};

	return pci_ext_dispatch_map_access(&named, &request);
}

static void
an_access_is_passed_on(void **state)
{
	assert_int_equal(map_access(0x100000, PAGE, PCI_EXT_ACCESS_READ), 0);
	assert_int_equal(seen.iova, 0x100000);
	assert_int_equal(seen.access, PCI_EXT_ACCESS_READ);
	assert_int_equal(map_access(0x100000, PAGE, PCI_EXT_ACCESS_READ_WRITE), 0);
	assert_int_equal(seen.access, PCI_EXT_ACCESS_READ_WRITE);
	fake_result = -EEXIST;
	assert_int_equal(map_access(0x100000, PAGE, PCI_EXT_ACCESS_READ), -EEXIST);
	assert_int_equal(calls_of_map, 3);
}

static void
a_wrong_access_is_not_passed_on(void **state)
{
	log_open();
	assert_int_equal(map_access(0x100000, PAGE, PCI_EXT_ACCESS_READ + 1), -EINVAL);
	assert_true(log_has("0000:00:10.0: no access 2"));
	assert_int_equal(map_access(0x300000, PAGE, PCI_EXT_ACCESS_READ), -EINVAL);
	assert_int_equal(map_access(0x100000, 0, PCI_EXT_ACCESS_READ), -EINVAL);
	fake_process = RTE_PROC_SECONDARY;
	assert_int_equal(map_access(0x100000, PAGE, PCI_EXT_ACCESS_READ), -ENOTSUP);
	assert_true(log_has("only the primary process can map for reading alone"));
	assert_int_equal(calls_of_map + asked, 0);
	assert_int_equal(count_lines(), 4);
	log_close();
}

static int
map_dmabuf(int fd, uint64_t offset, uint64_t addr, uint64_t len)
{
	static const struct pci_ext_target named = {.name = "0000:00:10.0"};
	const struct pci_ext_range request = {.addr = addr, .len = len};

	return pci_ext_dispatch_map_dmabuf(&named, &request, fd, offset);
}

static void
a_dmabuf_is_passed_on(void **state)
{
	int fd = memfd_create("dmabuf", 0);

	assert_int_equal(ftruncate(fd, 4 * PAGE), 0);
	assert_int_equal(map_dmabuf(fd, 2 * PAGE, 0x100000, PAGE), 0);
	assert_int_equal(seen.iova, 0x100000);
	assert_int_equal(seen_offset, 2 * PAGE);
	assert_int_equal(map_dmabuf(fd, PAGE + 8, 0x100008, 16), 0);
	fake_result = -ENOTSUP;
	assert_int_equal(map_dmabuf(fd, 0, 0x100000, PAGE), -ENOTSUP);
	assert_int_equal(calls_of_map_dmabuf, 3);
	close(fd);
}

static void
a_wrong_dmabuf_is_not_passed_on(void **state)
{
	int fd = memfd_create("dmabuf", 0);

	log_open();
	assert_int_equal(ftruncate(fd, 2 * PAGE), 0);
	assert_int_equal(map_dmabuf(fd, 8, 0x100000, PAGE), -EINVAL);
	assert_true(log_has("of the dma-buf are not at the same place in their pages"));
	assert_int_equal(map_dmabuf(fd, 0, 0x100008, PAGE), -EINVAL);
	assert_int_equal(map_dmabuf(fd, PAGE, 0x100000, 2 * PAGE), -EINVAL);
	assert_true(log_has("Invalid argument: the dma-buf ends before"));
	assert_int_equal(map_dmabuf(fd, 0, 0x300000, PAGE), -EINVAL);
	assert_int_equal(map_dmabuf(fd, 0, 0x100000, 0), -EINVAL);
	assert_int_equal(map_dmabuf(-1, 0, 0x100000, PAGE), -EBADF);
	assert_true(log_has("of descriptor -1: Bad file descriptor"));
	fake_process = RTE_PROC_SECONDARY;
	assert_int_equal(map_dmabuf(fd, 0, 0x100000, PAGE), -ENOTSUP);
	assert_true(log_has("only the primary process can map a dma-buf"));
	assert_int_equal(calls_of_map + asked, 0);
	assert_int_equal(count_lines(), 7);
	log_close();
	close(fd);
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
		cmocka_unit_test_setup(a_dmabuf_is_passed_on, reset),
		cmocka_unit_test_setup(a_wrong_dmabuf_is_not_passed_on, reset),
		cmocka_unit_test_setup(an_access_is_passed_on, reset),
		cmocka_unit_test_setup(a_wrong_access_is_not_passed_on, reset),
	};

	return cmocka_run_group_tests_name("dispatch", tests, NULL, NULL);
}
