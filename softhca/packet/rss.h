/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rss.h - which of its receive queues a QP gives a frame to: the Toeplitz hash of the fields that
 * it was created with, through its indirection table. Pure functions, any thread.
 */
#ifndef SOFTHCA_RSS_H_
#define SOFTHCA_RSS_H_

#include <stdint.h>

#include "packet/frame.h"

#define HCA_RSS_KEY_LEN 40

struct hca_rq;

struct hca_rss {
	struct hca_rq **queues;	/* size of them, a power of two; not owned */
	uint32_t size;
	uint64_t fields;	/* enum ibv_rx_hash_fields; 0: always the first queue */
	uint8_t key[HCA_RSS_KEY_LEN];
};

/* The hash as Microsoft defines it. len is HCA_RSS_KEY_LEN - 4 at most. */
uint32_t hca_rss_toeplitz(const uint8_t *key, const uint8_t *input, uint32_t len);

/* 0 for a frame without any of the fields. */
uint32_t hca_rss_hash(const struct hca_rss *rss, const struct hca_frame *frame);

static inline struct hca_rq *
hca_rss_queue(const struct hca_rss *rss, uint32_t hash)
{
	return rss->queues[hash & (rss->size - 1)];
}

#endif
