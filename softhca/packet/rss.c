/* SPDX-License-Identifier: BSD-3-Clause */
#include <endian.h>
#include <string.h>

#include <infiniband/verbs.h>

#include "packet/rss.h"

/* The hash's input as it is put together. */
struct input {
	uint8_t bytes[36];
	uint32_t len;
};

/* For each bit that is set in the input: the 32 bits of the key that begin at its place. */
uint32_t
hca_rss_toeplitz(const uint8_t *key, const uint8_t *input, uint32_t len)
{
	uint32_t hash = 0, window, i;
	int bit;

	memcpy(&window, key, sizeof(window));
	window = be32toh(window);
	for (i = 0; i < len; i++)
		for (bit = 7; bit >= 0; bit--) {
			if ((input[i] >> bit & 1) != 0)
				hash ^= window;
			window = window << 1 | (key[i + 4] >> bit & 1);
		}
	return hash;
}

static void
append(struct input *input, const uint8_t *from, uint32_t len)
{
	memcpy(input->bytes + input->len, from, len);
	input->len += len;
}

static void
append_l3(struct input *input, uint64_t fields, const struct hca_frame *frame)
{
	const uint8_t *ip = frame->bytes + frame->l3_at;

	if (frame->l3 == HCA_L3_IPV4) {
		if ((fields & IBV_RX_HASH_SRC_IPV4) != 0)
			append(input, ip + 12, 4);
		if ((fields & IBV_RX_HASH_DST_IPV4) != 0)
			append(input, ip + 16, 4);
	} else if (frame->l3 == HCA_L3_IPV6) {
		if ((fields & IBV_RX_HASH_SRC_IPV6) != 0)
			append(input, ip + 8, 16);
		if ((fields & IBV_RX_HASH_DST_IPV6) != 0)
			append(input, ip + 24, 16);
	}
}

static void
append_l4(struct input *input, uint64_t fields, const struct hca_frame *frame)
{
	const uint8_t *ports = frame->bytes + frame->l4_at;
	uint64_t src, dst;

	if (frame->l4 == HCA_L4_NONE)
		return;
	src = frame->l4 == HCA_L4_TCP ? IBV_RX_HASH_SRC_PORT_TCP : IBV_RX_HASH_SRC_PORT_UDP;
	dst = frame->l4 == HCA_L4_TCP ? IBV_RX_HASH_DST_PORT_TCP : IBV_RX_HASH_DST_PORT_UDP;
	if ((fields & src) != 0)
		append(input, ports, 2);
	if ((fields & dst) != 0)
		append(input, ports + 2, 2);
}

uint32_t
hca_rss_hash(const struct hca_rss *rss, const struct hca_frame *frame)
{
	struct input input = {.len = 0};

	if (rss->fields == 0)
		return 0;
	append_l3(&input, rss->fields, frame);
	append_l4(&input, rss->fields, frame);
	return hca_rss_toeplitz(rss->key, input.bytes, input.len);
}
