/* SPDX-License-Identifier: BSD-3-Clause */
/* memory.c on made-up lists of EAL; the fakes replace EAL's functions of the same name. */
#include <stdio.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_memory.h>

#include "common/memory.h"
#include "unit.h"

#define PAGE UINT64_C(4096)

static enum rte_iova_mode fake_iova_mode = RTE_IOVA_VA;
static int searches, walks;

/* Two adjacent registered ranges, then one list of EAL with page 0 in use and page 1 not. */
static struct rte_memseg_list fake_lists[] = {
	{.addr_64 = 0x100000, .len = 4 * PAGE, .external = 1, .socket_id = 256},
	{.addr_64 = 0x104000, .len = 4 * PAGE, .external = 1, .socket_id = 257},
	{.addr_64 = 0x108000, .len = 2 * PAGE, .external = 0, .page_sz = PAGE},
	{.addr_64 = 0x200000, .len = PAGE, .external = 1, .socket_id = 258},
	{.addr_64 = 0}, /* free */
};
static struct rte_memseg fake_segs[] = {
	{.addr_64 = 0x108000, .len = PAGE},
	{.addr_64 = 0, .len = 0},
};

/* The pages in use of the first list, if it is a heap. */
static struct rte_memseg heap_segs[] = {
	{.addr_64 = 0x100000, .len = PAGE},
	{.addr_64 = 0x101000, .len = PAGE},
};

int
rte_fbarray_find_next_used(struct rte_fbarray *arr, unsigned int start)
{
	const unsigned int used = arr == &fake_lists[0].memseg_arr ? RTE_DIM(heap_segs) : 1;

	return start < used ? (int)start : -1;
}

void *
rte_fbarray_get(const struct rte_fbarray *arr, unsigned int i)
{
	assert_ptr_equal(arr, &fake_lists[0].memseg_arr);
	assert_true(i < RTE_DIM(heap_segs));
	return &heap_segs[i];
}

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

	walks++;
	for (i = 0; i < RTE_DIM(fake_lists) && ret == 0; i++)
		ret = func(&fake_lists[i], arg);
	return ret;
}

static rte_mem_event_callback_t fake_callback;
static void *fake_arg;

int
rte_mem_event_callback_register(const char *name, rte_mem_event_callback_t clb, void *arg)
{
	fake_callback = clb;
	fake_arg = arg;
	return 0;
}

static bool
is_known(uint64_t addr, uint64_t len)
{
	uint64_t registration;

	return pci_ext_memory_identify(addr, len, &registration);
}

static uint64_t
identify(uint64_t addr, uint64_t len)
{
	uint64_t registration;

	assert_true(pci_ext_memory_identify(addr, len, &registration));
	return registration;
}

static void
every_byte_must_be_registered(void **state)
{
	assert_true(is_known(0x100000, 1));
	assert_true(is_known(0x100fff, 4 * PAGE));
	assert_true(is_known(0x100000, 9 * PAGE)); /* across three lists */
	assert_false(is_known(0x0fffff, 1));
	assert_false(is_known(0x0ff000, 2 * PAGE));
	assert_false(is_known(0x100000, 10 * PAGE)); /* a page EAL has not filled */
	assert_false(is_known(0x109000, 1));
	assert_true(is_known(0x200000, PAGE));
	assert_false(is_known(0x200000, PAGE + 1));
	assert_false(is_known(0x200000, UINT64_MAX - 0x200000));
}

static void
same_list_is_not_searched_again(void **state)
{
	assert_true(is_known(0x200000, 16));
	searches = 0;
	assert_true(is_known(0x200000, PAGE));
	assert_int_equal(searches, 0);
	assert_false(is_known(0x200000, PAGE + 1));
	assert_int_equal(searches, 2);
}

static void
a_removed_list_is_not_cached(void **state)
{
	struct rte_memseg_list before = fake_lists[3];

	assert_true(is_known(0x200000, 16));
	memset(&fake_lists[3], 0, sizeof(fake_lists[3])); /* rte_extmem_unregister */
	assert_false(is_known(0x200000, 16));
	assert_false(is_known(0, 16));
	fake_lists[3] = before;
}

/* Restores the lists after a test. */
static struct rte_memseg_list original[RTE_DIM(fake_lists)];

static int
save_lists(void **state)
{
	memcpy(original, fake_lists, sizeof(original));
	return 0;
}

static int
restore_lists(void **state)
{
	memcpy(fake_lists, original, sizeof(original));
	return 0;
}

static void
registered_again_is_other_memory(void **state)
{
	uint64_t before = identify(0x200000, 16);

	assert_int_equal(identify(0x200800, 16), before);
	assert_true(pci_ext_memory_is_current(0x200000, PAGE, before));
	assert_false(pci_ext_memory_is_current(0x200000, PAGE + 1, before));
	memset(&fake_lists[3], 0, sizeof(fake_lists[3])); /* rte_extmem_unregister */
	assert_false(pci_ext_memory_is_current(0x200000, 16, before));
	fake_lists[3] = original[3]; /* rte_extmem_register of the same, in the same list */
	fake_lists[3].socket_id = 259;
	assert_false(pci_ext_memory_is_current(0x200000, 16, before));
	assert_int_not_equal(identify(0x200000, 16), before);
	assert_true(pci_ext_memory_is_current(0x200000, 16, identify(0x200000, 16)));
}

