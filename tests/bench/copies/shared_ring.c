/* SPDX-License-Identifier: BSD-3-Clause */
/* Frames in the slots of another process, beside a copy out of the slot, which is free at once. */
#define main shared_ring_main
int shared_ring_main(int argc, char **argv);
#include "../../../examples/shared_ring/shared_ring.c"

#include <rte_memcpy.h>

#include "copies.h"

static const char *the_device;
static struct rte_mempool *pool;
static struct slot *the_ring, *other;
static struct rte_mbuf_ext_shared_info users[SLOTS];
static unsigned int number;

/* What the other process does is the same for both, but for the bytes. */
static struct slot *
fill(size_t bytes)
{
	struct slot *slot = &the_ring[number % SLOTS];

	slot->len = bytes;
	return slot;
}

static struct rte_mbuf *
in_place(size_t bytes)
{
	struct slot *slot = fill(bytes);

	return slot_take(slot, &users[number++ % SLOTS], pool);
}

static struct rte_mbuf *
copy(size_t bytes)
{
	struct slot *slot = fill(bytes);
	struct rte_mbuf *packet = rte_pktmbuf_alloc(pool);

	if (packet != NULL)
		rte_memcpy(rte_pktmbuf_append(packet, bytes), slot->frame, bytes);
	slot_sent(slot->frame, slot);
	number++;
	return packet;
}

static int
map_and_unmap(size_t bytes)
{
	int ret = ring_map(other, the_device);

	return ret != 0 ? ret : ring_unmap(other, the_device);
}

int
copies_shared_ring_open(const char *device, struct rte_mempool *packets)
{
	int fd = ring_create(), another = ring_create();

	if (fd < 0 || another < 0)
		return -ENOMEM;
	the_ring = ring_open(fd);
	other = ring_open(another);
	the_device = device;
	pool = packets;
	return the_ring == MAP_FAILED || other == MAP_FAILED ? -ENOMEM : ring_map(the_ring, device);
}

const struct copies_row copies_shared_ring[COPIES_ROWS] = {
	{"shared_ring", 64, false, in_place, copy, NULL},
	{"shared_ring", 1024, false, in_place, copy, NULL},
	{"shared_ring", 1400, false, in_place, copy, NULL},
	{"shared_ring", SLOTS * sizeof(struct slot), false, NULL, NULL, map_and_unmap},
};
