/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The case about pci_ext_dma_map_list() and pci_ext_dma_map_all() of each kind of memory: two
 * devices have it, or none.
 */
#include "error_name.h"
#include "pci_ext.h"
#include "plugin.h"
#include "suite.h"
#include "udmabuf.h"

#define DEVICES 2
#define PAGES 4

/* The four calls have one form here. results[i] is of device i; of "all" it is not known. */
typedef int (*call_t)(struct test *t, const struct pci_ext_memory *memory, int results[DEVICES]);

static int
map_list(struct test *t, const struct pci_ext_memory *memory, int results[DEVICES])
{
	const char *const names[DEVICES] = {t->rig->name, t->other->name};

	return plugin_map_list()(names, DEVICES, memory, results);
}

static int
unmap_list(struct test *t, const struct pci_ext_memory *memory, int results[DEVICES])
{
	const char *const names[DEVICES] = {t->rig->name, t->other->name};

	return plugin_unmap_list()(names, DEVICES, memory, results);
}

static int
map_all(struct test *t, const struct pci_ext_memory *memory, int results[DEVICES])
{
	return plugin_map_all()(memory, NULL, NULL);
}

static int
unmap_all(struct test *t, const struct pci_ext_memory *memory, int results[DEVICES])
{
	return plugin_unmap_all()(memory, NULL, NULL);
}

static const struct calls {
	const char *name;
	call_t map, unmap;
} calls[] = {
	{"pci_ext_dma_map_list", map_list, unmap_list},
	{"pci_ext_dma_map_all", map_all, unmap_all},
};

struct unmapping {
	struct test *t;
	call_t unmap;
	const struct pci_ext_memory *memory;
	int results[DEVICES];
	bool begun;
};

/* Those devices that are busy, after the call for all of them: the others have unmapped. */
static int
unmap_rest(struct unmapping *unmapping)
{
	const struct rig *const rigs[DEVICES] = {unmapping->t->rig, unmapping->t->other};
	int *results = unmapping->results, ret = 0;
	unsigned int i;

	for (i = 0; i < DEVICES && ret == 0; i++) {
		if (results[i] == -EBUSY)
			results[i] = plugin_unmap()(rigs[i]->name, unmapping->memory);
		ret = results[i];
	}
	return ret;
}

static int
unmap_once(void *opaque)
{
	struct unmapping *unmapping = opaque;

	if (unmapping->begun && unmapping->unmap == unmap_list)
		return unmap_rest(unmapping);
	unmapping->begun = true;
	return unmapping->unmap(unmapping->t, unmapping->memory, unmapping->results);
}

static int
unmap_patiently(struct test *t, call_t unmap, const struct pci_ext_memory *memory)
{
	struct unmapping unmapping = {.t = t, .unmap = unmap, .memory = memory};

	return test_patiently(unmap_once, &unmapping);
}

static bool
nobody_has(struct test *t, struct span span)
{
	return must_not_read(t, span) && must_not_read_on(t, t->other, span);
}

/* The other device has a mapping of the last page, so that neither gets the first ones. */
static bool
must_refuse(struct test *t, const struct calls *of, const struct pci_ext_memory *memory)
{
	const size_t page = memory_page(), before = memory->len - page;
	struct pci_ext_memory last = *memory;
	int results[DEVICES] = {0, 0}, ret;
	struct span span;

	last.addr = (uint8_t *)memory->addr + before;
	last.iova += before;
	last.offset += before;
	last.len = page;
	span = (struct span){last.addr, last.iova, last.len};
	ret = plugin_map()(t->other->name, &last);
	if (!test_check(t, ret == 0, "pci_ext_dma_map(%s): %s", t->other->name, error_name(-ret)))
		return false;
	test_mapped(t, t->other, span);
	ret = of->map(t, memory, results);
	if (ret == 0)
		t->spoilt = true; /* it stays mapped */
	return test_check(t, ret == -EEXIST,
			"%s over a mapping of the second device: expected EEXIST, got %s",
			of->name, error_name(-ret)) &&
		test_check(t, of->map != map_list || results[1] == -EEXIST,
			"%s: the second device's result is %s, not EEXIST", of->name,
			error_name(-results[1])) &&
		nobody_has(t, (struct span){memory->addr, memory->iova, page}) &&
		must_unmap_on(t, t->other, span);
}

/* can_refuse: devices need not have this kind of memory. */
static bool
try_calls(struct test *t, const struct calls *of, const struct pci_ext_memory *memory,
	bool can_refuse)
{
	const struct span span = {memory->addr, memory->iova, memory->len};
	int results[DEVICES] = {0, 0}, ret = of->map(t, memory, results);

	if (ret == -ENOTSUP && can_refuse)
		return nobody_has(t, span);
	if (!test_check(t, ret == 0, "%s: expected 0, got %s", of->name, error_name(-ret)))
		return false;
	if (!must_read(t, span) || !must_read_on(t, t->other, span))
		t->spoilt = true; /* it stays mapped */
	ret = t->spoilt ? 0 : unmap_patiently(t, of->unmap, memory);
	return test_check(t, ret == 0, "unmap after %s: %s", of->name, error_name(-ret)) &&
		nobody_has(t, span) && must_refuse(t, of, memory);
}

/* dma_map knows one kind: read and written, and of the process. */
static bool
try_memory(struct test *t, const struct memory *of)
{
	const struct span span = test_pages(of, 0, PAGES);
	struct pci_ext_memory memory = {span.addr, span.iova, span.len};
	unsigned int i;

	memory.is_dmabuf = of->kind == MEMORY_DMABUF;
	memory.fd = of->fd;
	for (i = 0; i < RTE_DIM(calls); i++) {
		memory.access = PCI_EXT_ACCESS_READ_WRITE;
		if (!try_calls(t, &calls[i], &memory, memory.is_dmabuf))
			return false;
		memory.access = PCI_EXT_ACCESS_READ;
		if (!try_calls(t, &calls[i], &memory,
				memory.is_dmabuf || t->rig->rules != RULES_VFIO))
			return false;
	}
	return true;
}

static void
try_dmabuf(struct test *t)
{
	const struct memory *memory;
	int ret = udmabuf_probe();

	if (ret != 0) {
		test_note(t, "without a dma-buf: %s", error_name(-ret));
		return;
	}
	memory = test_memory_of(t, MEMORY_DMABUF, PAGES * memory_page());
	if (memory != NULL)
		try_memory(t, memory);
}

void
case_lists(struct test *t)
{
	const struct memory *memory;

	if (plugin_map_list() == NULL || plugin_map_all() == NULL) {
		test_skip(t, "pci_ext, which maps for several devices (pci_ext_dma_map_list), is "
			"not loaded");
		return;
	}
	memory = test_memory(t, PAGES);
	if (memory != NULL && try_memory(t, memory))
		try_dmabuf(t);
}
