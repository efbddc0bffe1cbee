/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdbool.h>
#include <stddef.h>

#include "common/guard.h"
#include "queue/spans.h"

/* At a time, where memcpy() may not be used. */
#define STEP 256u

void
hca_spans_add(struct hca_spans *spans, const void *bytes, uint32_t len)
{
	spans->list[spans->count++] = (struct hca_span){(uint8_t *)(uintptr_t)bytes, len};
	spans->total += len;
}

static bool
overlap(const uint8_t *a, const uint8_t *b, uint32_t len)
{
	return (uintptr_t)a < (uintptr_t)b + len && (uintptr_t)b < (uintptr_t)a + len;
}

/* By way of the device, as hardware does it always. It also tells which side has no pages. */
static enum hca_copied
carry(uint8_t *to, const uint8_t *from, uint32_t len)
{
	uint8_t held[STEP];
	uint32_t n;

	for (; len != 0; len -= n, to += n, from += n) {
		n = len < STEP ? len : STEP;
		if (!hca_guard_copy(held, from, n))
			return HCA_SOURCE_GONE;
		if (!hca_guard_copy(to, held, n))
			return HCA_TARGET_GONE;
	}
	return HCA_COPIED;
}

static enum hca_copied
copy(uint8_t *to, const uint8_t *from, uint32_t len)
{
	if (!overlap(to, from, len) && hca_guard_copy(to, from, len))
		return HCA_COPIED;
	return carry(to, from, len);
}

/* Where a list has been worked off to. */
struct place {
	const struct hca_span *span;
	uint32_t done;		/* bytes of it */
};

static uint32_t
ahead(struct place *place)
{
	while (place->done == place->span->len) {
		place->span++;
		place->done = 0;
	}
	return place->span->len - place->done;
}

enum hca_copied
hca_spans_copy(const struct hca_spans *to, const struct hca_spans *from)
{
	uint64_t left = to->total < from->total ? to->total : from->total;
	struct place source = {from->list, 0}, target = {to->list, 0};
	enum hca_copied copied;
	uint32_t n, room;

	for (; left != 0; left -= n) {
		n = ahead(&source);
		room = ahead(&target);
		n = n < room ? n : room;
		n = n < left ? n : left;
		copied = copy(target.span->bytes + target.done,
			source.span->bytes + source.done, n);
		if (copied != HCA_COPIED)
			return copied;
		source.done += n;
		target.done += n;
	}
	return HCA_COPIED;
}
