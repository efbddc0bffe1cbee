/* SPDX-License-Identifier: BSD-3-Clause */
#include <endian.h>
#include <string.h>

#include <infiniband/mlx5dv.h>

#include "packet/frame.h"
#include "queue/wqe.h"

/* In the place of the inline header's size: no header, a tag to be inserted follows. */
#define ETH_VLAN     0x8000u
/* Completion control of fm_ce_se: how the WQE completes. */
#define CE_MASK	     0x0cu
#define CE_FIRST_ERR 0x04u
/* Of the ctrl segment's fm_ce_se: what a raw packet queue may set. */
#define CTRL_FLAGS   (CE_MASK | MLX5_WQE_CTRL_SOLICITED)

static uint32_t
get32(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return be32toh(value);
}

static uint64_t
get64(const uint8_t *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return be64toh(value);
}

void
hca_wqe_parse_ctrl(struct hca_wqe *wqe)
{
	uint32_t first = get32(wqe->bytes), second = get32(wqe->bytes + 4);
	uint8_t flags = wqe->bytes[11];

	wqe->opcode = first;
	wqe->index = first >> 8;
	wqe->queue = second >> 8;
	wqe->ds = second & 0x3f;
	wqe->signalled = (flags & CE_MASK) == MLX5_WQE_CTRL_CQ_UPDATE;
	wqe->quiet = (flags & CE_MASK) == CE_FIRST_ERR;
	wqe->inlined = wqe->header = wqe->parts_count = wqe->packets_count = wqe->total = 0;
	wqe->insert_vlan = false;
}

/* Opcode modifier; bits beside the size; signature and stream; flags. imm is the user's to use. */
static enum hca_check
check_ctrl(const struct hca_wqe *wqe)
{
	const uint8_t *ctrl = wqe->bytes;

	if (ctrl[0] != 0 || (ctrl[7] & 0xc0) != 0 || ctrl[8] != 0 || ctrl[9] != 0 || ctrl[10] != 0)
		return HCA_SQ_RESERVED;
	return (ctrl[11] & ~CTRL_FLAGS) != 0 ? HCA_SQ_RESERVED : HCA_FINE;
}

static void
add_part(struct hca_wqe *wqe, const struct hca_wqe_part *part)
{
	struct hca_wqe_packet *packet = &wqe->packets[wqe->packets_count];

	if (packet->count == 0)
		packet->first = wqe->parts_count;
	wqe->parts[wqe->parts_count++] = *part;
	packet->count++;
	packet->len += part->len;
}

static enum hca_check
end_packet(struct hca_wqe *wqe)
{
	struct hca_wqe_packet *packet = &wqe->packets[wqe->packets_count];

	if (packet->len < HCA_FRAME_MIN || packet->len > HCA_FRAME_MAX)
		return HCA_SQ_LENGTH;
	wqe->total += packet->len;
	wqe->packets[++wqe->packets_count] = (struct hca_wqe_packet){0};
	return HCA_FINE;
}

/* Bytes in the WQE itself, from at to the end of what ds tells. */
static enum hca_check
add_inline(struct hca_wqe *wqe, uint32_t at, uint32_t len)
{
	struct hca_wqe_part part = {.bytes = wqe->bytes + at, .len = len};
	uint32_t size = wqe->ds * HCA_SEGMENT;

	if (at > size || len > size - at)
		return HCA_SQ_INLINE;
	wqe->inlined += len;
	add_part(wqe, &part);
	return HCA_FINE;
}

/* The Ethernet segment at byte 16; *at becomes where the data segments begin. */
static enum hca_check
parse_eth(struct hca_wqe *wqe, uint32_t *at)
{
	const uint8_t *eth = wqe->bytes + HCA_SEGMENT;
	uint32_t word = get32(eth + 12), header = word >> 16;
	uint8_t flags = eth[4];

	*at = 2 * HCA_SEGMENT;
	if (get32(eth) != 0 || eth[5] != 0 || eth[6] != 0 || eth[7] != 0 || get32(eth + 8) != 0 ||
	    (flags & ~(MLX5_ETH_WQE_L3_CSUM | MLX5_ETH_WQE_L4_CSUM)) != 0)
		return HCA_SQ_RESERVED;
	wqe->fill_l3 = (flags & MLX5_ETH_WQE_L3_CSUM) != 0;
	wqe->fill_l4 = (flags & MLX5_ETH_WQE_L4_CSUM) != 0;
	wqe->header = 0;
	wqe->insert_vlan = (header & ETH_VLAN) != 0;
	wqe->tci = word;
	if (wqe->insert_vlan)
		return header != ETH_VLAN ? HCA_SQ_RESERVED : HCA_FINE;
	if (header == 0)
		return HCA_FINE;
	/* Two bytes of the header are in this segment. */
	if (header > 2)
		*at += (header - 2 + HCA_SEGMENT - 1) / HCA_SEGMENT * HCA_SEGMENT;
	if (wqe->opcode == HCA_OPCODE_EMPW)
		return HCA_SQ_INLINE;
	wqe->header = header;
	return add_inline(wqe, HCA_SEGMENT + 14, header);
}

enum hca_check
hca_wqe_parse_data(struct hca_wqe *wqe, uint32_t *at, uint32_t longest)
{
	const uint8_t *seg = wqe->bytes + *at;
	uint32_t count = get32(seg);
	struct hca_wqe_part part = {.key = get32(seg + 4), .len = count, .addr = get64(seg + 8)};
	enum hca_check check;

	if (count == 0 || count == MLX5_INLINE_SEG)
		return HCA_SQ_ZERO_SEGMENT;
	if ((count & MLX5_INLINE_SEG) == 0) {
		if (part.len > longest)
			return HCA_SQ_LENGTH;
		add_part(wqe, &part);
		*at += HCA_SEGMENT;
		return HCA_FINE;
	}
	count &= ~MLX5_INLINE_SEG;
	if (count > HCA_WQE_MAX)
		return HCA_SQ_INLINE;
	check = add_inline(wqe, *at + 4, count);
	*at += (4 + count + HCA_SEGMENT - 1) / HCA_SEGMENT * HCA_SEGMENT;
	return check;
}

static enum hca_check
parse_packets(struct hca_wqe *wqe)
{
	uint32_t at, size = wqe->ds * HCA_SEGMENT;
	enum hca_check check;

	wqe->packets[0] = (struct hca_wqe_packet){0};
	if (size < 2 * HCA_SEGMENT)
		return HCA_SQ_DS;
	check = parse_eth(wqe, &at);
	while (check == HCA_FINE && at < size) {
		check = hca_wqe_parse_data(wqe, &at, HCA_FRAME_MAX);
		if (check == HCA_FINE && wqe->opcode == HCA_OPCODE_EMPW)
			check = end_packet(wqe);
	}
	if (check != HCA_FINE)
		return check;
	/* The last segment must end where ds says. */
	if (at != size)
		return HCA_SQ_DS;
	return wqe->opcode == HCA_OPCODE_EMPW ? HCA_FINE : end_packet(wqe);
}

enum hca_check
hca_wqe_parse(struct hca_wqe *wqe)
{
	enum hca_check check = check_ctrl(wqe);

	if (check != HCA_FINE)
		return check;
	switch (wqe->opcode) {
	case MLX5_OPCODE_NOP:
		return HCA_FINE;
	case MLX5_OPCODE_SEND:
	case HCA_OPCODE_EMPW:
		return parse_packets(wqe);
	default:
		return HCA_SQ_OPCODE;
	}
}
