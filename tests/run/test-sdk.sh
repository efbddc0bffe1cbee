#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Where ./run finds DPDK's driver headers: with stand-ins for apt, dpkg, pkg-config and the compiler.

# shellcheck source=tests/tap.sh
. tests/tap.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin" "$work/mirror"
export work
# That of whoever runs the tests.
unset DPDK_SDK

printf '#!/bin/bash\nexit 1\n' >"$work/bin/cc"
printf '#!/bin/bash\ncat "$work/installed"\n' >"$work/bin/dpkg-query"
printf '#!/bin/bash\nsed "s/-.*//" "$work/installed"\n' >"$work/bin/pkg-config"
# The package sources: what they list, and what their mirror has.
printf '#!/bin/bash\nsed "s/^/Version: /" "$work/listed"\n' >"$work/bin/apt-cache"
cat >"$work/bin/apt-get" <<-'END'
	#!/bin/bash
	[ "${!#}" != update ] || exit 0
	version=${!##dpdk=}
	cp "$work/mirror/dpdk_${version%-*}.orig.tar.xz" .
END
chmod +x "$work"/bin/*

# source_tree DIR VERSION: with one line that tells where it is from, in each header.
source_tree() {
	(. tools/run/sdk.sh
		for file in "${sdk_files[@]}"; do
			mkdir -p "$1/$(dirname "$file")"
			echo "// $2" >"$1/$file"
		done
		echo "$2" >"$1/$sdk_version_file")
}

# publish VERSION: the mirror has it.
publish() {
	source_tree "$work/dpdk-$1" "$1"
	tar -C "$work" -cJf "$work/mirror/dpdk_$1.orig.tar.xz" "dpdk-$1"
}

# sdk: says where the headers come from, and prints the first.
sdk() {
	PATH=$work/bin:$PATH bash -c '
		set -euo pipefail
		for part in lab/{exit,apt}.sh tools/run/{log,cache,sdk}.sh; do
			. $part
		done
		cache=$work/cache
		sdk_ready
		cat "$sdk/bus_driver.h"
	' 2>&1
}

echo 24.11.8-0+deb13u1 >"$work/installed"
printf '%s\n' 25.11.4-1 24.11.4-0+deb13u1 24.11.8-0+deb13u1 24.11.6-1 >"$work/listed"
tap_like "no source at all" "$(sdk)" 'no driver headers of dpdk 24.11.8-0\+deb13u1: .*DPDK_SDK=DIR'
publish 25.11.4
tap_like "none of the release" "$(sdk)" 'no driver headers'
publish 24.11.4
tap_is "another of the release" "$(sdk | grep -v '^cp')" "run: fetching the driver headers of dpdk 24.11.8-0+deb13u1
run: fetching the driver headers of dpdk 24.11.6-1
run: fetching the driver headers of dpdk 24.11.4-0+deb13u1
run: the source of 24.11.8-0+deb13u1 is not to be had: the headers are those of 24.11.4-0+deb13u1
// 24.11.4"
tap_is "the next time from the cache" "$(sdk)" "// 24.11.4"
rm -r "$work/cache"
publish 24.11.8
tap_is "the source of the version itself" "$(sdk)" "run: fetching the driver headers of dpdk 24.11.8-0+deb13u1
// 24.11.8"
tap_is "nothing else is left in the cache" "$(ls "$work/cache")" "sdk-24.11.8-0+deb13u1"

mkdir "$work/headers"
echo "// mine" >"$work/headers/bus_driver.h"
tap_is "DPDK_SDK: headers" "$(DPDK_SDK=$work/headers sdk)" "// mine"
tap_is "DPDK_SDK: a source" "$(DPDK_SDK=$work/dpdk-24.11.4 sdk)" "// 24.11.4"
tap_is "DPDK_SDK: a source of another release" "$(DPDK_SDK=$work/dpdk-25.11.4 sdk)" \
	"run: the source is DPDK 25.11.4, but libdpdk is 24.11.8
run: DPDK_SDK=$work/dpdk-25.11.4 is of another release"
tap_like "DPDK_SDK: anything else" "$(DPDK_SDK=$work/bin sdk)" 'neither a folder with bus_driver.h nor a source'
tap_like "DPDK_SDK: nothing" "$(DPDK_SDK=$work/gone sdk)" 'gone is no folder'
tap_done
