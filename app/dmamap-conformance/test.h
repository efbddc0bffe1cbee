/* SPDX-License-Identifier: BSD-3-Clause
 *
 * One case on one device: what a case function may use. The first thing that is not as expected
 * fails the case and is told in a line: what was called, what was expected, what came. Memory and
 * mappings that a case makes through this are taken back when it ends. Main thread only.
 */
#ifndef CONFORMANCE_TEST_H
#define CONFORMANCE_TEST_H

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

#include "memory.h"
#include "pins.h"
#include "rig.h"

#define TEST_MEMORIES 16
#define TEST_MAPPINGS 128

enum verdict {
	VERDICT_OK,
	VERDICT_SKIP,
	VERDICT_FAIL,
};

struct test_mapping {
	struct rig *rig;
	struct span span;
};

struct test {
	struct rig *rig;	/* the device under test */
	struct rig *other;	/* another one under the same rules, or NULL */
	struct rig_list *rigs;
	FILE *notes;		/* diagnostics, a line each */
	enum verdict verdict;
	char reason[256];	/* of a skip */
	bool spoilt;		/* the state could not be restored: a new process, please */
	struct memory memories[TEST_MEMORIES];
	unsigned int n_memories;
	struct test_mapping mappings[TEST_MAPPINGS];
	unsigned int n_mappings;
};

/* What a call gave: 0 or a negative value, and rte_errno, which was cleared before. */
struct outcome {
	int ret;
	int error;
};

void test_note(struct test *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void test_fail(struct test *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void test_skip(struct test *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Fails the case with the text unless truth. Returns truth. */
bool test_check(struct test *t, bool truth, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Registered memory of so many base pages; NULL (and the case fails) if there is none. Anonymous
 * memory is what applications use, so it is the default of the cases.
 */
struct memory *test_memory(struct test *t, size_t pages);
struct memory *test_memory_of(struct test *t, enum memory_kind kind, size_t len);

/* Base pages [first, first + n) of memory, with iova = address. */
struct span test_pages(const struct memory *memory, size_t first, size_t n);

/* The calls as they are, without judgement or undoing. Any thread. */
struct outcome call_map(const struct rig *rig, const struct span *span);
struct outcome call_unmap(const struct rig *rig, const struct span *span);

/* "ENOENT"; "none" for 0. A static string. */
const char *error_name(int error);

/*
 * map and unmap have to work. An unmap that finds buffers in a queue (EBUSY) is tried again for a
 * while, since completions take their time. On the device under test, or the one that is named.
 */
bool must_map(struct test *t, struct span span);
bool must_unmap(struct test *t, struct span span);
bool must_map_on(struct test *t, struct rig *rig, struct span span);
bool must_unmap_on(struct test *t, struct rig *rig, struct span span);

/* They have to fail with this errno, or (or_error != 0) with that one. */
bool must_not_map(struct test *t, struct span span, int error, int or_error);
bool must_not_unmap(struct test *t, struct span span, int error, int or_error);

/* The device reads the start and the end of it, or must not be able to. */
bool must_read(struct test *t, struct span span);
bool must_read_on(struct test *t, struct rig *rig, struct span span);
bool must_not_read(struct test *t, struct span span);
bool must_not_read_on(struct test *t, struct rig *rig, struct span span);

/* The device writes into it: RIG_WRITE_ROOM bytes at least, or must not be able to. */
bool must_write(struct test *t, struct span span);
bool must_not_write(struct test *t, struct span span);

/* Take note of a mapping that call_map() made, so that it is taken back in the end. Returns true.
 */
bool test_mapped(struct test *t, struct rig *rig, struct span span);

/* Forget a mapping that went with its device. */
void test_forget(struct test *t, const struct rig *rig);

/* Take back what is left. Notes what it cannot. */
void test_clean(struct test *t);

#endif