static void
range_over_registrations_is_stale_with_any(void **state)
{
	uint64_t all = identify(0x103000, 6 * PAGE); /* of two registrations and EAL's own */
	uint64_t two = identify(0x103000, 2 * PAGE);
	int i;

	assert_int_not_equal(all, two);
	assert_int_not_equal(two, identify(0x103000, PAGE));
	for (i = 0; i < 2; i++) {
		assert_true(pci_ext_memory_is_current(0x103000, 6 * PAGE, all));
		assert_true(pci_ext_memory_is_current(0x103000, 2 * PAGE, two));
		fake_lists[i].socket_id = 300 + i;
		assert_false(pci_ext_memory_is_current(0x103000, 6 * PAGE, all));
		assert_false(pci_ext_memory_is_current(0x103000, 2 * PAGE, two));
		fake_lists[i] = original[i];
	}
}

/* EAL accepts overlapping registrations that are not identical; one of them is found first. */
static void
overlapping_registrations_live_apart(void **state)
{
	uint64_t first = identify(0x200000, 16), second;

	fake_lists[0] = (struct rte_memseg_list){
		.addr_64 = 0x200000, .len = 2 * PAGE, .external = 1, .socket_id = 301};
	assert_true(pci_ext_memory_is_current(0x200000, 16, first));
	second = identify(0x200000, 2 * PAGE);
	assert_int_equal(second, 301);
	assert_true(pci_ext_memory_is_current(0x200000, 16, second));
	memset(&fake_lists[0], 0, sizeof(fake_lists[0]));
	assert_false(pci_ext_memory_is_current(0x200000, 16, second));
	assert_true(pci_ext_memory_is_current(0x200000, 16, first));
	fake_lists[0] = original[0];
}

static uint64_t gone_addr, gone_len;

static void
note_gone(uint64_t addr, uint64_t len)
{
	gone_addr = addr;
	gone_len = len;
}

static void
end_of_own_memory_is_reported(void **state)
{
	pci_ext_memory_watch(note_gone);
	fake_callback(RTE_MEM_EVENT_ALLOC, (void *)0x108000, PAGE, fake_arg);
	assert_int_equal(gone_len, 0);
	fake_callback(RTE_MEM_EVENT_FREE, (void *)0x108000, PAGE, fake_arg);
	assert_int_equal(gone_addr, 0x108000);
	assert_int_equal(gone_len, PAGE);
	assert_true(pci_ext_memory_is_current(0x108000, PAGE, identify(0x108000, PAGE)));
	assert_false(pci_ext_memory_is_current(0x108000, PAGE, PCI_EXT_MEMORY_GONE));
}

static void
own_memory_is_mapped_or_reserved(void **state)
{
	static const struct {
		uint64_t start;
		uint64_t len;
		enum pci_ext_eal_use use;
	} cases[] = {
		{0x107000, 0x1000, PCI_EXT_EAL_NONE},
		{0x107000, 0x1001, PCI_EXT_EAL_MAPPED},
		{0x108000, 0x0100, PCI_EXT_EAL_MAPPED},
		{0x108fff, 0x0001, PCI_EXT_EAL_MAPPED},
		{0x109000, 0x0001, PCI_EXT_EAL_RESERVED},
		{0x109fff, 0x9000, PCI_EXT_EAL_RESERVED},
		{0x10a000, 0x1000, PCI_EXT_EAL_NONE},
		{0x100000, 0x100000, PCI_EXT_EAL_MAPPED},
		{1, UINT64_MAX, PCI_EXT_EAL_MAPPED},
	};
	size_t i;

	for (i = 0; i < RTE_DIM(cases); i++)
		assert_int_equal(
			pci_ext_memory_eal_use(cases[i].start, cases[i].len), cases[i].use);
	assert_true(is_known(0x100000, 16));
	assert_int_equal(pci_ext_memory_eal_use(0x100000, PAGE), PCI_EXT_EAL_NONE);
	fake_iova_mode = RTE_IOVA_PA;
	assert_int_equal(pci_ext_memory_eal_use(0x108000, PAGE), PCI_EXT_EAL_NONE);
	fake_iova_mode = RTE_IOVA_VA;
}

