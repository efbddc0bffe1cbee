#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# DPDK 22.11.11: rte_raw_cksum_mbuf() gives another sum for a chain than for the same bytes in one
# segment, when a segment begins at an odd offset: the sum of that segment is cut to 16 bits before
# its bytes are swapped, and carries beyond are lost. So
# rte_ipv4_udptcp_cksum_mbuf() and its _verify(), the only ones for chains, are wrong for such packets.
# The code is the same in 24.11 and 26.07.
#
# Expected before: the same sum, since the function has a case for odd segments.
#
# Needs apt on Debian 12 with the package's version in its sources, and cc; no root. Output of 2026-11-29:
#   whole: 0xfafe
#   even segments: 0xfafe
#   odd segments: 0xf9fe
set -euo pipefail

version=22.11.11-0+deb12u1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get -q download "libdpdk-dev=$version" >/dev/null 2>&1
dpkg-deb -x ./*.deb root
cat >sum.c <<'END'
#include <stdio.h>
#include <string.h>

#include <rte_ip.h>

/* The bytes in two segments, of which the first has n; the raw sum of all. */
static uint16_t
sum(char *bytes, uint16_t len, uint16_t n)
{
	struct rte_mbuf first = {.buf_addr = bytes, .data_len = n, .pkt_len = len, .nb_segs = 2};
	struct rte_mbuf second = {.buf_addr = bytes + n, .data_len = len - n, .nb_segs = 1};
	uint16_t result = 0;

	first.next = &second;
	return rte_raw_cksum_mbuf(&first, 0, len, &result) == 0 ? result : 0;
}

int
main(void)
{
	char bytes[8];

	memset(bytes, 0xfe, sizeof(bytes));
	bytes[0] = 1;
	printf("whole: %#x\n", rte_raw_cksum(bytes, sizeof(bytes)));
	printf("even segments: %#x\n", sum(bytes, sizeof(bytes), 4));
	printf("odd segments: %#x\n", sum(bytes, sizeof(bytes), 3));
	return 0;
}
END
include=root/usr/include
cc -O2 -march=corei7 -include "$include/x86_64-linux-gnu/dpdk/rte_config.h" -I"$include/x86_64-linux-gnu/dpdk" \
	-I"$include/dpdk" -o sum sum.c
./sum | tee seen
diff - seen <<'END'
whole: 0xfafe
even segments: 0xfafe
odd segments: 0xf9fe
END
