/* SPDX-License-Identifier: BSD-3-Clause */
/* api.c and snapshot.c with a fake dispatch and a fake registry that grows during the iteration. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_errno.h>

#include "request/batch.h"
#include "request/dispatch.h"
#include "pci_ext.h"
#include "query/published.h"
#include "query/query.h"
#include "registry/registry.h"
#include "registry/snapshot.h"
#include "standing/standing.h"
#include "unit.h"

static int fake_result;
static char seen_name[64], seen_what;
static uint64_t seen_addr, seen_len;
static const struct pci_ext_memory *seen_memory;

/* It is passed on as it is, whatever there is in it. */
static const struct pci_ext_memory any = {.addr = (void *)0x1000, .len = 0x3000};

static int
remember(char what, const struct pci_ext_target *target, const struct pci_ext_memory *memory)
{
	seen_what = what;
	assert_null(target->dev);
	snprintf(seen_name, sizeof(seen_name), "%s", target->name);
	seen_memory = memory;
	return fake_result;
}

int
pci_ext_dispatch_map(const struct pci_ext_target *target, const struct pci_ext_memory *memory)
{
	return remember('m', target, memory);
}

int
pci_ext_dispatch_unmap(const struct pci_ext_target *target, const struct pci_ext_memory *memory)
{
	return remember('u', target, memory);
}

int
pci_ext_dispatch_check(const struct pci_ext_target *target, const struct pci_ext_memory *memory)
{
	return remember('c', target, memory);
}

static unsigned int seen_n;

static int
remember_batch(char what, struct pci_ext_batch_item *items, unsigned int n,
	const struct pci_ext_memory *memory)
{
	unsigned int i;

	seen_what = what;
	seen_n = n;
	seen_memory = memory;
	for (i = 0; i < n; i++)
		items[i].result = -(int)i;
	if (n != 0)
		snprintf(seen_name, sizeof(seen_name), "%s", items[n - 1].name);
	return fake_result;
}

int
pci_ext_batch_map(
	struct pci_ext_batch_item *items, unsigned int n, const struct pci_ext_memory *memory)
{
	return remember_batch('M', items, n, memory);
}

int
pci_ext_batch_unmap(
	struct pci_ext_batch_item *items, unsigned int n, const struct pci_ext_memory *memory)
{
	return remember_batch('U', items, n, memory);
}

int
pci_ext_standing_map(const struct pci_ext_memory *memory, pci_ext_report_t report, void *arg)
{
	return remember_batch('S', NULL, 0, memory);
}

int
pci_ext_standing_unmap(const struct pci_ext_memory *memory, pci_ext_report_t report, void *arg)
{
	return remember_batch('T', NULL, 0, memory);
}

static size_t fake_count, fake_growth;

static size_t
fake_copy(const char *name, size_t max, size_t size, void *copies)
{
	size_t n = fake_count;

	snprintf(seen_name, sizeof(seen_name), "%s", name == NULL ? "(all)" : name);
	if (copies != NULL)
		memset(copies, 0, size * (n < max ? n : max));
	fake_count += fake_growth;
	fake_growth /= 2;
	return n;
}

size_t
pci_ext_registry_copy_mappings(const char *name, struct pci_ext_mapping *mappings, size_t max)
{
	return fake_copy(name, max, sizeof(*mappings), mappings);
}

size_t
pci_ext_registry_copy_devices(const char *name, struct pci_ext_device *copies, size_t max)
{
	return fake_copy(name, max, sizeof(*copies), copies);
}

static enum rte_proc_type_t process_type;
static int start_result;
static struct pci_ext_published published;

enum rte_proc_type_t
rte_eal_process_type(void)
{
	return process_type;
}

int
pci_ext_published_start(void)
{
	return start_result;
}

/* It knows one device. */
const struct pci_ext_published *
pci_ext_published_device(const struct rte_device *dev)
{
	return (const void *)dev == &published ? &published : NULL;
}

int
pci_ext_query_range(const struct pci_ext_published *device, uint64_t addr, uint64_t len,
	struct pci_ext_answer *answer)
{
	seen_what = 'q';
	seen_addr = addr;
	seen_len = len;
	answer->len = len;
	return fake_result;
}

