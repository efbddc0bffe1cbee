/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Owns the calls of rte_dev_dma_map() and rte_dev_dma_unmap(), the expected results of calls and
 * transfers, and the list of mappings.
 */
#include <rte_cycles.h>
#include <rte_errno.h>

#include "error_name.h"
#include "logs.h"
#include "pci_ext.h"
#include "plugin.h"
#include "port.h"
#include "test.h"

#define BUSY_MS 10000	/* limit for queues to let go of buffers */
#define BUSY_STEP_MS 10
#define READ_TRIES 3	/* Ethernet may lose a packet */

struct outcome
call_map(const struct rig *rig, const struct span *span)
{
	struct outcome outcome;

	rte_errno = 0;
	outcome.ret = rte_dev_dma_map(rig->dev, span->addr, span->iova, span->len);
	outcome.error = rte_errno;
	return outcome;
}

struct outcome
call_unmap(const struct rig *rig, const struct span *span)
{
	struct outcome outcome;

	rte_errno = 0;
	outcome.ret = rte_dev_dma_unmap(rig->dev, span->addr, span->iova, span->len);
	outcome.error = rte_errno;
	return outcome;
}

struct outcome
call_map_memory(const struct rig *rig, const struct pci_ext_memory *memory)
{
	struct outcome outcome;

	rte_errno = 0;
	outcome.ret = plugin_map()(rig->name, memory);
	outcome.error = rte_errno;
	return outcome;
}

static bool
judge(struct test *t, const struct rig *rig, const char *call, const struct span *span,
	struct outcome outcome, int error, int or_error)
{
	bool good = error == 0 ? outcome.ret == 0 : outcome.ret < 0 && (outcome.error == error ||
		(or_error != 0 && outcome.error == or_error));

	return test_check(t, good,
		"rte_dev_dma_%s(%s, addr %p, iova %#jx, len %#zx): expected %s%s%s, "
		"got %d with rte_errno %d (%s)",
		call, rig->name, span->addr, (uintmax_t)span->iova, span->len,
		error == 0 ? "0" : error_name(error), or_error != 0 ? " or " : "",
		or_error != 0 ? error_name(or_error) : "", outcome.ret, outcome.error,
		error_name(outcome.error));
}

static void
remember(struct test *t, struct rig *rig, const struct span *span)
{
	if (t->n_mappings < TEST_MAPPINGS)
		t->mappings[t->n_mappings++] = (struct test_mapping){rig, *span};
}

static void
forget(struct test *t, const struct rig *rig, const struct span *span)
{
	unsigned int i;

	for (i = 0; i < t->n_mappings; i++) {
		const struct test_mapping *m = &t->mappings[i];

		if (m->rig == rig && m->span.addr == span->addr && m->span.iova == span->iova &&
				m->span.len == span->len) {
			t->mappings[i] = t->mappings[--t->n_mappings];
			return;
		}
	}
}

void
test_forget(struct test *t, const struct rig *rig)
{
	unsigned int i;

	for (i = 0; i < t->n_mappings; i++)
		if (t->mappings[i].rig == rig)
			t->mappings[i--] = t->mappings[--t->n_mappings];
}

bool
test_mapped(struct test *t, struct rig *rig, struct span span)
{
	remember(t, rig, &span);
	return true;
}

bool
must_map_on(struct test *t, struct rig *rig, struct span span)
{
	struct outcome outcome = call_map(rig, &span);

	if (outcome.ret == 0)
		remember(t, rig, &span);
	return judge(t, rig, "map", &span, outcome, 0, 0);
}

bool
must_map(struct test *t, struct span span)
{
	return must_map_on(t, t->rig, span);
}

bool
judge_map_memory(struct test *t, const struct pci_ext_memory *memory, struct outcome outcome,
	int error)
{
	return test_check(t, outcome.ret == -error && (error == 0 || outcome.error == error),
		"pci_ext_dma_map(%s, %p, %zu, access %d, %s %#jx): expected %s, got %d with "
		"rte_errno %d (%s)", t->rig->name, memory->addr, memory->len, memory->access,
		memory->is_dmabuf ? "dma-buf from" : "IOVA",
		(uintmax_t)(memory->is_dmabuf ? memory->offset : memory->iova), error_name(error),
		outcome.ret, outcome.error, error_name(outcome.error));
}

bool
must_map_memory(struct test *t, const struct pci_ext_memory *memory, int error)
{
	struct outcome outcome = call_map_memory(t->rig, memory);

	if (outcome.ret == 0)
		test_mapped(t, t->rig,
			(struct span){memory->addr, memory->iova, memory->len});
	return judge_map_memory(t, memory, outcome, error);
}

int
test_patiently(int (*call)(void *opaque), void *opaque)
{
	int ret = call(opaque);
	unsigned int ms;

	for (ms = 0; ms < BUSY_MS && ret == -EBUSY; ms += BUSY_STEP_MS) {
		port_drain();
		rte_delay_us_sleep(BUSY_STEP_MS * 1000);
		ret = call(opaque);
	}
	return ret;
}

