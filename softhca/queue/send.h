/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * send.h - the packets of a WQE go onto the cable: gathered from memory, with a VLAN tag and
 * checksums if the WQE asks for them. wire is NULL when nobody listens there: then the bytes are
 * read for nothing.
 *
 * No locks: the caller holds the device's.
 */
#ifndef SOFTHCA_SEND_H_
#define SOFTHCA_SEND_H_

#include <stdbool.h>
#include <stdint.h>

#include "device/wire.h"
#include "queue/wqe.h"

struct hca_device;

bool hca_send_has_room(const struct hca_wqe *wqe, const struct hca_wire *wire);

/*
 * When there is room, and the keys are good. NULL, or the part whose memory was not there: then the
 * packets before it are on their way. queue is the number of the send queue.
 */
const struct hca_wqe_part *hca_send_packets(struct hca_device *dev, uint32_t queue,
	const struct hca_wqe *wqe, struct hca_wire *wire);

#endif
