/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * memory.c on made-up lists of EAL; the fakes take the place of EAL's functions of the same name.
 */
#include <string.h>

#include <rte_eal.h>
#include <rte_memory.h>

#include "memory.h"
#include "unit.h"

#define PAGE UINT64_C(4096)

static enum rte_iova_mode fake_iova_mode = RTE_IOVA_VA;
static int searches;

/* Two adjacent registered ranges, then one list of EAL with page 0 in use and page 1 not. */
static struct rte_memseg_list fake_lists[] = {
	{.addr_64 = 0x100000, .len = 4 * PAGE, .external = 1},
	{.addr_64 = 0x104000, .len = 4 * PAGE, .external = 1},
	{.addr_64 = 0x108000, .len = 2 * PAGE, .external = 0},
	{.addr_64 = 0x200000, .len = PAGE, .external = 1},
};
static struct rte_memseg fake_segs[] = {
	{.addr_64 = 0x108000, .len = PAGE},
	{.addr_64 = 0, .len = 0},
};

enum rte_iova_mode
rte_eal_iova_mode(void)
{
	return fake_iova_mode;
}

struct rte_memseg_list *
rte_mem_virt2memseg_list(const void *addr)
{
	uint64_t a = (uintptr_t)addr;
	size_t i;

	searches++;
	for (i = 0; i < RTE_DIM(fake_lists); i++)
		if (a >= fake_lists[i].addr_64 && a - fake_lists[i].addr_64 < fake_lists[i].len)
			return &fake_lists[i];
	return NULL;
}

struct rte_memseg *
rte_mem_virt2memseg(const void *addr, const struct rte_memseg_list *msl)
{
	return &fake_segs[((uintptr_t)addr - msl->addr_64) / PAGE];
}

int
rte_memseg_list_walk_thread_unsafe(rte_memseg_list_walk_t func, void *arg)
{
	size_t i;
	int ret = 0;

	for (i = 0; i < RTE_DIM(fake_lists) && ret == 0; i++)
		ret = func(&fake_lists[i], arg);
	return ret;
}

static void
every_byte_has_to_be_known(void **state)
{
	assert_true(pci_ext_memory_is_known(0x100000, 1));
	assert_true(pci_ext_memory_is_known(0x100fff, 4 * PAGE));
	assert_true(pci_ext_memory_is_known(0x100000, 9 * PAGE)); /* across three lists */
	assert_false(pci_ext_memory_is_known(0x0fffff, 1));
	assert_false(pci_ext_memory_is_known(0x0ff000, 2 * PAGE));
	assert_false(pci_ext_memory_is_known(0x100000, 10 * PAGE)); /* a page EAL has not filled */
	assert_false(pci_ext_memory_is_known(0x109000, 1));
	assert_true(pci_ext_memory_is_known(0x200000, PAGE));
	assert_false(pci_ext_memory_is_known(0x200000, PAGE + 1));
	assert_false(pci_ext_memory_is_known(0x200000, UINT64_MAX - 0x200000));
}

static void
same_list_is_not_searched_again(void **state)
{
	assert_true(pci_ext_memory_is_known(0x200000, 16));
	searches = 0;
	assert_true(pci_ext_memory_is_known(0x200000, PAGE));
	assert_int_equal(searches, 0);
	assert_false(pci_ext_memory_is_known(0x200000, PAGE + 1));
	assert_int_equal(searches, 2);
}

static void
list_that_is_gone_is_not_remembered(void **state)
{
	struct rte_memseg_list before = fake_lists[3];

	assert_true(pci_ext_memory_is_known(0x200000, 16));
	memset(&fake_lists[3], 0, sizeof(fake_lists[3])); /* rte_extmem_unregister */
	assert_false(pci_ext_memory_is_known(0x200000, 16));
	assert_false(pci_ext_memory_is_known(0, 16));
	fake_lists[3] = before;
}

static void
own_memory_and_heaps_are_mapped(void **state)
{
	static const struct {
		uint64_t start;
		uint64_t len;
		bool overlaps;
	} cases[] = {
		{0x107000, 0x1000, false},
		{0x107000, 0x1001, true},
		{0x108000, 0x0100, true},
		{0x109fff, 0x9000, true}, /* reserved only */
		{0x10a000, 0x1000, false},
		{0x100000, 0x100000, true},
	};
	size_t i;

	for (i = 0; i < RTE_DIM(cases); i++)
		assert_int_equal(pci_ext_memory_is_mapped_by_eal(cases[i].start, cases[i].len),
			cases[i].overlaps);
	assert_true(pci_ext_memory_is_known(0x100000, 16));
	assert_false(pci_ext_memory_is_mapped_by_eal(0x100000, PAGE));
	fake_lists[0].heap = 1;
	assert_true(pci_ext_memory_is_mapped_by_eal(0x100000, PAGE));
	fake_lists[0].heap = 0;
	fake_iova_mode = RTE_IOVA_PA;
	assert_false(pci_ext_memory_is_mapped_by_eal(0x108000, PAGE));
	fake_iova_mode = RTE_IOVA_VA;
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte_has_to_be_known),
		cmocka_unit_test(same_list_is_not_searched_again),
		cmocka_unit_test(list_that_is_gone_is_not_remembered),
		cmocka_unit_test(own_memory_and_heaps_are_mapped),
	};

	return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