/* EAL maps a heap at its IOVAs, whatever its addresses, and a page without one not at all. */
static void
heaps_are_mapped_at_their_iovas(void **state)
{
	fake_lists[0].heap = 1;
	heap_segs[0].iova = RTE_BAD_IOVA;
	heap_segs[1].iova = RTE_BAD_IOVA;
	assert_int_equal(pci_ext_memory_eal_use(0x100000, 4 * PAGE), PCI_EXT_EAL_NONE);
	heap_segs[1].iova = 0x500000;
	assert_int_equal(pci_ext_memory_eal_use(0x100000, 4 * PAGE), PCI_EXT_EAL_NONE);
	assert_int_equal(pci_ext_memory_eal_use(0x4ff000, PAGE), PCI_EXT_EAL_NONE);
	assert_int_equal(pci_ext_memory_eal_use(0x4ff000, PAGE + 1), PCI_EXT_EAL_MAPPED);
	assert_int_equal(pci_ext_memory_eal_use(0x500fff, 1), PCI_EXT_EAL_MAPPED);
	assert_int_equal(pci_ext_memory_eal_use(0x501000, PAGE), PCI_EXT_EAL_NONE);
}

static const char *
described(enum pci_ext_eal_use use)
{
	static char text[256];
	FILE *out;

	memset(text, 0, sizeof(text));
	out = fmemopen(text, sizeof(text) - 1, "w");
	pci_ext_memory_describe_eal_use(use, out);
	fclose(out);
	return text;
}

static void
use_is_described(void **state)
{
	assert_string_equal(described(PCI_EXT_EAL_NONE), "");
	assert_non_null(strstr(described(PCI_EXT_EAL_MAPPED), "EAL itself maps"));
	assert_non_null(strstr(described(PCI_EXT_EAL_RESERVED), "--base-virtaddr"));
}

static void
memory_in_no_list_is_unknown(void **state)
{
	assert_true(pci_ext_memory_is_unknown(0x0fffff, 1));
	assert_false(pci_ext_memory_is_unknown(0x0fffff, 2));
	assert_false(pci_ext_memory_is_unknown(0x109fff, 0x1000));
	assert_true(pci_ext_memory_is_unknown(0x10a000, 0x200000 - 0x10a000));
	assert_false(pci_ext_memory_is_unknown(0x10a000, 0x200000 - 0x10a000 + 1));
	assert_true(pci_ext_memory_is_unknown(0x201000, UINT64_MAX - 0x201000));
	assert_true(pci_ext_memory_is_unknown(0, 0x1000));
}

/* Its list is found by its number; a list that another one has taken is searched. */
static void
a_registration_is_found_again(void **state)
{
	const uint64_t first = identify(0x200000, 16), other = identify(0x100000, 16);
	const int before = walks;

	assert_true(pci_ext_memory_is_current(0x200000, 16, first));
	assert_true(pci_ext_memory_is_current(0x100000, 16, other));
	assert_true(walks > before);
	walks = 0;
	assert_true(pci_ext_memory_is_current(0x200000, 16, first));
	assert_true(pci_ext_memory_is_current(0x100000, 16, other));
	assert_int_equal(walks, 0);
	fake_lists[4] = fake_lists[3]; /* moved */
	memset(&fake_lists[3], 0, sizeof(fake_lists[3]));
	assert_true(pci_ext_memory_is_current(0x200000, 16, first));
	assert_int_equal(walks, 1);
}

static void
what_eal_maps_has_its_iova(void **state)
{
	uint64_t iova = 0;

	fake_segs[0].iova = 0x7000;
	assert_int_equal(pci_ext_memory_eal_run(0x108010, &iova), PAGE - 0x10);
	assert_int_equal(iova, 0x7010);
	assert_int_equal(
		pci_ext_memory_eal_run(0x109000, &iova), 0); /* a page EAL has not filled */
	assert_int_equal(pci_ext_memory_eal_run(0x200000, &iova), 0); /* registered */
	assert_int_equal(pci_ext_memory_eal_run(0x300000, &iova), 0); /* unknown */
	fake_segs[0].iova = RTE_BAD_IOVA;
	assert_int_equal(pci_ext_memory_eal_run(0x108010, &iova), 0);
	fake_segs[0].iova = 0;
	assert_true(pci_ext_memory_is_eal(0x108010));
	assert_false(pci_ext_memory_is_eal(0x109000));
	assert_false(pci_ext_memory_is_eal(0x200000));
	assert_false(pci_ext_memory_is_eal(0x300000));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte_must_be_registered),
		cmocka_unit_test(same_list_is_not_searched_again),
		cmocka_unit_test(a_removed_list_is_not_cached),
		cmocka_unit_test_setup_teardown(
			registered_again_is_other_memory, save_lists, restore_lists),
		cmocka_unit_test_setup_teardown(
			range_over_registrations_is_stale_with_any, save_lists, restore_lists),
		cmocka_unit_test_setup_teardown(
			overlapping_registrations_live_apart, save_lists, restore_lists),
		cmocka_unit_test(end_of_own_memory_is_reported),
		cmocka_unit_test(own_memory_is_mapped_or_reserved),
		cmocka_unit_test_setup_teardown(
			heaps_are_mapped_at_their_iovas, save_lists, restore_lists),
		cmocka_unit_test(use_is_described),
		cmocka_unit_test(memory_in_no_list_is_unknown),
		cmocka_unit_test_setup_teardown(
			a_registration_is_found_again, save_lists, restore_lists),
		cmocka_unit_test(what_eal_maps_has_its_iova),
	};

	return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
