/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The payload bytes: each depends on the sender, the sequence number and its position, so that a
 * byte from the wrong buffer is detected. Pure; any thread.
 */
#ifndef DMAMAP_DEMO_PATTERN_H
#define DMAMAP_DEMO_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum pattern_kind {
	PATTERN_HELLO = 1,	/* discovery of the wiring */
	PATTERN_DATA,		/* counted and verified */
	PATTERN_CONTROL,	/* from mapped memory: shows that the link works */
	PATTERN_SECRET,		/* from unmapped memory: must not be transferred */
};

struct pattern {
	uint64_t run;		/* random: distinguishes the data of this process */
	uint32_t seq;
	uint16_t sender;
	uint16_t kind;		/* enum pattern_kind */
};

/* The minimum length in bytes for pattern_fill(), which pattern_read() reads back. */
#define PATTERN_MIN_LEN 24

/* Write len >= PATTERN_MIN_LEN bytes. */
void pattern_fill(void *buf, size_t len, const struct pattern *pattern);

/* True if all len bytes are those of pattern_fill() with the same pattern. */
bool pattern_equal(const void *buf, size_t len, const struct pattern *pattern);

/* True and *pattern set if buf begins with a pattern of this run. */
bool pattern_read(const void *buf, size_t len, uint64_t run, struct pattern *pattern);

/*
 * True if any aligned group of 8 bytes of buf is the pattern's at that position: the device has
 * read at least part of the unmapped memory.
 */
bool pattern_leaks(const void *buf, size_t len, const struct pattern *pattern);

#endif
