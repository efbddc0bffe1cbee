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
static uint64_t seen_addr, seen_iova, seen_len;

static int
remember(char what, const struct pci_ext_target *target, uint64_t addr, uint64_t iova, uint64_t len)
{
	seen_what = what;
	assert_null(target->dev);
	snprintf(seen_name, sizeof(seen_name), "%s", target->name);
	seen_addr = addr;
	seen_iova = iova;
	seen_len = len;
	return fake_result;
}

int
pci_ext_dispatch_map(
	const struct pci_ext_target *target, uint64_t addr, uint64_t iova, uint64_t len)
{
	return remember('m', target, addr, iova, len);
}

int
pci_ext_dispatch_unmap(
	const struct pci_ext_target *target, uint64_t addr, uint64_t iova, uint64_t len)
{
	return remember('u', target, addr, iova, len);
}

int
pci_ext_dispatch_check(
	const struct pci_ext_target *target, uint64_t addr, uint64_t iova, uint64_t len)
{
	return remember('c', target, addr, iova, len);
}

static enum pci_ext_access seen_access;

int
pci_ext_dispatch_map_access(
	const struct pci_ext_target *target, const struct pci_ext_range *request)
{
	seen_access = request->access;
	return remember('a', target, request->addr, request->iova, request->len);
}

static int seen_fd;
static uint64_t seen_offset;

int
pci_ext_dispatch_map_dmabuf(const struct pci_ext_target *target,
	const struct pci_ext_range *request, int fd, uint64_t offset)
{
	seen_fd = fd;
	seen_offset = offset;
	return remember('d', target, request->addr, request->iova, request->len);
}

static unsigned int seen_n;

static int
remember_batch(char what, struct pci_ext_batch_item *items, unsigned int n, uint64_t addr,
	uint64_t iova, uint64_t len)
{
	unsigned int i;

	seen_what = what;
	seen_n = n;
	seen_addr = addr;
	seen_iova = iova;
	seen_len = len;
	for (i = 0; i < n; i++)
		items[i].result = -(int)i;
	if (n != 0)
		snprintf(seen_name, sizeof(seen_name), "%s", items[n - 1].name);
	return fake_result;
}

int
pci_ext_batch_map(struct pci_ext_batch_item *items, unsigned int n, uint64_t addr, uint64_t iova,
	uint64_t len)
{
	return remember_batch('M', items, n, addr, iova, len);
}

int
pci_ext_batch_unmap(struct pci_ext_batch_item *items, unsigned int n, uint64_t addr, uint64_t iova,
	uint64_t len)
{
	return remember_batch('U', items, n, addr, iova, len);
}

int
pci_ext_standing_map(uint64_t addr, uint64_t iova, uint64_t len, pci_ext_report_t report, void *arg)
{
	return remember_batch('S', NULL, 0, addr, iova, len);
}

int
pci_ext_standing_unmap(
	uint64_t addr, uint64_t iova, uint64_t len, pci_ext_report_t report, void *arg)
{
	return remember_batch('T', NULL, 0, addr, iova, len);
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
	assert_int_equal(pci_ext_dma_map("03:00.0", (void *)0x1000, 0x2000, 0x3000), 0);
	assert_int_equal(seen_what, 'm');
	assert_string_equal(seen_name, "0000:03:00.0");
	assert_int_equal(seen_addr, 0x1000);
	assert_int_equal(seen_iova, 0x2000);
	assert_int_equal(seen_len, 0x3000);
	assert_int_equal(pci_ext_dma_unmap("0001:03:1f.7", NULL, 0, 1), 0);
	assert_int_equal(seen_what, 'u');
	assert_string_equal(seen_name, "0001:03:1f.7");
	assert_int_equal(pci_ext_dma_map_check("03:00.1", NULL, 0, 1), 0);
	assert_int_equal(seen_what, 'c');
	assert_string_equal(seen_name, "0000:03:00.1");
}

static void
an_invalid_name_is_rejected(void **state)
{
	static const char *const wrong[] = {NULL, "", "eth0", "03:00", "0000:03:00.0 ", "zz:00.0"};
	struct pci_ext_device info;
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		rte_errno = 0;
		assert_int_equal(pci_ext_dma_map(wrong[i], NULL, 0, 1), -EINVAL);
		assert_int_equal(rte_errno, EINVAL);
		rte_errno = 0;
		assert_int_equal(pci_ext_dma_unmap(wrong[i], NULL, 0, 1), -EINVAL);
		assert_int_equal(rte_errno, EINVAL);
		rte_errno = 0;
		assert_int_equal(pci_ext_dma_map_dmabuf(wrong[i], 0, 0, NULL, 0, 1), -EINVAL);
		assert_int_equal(pci_ext_dma_map_access(wrong[i], NULL, 0, 1, 0), -EINVAL);
		assert_int_equal(rte_errno, EINVAL);
		rte_errno = 0;
		assert_int_equal(pci_ext_dma_map_check(wrong[i], NULL, 0, 1), -EINVAL);
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
	assert_int_equal(pci_ext_dma_map("03:00.0", NULL, 0, 1), -EEXIST);
	assert_int_equal(rte_errno, EEXIST);
	fake_result = -ENOENT;
	assert_int_equal(pci_ext_dma_unmap("03:00.0", NULL, 0, 1), -ENOENT);
	assert_int_equal(rte_errno, ENOENT);
	rte_errno = 0;
	assert_int_equal(pci_ext_device_query("03:00.0", &info), -ENOENT);
	assert_int_equal(rte_errno, ENOENT);
}

