/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The case about pci_ext_query() and pci_ext_dma_map_check(): what the one answers is what the
 * device can access, what the other answers is what a map then returns.
 */
#include <rte_malloc.h>
#include <rte_memory.h>

#include "error_name.h"
#include "pci_ext.h"
#include "plugin.h"
#include "suite.h"

static const char *const states[] = {
	[PCI_EXT_IS_UNMAPPED] = "unmapped",
	[PCI_EXT_IS_PARTLY] = "partly mapped",
	[PCI_EXT_IS_STALE] = "stale",
	[PCI_EXT_IS_UNKNOWN] = "unknown",
	[PCI_EXT_IS_MAPPED] = "mapped",
};

static bool
ask(struct test *t, struct span span, struct pci_ext_answer *answer)
{
	int ret = plugin_query()(t->rig->dev, span.addr, span.len, answer);

	return test_check(t, ret == 0, "pci_ext_query(%s, %p, %zu): %s", t->rig->name, span.addr,
		span.len, error_name(-ret));
}

/* The answer, and that so many bytes of the span are mapped. */
static bool
must_be(struct test *t, struct span span, enum pci_ext_answer_state state, size_t mapped)
{
	struct pci_ext_answer answer;

	return ask(t, span, &answer) &&
	       test_check(t, answer.state == state && answer.len == mapped,
		       "pci_ext_query(%p, %zu): expected %s, %zu bytes, got %s, %zu bytes",
		       span.addr, span.len, states[state], mapped, states[answer.state],
		       (size_t)answer.len);
}

static bool
must_be_mapped(struct test *t, struct span span)
{
	struct pci_ext_answer answer;

	return must_be(t, span, PCI_EXT_IS_MAPPED, span.len) && ask(t, span, &answer) &&
	       test_check(t, answer.by == PCI_EXT_BY_CALL && answer.iova == span.iova,
		       "pci_ext_query(%p, %zu): mapped at IOVA 0x%jx, not by the call at 0x%jx",
		       span.addr, span.len, (uintmax_t)answer.iova, (uintmax_t)span.iova) &&
	       must_read(t, span);
}

static bool
must_be_unmapped(struct test *t, struct span span)
{
	return must_be(t, span, PCI_EXT_IS_UNMAPPED, 0) && must_not_read(t, span);
}

/* What a map would return: 0, or an errno. */
static bool
must_check(struct test *t, struct span span, int error)
{
	const struct pci_ext_memory memory = {span.addr, span.iova, span.len};
	int ret = plugin_check()(t->rig->name, &memory);

	return test_check(t, ret == -error, "pci_ext_dma_map_check(%p, %zu): expected %s, got %s",
		span.addr, span.len, error_name(error), error_name(-ret));
}

/* Of two mappings, and of one that would overlap. */
static bool
check_maps(struct test *t, struct span a, struct span across)
{
	return must_check(t, a, 0) && must_check(t, across, 0) && must_be_unmapped(t, a) &&
	       must_map(t, a) && must_check(t, a, 0) && must_check(t, across, EEXIST) &&
	       must_not_map(t, across, EEXIST, 0) && must_unmap(t, a);
}

/* A device on VFIO has it by EAL; a driver may have registered it or not. */
static void
ask_about_eal(struct test *t)
{
	struct pci_ext_answer answer;
	struct span span = {rte_malloc(NULL, 64, 0), 0, 64};

	if (!test_check(t, span.addr != NULL, "rte_malloc failed") || !ask(t, span, &answer))
		return;
	span.iova = rte_malloc_virt2iova(span.addr);
	if (t->rig->rules == RULES_VFIO)
		test_check(t, answer.state == PCI_EXT_IS_MAPPED &&
			answer.by == PCI_EXT_BY_EAL && answer.iova == span.iova,
			"EAL's memory: expected mapped by EAL, got %s", states[answer.state]);
	else
		test_check(t, answer.state == PCI_EXT_IS_UNKNOWN,
			"EAL's memory: expected unknown, got %s", states[answer.state]);
	rte_free(span.addr);
}

/* Registered again at the same address, it is other memory for EAL, until it is mapped. */
static void
ask_about_stale(struct test *t, struct memory *memory, struct span span)
{
	if (!must_map(t, span) || !must_be_mapped(t, span))
		return;
	if (!test_check(t, memory_unregister(memory) == 0, "rte_extmem_unregister failed") ||
			!must_be(t, span, PCI_EXT_IS_STALE, 0) ||
			!test_check(t, memory_register(memory) == 0, "rte_extmem_register failed"))
		return;
	test_forget(t, t->rig); /* the next map ends it */
	if (must_be(t, span, PCI_EXT_IS_STALE, 0) && must_map(t, span) &&
			must_be_mapped(t, span) && must_unmap(t, span))
		must_be_unmapped(t, span);
}

void
case_query(struct test *t)
{
	struct memory *memory;
	struct span a, b, both, across;

	if (plugin_query() == NULL || plugin_check() == NULL) {
		test_skip(t, "pci_ext, which knows what is mapped (pci_ext_query), is not "
			"loaded");
		return;
	}
	memory = test_memory(t, 8);
	if (memory == NULL)
		return;
	a = test_pages(memory, 0, 4);
	b = test_pages(memory, 4, 2);
	both = test_pages(memory, 0, 6);
	across = test_pages(memory, 3, 4);
	if (!check_maps(t, a, across) || !must_be_unmapped(t, both) || !must_map(t, a) ||
			!must_be_mapped(t, a) ||
			!must_be(t, across, PCI_EXT_IS_PARTLY, memory_page()))
		return;
	if (!must_map(t, b) || !must_be(t, both, PCI_EXT_IS_MAPPED, both.len) ||
			!must_be(t, across, PCI_EXT_IS_PARTLY, 3 * memory_page()))
		return;
	if (!must_unmap(t, a) || !must_be_unmapped(t, a) || !must_be_mapped(t, b) ||
			!must_unmap(t, b) || !must_be_unmapped(t, b))
		return;
	ask_about_eal(t);
	if (t->verdict == VERDICT_OK)
		ask_about_stale(t, memory, a);
}
