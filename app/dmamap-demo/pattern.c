/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Owns the layout of a pattern: magic, run, sender, kind, sequence number, then mixed bytes.
 */
#include <string.h>

#include "pattern.h"

#define MAGIC UINT32_C(0x50414d44) /* "DMAP" */

struct head {
	uint32_t magic;
	uint32_t seq;
	uint64_t run;
	uint16_t sender;
	uint16_t kind;
	uint32_t pad;
};

_Static_assert(sizeof(struct head) == PATTERN_MIN_LEN, "the head is what is read back");
_Static_assert(offsetof(struct head, sender) % sizeof(uint64_t) == 0, "begins a group of 8");

/* The finalizer of MurmurHash3: each bit of the input reaches each bit of the output. */
static uint64_t
mix(uint64_t x)
{
	x = (x ^ (x >> 33)) * UINT64_C(0xff51afd7ed558ccd);
	x = (x ^ (x >> 33)) * UINT64_C(0xc4ceb9fe1a85ec53);
	return x ^ (x >> 33);
}

static uint64_t
pattern_key(const struct pattern *pattern)
{
	return mix(pattern->run ^ mix(((uint64_t)pattern->seq << 32) |
		((uint32_t)pattern->sender << 16) | pattern->kind));
}

/* The 8 bytes at position pos, a multiple of 8. */
static uint64_t
word_at(const struct pattern *pattern, uint64_t key, size_t pos)
{
	const struct head head = {
		.magic = MAGIC,
		.seq = pattern->seq,
		.run = pattern->run,
		.sender = pattern->sender,
		.kind = pattern->kind,
		.pad = (uint32_t)key,
	};
	uint64_t word;

	if (pos >= sizeof(head))
		return mix(key + pos);
	memcpy(&word, (const char *)&head + pos, sizeof(word));
	return word;
}

static size_t
word_len(size_t len, size_t pos)
{
	return len - pos < sizeof(uint64_t) ? len - pos : sizeof(uint64_t);
}

void
pattern_fill(void *buf, size_t len, const struct pattern *pattern)
{
	uint64_t key = pattern_key(pattern), word;
	size_t pos;

	for (pos = 0; pos < len; pos += sizeof(word)) {
		word = word_at(pattern, key, pos);
		memcpy((char *)buf + pos, &word, word_len(len, pos));
	}
}

bool
pattern_equal(const void *buf, size_t len, const struct pattern *pattern)
{
	uint64_t key = pattern_key(pattern), word;
	size_t pos;

	for (pos = 0; pos < len; pos += sizeof(word)) {
		word = word_at(pattern, key, pos);
		if (memcmp((const char *)buf + pos, &word, word_len(len, pos)) != 0)
			return false;
	}
	return true;
}

bool
pattern_read(const void *buf, size_t len, uint64_t run, struct pattern *pattern)
{
	struct head head;

	if (len < sizeof(head))
		return false;
	memcpy(&head, buf, sizeof(head));
	if (head.magic != MAGIC || head.run != run)
		return false;
	*pattern = (struct pattern){
		.run = head.run, .seq = head.seq, .sender = head.sender, .kind = head.kind,
	};
	return true;
}

bool
pattern_leaks(const void *buf, size_t len, const struct pattern *pattern)
{
	uint64_t key = pattern_key(pattern), word;
	size_t pos = offsetof(struct head, sender); /* the bytes before it are not unique */

	for (; len >= sizeof(word) && pos <= len - sizeof(word); pos += sizeof(word)) {
		word = word_at(pattern, key, pos);
		if (memcmp((const char *)buf + pos, &word, sizeof(word)) == 0)
			return true;
	}
	return false;
}
