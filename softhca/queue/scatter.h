/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * scatter.h - a scatter list: the data segments of a receive WQE, and the memory that they name.
 *
 * No locks: the caller holds the device's.
 */
#ifndef SOFTHCA_SCATTER_H_
#define SOFTHCA_SCATTER_H_

#include <stdbool.h>
#include <stdint.h>

#include "memory/keys.h"
#include "queue/segment.h"
#include "queue/spans.h"

struct hca_segment {
	uint32_t len, key;
	uint64_t addr;
};

struct hca_segment hca_segment_at(const uint8_t *list, uint32_t index);
bool hca_segment_ends_list(const struct hca_segment *seg);

/* A list of count segments at most, whose memory is of pd. */
struct hca_scatter {
	const struct hca_keys *keys;
	const void *pd;
	const uint8_t *list;
	uint32_t count;
};

/*
 * Adds the memory that len bytes go to. Not HCA_FINE: HCA_RQ_LENGTH, it is too little, or a rule of
 * keys, and *bad is where.
 */
enum hca_check hca_scatter_map(const struct hca_scatter *scatter, uint64_t len,
	struct hca_spans *spans, struct hca_segment *bad);

#endif
