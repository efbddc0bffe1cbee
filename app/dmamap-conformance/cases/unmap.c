/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Cases about unmap: of ranges that are no mapping, and access after it.
 */
#include <string.h>
#include <sys/mman.h>

#include <rte_malloc.h>

#include "error_name.h"
#include "port.h"
#include "suite.h"

void
case_wrong_len(struct test *t)
{
	struct memory *memory = test_memory(t, 8);
	struct span span;

	if (memory == NULL)
		return;
	span = test_pages(memory, 0, 4);
	if (must_map(t, span) && must_not_unmap(t, test_pages(memory, 0, 3), EINVAL, 0) &&
			must_read(t, span) &&
			must_not_unmap(t, test_pages(memory, 0, 5), EINVAL, 0) &&
			must_read(t, span))
		must_unmap(t, span);
}

void
case_inner_unmap(struct test *t)
{
	struct memory *memory = test_memory(t, 8);
	struct span span;

	if (memory == NULL)
		return;
	span = test_pages(memory, 0, 4);
	if (must_map(t, span) && must_not_unmap(t, test_pages(memory, 1, 3), EINVAL, 0) &&
			must_not_unmap(t, test_pages(memory, 1, 1), EINVAL, 0) &&
			must_read(t, span))
		must_unmap(t, span);
}

static void
unmap_over(struct test *t, size_t second)
{
	struct memory *memory = test_memory(t, 16);
	struct span a, b, both;

	if (memory == NULL)
		return;
	a = test_pages(memory, 0, 4);
	b = test_pages(memory, second, 4);
	both = test_pages(memory, 0, second + 4);
	if (must_map(t, a) && must_map(t, b) && must_not_unmap(t, both, EINVAL, 0) &&
			must_read(t, a) && must_read(t, b) && must_unmap(t, a))
		must_unmap(t, b);
}

void
case_spanning_unmap(struct test *t)
{
	unmap_over(t, 4);
}

void
case_unmap_over_hole(struct test *t)
{
	unmap_over(t, 8);
}

void
case_never_mapped(struct test *t)
{
	struct memory *memory = test_memory(t, 8);

	if (memory == NULL || !must_not_unmap(t, test_pages(memory, 0, 4), ENOENT, 0))
		return;
	if (must_map(t, test_pages(memory, 0, 4)) && must_unmap(t, test_pages(memory, 0, 4)))
		must_not_unmap(t, test_pages(memory, 0, 4), ENOENT, 0);
}

/* The health check after the case is its main check. */
void
case_native_memory(struct test *t)
{
	size_t len = memory_page();
	struct outcome outcome;
	struct span span;
	void *native = rte_malloc("conformance", len, (unsigned int)len);

	if (!test_check(t, native != NULL, "rte_malloc of %zu bytes failed", len))
		return;
	span = (struct span){native, rte_malloc_virt2iova(native), len};
	outcome = call_unmap(t->rig, &span);
	test_check(t, outcome.ret < 0 && outcome.error > 0, "unmap of memory from rte_malloc: "
		"expected an error, got %d with rte_errno %d", outcome.ret, outcome.error);
	test_check(t, t->rig->ops->healthy(t->rig), "no data moves after it");
	rte_free(native);
}

void
case_after_unmap(struct test *t)
{
	struct memory *memory = test_memory_of(t, MEMORY_ANON, RIG_WRITE_ROOM);
	struct span span;

	if (memory == NULL)
		return;
	span = test_pages(memory, 0, memory->len / memory_page());
	if (!must_map(t, span) || !must_read(t, span) || !must_unmap(t, span) ||
			!must_not_read(t, span))
		return;
	/* For a port the range would have to be posted as Rx buffers: see in_flight. */
	if (t->rig->ops == &rig_dma_ops)
		must_not_write(t, span);
}

#define REVIVAL_TRIES 8

/* The driver's own counter, else those of Tx errors. */
static const char *
refused_counter(const struct rig *rig)
{
	return port_counter(rig, "tx_unmapped_packets") >= 0 ? "tx_unmapped_packets" : "tx_error";
}

void
case_no_revival(struct test *t)
{
	struct memory *memory = test_memory(t, 4);
	bool counts = t->rig->ops == &rig_eth_ops && t->rig->rules == RULES_DRIVER;
	const char *counter = counts ? refused_counter(t->rig) : "";
	int64_t refused = counts ? port_counter(t->rig, counter) : 0, grown;
	struct pins before, after;
	int i;

	if (memory == NULL || !must_map(t, test_pages(memory, 0, 4)) ||
			!must_read(t, test_pages(memory, 0, 4)) ||
			!must_unmap(t, test_pages(memory, 0, 4)))
		return;
	before = pins_read();
	for (i = 0; i < REVIVAL_TRIES; i++)
		if (!must_not_read(t, test_pages(memory, 0, 1)))
			return;
	after = pins_read();
	test_check(t, pins_growth(&before, &after) <= 0,
		"pinned memory grew by sending: the driver mapped the range again");
	if (counts && refused < 0) {
		test_note(t, "the port has no counter tx_unmapped_packets and none of Tx errors");
	} else if (counts) {
		grown = port_counter(t->rig, counter) - refused;
		test_check(t, grown >= REVIVAL_TRIES,
			"the counters named %s grew by %jd with %d refused packets", counter,
			(intmax_t)grown, REVIVAL_TRIES);
	}
}

