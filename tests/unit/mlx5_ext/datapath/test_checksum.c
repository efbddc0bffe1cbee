/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * checksum.c: frames of each kind, whose checksums are computed here byte by byte, whole and cut
 * into segments at each place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "datapath/checksum.h"

#define ALL MLX5X_CHECKSUM_RX
#define IP_GOOD RTE_MBUF_F_RX_IP_CKSUM_GOOD
#define IP_BAD RTE_MBUF_F_RX_IP_CKSUM_BAD
#define L4_GOOD RTE_MBUF_F_RX_L4_CKSUM_GOOD
#define L4_BAD RTE_MBUF_F_RX_L4_CKSUM_BAD

#define ETHER 14u
#define TCP 6
#define UDP 17
#define DATA 31u	/* bytes of payload, odd */

/* The frame. Offsets are those of its kind. */
static uint8_t frame[256];
static unsigned int len, l3, l4, l4_sum;
static uint8_t protocol;

static void
put16(unsigned int off, uint16_t value)
{
	frame[off] = value >> 8;
	frame[off + 1] = value;
}

static uint32_t
add(unsigned int off, unsigned int n)
{
	uint32_t sum = 0;
	unsigned int i;

	for (i = 0; i < n; i++)
		sum += i % 2 == 0 ? frame[off + i] << 8 : frame[off + i];
	return sum;
}

