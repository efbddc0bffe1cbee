#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# mlx5_ext on the rings of mlx5, on the software HCA.
wire=dv
# shellcheck source=tests/softhca/wire.bash
. tests/softhca/wire.bash

# The ways of writing a request that there are beside a plain SEND.
dv_writes() {
	local long=$'set txpkts 700,700\n'"$forward"

	try "multi-packet WQEs" SOFTHCA_MPW=1 2 "" "$forward" --rxq=2 --txq=2
	try "multi-packet WQEs, switched off" SOFTHCA_MPW=1 1 txq_mpw_en=0 "$forward"
	try "multi-packet WQEs beside two segments" SOFTHCA_MPW=1 2 "" "$long" --mbuf-size=1024 \
		--enable-scatter --tx-offloads=0x8000
	try "inlined packets" SOFTHCA_MPW=1 1 txq_inline=128 "$forward"
	try "inlined packets of three segments" "" 2 txq_inline=160 $'set txpkts 60,1,90\n'"$forward" \
		--tx-offloads=0x8000
	soft_options=(--id 15b3:1015)
	try "headers inlined, as ConnectX-4 Lx wants them" SOFTHCA_MPW=1 1 "" "$forward"
	soft_options=()
}

# offloads NAME SETTINGS DEVARGS: each kind of frame, by each way of writing it.
offloads() {
	local program=(build/tests/programs/offloads/offloads -l 0 --no-huge -m 64 --no-telemetry --no-shconf)

	tap_ok "offloads, $1" env "$2" SOFTHCA_MODE=step softhca/soft --loop -- "${program[@]}" \
		"${plugins[@]}" -a "0000:aa:00.0,$devargs,$3"
}

dv_writes
offloads "each in a request" SOFTHCA_MPW=0 txq_mpw_en=0
offloads "many in a request" SOFTHCA_MPW=1 txq_mpw_en=1
offloads "inlined" SOFTHCA_MPW=0 txq_inline=200
wire_tests
