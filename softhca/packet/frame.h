/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * frame.h - what an Ethernet frame is made of, and its checksums. Pure functions, any thread.
 */
#ifndef SOFTHCA_FRAME_H_
#define SOFTHCA_FRAME_H_

#include <stdbool.h>
#include <stdint.h>

#define HCA_FRAME_MIN 14u	/* no more than the header */
#define HCA_FRAME_MAX 9728u
#define HCA_FRAME_PAD 60u	/* what a shorter one is padded to, before the FCS */

enum hca_l3 { HCA_L3_NONE, HCA_L3_IPV6, HCA_L3_IPV4 };	/* as in a CQE */
enum hca_l4 { HCA_L4_NONE, HCA_L4_TCP, HCA_L4_UDP };

struct hca_frame {
	const uint8_t *bytes;
	uint32_t len;
	uint16_t ether_type;	/* behind the VLAN tag, host order */
	bool vlan;
	uint16_t tci;		/* of the tag, host order */
	enum hca_l3 l3;
	enum hca_l4 l4;		/* NONE in a fragment too: its header may be elsewhere */
	bool fragment;
	uint8_t proto;		/* of IP */
	uint32_t l3_at, l4_at;	/* where the headers begin, if there are any */
	uint32_t l4_len;	/* header and payload, as IP has it */
	bool cut;		/* the frame ends before: no checksum is right */
};

/* A header that the frame breaks off in does not count. len is HCA_FRAME_MIN at least. */
void hca_frame_parse(struct hca_frame *frame, const uint8_t *bytes, uint32_t len);

/* The header's own checksum; true for IPv6, which has none. */
bool hca_frame_l3_ok(const struct hca_frame *frame);
/* A UDP checksum of zero over IPv4 means none was made, and is right. */
bool hca_frame_l4_ok(const struct hca_frame *frame);

/* What the device does when asked by the WQE; bytes is the same memory as in frame. */
void hca_frame_fill_l3(const struct hca_frame *frame, uint8_t *bytes);
void hca_frame_fill_l4(const struct hca_frame *frame, uint8_t *bytes);

#endif