static uint16_t
fold(uint32_t sum)
{
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

static void
put_l4(uint8_t proto)
{
	unsigned int header = proto == TCP ? 20 : 8, i;

	protocol = proto;
	put16(l4, 1234);
	put16(l4 + 2, 53);
	if (proto == TCP)
		frame[l4 + 12] = 5 << 4;
	else
		put16(l4 + 4, header + DATA);
	l4_sum = l4 + (proto == TCP ? 16 : 6);
	for (i = 0; i < DATA; i++)
		frame[l4 + header + i] = 7 * i + 3;
	len = l4 + header + DATA;
}

/* options: bytes. */
static void
make_ipv4(uint8_t proto, unsigned int options)
{
	memset(frame, 0, sizeof(frame));
	put16(12, 0x0800);
	l3 = ETHER;
	l4 = l3 + 20 + options;
	put_l4(proto);
	frame[l3] = 0x40 | (20 + options) / 4;
	memset(&frame[l3 + 20], 1, options);
	put16(l3 + 2, len - l3);
	frame[l3 + 8] = 64;
	frame[l3 + 9] = proto;
	memcpy(&frame[l3 + 12], (uint8_t[]){192, 0, 2, 1, 198, 51, 100, 7}, 8);
	put16(l3 + 10, fold(add(l3, 20 + options)));
	put16(l4_sum, fold(add(l3 + 12, 8) + proto + len - l4 + add(l4, len - l4)));
}

static void
make_ipv6(uint8_t proto)
{
	unsigned int i;

	memset(frame, 0, sizeof(frame));
	put16(12, 0x86dd);
	l3 = ETHER;
	l4 = l3 + 40;
	put_l4(proto);
	frame[l3] = 0x60;
	put16(l3 + 4, len - l4);
	frame[l3 + 6] = proto;
	frame[l3 + 7] = 64;
	for (i = 0; i < 32; i++)
		frame[l3 + 8 + i] = i;
	put16(l4_sum, fold(add(l3 + 8, 32) + proto + len - l4 + add(l4, len - l4)));
}

/* In two segments of which the first has cut bytes; or one. */
static uint64_t
verify_cut(unsigned int cut, uint64_t offloads)
{
	struct rte_mbuf first = {.buf_addr = frame, .data_len = cut, .pkt_len = len, .nb_segs = 2};
	struct rte_mbuf second = {.buf_addr = frame, .data_off = cut, .data_len = len - cut};
	struct rte_mbuf *pkt = &first;

	if (cut == len)
		first.nb_segs = 1;
	else
		first.next = &second;
	first.ol_flags = RTE_MBUF_F_EXTERNAL;
	mlx5x_checksum_verify(&pkt, 1, offloads);
	assert_true(first.ol_flags & RTE_MBUF_F_EXTERNAL);
	return first.ol_flags & ~RTE_MBUF_F_EXTERNAL;
}

/* The same flags, however it is cut. */
static void
check(uint64_t flags)
{
	unsigned int cut;

	for (cut = 1; cut <= len; cut++)
		assert_int_equal(verify_cut(cut, ALL), flags);
}

static void
good_checksums_are_good(void **state)
{
	make_ipv4(UDP, 0);
	check(IP_GOOD | L4_GOOD);
	make_ipv4(TCP, 0);
	check(IP_GOOD | L4_GOOD);
	make_ipv4(TCP, 8);
	check(IP_GOOD | L4_GOOD);
	make_ipv6(UDP);
	check(L4_GOOD);
	make_ipv6(TCP);
	check(L4_GOOD);
}

/* Whichever bit is wrong, but for those that change the kind of the frame. */
static void
each_wrong_bit_is_found(void **state)
{
	unsigned int bit;

	make_ipv4(TCP, 0);
	for (bit = (l3 + 8) * 8; bit < (l3 + 9) * 8; bit++) {
		frame[bit / 8] ^= 1 << bit % 8;
		assert_int_equal(verify_cut(len, ALL), IP_BAD | L4_GOOD);
		frame[bit / 8] ^= 1 << bit % 8;
	}
	for (bit = (l3 + 12) * 8; bit < l4 * 8; bit++) {
		frame[bit / 8] ^= 1 << bit % 8;
		assert_int_equal(verify_cut(len, ALL), IP_BAD | L4_BAD);
		frame[bit / 8] ^= 1 << bit % 8;
	}
	for (bit = (l4 + 13) * 8; bit < len * 8; bit++) {
		frame[bit / 8] ^= 1 << bit % 8;
		assert_int_equal(verify_cut(len, ALL), IP_GOOD | L4_BAD);
		frame[bit / 8] ^= 1 << bit % 8;
	}
	assert_int_equal(verify_cut(len, ALL), IP_GOOD | L4_GOOD);
}

static void
only_the_offloads_are_reported(void **state)
{
	make_ipv4(UDP, 0);
	assert_int_equal(verify_cut(len, RTE_ETH_RX_OFFLOAD_IPV4_CKSUM), IP_GOOD);
	assert_int_equal(verify_cut(len, RTE_ETH_RX_OFFLOAD_UDP_CKSUM), L4_GOOD);
	assert_int_equal(verify_cut(len, RTE_ETH_RX_OFFLOAD_TCP_CKSUM), 0);
	make_ipv4(TCP, 0);
	assert_int_equal(verify_cut(len, RTE_ETH_RX_OFFLOAD_UDP_CKSUM), 0);
	assert_int_equal(verify_cut(len, RTE_ETH_RX_OFFLOAD_TCP_CKSUM), L4_GOOD);
}

static void
udp_without_a_checksum_is_unknown(void **state)
{
	make_ipv4(UDP, 0);
	put16(l4_sum, 0);
	check(IP_GOOD);
	make_ipv6(UDP);
	put16(l4_sum, 0);
	check(L4_BAD);
}

/* Of a short frame; it need not be of zeros. */
static void
padding_is_not_summed(void **state)
{
	make_ipv4(UDP, 0);
	memset(&frame[len], 0xa5, 9);
	len += 9;
	check(IP_GOOD | L4_GOOD);
}

static void
what_is_not_whole_is_unknown(void **state)
{
	make_ipv4(UDP, 0);
	/* A first and a later fragment. */
	put16(l3 + 6, 0x2000);
	put16(l3 + 10, 0);
	put16(l3 + 10, fold(add(l3, 20)));
	check(IP_GOOD);
	put16(l3 + 6, 0x0003);
	put16(l3 + 10, 0);
	put16(l3 + 10, fold(add(l3, 20)));
	check(IP_GOOD);
	/* Lengths beyond the frame, and too short for the header. */
	make_ipv4(TCP, 0);
	put16(l3 + 2, len - l3 + 1);
	assert_int_equal(verify_cut(len, ALL), IP_BAD);
	put16(l3 + 2, 20 + 19);
	assert_int_equal(verify_cut(len, ALL), IP_BAD);
	put16(l3 + 2, 3);
	assert_int_equal(verify_cut(len, ALL), IP_BAD);
}

static void
what_is_not_ip_is_unknown(void **state)
{
	make_ipv4(UDP, 0);
	put16(12, 0x0806);
	check(0);
	make_ipv4(UDP, 0);
	frame[l3] = 0x43;
	check(0);
	/* A frame of its header alone, and one that ends in the next. */
	make_ipv4(UDP, 0);
	len = ETHER;
	check(0);
	make_ipv6(UDP);
	len = ETHER + 20;
	check(0);
}

static void
extension_headers_are_unknown(void **state)
{
	make_ipv6(UDP);
	memmove(&frame[l4 + 8], &frame[l4], len - l4);
	memset(&frame[l4], 0, 8);
	frame[l3 + 6] = 0;	/* hop-by-hop options */
	frame[l4] = UDP;
	frame[l4 + 2] = 1;	/* PadN of 6 bytes */
	frame[l4 + 3] = 4;
	len += 8;
	put16(l3 + 4, len - l4);
	check(0);
}

static void
a_tag_is_skipped(void **state)
{
	make_ipv4(TCP, 0);
	memmove(&frame[16], &frame[12], len - 12);
	put16(12, 0x8100);
	put16(14, 5);
	len += 4;
	check(IP_GOOD | L4_GOOD);
	frame[l4 + 4 + 20] ^= 1;
	check(IP_GOOD | L4_BAD);
}

static void
headers_are_filled_in(void **state)
{
	struct rte_mbuf first = {.buf_addr = frame}, second = {.buf_addr = frame};
	struct rte_mbuf *pkt = &first;
	uint16_t wanted[2];
	unsigned int cut, i;

	for (i = 0; i < 2; i++) {
		make_ipv4(UDP, i * 4);
		memcpy(&wanted[i], &frame[l3 + 10], 2);
		for (cut = 1; cut < len; cut++) {
			first.data_len = cut;
			second.data_off = cut;
			second.data_len = len - cut;
			first.next = &second;
			first.nb_segs = 2;
			first.pkt_len = len;
			first.l2_len = ETHER;
			first.l3_len = 20 + i * 4;
			first.ol_flags = RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM;
			/* Whatever is there; and once more for a packet that was not sent. */
			put16(l3 + 10, cut);
			mlx5x_checksum_fill(&pkt, 1);
			assert_memory_equal(&frame[l3 + 10], &wanted[i], 2);
			mlx5x_checksum_fill(&pkt, 1);
			assert_memory_equal(&frame[l3 + 10], &wanted[i], 2);
		}
	}
	/* Not without the flag, nor without a header. */
	put16(l3 + 10, 99);
	first.ol_flags = RTE_MBUF_F_TX_IPV4;
	mlx5x_checksum_fill(&pkt, 1);
	first.ol_flags |= RTE_MBUF_F_TX_IP_CKSUM;
	first.l3_len = 0;
	mlx5x_checksum_fill(&pkt, 1);
	assert_int_equal(frame[l3 + 11], 99);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_checksums_are_good),
		cmocka_unit_test(each_wrong_bit_is_found),
		cmocka_unit_test(only_the_offloads_are_reported),
		cmocka_unit_test(udp_without_a_checksum_is_unknown),
		cmocka_unit_test(padding_is_not_summed),
		cmocka_unit_test(what_is_not_whole_is_unknown),
		cmocka_unit_test(what_is_not_ip_is_unknown),
		cmocka_unit_test(extension_headers_are_unknown),
		cmocka_unit_test(a_tag_is_skipped),
		cmocka_unit_test(headers_are_filled_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
