#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# pmds: all
# fork() of a process in which libibverbs is in fork mode, as DPDK's mlx4 and mlx5 PMDs set it: parent and
# device continue; a child does not have mapped memory, before rdma-core 51 (pci_ext.h, doc/pci_ext.rst).
set -u
. tests/tap.sh

none="a child does not have memory that is mapped: MADV_DONTFORK"
version=$(pkg-config --modversion libibverbs)
core=${version#*.*.}

output=$(dmamap-conformance -l 0,1 -d librte_bus_pci_ext.so -d librte_net_mlx5_ext.so \
	-a 0000:00:10.0,peer=0000:00:11.0 -a 0000:00:11.0,peer=0000:00:10.0 -- \
	--device=0000:00:10.0 basic fork fork_alive fork_shared 2>/dev/null)
tap_is "the cases of fork()" $? 0
[ "${core%%.*}" -lt 51 ] && wanted=2 || wanted=0
tap_is "rdma-core ${core%%.*}: cases whose child has no mapped memory" "$(grep -c "$none" <<<"$output")" $wanted
[ $tap_failed -eq 0 ] || sed 's/^/# /' <<<"$output"
tap_done
