/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "common/guard.h"
#include "device/device.h"
#include "queue/checker.h"
#include "queue/send.h"

#define VLAN_LEN 4u

/* The packet's bytes in one piece; what could not be read, or NULL. */
static const struct hca_wqe_part *
gather(const struct hca_wqe *wqe, const struct hca_wqe_packet *packet, uint8_t *to)
{
	const struct hca_wqe_part *part = &wqe->parts[packet->first];
	const struct hca_wqe_part *end = part + packet->count;

	for (; part < end; to += part->len, part++)
		if (!hca_guard_copy(to, part->bytes, part->len))
			return part;
	return NULL;
}

static uint32_t
insert_vlan(uint8_t *bytes, uint32_t len, uint16_t tci)
{
	memmove(bytes + 12 + VLAN_LEN, bytes + 12, len - 12);
	bytes[12] = 0x81;
	bytes[13] = 0x00;
	bytes[14] = tci >> 8;
	bytes[15] = tci;
	return len + VLAN_LEN;
}

static uint32_t
pad(uint8_t *bytes, uint32_t len)
{
	if (len >= HCA_FRAME_PAD)
		return len;
	memset(bytes + len, 0, HCA_FRAME_PAD - len);
	return HCA_FRAME_PAD;
}

static void
fill_checksums(const struct hca_wqe *wqe, uint8_t *bytes, uint32_t len)
{
	struct hca_frame frame;

	hca_frame_parse(&frame, bytes, len);
	if (wqe->fill_l3)
		hca_frame_fill_l3(&frame, bytes);
	if (wqe->fill_l4)
		hca_frame_fill_l4(&frame, bytes);
}

bool
hca_send_has_room(const struct hca_wqe *wqe, const struct hca_wire *wire)
{
	uint32_t more = (VLAN_LEN + HCA_FRAME_PAD) * wqe->packets_count;

	return wire == NULL || hca_wire_has_room(wire, wqe->packets_count, wqe->total + more);
}

const struct hca_wqe_part *
hca_send_packets(struct hca_device *dev, uint32_t queue, const struct hca_wqe *wqe,
	struct hca_wire *wire)
{
	const struct hca_wqe_part *bad;
	uint8_t *bytes;
	uint32_t i, len;

	for (i = 0; i < wqe->packets_count; i++) {
		len = wqe->packets[i].len;
		bytes = wire != NULL ? hca_wire_reserve(wire, len + VLAN_LEN + HCA_FRAME_PAD) :
			dev->scratch;
		bad = gather(wqe, &wqe->packets[i], bytes);
		if (bad != NULL)
			return bad;
		hca_checker_verify(dev, queue, bytes, len);
		if (wqe->insert_vlan)
			len = insert_vlan(bytes, len, wqe->tci);
		if (wqe->fill_l3 || wqe->fill_l4)
			fill_checksums(wqe, bytes, len);
		len = pad(bytes, len);
		dev->counters.tx_packets++;
		dev->counters.tx_bytes += len;
		if (wire != NULL)
			hca_wire_put(wire, len);
		else
			dev->counters.no_link++;
	}
	return NULL;
}