static int
reset(void **state)
{
	process_type = RTE_PROC_PRIMARY;
	start_result = 0;
	fake_result = 0;
	fake_count = fake_growth = 0;
	seen_name[0] = seen_what = '\0';
	rte_errno = 0;
	return 0;
}

static void
names_are_completed(void **state)
{
	assert_int_equal(pci_ext_dma_map("03:00.0", &any), 0);
	assert_int_equal(seen_what, 'm');
	assert_string_equal(seen_name, "0000:03:00.0");
	assert_ptr_equal(seen_memory, &any);
	assert_int_equal(pci_ext_dma_unmap("0001:03:1f.7", &any), 0);
	assert_int_equal(seen_what, 'u');
	assert_string_equal(seen_name, "0001:03:1f.7");
	assert_ptr_equal(seen_memory, &any);
	assert_int_equal(pci_ext_dma_map_check("03:00.1", &any), 0);
	assert_int_equal(seen_what, 'c');
	assert_string_equal(seen_name, "0000:03:00.1");
	assert_ptr_equal(seen_memory, &any);
}

static void
an_invalid_name_is_rejected(void **state)
{
	static const char *const wrong[] = {NULL, "", "eth0", "03:00", "0000:03:00.0 ", "zz:00.0"};
	struct pci_ext_device info;
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		rte_errno = 0;
		assert_int_equal(pci_ext_dma_map(wrong[i], &any), -EINVAL);
		assert_int_equal(rte_errno, EINVAL);
		rte_errno = 0;
		assert_int_equal(pci_ext_dma_unmap(wrong[i], &any), -EINVAL);
		assert_int_equal(rte_errno, EINVAL);
		rte_errno = 0;
		assert_int_equal(pci_ext_dma_map_check(wrong[i], &any), -EINVAL);
		assert_int_equal(rte_errno, EINVAL);
		rte_errno = 0;
		assert_int_equal(pci_ext_device_query(wrong[i], &info), -EINVAL);
		assert_int_equal(rte_errno, EINVAL);
	}
	assert_int_equal(seen_what, '\0');
}

static void
errors_set_rte_errno(void **state)
{
	struct pci_ext_device info;

	fake_result = -EEXIST;
	assert_int_equal(pci_ext_dma_map("03:00.0", &any), -EEXIST);
	assert_int_equal(rte_errno, EEXIST);
	fake_result = -ENOENT;
	assert_int_equal(pci_ext_dma_unmap("03:00.0", &any), -ENOENT);
	assert_int_equal(rte_errno, ENOENT);
	rte_errno = 0;
	assert_int_equal(pci_ext_device_query("03:00.0", &info), -ENOENT);
	assert_int_equal(rte_errno, ENOENT);
}

static int
count_until(const struct pci_ext_mapping *mapping, void *arg)
{
	int *left = arg;

	return --*left == 0 ? 42 : 0;
}

static void
iterate_lists_all_until_stopped(void **state)
{
	int left = 1000;

	fake_count = 5;
	assert_int_equal(pci_ext_mapping_iterate(NULL, count_until, &left), 0);
	assert_int_equal(left, 995);
	assert_string_equal(seen_name, "(all)");
	left = 3;
	assert_int_equal(pci_ext_mapping_iterate("03:00.0", count_until, &left), 42);
	assert_string_equal(seen_name, "0000:03:00.0");
	assert_int_equal(pci_ext_mapping_iterate("x", count_until, &left), -EINVAL);
	assert_int_equal(rte_errno, EINVAL);
	fake_count = 0;
	left = 2;
	assert_int_equal(pci_ext_mapping_iterate(NULL, count_until, &left), 0);
	assert_int_equal(left, 2);
}

static void
registry_may_grow_meanwhile(void **state)
{
	int left = 100000;

	fake_count = 1;
	fake_growth = 4096;
	assert_int_equal(pci_ext_mapping_iterate(NULL, count_until, &left), 0);
	assert_uint_in_range(100000 - left, 4097, 8192);
}

static void
query_finds_one_device(void **state)
{
	struct pci_ext_device info;

	fake_count = 1;
	assert_int_equal(pci_ext_device_query("03:00.0", &info), 0);
	assert_string_equal(seen_name, "0000:03:00.0");
}

