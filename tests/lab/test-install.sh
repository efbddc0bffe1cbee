#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The files that "meson install" installs, and the output of DPDK's own tool for them.
set -u
. tests/tap.sh

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

tap_ok "meson install" meson install -C build --destdir "$root" --no-rebuild
plugins=$(sed -n 's/.*RTE_EAL_PMD_PATH "\(.*\)"/\1/p' "$(pkg-config --variable=libdir libdpdk | sed 's,/lib/,/include/,')/dpdk/rte_build_config.h")
for plugin in librte_bus_pci_ext.so librte_net_mlx5_ext.so; do
	tap_ok "$plugin is in DPDK's plugin directory" test -f "$root$plugins/$plugin"
	tap_like "$plugin has the PCI bus loaded first" "$(readelf -d "$root$plugins/$plugin")" 'NEEDED.*librte_bus_pci'
done

info=$(dpdk-pmdinfo.py "$root$plugins/librte_net_mlx5_ext.so")
tap_is "dpdk-pmdinfo finds the driver" "$(jq -r '.[0].name' <<<"$info")" net_mlx5_ext
tap_is "with ConnectX-5 among its devices" \
	"$(jq -r '[.[0].pci_ids[] | select(.vendor == "15b3" and .device == "1017")] | length' <<<"$info")" 1
tap_like "with its arguments" "$(jq -r '.[0].params' <<<"$info")" 'peer=self'

header=$(find "$root" -name pci_ext.h)
tap_ok "pci_ext.h compiles alone" gcc -Wall -Wextra -Werror -fsyntax-only -x c "$header"
tap_ok "and in C++" clang -Wall -Wextra -Werror -fsyntax-only -x c++ "$header"
for program in dmamap-demo dmamap-conformance; do
	tap_ok "$program" test -x "$(find "$root" -path "*/bin/$program")"
done
tap_is "the lists of known failures" "$(find "$root" -path '*/share/dmamap-conformance/expected/*.txt' -printf '%f\n' | sort)" \
	"$(ls app/dmamap-conformance/expected)"
tap_ok "a pkg-config file" test -f "$(find "$root" -name '*pci_ext*.pc')"
tap_done
