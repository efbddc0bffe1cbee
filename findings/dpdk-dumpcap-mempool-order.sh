#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# DPDK 22.11.11 of Debian 12: dpdk-dumpcap captures nothing from dpdk-testpmd, on any driver. A mempool in
# memory that processes share names its driver by an index, which is the place in the order in which
# the drivers of a process registered. testpmd is linked with the mempool driver of dpaa, dumpcap with none,
# so all that the plugin directory adds later has another index in each: the pool that dumpcap creates by
# ring_mp_sc belongs to another driver in testpmd, which gets no mbufs from it.
# With dumpcap preloading what testpmd is linked with (librte_mempool_dpaa) the indexes are equal, and it captures.
#
# Expected before: that the names of the drivers decide, or that EAL checks the order.
#
# Needs apt on Debian 12 with the package's version in its sources, and cc; no root. Neither program gets as
# far as a device. Output of 2026-11-29:
#   dpdk-testpmd: dpaa
#   dpdk-dumpcap:
set -euo pipefail

version=22.11.11-0+deb12u1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
libraries=$(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces \
	--no-enhances --no-pre-depends "dpdk=$version" "dpdk-dev=$version" | sed -n 's/^\(lib[a-z0-9.+-]*\)\(:amd64\)\?$/\1/p' |
	grep -v '^libc6$\|^libgcc-s1$')
# shellcheck disable=SC2086
apt-get -q download "dpdk=$version" "dpdk-dev=$version" "libdpdk-dev=$version" $libraries >/dev/null 2>&1
for package in ./*.deb; do
	dpkg-deb -x "$package" root
done

cat >order.c <<'END'
#include <stdio.h>

#include <rte_mempool.h>

/* To be preloaded: at exit the mempool drivers by index, in the file "drivers". */
static void __attribute__((destructor))
print(void)
{
	FILE *drivers = fopen("drivers", "w");
	uint32_t i;

	for (i = 0; drivers != NULL && i < rte_mempool_ops_table.num_ops; i++)
		fprintf(drivers, " %s", rte_mempool_ops_table.ops[i].name);
	if (drivers != NULL)
		fclose(drivers);
}
END
include=root/usr/include
libs=$work/root/usr/lib/x86_64-linux-gnu
cc -shared -fPIC -O2 -march=corei7 -include "$include/x86_64-linux-gnu/dpdk/rte_config.h" \
	-I"$include/x86_64-linux-gnu/dpdk" -I"$include/dpdk" -o order.so order.c

# order PROGRAM: with --help, which ends before EAL looks for devices.
order() {
	local path

	path=$(find root -name "$1" -type f -o -name "$1" -type l | head -n 1)
	LD_LIBRARY_PATH=$libs LD_PRELOAD=$work/order.so "$path" --help >/dev/null 2>&1 || true
	echo "$1:$(cat drivers)"
	rm drivers
}

order dpdk-testpmd | tee seen
order dpdk-dumpcap | tee -a seen
diff - seen <<'END'
dpdk-testpmd: dpaa
dpdk-dumpcap:
END
