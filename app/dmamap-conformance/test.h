/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A case on a device: the functions that a case may use. The first unexpected result fails the case
 * and is reported in a line: the call, the expected result, the result. Memory and mappings made
 * through this interface are released when the case ends. Main thread only.
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
	FILE *notes;		/* diagnostics, one per line */
	enum verdict verdict;
	char reason[256];	/* of a skip */
	bool spoilt;		/* the state could not be restored: a new process is required */
	struct memory memories[TEST_MEMORIES];
	unsigned int n_memories;
	struct test_mapping mappings[TEST_MAPPINGS];
	unsigned int n_mappings;
};

/* Result of a call: 0 or a negative value, and rte_errno, which is cleared before. */
struct outcome {
	int ret;
	int error;
};

void test_note(struct test *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void test_fail(struct test *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void test_skip(struct test *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Fails the case with the text if truth is false. Returns truth. */
bool test_check(struct test *t, bool truth, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Registered memory of so many base pages; NULL, and the case fails, if there is none. Anonymous
 * memory is the default, as applications use it.
 */
struct memory *test_memory(struct test *t, size_t pages);
struct memory *test_memory_of(struct test *t, enum memory_kind kind, size_t len);
/* The same pages at another address; memory is of a shared kind. */
struct memory *test_alias(struct test *t, const struct memory *memory);

/* Base pages [first, first + n) of memory, with iova = address. */
struct span test_pages(const struct memory *memory, size_t first, size_t n);

/* The plain calls, without a check and without a record. Any thread. */
struct outcome call_map(const struct rig *rig, const struct span *span);
struct outcome call_unmap(const struct rig *rig, const struct span *span);
/* pci_ext_dma_map(); the plugin is loaded. */
struct pci_ext_memory;
struct outcome call_map_memory(const struct rig *rig, const struct pci_ext_memory *memory);

/*
 * Calls until the result is not -EBUSY, for 10 s at most: a queue may still own completed buffers,
 * which it lets go of as packets are received. Returns the last result.
 */
int test_patiently(int (*call)(void *opaque), void *opaque);

/*
 * map and unmap have to succeed, the unmap patiently. On the device under test, or on rig.
 */
bool must_map(struct test *t, struct span span);
bool must_unmap(struct test *t, struct span span);
bool must_map_on(struct test *t, struct rig *rig, struct span span);
bool must_unmap_on(struct test *t, struct rig *rig, struct span span);

/* pci_ext_dma_map() has to return 0, or to fail with error. */
bool must_map_memory(struct test *t, const struct pci_ext_memory *memory, int error);
/* The same of a result. */
bool judge_map_memory(struct test *t, const struct pci_ext_memory *memory, struct outcome outcome,
	int error);

/*
 * A refused map of the span, before which logs_expect() was called for its reason, has told that
 * and left nothing: neither a mapping that is active, nor one that is pending. With the plugin.
 */
bool must_leave_nothing(struct test *t, struct span span);

/* They have to fail with error, or (if not 0) with or_error. */
bool must_not_map(struct test *t, struct span span, int error, int or_error);
bool must_not_unmap(struct test *t, struct span span, int error, int or_error);

/* The device can, or cannot, read the start and the end of the span. */
bool must_read(struct test *t, struct span span);
bool must_read_on(struct test *t, struct rig *rig, struct span span);
bool must_not_read(struct test *t, struct span span);
bool must_not_read_on(struct test *t, struct rig *rig, struct span span);

/* The device can, or cannot, write into the span, of RIG_WRITE_ROOM bytes at least. */
bool must_write(struct test *t, struct span span);
bool must_not_write(struct test *t, struct span span);

/* Records a mapping made by call_map(), to be unmapped at the end. Returns true. */
bool test_mapped(struct test *t, struct rig *rig, struct span span);

/* Drops the records of mappings that ended with their device. */
void test_forget(struct test *t, const struct rig *rig);

/* Unmaps and frees what is left. Notes errors. */
void test_clean(struct test *t);

#endif
