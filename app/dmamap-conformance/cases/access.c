/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The case about pci_ext_dma_map() of memory that the device may only read. Drivers that cannot map
 * such memory refuse, with nothing left.
 */
#include <string.h>

#include "logs.h"
#include "pci_ext.h"
#include "plugin.h"
#include "port.h"
#include "suite.h"

#define PATTERN 0x5a
#define HEAR_MS 500	/* of CPU time; what comes later is not seen */

static bool
is_as_written(const struct span *span)
{
	const uint8_t *bytes = span->addr;

	return bytes[0] == PATTERN && memcmp(bytes, bytes + 1, span->len - 1) == 0;
}

/* Posts the span's buffers and sends frames to them. */
static bool
receive_there(struct test *t, const struct span *span)
{
	struct rte_mempool *pool = port_pool_on(span);
	bool works;

	if (!test_check(t, pool != NULL, "no pool of that memory"))
		return false;
	if (port_receive_into(t->rig, pool) == 0)
		port_hears(t->rig, HEAR_MS);
	works = port_receive_as_before(t->rig);
	rte_mempool_free(pool);
	return test_check(t, works, "the port receives nothing any more, after buffers in memory "
		"that it may only read");
}

/* Whether the driver refuses such buffers, the device stops, or the IOMMU: the bytes stay. */
static bool
must_not_change(struct test *t, struct span span)
{
	bool done;

	memset(span.addr, PATTERN, span.len);
	if (t->rig->ops != &rig_eth_ops) {
		done = must_not_write(t, span);
	} else if (t->rig->keeps) {
		test_note(t, "%s keeps posted buffers over stop and queue set-up: none are posted "
			"in memory that the device may only read", t->rig->driver);
		done = true;
	} else {
		done = receive_there(t, &span);
	}
	return done && test_check(t, is_as_written(&span),
		"%s has written into memory that it may only read", t->rig->name);
}

/* What pci_ext_query() tells of it. */
static bool
must_be_told(struct test *t, struct span span, enum pci_ext_access access)
{
	struct pci_ext_answer answer = {.len = 0};
	int ret = plugin_query()(t->rig->dev, span.addr, span.len, &answer);

	return test_check(t, ret == 0 && answer.len == span.len && answer.access == access,
		"pci_ext_query(%p, %zu): %d, %zu bytes, of access %d, not %d", span.addr, span.len,
		ret, (size_t)answer.len, answer.access, access);
}

/* Twice mapped. */
static void
try_mapping(struct test *t, const struct pci_ext_memory *memory, struct span span)
{
	if (must_read(t, span) && must_map_memory(t, memory, 0) &&
			must_be_told(t, span, PCI_EXT_ACCESS_READ) &&
			must_not_map(t, span, EEXIST, 0) && must_not_change(t, span) &&
			must_unmap(t, span) && must_read(t, span) && must_unmap(t, span) &&
			must_not_read(t, span) && must_map(t, span) &&
			must_be_told(t, span, PCI_EXT_ACCESS_READ_WRITE) &&
			must_map_memory(t, memory, EEXIST) && must_write(t, span))
		must_unmap(t, span);
}

void
case_to_read(struct test *t)
{
	struct pci_ext_memory to_read = {.access = PCI_EXT_ACCESS_READ};
	struct memory *memory;
	struct outcome first;
	struct span span;

	if (plugin_map() == NULL) {
		test_skip(t, "pci_ext, which maps memory to read (pci_ext_dma_map), is not "
			"loaded");
		return;
	}
	memory = test_memory_of(t, MEMORY_ANON, RIG_WRITE_ROOM);
	if (memory == NULL)
		return;
	span = test_pages(memory, 0, memory->len / memory_page());
	/* Memory to write first, after which it is known whether the driver keeps buffers. */
	if (!must_map(t, span) || !must_write(t, span) || !must_unmap(t, span))
		return;
	to_read.addr = span.addr;
	to_read.iova = span.iova;
	to_read.len = span.len;
	logs_expect("Operation not supported: ");
	first = call_map_memory(t->rig, &to_read);
	if (first.ret == 0 && test_mapped(t, t->rig, span))
		try_mapping(t, &to_read, span);
	else if (judge_map_memory(t, &to_read, first, t->rig->rules == RULES_VFIO ? 0 : ENOTSUP))
		must_leave_nothing(t, span);
}
