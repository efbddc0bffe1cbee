/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * wire.h - the receiving end of a cable: frames that were sent and have not been received yet. One
 * thread puts, one takes; they may be the same. No lock.
 */
#ifndef SOFTHCA_WIRE_H_
#define SOFTHCA_WIRE_H_

#include <stdbool.h>
#include <stdint.h>

struct hca_wire {
	uint8_t *bytes;
	uint64_t head;		/* of the putter; released with the bytes before it */
	uint64_t tail;		/* of the taker */
};

/* 0 or -ENOMEM. */
int hca_wire_init(struct hca_wire *wire);
void hca_wire_fini(struct hca_wire *wire);

/* Putter: there is room for count frames of len bytes all together. */
bool hca_wire_has_room(const struct hca_wire *wire, uint32_t count, uint32_t len);
/* Putter, when there is room: where to write a frame of len bytes; then how long it became. */
uint8_t *hca_wire_reserve(struct hca_wire *wire, uint32_t len);
void hca_wire_put(struct hca_wire *wire, uint32_t len);

/* Taker: the oldest frame, or NULL. It stays until it is dropped. */
uint8_t *hca_wire_peek(struct hca_wire *wire, uint32_t *len);
void hca_wire_drop(struct hca_wire *wire);

#endif
