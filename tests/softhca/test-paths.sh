#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# A checkout whose path contains characters that separate items of lists, or is long: programs get
# the software device. And a checkout with a broken library: no program runs.

# shellcheck source=tests/tap.sh
. tests/tap.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

build=${SOFT_BUILD:-build}
unset SOFT_BUILD

# The files that soft needs from a built checkout, in DIR.
copy() {
	mkdir -p "$1/build"
	cp -r --parents softhca/{soft,demo} "$1"
	(cd "$build" && cp -r --parents softhca/libsofthca.so tests/programs/send_one/send_one app/dmamap-demo/dmamap-demo \
		drivers/*/*/*.so "$1/build")
}

# try NAME
try() {
	local dir=$work/$1

	copy "$dir"
	tap_is "'${1:0:20}': a frame returns" "$("$dir/softhca/soft" -- send_one 2>&1)" "mlx5_0: success"
	tap_is "'${1:0:20}': the plugins load, and the demo passes" \
		"$(cd "$dir" && timeout 200 softhca/demo --json 2>/dev/null | jq .ok)" true
	rm -rf "$dir"
}

try "a b"
try "a:b"
try $'a;b,c=d\'e"f$g&h%i#j\\k'
try "$(printf 'long%.0s' {1..40})"

copy "$work/broken"
echo nonsense >"$work/broken/build/softhca/libsofthca.so"
tap_like "an invalid library is rejected" \
	"$("$work/broken/softhca/soft" -- echo "it runs" 2>&1; echo $?)" $'^soft: .*is no library.*\n2$'

# For another machine: ld.so reports that, and would continue without the library.
copy "$work/foreign"
printf '\xb7' | dd of="$work/foreign/build/softhca/libsofthca.so" bs=1 seek=18 conv=notrunc status=none
tap_like "a library that ld.so ignores is rejected" \
	"$("$work/foreign/softhca/soft" -- echo "it runs" 2>&1; echo $?)" $'soft: [^\n]*\n2$'
tap_ok "the command did not run" eval \
	'! "$work/foreign/softhca/soft" -- echo "it runs" 2>/dev/null | grep "it runs"'
tap_done
