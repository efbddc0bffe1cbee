/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * wqe.h - one send WQE, fetched and taken apart: which packets it sends, and the bytes of each.
 * Pure functions on a copy; the rules that need the queue are in sq.c.
 */
#ifndef SOFTHCA_WQE_H_
#define SOFTHCA_WQE_H_

#include <stdbool.h>
#include <stdint.h>

#include "common/checks.h"
#include "queue/segment.h"

#define HCA_OPCODE_EMPW 0x29	/* enhanced multi-packet write; mlx5dv.h does not name it */
#define HCA_WQE_MAX	1008u	/* 63 segments of 16 bytes */

struct hca_wqe_part {
	const uint8_t *bytes;	/* inline in the WQE; where the key says; or NULL before */
	uint64_t addr;
	uint32_t key, len;
};

struct hca_wqe_packet {
	uint8_t first, count;	/* of parts */
	uint32_t len;
};

struct hca_wqe {
	uint8_t bytes[HCA_WQE_MAX];
	uint16_t index;
	uint8_t opcode;
	uint32_t queue;
	uint32_t ds;		/* segments of 16 bytes */
	uint32_t inlined;	/* bytes */
	uint32_t header;	/* of them, in the Ethernet segment */
	bool signalled;		/* completes always */
	bool quiet;		/* does not complete with a flush error */
	bool fill_l3, fill_l4;
	bool insert_vlan;
	uint16_t tci;
	struct hca_wqe_part parts[64];
	struct hca_wqe_packet packets[64];
	uint32_t parts_count, packets_count;
	uint32_t total;		/* bytes of all packets */
};

static inline uint32_t
hca_wqe_wqebbs(const struct hca_wqe *wqe)
{
	return hca_wqebbs(wqe->ds);
}

/* From the first 16 of bytes. */
void hca_wqe_parse_ctrl(struct hca_wqe *wqe);
/* From all ds * 16 of bytes, after parse_ctrl. HCA_FINE, or the rule that is broken. */
enum hca_check hca_wqe_parse(struct hca_wqe *wqe);
/*
 * One data segment, with inlined data or a pointer to longest bytes at most; moves *at behind it.
 */
enum hca_check hca_wqe_parse_data(struct hca_wqe *wqe, uint32_t *at, uint32_t longest);

#endif
