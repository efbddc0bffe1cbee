/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Marked bytes: each piece of transferred data contains its own number, and any two differ in every
 * word. Pure; any thread.
 *
 * Word 0 is the mark of the suite, word 1 the number of the piece, the rest is mixed from both.
 */
#ifndef CONFORMANCE_BYTES_H
#define CONFORMANCE_BYTES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define BYTES_MARK UINT64_C(0xd3a9c0f0b17e55ed)
#define BYTES_MIN 64	/* shortest piece, in bytes */

static inline uint64_t
bytes_word(uint64_t seq, uint32_t index)
{
	uint64_t z = seq * UINT64_C(0x9e3779b97f4a7c15) + index;

	if (index < 2)
		return index == 0 ? BYTES_MARK : seq;
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static inline void
bytes_fill(void *at, uint32_t len, uint64_t seq)
{
	uint32_t off, n;
	uint64_t word;

	for (off = 0; off < len; off += n) {
		n = len - off < sizeof(word) ? len - off : (uint32_t)sizeof(word);
		word = bytes_word(seq, off / sizeof(word));
		memcpy((uint8_t *)at + off, &word, n);
	}
}

static inline bool
bytes_equal(const void *at, uint32_t len, uint64_t seq)
{
	uint32_t off, n;
	uint64_t word;

	for (off = 0; off < len; off += n) {
		n = len - off < sizeof(word) ? len - off : (uint32_t)sizeof(word);
		word = bytes_word(seq, off / sizeof(word));
		if (memcmp((const uint8_t *)at + off, &word, n) != 0)
			return false;
	}
	return true;
}

/* The number that a piece claims; 0 if it does not start with the mark of the suite. */
static inline uint64_t
bytes_seq(const void *at, uint32_t len)
{
	uint64_t words[2];

	if (len < sizeof(words))
		return 0;
	memcpy(words, at, sizeof(words));
	return words[0] == BYTES_MARK ? words[1] : 0;
}

/* Whether the data contains any word of the piece. */
static inline bool
bytes_leak(const void *at, uint32_t len, uint64_t seq)
{
	uint32_t off;
	uint64_t word;

	for (off = sizeof(word); off + sizeof(word) <= len; off += sizeof(word)) {
		word = bytes_word(seq, off / sizeof(word));
		if (memcmp((const uint8_t *)at + off, &word, sizeof(word)) == 0)
			return true;
	}
	return false;
}

#endif
