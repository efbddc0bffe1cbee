#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# A pool in pieces of external memory that share pages, as testpmd makes it by --mp-alloc=xbuf and mbufs of
# an odd size (DPDK's series 38772). DPDK's own net_mlx5 sends some of its buffers by an lkey that does not
# cover them; mlx5_ext does not.

# shellcheck source=tests/softhca/testpmd.bash
. tests/softhca/testpmd.bash
# shellcheck source=tests/intree.sh
. tests/intree.sh

# sends: without a cache, so that each buffer of the pool is sent.
sends() {
	run SOFTHCA_CHECK=0 1 "" $'set fwd txonly\nstart\nsent 20000\nstop\nquit' \
		--mp-alloc=xbuf --mbuf-size=3001 --txpkts=1500 --mbcache=0
}

devargs=$(intree_devargs)
sends
release=$(pkg-config --modversion libdpdk)
violations=$(sed -n 's/^softhca: violations: //p' "$log")
if [ "$status" = 0 ] && [ -z "$violations" ]; then
	tap_skip "net_mlx5 of DPDK $release uses an lkey outside of its range" "it no longer does"
else
	tap_like "net_mlx5 of DPDK $release uses an lkey outside of its range" "$violations" '^key\.range [0-9]+$'
fi

eal=(-d librte_bus_pci_ext.so -d librte_net_mlx5_ext.so)
for wire in dv raw; do
	devargs=driver=mlx5_ext,wire=$wire
	SOFTHCA_STRICT=1 sends
	tap_is "mlx5_ext does not, wire=$wire" "$status $(sed -n 's/^softhca: violations: //p' "$log")" "0 "
	tap_ok "and sends, wire=$wire" test "$(counter 'tx packets')" -ge 20000
done
tap_done
