#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# DPDK 22.11.11: EAL takes no plugin, by -d PATH, from anywhere below a folder that everybody may write to, /tmp above
# all, though it has the sticky bit and the plugin is in a folder of mode 0700, where nobody else can put or rename
# anything: rte_eal_init() fails. Each folder up to the root is looked at, of its mode S_IWOTH alone. So what is built
# in a checkout below /tmp, as CI systems and mktemp(1) make them, cannot be loaded by its path.
#
# Expected before: that the folder of the plugin is looked at, or that the sticky bit of /tmp is.
#
# Needs apt on Debian 12 with the package's version in its sources, and cc; a home folder that not everybody may write
# to; no root, no device. Output of 2026-11-30:
#   below the home folder: loaded
#   below a folder of mode 1777: directory path FOLDER is world-writable and insecure
#   below that, in a folder of mode 0700: directory path FOLDER is world-writable and insecure
set -euo pipefail

version=22.11.11-0+deb12u1
work=$(mktemp -d "$HOME/.finding.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get -q download {libdpdk-dev,librte-eal23,librte-kvargs23,librte-telemetry23}"=$version" \
	libbsd0 libmd0 libnuma1 libfdt1 >/dev/null 2>&1
for package in ./*.deb; do
	dpkg-deb -x "$package" root
done
root=$work/root/usr
libraries=$root/lib/x86_64-linux-gnu
cat >start.c <<'END'
#include <rte_eal.h>

int
main(int argc, char **argv)
{
	return rte_eal_init(argc, argv) < 0 || rte_eal_cleanup() != 0;
}
END
cat >plugin.c <<'END'
#include <stdio.h>

__attribute__((constructor)) static void
tell(void)
{
	puts("loaded");
}
END
cc -march=corei7 -I"$root/include/dpdk" -I"$root/include/x86_64-linux-gnu/dpdk" -include rte_config.h start.c -o start \
	-L"$libraries" -Wl,-rpath,"$libraries" -Wl,--unresolved-symbols=ignore-in-shared-libs -l:librte_eal.so.23
mkdir home
mkdir -m 1777 shared
mkdir -m 0700 shared/own

# try WHAT FOLDER
try() {
	local log

	cc -shared -fPIC plugin.c -o "$2/plugin.so"
	log=$(LD_LIBRARY_PATH=$libraries XDG_RUNTIME_DIR=$work ./start --no-pci --no-huge -m 32 --no-telemetry --no-shconf \
		-d "$work/$2/plugin.so" 2>&1) || true
	echo "$1: $(grep -oE 'loaded|directory path .* is world-writable and insecure' <<<"$log" | head -n 1 | sed "s,$work/[^ ]*,FOLDER,")"
}

{
	try "below the home folder" home
	try "below a folder of mode 1777" shared
	try "below that, in a folder of mode 0700" shared/own
} | tee seen
diff - seen <<'END'
below the home folder: loaded
below a folder of mode 1777: directory path FOLDER is world-writable and insecure
below that, in a folder of mode 0700: directory path FOLDER is world-writable and insecure
END
