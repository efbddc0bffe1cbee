#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The software HCA as "meson install" installs it, in a folder that could be anywhere: the command, without the checkout.
set -u
# shellcheck source=tests/tap.sh
. tests/tap.sh

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"
root=$root/'any where'
mkdir "$root"

tap_ok "meson install" meson install -C "$SOFT_BUILD" --destdir "$root" --no-rebuild
softhca=$(find "$root" -path '*/bin/softhca')
tap_ok "the command is executable" test -x "$softhca"
tap_ok "the library is there" test -f "$(find "$root" -name libsofthca.so)"
tap_ok "so is the README" test -s "$(find "$root" -path '*/doc/softhca/README.md')"
unset SOFT_BUILD
checkout=$PWD
cd / || exit

output=$("$softhca" --id 15b3:101d -- ibv_devinfo -v 2>&1)
tap_is "ibv_devinfo: exit status" $? 0
tap_like "it tells of that kind of device" "$output" 'vendor_part_id:[[:space:]]*4125[^0-9]'
tap_like "with an active port" "$output" 'PORT_ACTIVE'
tap_is "no path of the checkout is used" "$("$softhca" -- env | grep -E '^(PATH|LD_)' | grep -cF "$checkout/")" 0
tap_is "two devices" "$("$softhca" --ports 2 --cross -- ibv_devices | grep -c mlx5_)" 2
tap_is "the program's exit status" "$("$softhca" -- sh -c 'exit 3'; echo $?)" 3
tap_like "its own name in errors" "$("$softhca" 2>&1)" '^softhca: no command given'
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	tap_like "without root" "$(setpriv --reuid=65534 --regid=65534 --clear-groups "$softhca" -- ibv_devices 2>&1)" mlx5_0
fi

# options: the long ones of a text on stdin.
options() {
	sed 's/\\-/-/g' | grep -oE -- '--[a-z]+' | sort -u | xargs
}

page=$(find "$root" -name 'softhca.1*')
tap_is "the page has the options of --help" \
	"$(sed -n '/^.SH OPTIONS/,/^.SH EXIT/p' "$page" | options)" "--cross --help --id --loop --ports"
tap_is "and --help has them" "$("$softhca" --help | options)" "--cross --id --loop --ports"
if command -v man >/dev/null; then
	tap_is "man has nothing to complain" "$(LC_ALL=C MANROFFSEQ='' MANWIDTH=80 man --warnings -l "$page" 2>&1 >/dev/null)" ""
else
	tap_skip "man has nothing to complain" "it is not installed"
fi
tap_done
