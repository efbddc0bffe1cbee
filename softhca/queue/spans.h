/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * spans.h - pieces of memory, in order: what a message is gathered from, or scattered to. Their
 * keys have been checked; what is left to find out is whether the pages are there.
 */
#ifndef SOFTHCA_SPANS_H_
#define SOFTHCA_SPANS_H_

#include <stdint.h>

/* As many segments as a WQE has, and one for a header that the device puts in front. */
#define HCA_SPANS_MAX 65u

struct hca_span {
	uint8_t *bytes;
	uint32_t len;
};

struct hca_spans {
	struct hca_span list[HCA_SPANS_MAX];
	uint32_t count;
	uint64_t total;
};

enum hca_copied {
	HCA_COPIED,
	HCA_SOURCE_GONE,	/* and part of it may have been copied */
	HCA_TARGET_GONE,
};

void hca_spans_add(struct hca_spans *spans, const void *bytes, uint32_t len);

/* As many bytes as the shorter of the two has. */
enum hca_copied hca_spans_copy(const struct hca_spans *to, const struct hca_spans *from);

#endif