static int
ask(const void *device, uint64_t addr, size_t len)
{
	struct pci_ext_answer answer;

	rte_errno = 0;
	return pci_ext_query(device, (const void *)(uintptr_t)addr, len, &answer);
}

static void
query_of_a_range_is_checked(void **state)
{
	assert_int_equal(ask(&published, 0x1000, 0x20), 0);
	assert_int_equal(seen_what, 'q');
	assert_int_equal(seen_addr, 0x1000);
	assert_int_equal(seen_len, 0x20);
	assert_int_equal(ask(&published, UINT64_MAX, 1), 0);
	assert_int_equal(ask(&published, 0, SIZE_MAX), 0);
	seen_what = '\0';
	assert_int_equal(ask(&published, UINT64_MAX, 2), -EINVAL);
	assert_int_equal(rte_errno, EINVAL);
	assert_int_equal(ask(&published, 0x1000, 0), -EINVAL);
	assert_int_equal(ask(NULL, 0x1000, 1), -EINVAL);
	assert_int_equal(ask(&fake_result, 0x1000, 1), -ENODEV);
	assert_int_equal(rte_errno, ENODEV);
	start_result = -ENOMEM;
	assert_int_equal(ask(&published, 0x1000, 1), -ENOMEM);
	process_type = RTE_PROC_SECONDARY;
	assert_int_equal(ask(&published, 0x1000, 1), -ENOTSUP);
	assert_int_equal(seen_what, '\0');
	process_type = RTE_PROC_PRIMARY;
	start_result = 0;
	fake_result = -ENOMEM;
	assert_int_equal(ask(&published, 0x1000, 1), -ENOMEM);
	assert_int_equal(rte_errno, ENOMEM);
}

static void
lists_are_parsed_first(void **state)
{
	static const char *const two[] = {"03:00.0", "0000:03:00.1"};
	static const char *const wrong[] = {"03:00.0", "eth0"};
	int results[2] = {7, 7};

	assert_int_equal(pci_ext_dma_map_list(two, 2, &any, results), 0);
	assert_int_equal(seen_what, 'M');
	assert_int_equal(seen_n, 2);
	assert_string_equal(seen_name, "0000:03:00.1");
	assert_ptr_equal(seen_memory, &any);
	assert_int_equal(results[0], 0);
	assert_int_equal(results[1], -1);
	assert_int_equal(pci_ext_dma_unmap_list(two, 1, &any, NULL), 0);
	assert_int_equal(seen_what, 'U');
	assert_int_equal(seen_n, 1);
	fake_result = -EBUSY;
	assert_int_equal(pci_ext_dma_unmap_list(two, 2, &any, results), -EBUSY);
	assert_int_equal(rte_errno, EBUSY);
	seen_what = '\0';
	assert_int_equal(pci_ext_dma_map_list(wrong, 2, &any, results), -EINVAL);
	assert_int_equal(rte_errno, EINVAL);
	assert_int_equal(seen_what, '\0');
	fake_result = 0;
	assert_int_equal(pci_ext_dma_map_list(NULL, 0, &any, NULL), 0);
}

static void
all_devices_are_passed_on(void **state)
{
	fake_result = -ENOMEM;
	assert_int_equal(pci_ext_dma_map_all(&any, NULL, NULL), -ENOMEM);
	assert_int_equal(rte_errno, ENOMEM);
	assert_int_equal(seen_what, 'S');
	assert_ptr_equal(seen_memory, &any);
	fake_result = 0;
	assert_int_equal(pci_ext_dma_unmap_all(&any, NULL, NULL), 0);
	assert_int_equal(seen_what, 'T');
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(names_are_completed, reset),
		cmocka_unit_test_setup(an_invalid_name_is_rejected, reset),
		cmocka_unit_test_setup(errors_set_rte_errno, reset),
		cmocka_unit_test_setup(iterate_lists_all_until_stopped, reset),
		cmocka_unit_test_setup(registry_may_grow_meanwhile, reset),
		cmocka_unit_test_setup(query_finds_one_device, reset),
		cmocka_unit_test_setup(query_of_a_range_is_checked, reset),
		cmocka_unit_test_setup(lists_are_parsed_first, reset),
		cmocka_unit_test_setup(all_devices_are_passed_on, reset),
	};

	return cmocka_run_group_tests_name("api", tests, NULL, NULL);
}
