#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# What ./run says where packages are missing, by distribution: with stand-ins for dpkg, apt-get and dnf.

# shellcheck source=tests/tap.sh
. tests/tap.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
export work

# All that the sets name is installed, but for what $work/absent lists.
cat >"$work/bin/dpkg-query" <<-'END'
	#!/bin/bash
	for name in "${@:4}"; do
		grep -qx "$name" "$work/absent" || echo "$name installed"
	done
END
cat >"$work/bin/apt-get" <<-'END'
	#!/bin/bash
	echo "$*" >>"$work/apt-get"
	[ ! -e "$work/offline" ]
END
printf '#!/bin/bash\n[ "$2" != libmnl ]\n' >"$work/bin/pkg-config"
printf '#!/bin/bash\necho "${uid:-0}"\n' >"$work/bin/id"
chmod +x "$work"/bin/*

# system NAME VERSION: the lines of os-release.
system() {
	printf 'ID=%s\n%s\n' "$1" "${2:+VERSION_ID=\"$2\"}" >"$work/os-release"
	rm -f "$work/apt-get"
	: >"$work/absent"
}

# need SET...: with nothing but the stand-ins, and the commands that every system has.
need() {
	PATH=$work/bin:$PATH bash -c '
		set -euo pipefail
		. tools/run/log.sh
		. tools/run/packages.sh
		packages_os_release=$work/os-release
		command() {
			case $2 in
			meson | valgrind) return 1 ;;
			apt-get | dnf) [ -x "$work/bin/$2" ] ;;
			esac
		}
		packages_need "$@"' need "$@" 2>&1
}

for version in 12 13 ""; do
	system debian "$version"
	tap_is "Debian ${version:-testing}: nothing is missing" "$(need build lab soft siw test tally)" ""
	printf '%s\n' dpdk-dev valgrind >"$work/absent"
	tap_is "Debian ${version:-testing}: apt-get installs what is" "$(need build soft test && cat "$work/apt-get")" \
		"run: installing dpdk-dev valgrind
-q update
install --no-install-recommends -q -y dpdk-dev valgrind"
	tap_is "Debian ${version:-testing}: not for a set that needs it not" "$(need build)" ""
done
rm "$work/apt-get"
tap_is "without root: a command to type" "$(uid=1000 need soft test)" \
	"run: packages are missing; as root: apt-get install --no-install-recommends dpdk-dev valgrind"
tap_ok "and nothing is installed" test ! -e "$work/apt-get"
touch "$work/offline"
tap_is "without a network" "$(need soft)" "run: installing dpdk-dev
run: apt-get failed; still missing: dpdk-dev"

system debian 11
tap_is "Debian 11: by commands and modules" "$(need build test)" \
	"run: packages are missing; as root: apt-get install --no-install-recommends meson libmnl-dev valgrind"
system ubuntu 24.04
tap_is "Ubuntu: the packages of what is missing" "$(need build)" \
	"run: packages are missing; as root: apt-get install --no-install-recommends meson libmnl-dev"
tap_ok "nothing is installed there" test ! -e "$work/apt-get"
tap_is "nothing to say" "$(need soft)" ""
mv "$work"/bin/{apt-get,dnf}
system fedora 43
tap_is "Fedora has names of its own" "$(need build test)" \
	"run: packages are missing; as root: dnf install meson libmnl-devel valgrind"
rm "$work/bin/dnf"
system arch
tap_is "elsewhere: both" "$(need build)" "run: packages are missing, which are in Debian: meson libmnl-dev
run: and in Fedora: meson libmnl-devel"
tap_done
