/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Owns the verdict, diagnostics and memory of a case.
 */
#include <stdarg.h>

#include "test.h"

static void
note(struct test *t, const char *format, va_list ap)
{
	fprintf(t->notes, "note %s: ", t->rig->name);
	vfprintf(t->notes, format, ap);
	fputc('\n', t->notes);
	fflush(t->notes);
}

void
test_note(struct test *t, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	note(t, format, ap);
	va_end(ap);
}

void
test_fail(struct test *t, const char *format, ...)
{
	va_list ap;

	t->verdict = VERDICT_FAIL;
	va_start(ap, format);
	note(t, format, ap);
	va_end(ap);
}

void
test_skip(struct test *t, const char *format, ...)
{
	va_list ap;

	if (t->verdict == VERDICT_FAIL)
		return;
	t->verdict = VERDICT_SKIP;
	va_start(ap, format);
	vsnprintf(t->reason, sizeof(t->reason), format, ap);
	va_end(ap);
}

bool
test_check(struct test *t, bool truth, const char *format, ...)
{
	va_list ap;

	if (truth)
		return true;
	t->verdict = VERDICT_FAIL;
	va_start(ap, format);
	note(t, format, ap);
	va_end(ap);
	return false;
}

/* The memory in the next place of t->memories. */
static struct memory *
register_new(struct test *t, struct memory *memory)
{
	int ret;

	t->n_memories++;
	ret = memory_register(memory);
	return test_check(t, ret == 0, "rte_extmem_register(%p, %zu): %s", (void *)memory->addr,
		memory->len, strerror(-ret)) ? memory : NULL;
}

struct memory *
test_memory_of(struct test *t, enum memory_kind kind, size_t len)
{
	struct memory *memory = &t->memories[t->n_memories];
	int ret;

	if (!test_check(t, t->n_memories < TEST_MEMORIES, "too many memories in one case"))
		return NULL;
	ret = memory_alloc(memory, kind, len);
	if (!test_check(t, ret == 0, "%zu bytes of %s memory: %s", len, memory_kind_name(kind),
			strerror(-ret)))
		return NULL;
	return register_new(t, memory);
}

struct memory *
test_alias(struct test *t, const struct memory *memory)
{
	struct memory *alias = &t->memories[t->n_memories];
	int ret;

	if (!test_check(t, t->n_memories < TEST_MEMORIES, "too many memories in one case"))
		return NULL;
	ret = memory_alias(memory, alias);
	return test_check(t, ret == 0, "a second address: %s", strerror(-ret)) ?
		register_new(t, alias) : NULL;
}

struct memory *
test_memory(struct test *t, size_t pages)
{
	return test_memory_of(t, MEMORY_ANON, pages * memory_page());
}

struct span
test_pages(const struct memory *memory, size_t first, size_t n)
{
	uint8_t *addr = memory->addr + first * memory_page();

	return (struct span){addr, (uintptr_t)addr, n * memory_page()};
}