/* New memory at the same address, registered with EAL. MAP_FIXED releases the old pages. */
static bool
replace_registered(struct test *t, struct memory *memory, struct span span)
{
	return test_check(t,
		memory_unregister(memory) == 0 && memory_replace(span.addr, span.len) == 0 &&
			memory_register(memory) == 0,
		"the memory cannot be replaced");
}

void
case_same_va_new_pages(struct test *t)
{
	struct memory *memory = test_memory(t, 4);
	struct span span;

	if (memory == NULL)
		return;
	span = test_pages(memory, 0, 4);
	if (!must_map(t, span) || !must_read(t, span) || !must_unmap(t, span))
		return;
	/* Unregistered in between, as a correct program does. */
	if (!replace_registered(t, memory, span))
		return;
	if (must_not_read(t, span) && must_map(t, span) && must_read(t, span))
		must_unmap(t, span);
}

/*
 * EAL rejects an unmap of unregistered memory, so the mapping can be released only after it is
 * registered again, or with the device. The old pages are not used in between.
 */
void
case_unregister_first(struct test *t)
{
	struct memory *memory = test_memory(t, 4);
	struct outcome outcome;
	struct span span;

	if (memory == NULL)
		return;
	span = test_pages(memory, 0, 4);
	if (!must_map(t, span) || !must_read(t, span))
		return;
	if (!test_check(t, memory_unregister(memory) == 0, "rte_extmem_unregister failed"))
		return;
	outcome = call_unmap(t->rig, &span);
	if (!test_check(t, outcome.ret == 0 || outcome.error == EINVAL,
		    "unmap of memory unregistered from EAL: expected 0 or EINVAL, got %d with "
		    "rte_errno %d (%s)",
		    outcome.ret, outcome.error, error_name(outcome.error)))
		return;
	if (!test_check(t, memory_register(memory) == 0, "rte_extmem_register failed"))
		return;
	if (outcome.ret == 0)
		test_forget(t, t->rig);
	else if (!must_unmap(t, span))
		return;
	must_not_read(t, span);
}

/*
 * An error of the program, which should unmap first. The driver must not use the old memory's
 * mapping for the new memory, whose map counts once. A driver that does not end the old mapping by
 * itself returns EEXIST; the case then unmaps it.
 */
static bool
map_in_place(struct test *t, struct span span)
{
	struct outcome outcome = call_map(t->rig, &span);

	test_forget(t, t->rig);
	if (outcome.ret < 0 && outcome.error == EEXIST) {
		outcome = call_unmap(t->rig, &span);
		return test_check(t, outcome.ret == 0,
			       "map returns EEXIST for the old mapping, but its unmap returns %s",
			       error_name(outcome.error)) &&
		       must_map(t, span);
	}
	if (outcome.ret != 0)
		return test_check(t, false,
			"map: expected 0, or EEXIST for the old mapping, got %s",
			error_name(outcome.error));
	return test_mapped(t, t->rig, span);
}

void
case_other_memory_there(struct test *t)
{
	struct memory *memory = test_memory(t, 64);
	struct pins none = pins_read(), old, replaced, new;
	struct span span;

	if (memory == NULL)
		return;
	span = test_pages(memory, 0, 64);
	if (!must_map(t, span) || !must_read(t, span))
		return;
	old = pins_read();
	if (!replace_registered(t, memory, span))
		return;
	replaced = pins_read();
	if (!map_in_place(t, span))
		return;
	new = pins_read();
	/*
	 * If the kernel counts pinned memory: as much as before, or twice if the old pages are
	 * still pinned.
	 */
	test_check(t, pins_growth(&none, &new) >= pins_growth(&none, &old),
		"%ld kB were pinned by the first map, %ld kB after the memory was replaced, %ld kB "
		"by the map of the new memory",
		pins_growth(&none, &old), pins_growth(&none, &replaced), pins_growth(&none, &new));
	if (must_read(t, span) && must_unmap(t, span) && must_not_read(t, span))
		must_not_unmap(t, span, ENOENT, 0);
}

/* The counterpart of in_flight: the queue owns an enqueued copy that is not yet submitted. */
void
case_unsubmitted(struct test *t)
{
	struct memory *memory = test_memory(t, 4);
	struct span span;
	int ret;

	if (memory == NULL)
		return;
	span = test_pages(memory, 0, 4);
	if (!must_map(t, span))
		return;
	ret = rig_dma_hold(t->rig, &span);
	if (!test_check(t, ret >= 0, "cannot enqueue a copy: %s", strerror(-ret)))
		return;
	must_not_unmap(t, span, EBUSY, 0);
	ret = t->rig->ops->restart(t->rig);
	if (test_check(t, ret == 0, "restart: %s", strerror(-ret)) && must_unmap(t, span))
		must_not_read(t, span);
}
