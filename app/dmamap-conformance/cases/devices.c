/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Cases about two devices, and about removed and re-probed devices.
 */
#include <string.h>

#include "error_name.h"
#include "logs.h"
#include "pci_ext.h"
#include "plugin.h"
#include "port.h"
#include "suite.h"

void
case_device_scope(struct test *t)
{
	struct memory *memory = test_memory(t, 4);
	struct span span;

	if (memory == NULL)
		return;
	span = test_pages(memory, 0, 4);
	if (!must_map(t, span) || !must_read(t, span))
		return;
	/* Devices on VFIO share a container, so there the other one can access the memory. */
	if (t->rig->rules == RULES_VFIO ? must_read_on(t, t->other, span) :
			must_not_read_on(t, t->other, span))
		must_unmap(t, span);
	if (t->verdict == VERDICT_OK)
		must_not_read_on(t, t->other, span);
}

void
case_device_balance(struct test *t)
{
	struct memory *memory = test_memory(t, 4);
	struct span span;

	if (memory == NULL)
		return;
	span = test_pages(memory, 0, 4);
	if (must_map(t, span) && must_map_on(t, t->other, span) && must_unmap(t, span) &&
			must_read_on(t, t->other, span) && must_unmap_on(t, t->other, span))
		must_not_read_on(t, t->other, span);
}

static bool
unplug(struct test *t)
{
	int ret = rig_unplug(t->rigs, t->rig);

	if (ret != 0)
		t->spoilt = true;
	return test_check(t, ret == 0, "rte_dev_remove(%s): %s", t->rig->name, strerror(-ret));
}

static bool
plug(struct test *t)
{
	char err[256] = "";
	int ret = rig_plug(t->rigs, t->rig, err, sizeof(err));

	if (ret != 0)
		t->spoilt = true;
	return test_check(t, ret == 0, "%s: %s", err, strerror(-ret)) &&
		test_check(t, t->rig->ops->healthy(t->rig), "no data moves after the re-probe");
}

/*
 * Whether the bus restores mappings is tested by replay. Here a map has to work in either case; a
 * restored mapping is unmapped first.
 */
void
case_remove_with_maps(struct test *t)
{
	struct memory *memory = test_memory(t, 64);
	struct pins before = pins_read(), after;
	struct outcome outcome;
	struct span span;

	if (memory == NULL)
		return;
	span = test_pages(memory, 0, 64);
	if (!must_map(t, span) || !must_read(t, span) || !unplug(t))
		return;
	test_forget(t, t->rig);
	after = pins_read();
	test_check(t, pins_growth(&before, &after) <= 0,
		"%ld kB are still pinned although the device is removed",
		pins_growth(&before, &after));
	if (!plug(t))
		return;
	outcome = call_unmap(t->rig, &span);
	test_note(t, "after the re-probe the mapping is %s",
		outcome.ret == 0 ? "restored" : "not restored");
	if (must_not_read(t, span) && must_map(t, span) && must_read(t, span))
		must_unmap(t, span);
}

void
case_replay(struct test *t)
{
	struct memory *memory = test_memory(t, 12);
	struct span a, b, gone;

	if (memory == NULL)
		return;
	a = test_pages(memory, 0, 4);
	gone = test_pages(memory, 4, 4);
	b = test_pages(memory, 8, 4);
	if (!must_map(t, a) || !must_map(t, gone) || !must_map(t, b) || !must_unmap(t, gone))
		return;
	if (!unplug(t) || !plug(t))
		return;
	if (must_read(t, a) && must_read(t, b) && must_not_read(t, gone) && must_unmap(t, a) &&
			must_unmap(t, b))
		must_not_read(t, a);
}

static bool
map_by_name(struct test *t, plugin_map_t call, const char *name, const struct span *span)
{
	const struct pci_ext_memory memory = {span->addr, span->iova, span->len};
	int ret = call(t->rig->name, &memory);

	return test_check(t, ret == 0, "%s(%s, %p, %zu): %d", name, t->rig->name, span->addr,
		span->len, ret);
}

void
case_before_probe(struct test *t)
{
	plugin_map_t map = plugin_map(), unmap = plugin_unmap();
	struct memory *memory;
	struct span span;

	if (map == NULL || unmap == NULL) {
		test_skip(t, "pci_ext, which maps by name (pci_ext_dma_map), is not loaded");
		return;
	}
	memory = test_memory(t, 4);
	if (memory == NULL || !unplug(t))
		return;
	span = test_pages(memory, 0, 4);
	map_by_name(t, map, "pci_ext_dma_map", &span);
	if (plug(t) && t->verdict == VERDICT_OK && must_read(t, span) &&
			map_by_name(t, unmap, "pci_ext_dma_unmap", &span))
		must_not_read(t, span);
}

struct call_for_all {
	plugin_map_all_t call;
	struct pci_ext_memory memory;
};

static int
call_all(void *opaque)
{
	const struct call_for_all *all = opaque;

	return all->call(&all->memory, NULL, NULL);
}

static bool
must_all(struct test *t, plugin_map_all_t call, const char *name, struct span span, int error)
{
	struct call_for_all all = {call, {span.addr, span.iova, span.len}};
	int ret = test_patiently(call_all, &all);

	return test_check(t, ret == -error, "%s(%p, %zu): expected %s, got %s", name, span.addr,
		span.len, error_name(error), error_name(-ret));
}

/* All or none: the other device has a mapping in the way. */
static bool
check_all_or_none(struct test *t, struct span all, struct span first, struct span last)
{
	return must_map_on(t, t->other, last) &&
	       must_all(t, plugin_map_all(), "pci_ext_dma_map_all", all, EEXIST) &&
	       must_not_read(t, first) && must_not_read_on(t, t->other, first) &&
	       must_unmap_on(t, t->other, last) &&
	       must_all(t, plugin_unmap_all(), "pci_ext_dma_unmap_all", all, ENOENT);
}

