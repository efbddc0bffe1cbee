/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * packet.h - frames for tests, byte by byte.
 */
#ifndef PACKET_H_
#define PACKET_H_

#include <stdbool.h>
#include <stdint.h>

struct packet {
	uint8_t bytes[256];
	uint32_t len;
	uint32_t l3, l4;	/* offsets of the headers */
};

struct packet_plan {
	bool ipv6, tcp, vlan, fragment;
	uint16_t tci;
	uint8_t src[16], dst[16];	/* four of them for IPv4 */
	uint16_t src_port, dst_port;
	uint32_t payload;
};

/* Without checksums: they are zero. To 02:00:00:00:00:01 from 02:00:00:00:00:02. */
void packet_make(struct packet *packet, const struct packet_plan *plan);

/* A 16-bit field of the frame, host order. */
uint16_t packet_get(const struct packet *packet, uint32_t at);

#endif
