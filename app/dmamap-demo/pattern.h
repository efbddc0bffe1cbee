/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The bytes that are sent and looked for: every one depends on who sent it, which one it is and
 * its position, so a byte from the wrong buffer never passes. Pure; any thread.
 */
#ifndef DMAMAP_DEMO_PATTERN_H
#define DMAMAP_DEMO_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum pattern_kind {
	PATTERN_HELLO = 1,	/* which port hears which */
	PATTERN_DATA,		/* counted and verified */
	PATTERN_CONTROL,	/* from mapped memory: the link works */
	PATTERN_SECRET,		/* from unmapped memory: must never be seen outside it */
};

struct pattern {
	uint64_t run;		/* tells this process's data from anybody else's */
	uint32_t seq;
	uint16_t sender;
	uint16_t kind;		/* enum pattern_kind */
};

/* Bytes that pattern_fill() needs at least, for pattern_read() to know them again. */
#define PATTERN_MIN_LEN 24

/* Write len >= PATTERN_MIN_LEN bytes. */
void pattern_fill(void *buf, size_t len, const struct pattern *pattern);

/* True when all len bytes are what pattern_fill() of the same pattern wrote. */
bool pattern_equal(const void *buf, size_t len, const struct pattern *pattern);

/* True and *pattern is set when buf begins as pattern_fill() of this run would have begun it. */
bool pattern_read(const void *buf, size_t len, uint64_t run, struct pattern *pattern);

/*
 * True when any aligned group of 8 bytes of buf is the pattern's at that position: how it is
 * told that a device has read even a part of what it must not.
 */
bool pattern_leaks(const void *buf, size_t len, const struct pattern *pattern);

#endif
