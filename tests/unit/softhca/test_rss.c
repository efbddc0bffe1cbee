/* SPDX-License-Identifier: BSD-3-Clause */
/* Microsoft's published vectors for receive side scaling, from whole frames. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <string.h>

#include <cmocka.h>

#include <infiniband/verbs.h>

#include "packet.h"
#include "packet/rss.h"

static const struct hca_rss rss_all = {
	.fields = IBV_RX_HASH_SRC_IPV4 | IBV_RX_HASH_DST_IPV4 | IBV_RX_HASH_SRC_IPV6 |
		IBV_RX_HASH_DST_IPV6 | IBV_RX_HASH_SRC_PORT_TCP | IBV_RX_HASH_DST_PORT_TCP,
	.key = {
		0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67,
		0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb,
		0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30,
		0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
	},
};

static const struct vector {
	const char *src, *dst;
	uint16_t src_port, dst_port;
	uint32_t ip, tcp;
} vectors[] = {
	{"66.9.149.187", "161.142.100.80", 2794, 1766, 0x323e8fc2, 0x51ccc178},
	{"199.92.111.2", "65.69.140.83", 14230, 4739, 0xd718262a, 0xc626b0ea},
	{"24.19.198.95", "12.22.207.184", 12898, 38024, 0xd2d0a5de, 0x5c2b394a},
	{"38.27.205.30", "209.142.163.6", 48228, 2217, 0x82989176, 0xafc7327f},
	{"153.39.163.191", "202.188.127.2", 44251, 1303, 0x5d1809c5, 0x10e828a2},
	{"3ffe:2501:200:1fff::7", "3ffe:2501:200:3::1", 2794, 1766, 0x2cc18cd5, 0x40207d3d},
	{"3ffe:501:8::260:97ff:fe40:efab", "ff02::1", 14230, 4739, 0x0f0c461c, 0xdde51bbf},
	{"3ffe:1900:4545:3:200:f8ff:fe21:67cf", "fe80::200:f8ff:fe21:67cf", 44251, 38024,
		0x4b61e985, 0x02d1feef},
};

static uint32_t
hash(const struct vector *vector, bool tcp)
{
	struct packet_plan plan = {
		.ipv6 = strchr(vector->src, ':') != NULL,
		.tcp = tcp,
		.src_port = vector->src_port,
		.dst_port = vector->dst_port,
	};
	struct hca_frame frame;
	struct packet packet;

	inet_pton(plan.ipv6 ? AF_INET6 : AF_INET, vector->src, plan.src);
	inet_pton(plan.ipv6 ? AF_INET6 : AF_INET, vector->dst, plan.dst);
	packet_make(&packet, &plan);
	hca_frame_parse(&frame, packet.bytes, packet.len);
	return hca_rss_hash(&rss_all, &frame);
}

static void
known_vectors(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		assert_int_equal(hash(&vectors[i], true), vectors[i].tcp);
		/* UDP ports are not among the fields. */
		assert_int_equal(hash(&vectors[i], false), vectors[i].ip);
	}
}

static void
nothing_to_hash(void **state)
{
	struct hca_rss none = rss_all;
	struct hca_frame frame;
	uint8_t arp[60] = {[12] = 8, [13] = 6};

	hca_frame_parse(&frame, arp, sizeof(arp));
	assert_int_equal(hca_rss_hash(&rss_all, &frame), 0);
	none.fields = 0;
	assert_int_equal(hca_rss_hash(&none, &frame), 0);
}

static void
the_table_wraps(void **state)
{
	struct hca_rq *queues[4] = {(void *)1, (void *)2, (void *)3, (void *)4};
	struct hca_rss rss = {.queues = queues, .size = 4};

	assert_ptr_equal(hca_rss_queue(&rss, 0), queues[0]);
	assert_ptr_equal(hca_rss_queue(&rss, 0xfffffffe), queues[2]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_vectors),
		cmocka_unit_test(nothing_to_hash),
		cmocka_unit_test(the_table_wraps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
