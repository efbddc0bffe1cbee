#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# DPDK's own net_mlx5, unmodified, in the distribution's own testpmd: what the model is measured by.
# No rule may be broken, and every forwarded frame must come and go whole and in order.

# shellcheck source=tests/softhca/testpmd.bash
. tests/softhca/testpmd.bash
devargs=dv_flow_en=0

try "one port, looped: SEND, scalar Rx" SOFTHCA_MPW=0 1 rx_vec_en=0 "$forward"
try "one port, looped: SEND, vector Rx" SOFTHCA_MPW=0 1 rx_vec_en=1 "$forward"
try "one port, looped: multi-packet WQEs" SOFTHCA_MPW=1 1 txq_inline_mpw=0 "$forward"
try "one port, looped: inlined into multi-packet WQEs" SOFTHCA_MPW=1 1 txq_inline_mpw=128 "$forward"
try "one port, looped: inlined into SEND" SOFTHCA_MPW=0 1 txq_inline_max=128,txqs_min_inline=0 "$forward"
try "two ports, crossed, two queues each" SOFTHCA_MPW=1 2 "" "$forward" --rxq=2 --txq=2
try "frames of 1400 bytes in two segments" SOFTHCA_MPW=0 2 "" $'set txpkts 700,700\n'"$forward" \
	--mbuf-size=1024 --enable-scatter --tx-offloads=0x8000
try "stop and start of the port, twice" SOFTHCA_MPW=0 1 "" \
	$'start tx_first 4\nwait\nstop\nport stop 0\nport start 0\nstart tx_first 4\nwait\nstop\nport stop 0\nport start 0\n'"$forward"

tap_done