struct unmapping {
	const struct rig *rig;
	const struct span *span;
	struct outcome outcome;
};

static int
unmap_once(void *opaque)
{
	struct unmapping *unmapping = opaque;

	unmapping->outcome = call_unmap(unmapping->rig, unmapping->span);
	return unmapping->outcome.ret < 0 ? -unmapping->outcome.error : 0;
}

static struct outcome
unmap_patiently(const struct rig *rig, const struct span *span)
{
	struct unmapping unmapping = {.rig = rig, .span = span};

	test_patiently(unmap_once, &unmapping);
	return unmapping.outcome;
}

bool
must_unmap_on(struct test *t, struct rig *rig, struct span span)
{
	struct outcome outcome = unmap_patiently(rig, &span);

	if (outcome.ret == 0)
		forget(t, rig, &span);
	return judge(t, rig, "unmap", &span, outcome, 0, 0);
}

bool
must_unmap(struct test *t, struct span span)
{
	return must_unmap_on(t, t->rig, span);
}

bool
must_not_map(struct test *t, struct span span, int error, int or_error)
{
	struct outcome outcome = call_map(t->rig, &span);

	if (outcome.ret == 0)
		remember(t, t->rig, &span);
	return judge(t, t->rig, "map", &span, outcome, error, or_error);
}

bool
must_not_unmap(struct test *t, struct span span, int error, int or_error)
{
	struct outcome outcome = call_unmap(t->rig, &span);

	if (outcome.ret == 0)
		forget(t, t->rig, &span);
	return judge(t, t->rig, "unmap", &span, outcome, error, or_error);
}

static const char *const moved_texts[] = {
	[MOVED] = "all bytes moved",
	[DAMAGED] = "only some of the bytes moved",
	[ELSEWHERE] = "the port keeps buffers of its former pool: all bytes moved into these",
	[REFUSED] = "no byte moved",
	[BROKEN] = "the device no longer moves any data",
};

/* Reads one end of the span. */
static bool
read_end(struct test *t, struct rig *rig, const struct span *span, size_t off, enum moved want)
{
	struct span end = {
		(uint8_t *)span->addr + off, span->iova + off,
		RTE_MIN(span->len - off, (size_t)RIG_READ_MAX),
	};
	enum moved moved;
	int tries = 0;

	do
		moved = rig_read(rig, &end);
	while (moved != want && want == MOVED && moved != BROKEN && ++tries < READ_TRIES);
	if (tries > 0 && moved == MOVED)
		test_note(t, "read of %p succeeded at attempt %d", end.addr, tries + 1);
	return test_check(t, moved == want,
		"%s reads %zu bytes at %p (iova %#jx): expected \"%s\", got \"%s\"",
		rig->name, end.len, end.addr, (uintmax_t)end.iova, moved_texts[want],
		moved_texts[moved]);
}

static bool
read_ends(struct test *t, struct rig *rig, const struct span *span, enum moved want)
{
	bool good = read_end(t, rig, span, 0, want);

	if (good && span->len > RIG_READ_MAX)
		good = read_end(t, rig, span, span->len - RIG_READ_MAX, want);
	return good;
}

bool
must_read_on(struct test *t, struct rig *rig, struct span span)
{
	return read_ends(t, rig, &span, MOVED);
}

bool
must_read(struct test *t, struct span span)
{
	return read_ends(t, t->rig, &span, MOVED);
}

bool
must_not_read(struct test *t, struct span span)
{
	return read_ends(t, t->rig, &span, REFUSED);
}

bool
must_not_read_on(struct test *t, struct rig *rig, struct span span)
{
	return read_ends(t, rig, &span, REFUSED);
}

bool
must_leave_nothing(struct test *t, struct span span)
{
	const int left = plugin_count_mappings(t->rig->name);

	return test_check(t, logs_came(), "the map is refused without a reason in the log") &&
		test_check(t, left == 0, "%d mappings are left of a refused one", left) &&
		must_not_unmap(t, span, ENOENT, 0) && must_not_read(t, span);
}

static bool
write_into(struct test *t, const struct span *span, enum moved want)
{
	enum moved moved = t->rig->ops->write(t->rig, span);

	return test_check(t, moved == want, "%s writes into %zu bytes at %p: expected \"%s\", got "
		"\"%s\"", t->rig->name, span->len, span->addr, moved_texts[want],
		moved_texts[moved]);
}

bool
must_write(struct test *t, struct span span)
{
	return write_into(t, &span, MOVED);
}

bool
must_not_write(struct test *t, struct span span)
{
	return write_into(t, &span, REFUSED);
}

void
test_clean(struct test *t)
{
	while (t->n_mappings > 0) {
		const struct test_mapping *m = &t->mappings[--t->n_mappings];
		struct outcome outcome = unmap_patiently(m->rig, &m->span);

		if (outcome.ret == 0)
			continue;
		test_note(t, "clean-up: unmap of %p, %zu bytes: %s", m->span.addr, m->span.len,
			error_name(outcome.error));
		t->spoilt = true;
	}
	while (t->n_memories > 0)
		memory_free(&t->memories[--t->n_memories]);
}