/* The range is found by the devices that come: the one under test, which has lost nothing else. */
void
case_all_devices(struct test *t)
{
	struct memory *memory;
	struct span all;

	if (plugin_map_all() == NULL || plugin_unmap_all() == NULL) {
		test_skip(t, "pci_ext, which maps for all devices (pci_ext_dma_map_all), is not "
			"loaded");
		return;
	}
	memory = test_memory(t, 4);
	if (memory == NULL)
		return;
	all = test_pages(memory, 0, 4);
	if (!check_all_or_none(t, all, test_pages(memory, 0, 2), test_pages(memory, 2, 2)) ||
			!unplug(t))
		return;
	if (!must_all(t, plugin_map_all(), "pci_ext_dma_map_all", all, 0))
		return;
	if (plug(t) && must_read(t, all))
		must_read_on(t, t->other, all);
	if (must_all(t, plugin_unmap_all(), "pci_ext_dma_unmap_all", all, 0) &&
			must_not_read(t, all))
		must_not_read_on(t, t->other, all);
}

/*
 * EAL does not know the memory when the device is probed again: the probe succeeds and no mapping
 * is restored.
 */
void
case_replay_gone(struct test *t)
{
	struct memory *memory = test_memory(t, 4);
	struct span span;

	if (memory == NULL)
		return;
	span = test_pages(memory, 0, 4);
	if (!must_map(t, span) || !must_read(t, span) || !unplug(t))
		return;
	test_forget(t, t->rig);
	if (!test_check(t,
		    memory_unregister(memory) == 0 && memory_replace(span.addr, span.len) == 0,
		    "the memory cannot be replaced"))
		return;
	logs_expect("dropped stale mapping");
	if (!plug(t))
		return;
	if (plugin_is_loaded())
		test_check(t, logs_came(), "the bus dropped a range without a log line");
	must_not_read(t, span);
	/* Registered again, it is new memory: nothing of the old mapping may remain. */
	if (test_check(t, memory_register(memory) == 0, "rte_extmem_register failed") &&
		must_not_unmap(t, span, ENOENT, 0) && must_map(t, span) && must_read(t, span))
		must_unmap(t, span);
}

/* Closes the port, not the device: the device stays on the bus, and map calls for it are valid. */
static void
close_only(struct test *t)
{
	t->rig->ops->close(t->rig);
	t->rig->opened = false;
}

/*
 * Unmaps until an unmap fails, most + 1 times at most. Returns the number of successes, which must
 * not exceed most.
 */
static unsigned int
unmap_all(struct test *t, struct span span, unsigned int most)
{
	struct outcome outcome = {0, 0};
	unsigned int n;

	for (n = 0; n <= most; n++) {
		outcome = call_unmap(t->rig, &span);
		if (outcome.ret != 0)
			break;
	}
	test_check(t, outcome.ret < 0 && outcome.error > 0,
		"unmap number %u of a range mapped at most %u "
		"times: expected an error, got %d with rte_errno %d",
		n + 1, most, outcome.ret, outcome.error);
	return n;
}

static void
check_closed_maps(struct test *t, struct outcome again, struct outcome first)
{
	test_check(t, again.ret == 0 || again.error > 0,
		"map on a closed port fails without rte_errno");
	test_check(t,
		(again.ret == 0) == (first.ret == 0) &&
			(again.ret == 0 || again.error == first.error),
		"map on a closed port: %s for memory mapped before, but %s for other memory",
		again.ret == 0 ? "0" : error_name(again.error),
		first.ret == 0 ? "0" : error_name(first.error));
}

/*
 * mapped was mapped before the close, fresh never was. Whether a mapping belongs to the device or
 * to the port, both must get the same result. A mapping of either pins kb kB.
 */
static void
map_closed(struct test *t, struct span mapped, struct span fresh, long kb)
{
	struct outcome again = call_map(t->rig, &mapped), first = call_map(t->rig, &fresh);
	struct pins with = pins_read(), without;
	unsigned int n, m;

	check_closed_maps(t, again, first);
	n = unmap_all(t, mapped, again.ret == 0 ? 2 : 1);
	m = unmap_all(t, fresh, 1);
	test_forget(t, t->rig);
	without = pins_read();
	test_check(t, again.ret != 0 || n > 0,
		"map returned 0 on a closed port, but unmap fails");
	test_check(t, m == (first.ret == 0),
		"%u unmaps of fresh memory succeed on a closed port, after a map that returned %d",
		m, first.ret);
	test_check(t, again.ret != 0 || first.ret != 0 || pins_growth(&without, &with) >= 2 * kb,
		"map returned 0 twice on a closed port, for %ld kB each, but only %ld kB pinned",
		kb, pins_growth(&without, &with));
}

void
case_closed_port(struct test *t)
{
	struct memory *memory = test_memory(t, 128);
	struct pins before = pins_read(), after;
	struct span mapped, fresh;

	if (memory == NULL)
		return;
	mapped = test_pages(memory, 0, 32);
	fresh = test_pages(memory, 64, 32);
	if (!must_map(t, mapped) || !must_read(t, mapped))
		return;
	after = pins_read();
	close_only(t);
	map_closed(t, mapped, fresh, RTE_MAX(pins_growth(&before, &after), 0L));
	if (!unplug(t) || !plug(t))
		return;
	if (must_not_read(t, mapped) && must_not_read(t, fresh) && must_map(t, fresh) &&
			must_read(t, fresh))
		must_unmap(t, fresh);
}