static void
a_dmabuf_is_passed_on(void **state)
{
	assert_int_equal(
		pci_ext_dma_map_dmabuf("03:00.0", 7, 0x4000, (void *)0x1000, 0x2000, 0x3000), 0);
	assert_int_equal(seen_what, 'd');
	assert_string_equal(seen_name, "0000:03:00.0");
	assert_int_equal(seen_fd, 7);
	assert_int_equal(seen_offset, 0x4000);
	assert_int_equal(seen_addr, 0x1000);
	assert_int_equal(seen_iova, 0x2000);
	assert_int_equal(seen_len, 0x3000);
	fake_result = -EBADF;
	assert_int_equal(pci_ext_dma_map_dmabuf("03:00.0", 7, 0, NULL, 0, 1), -EBADF);
	assert_int_equal(rte_errno, EBADF);
}

static void
an_access_is_passed_on(void **state)
{
	assert_int_equal(pci_ext_dma_map_access(
				 "03:00.0", (void *)0x1000, 0x2000, 0x3000, PCI_EXT_ACCESS_READ),
		0);
	assert_int_equal(seen_what, 'a');
	assert_string_equal(seen_name, "0000:03:00.0");
	assert_int_equal(seen_access, PCI_EXT_ACCESS_READ);
	assert_int_equal(seen_addr, 0x1000);
	assert_int_equal(seen_iova, 0x2000);
	assert_int_equal(seen_len, 0x3000);
	fake_result = -EEXIST;
	assert_int_equal(
		pci_ext_dma_map_access("03:00.0", NULL, 0, 1, PCI_EXT_ACCESS_READ_WRITE), -EEXIST);
	assert_int_equal(rte_errno, EEXIST);
	assert_int_equal(seen_access, PCI_EXT_ACCESS_READ_WRITE);
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

	assert_int_equal(pci_ext_dma_map_list(two, 2, (void *)0x1000, 0x2000, 0x3000, results), 0);
	assert_int_equal(seen_what, 'M');
	assert_int_equal(seen_n, 2);
	assert_string_equal(seen_name, "0000:03:00.1");
	assert_int_equal(seen_addr, 0x1000);
	assert_int_equal(seen_iova, 0x2000);
	assert_int_equal(seen_len, 0x3000);
	assert_int_equal(results[0], 0);
	assert_int_equal(results[1], -1);
	assert_int_equal(pci_ext_dma_unmap_list(two, 1, NULL, 0, 1, NULL), 0);
	assert_int_equal(seen_what, 'U');
	assert_int_equal(seen_n, 1);
	fake_result = -EBUSY;
	assert_int_equal(pci_ext_dma_unmap_list(two, 2, NULL, 0, 1, results), -EBUSY);
	assert_int_equal(rte_errno, EBUSY);
	seen_what = '\0';
	assert_int_equal(pci_ext_dma_map_list(wrong, 2, NULL, 0, 1, results), -EINVAL);
	assert_int_equal(rte_errno, EINVAL);
	assert_int_equal(seen_what, '\0');
	fake_result = 0;
	assert_int_equal(pci_ext_dma_map_list(NULL, 0, NULL, 0, 1, NULL), 0);
}

static void
all_devices_are_the_primarys(void **state)
{
	fake_result = -ENOMEM;
	assert_int_equal(pci_ext_dma_map_all((void *)0x1000, 0, 2, NULL, NULL), -ENOMEM);
	assert_int_equal(rte_errno, ENOMEM);
	assert_int_equal(seen_what, 'S');
	assert_int_equal(seen_addr, 0x1000);
	fake_result = 0;
	assert_int_equal(pci_ext_dma_unmap_all((void *)0x1000, 0, 2, NULL, NULL), 0);
	assert_int_equal(seen_what, 'T');
	process_type = RTE_PROC_SECONDARY;
	assert_int_equal(pci_ext_dma_map_all(NULL, 0, 2, NULL, NULL), -ENOTSUP);
	assert_int_equal(pci_ext_dma_unmap_all(NULL, 0, 2, NULL, NULL), -ENOTSUP);
	assert_int_equal(rte_errno, ENOTSUP);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(names_are_completed, reset),
		cmocka_unit_test_setup(an_invalid_name_is_rejected, reset),
		cmocka_unit_test_setup(errors_set_rte_errno, reset),
		cmocka_unit_test_setup(a_dmabuf_is_passed_on, reset),
		cmocka_unit_test_setup(an_access_is_passed_on, reset),
		cmocka_unit_test_setup(iterate_lists_all_until_stopped, reset),
		cmocka_unit_test_setup(registry_may_grow_meanwhile, reset),
		cmocka_unit_test_setup(query_finds_one_device, reset),
		cmocka_unit_test_setup(query_of_a_range_is_checked, reset),
		cmocka_unit_test_setup(lists_are_parsed_first, reset),
		cmocka_unit_test_setup(all_devices_are_the_primarys, reset),
	};

	return cmocka_run_group_tests_name("api", tests, NULL, NULL);
}
