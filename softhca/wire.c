/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A ring of records, each a header and a frame in one piece. A record that does not fit before the
 * ring's end begins at its start again, and a header with SKIP tells the taker so.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "frame.h"
#include "wire.h"

#define SIZE   (2u << 20)
#define HEADER 8u
#define SKIP   UINT32_MAX

static uint32_t
record_size(uint32_t len)
{
	return HEADER + ((len + HEADER - 1) & ~(HEADER - 1));
}

int
hca_wire_init(struct hca_wire *wire)
{
	*wire = (struct hca_wire){.bytes = malloc(SIZE)};
	return wire->bytes != NULL ? 0 : -ENOMEM;
}

void
hca_wire_fini(struct hca_wire *wire)
{
	free(wire->bytes);
}

static uint64_t
used(const struct hca_wire *wire)
{
	/* Acquire: what the taker has read of the ring before, it has read. */
	return wire->head - __atomic_load_n(&wire->tail, __ATOMIC_ACQUIRE);
}

bool
hca_wire_has_room(const struct hca_wire *wire, uint32_t count, uint32_t len)
{
	/* The last frame that fits may leave the longest possible gap before the ring's end. */
	return used(wire) + len + count * 2 * HEADER + record_size(HCA_FRAME_MAX) <= SIZE;
}

static void
write_header(struct hca_wire *wire, uint64_t at, uint32_t len)
{
	memcpy(wire->bytes + at % SIZE, &len, sizeof(len));
}

uint8_t *
hca_wire_reserve(struct hca_wire *wire, uint32_t len)
{
	uint64_t left = SIZE - wire->head % SIZE;

	if (left < record_size(len)) {
		write_header(wire, wire->head, SKIP);
		/* Release: the skip is written. Pairs with hca_wire_peek(). */
		__atomic_store_n(&wire->head, wire->head + left, __ATOMIC_RELEASE);
	}
	return wire->bytes + wire->head % SIZE + HEADER;
}

void
hca_wire_put(struct hca_wire *wire, uint32_t len)
{
	write_header(wire, wire->head, len);
	/* Release: the frame is written. Pairs with hca_wire_peek(). */
	__atomic_store_n(&wire->head, wire->head + record_size(len), __ATOMIC_RELEASE);
}

static bool
is_empty(const struct hca_wire *wire)
{
	return wire->tail == __atomic_load_n(&wire->head, __ATOMIC_ACQUIRE);
}

static uint32_t
read_header(const struct hca_wire *wire)
{
	uint32_t len;

	memcpy(&len, wire->bytes + wire->tail % SIZE, sizeof(len));
	return len;
}

static void
advance(struct hca_wire *wire, uint64_t size)
{
	/* Release: the record has been read. Pairs with used(). */
	__atomic_store_n(&wire->tail, wire->tail + size, __ATOMIC_RELEASE);
}

uint8_t *
hca_wire_peek(struct hca_wire *wire, uint32_t *len)
{
	if (is_empty(wire))
		return NULL;
	if (read_header(wire) == SKIP) {
		advance(wire, SIZE - wire->tail % SIZE);
		if (is_empty(wire))
			return NULL;
	}
	*len = read_header(wire);
	return wire->bytes + wire->tail % SIZE + HEADER;
}

void
hca_wire_drop(struct hca_wire *wire)
{
	advance(wire, record_size(read_header(wire)));
}
