#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# What ./run package makes for debian/, and of what files. The packages themselves: ./run package --test.
set -u

# shellcheck source=tests/tap.sh
. tests/tap.sh

top=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
version=$(sed -nE "s/^ *version: '([^']*)',$/\1/p" meson.build | head -n 1)

# with NAME VERSION_ID COMMAND...: on a Debian of that name, or another system.
with() {
	printf 'ID=%s\nVERSION_CODENAME=%s\n%s\n' "${system:-debian}" "$1" "${2:+VERSION_ID=\"$2\"}" >"$work/os-release"
	DEBFULLNAME='A & B/C' DEBEMAIL=a@example.org bash -c '
		set -euo pipefail
		for part in "$1"/lab/{exit,apt}.sh "$1"/tools/run/{log,packages,package}.sh; do
			. "$part"
		done
		packages_os_release=$2/os-release package_out=$2/out
		package_here() { echo "here: $1"; }
		package_there() { echo "there: $1"; }
		package_test() { echo "test: $1"; }
		"${@:3}"' with "$top" "$work" "${@:3}" 2>&1
}

tap_like "the changelog's version, release and maintainer" "$(with bookworm 12 package_changelog bookworm)" \
	"^dpdk-dmamap \(${version//./\\.}-1~deb12\) bookworm; urgency=.*"$'\n'" -- A & B/C <a@example.org>  [A-Z][a-z]{2}, "
tap_like "testing has no number" "$(with forky '' package_changelog forky)" "^dpdk-dmamap \(${version//./\\.}-1\) forky;"
if command -v dpkg-parsechangelog >/dev/null; then
	with trixie 13 package_changelog trixie >"$work/changelog"
	tap_is "dpkg reads it" "$(dpkg-parsechangelog -l "$work/changelog" -S Version)" "$version-1~deb13"
fi
control=$(with bookworm 12 package_control)
tap_is "control's maintainer" "$(grep ^Maintainer <<<"$control")" "Maintainer: A & B/C <a@example.org>"
tap_is "nothing is left to fill in" "$(grep -c '@[A-Z]*@' <<<"$control")" 0
tap_is "each package that has files is one of control" "$(cd tools/package/debian && for file in *.install *.docs; do
	grep -qx "Package: ${file%.*}" <<<"$control" || echo "$file"
done)" ""

tap_is "this release" "$(with bookworm 12 package_run)" "here: bookworm"
tap_is "two, tested" "$(with bookworm 12 package_run --test bookworm trixie)" "here: bookworm
test: bookworm
there: trixie
test: trixie"
tap_is "in a root of sid, which calls itself forky" "$(package_root=sid with forky '' package_run sid)" "here: sid"
tap_is "an unknown option" "$(with bookworm 12 package_run --tset)" "run: package: no option --tset"
tap_like "another system" "$(system=fedora with '' 39 package_run)" "^run: package: this is not Debian 12"

# shellcheck disable=SC2046
if pkg-config --exists libdpdk; then
	tap_ok "the program of the test compiles" gcc -Wall -Wextra -Werror -DALLOW_EXPERIMENTAL_API -fsyntax-only \
		-Idrivers/bus/pci_ext $(pkg-config --cflags libdpdk) tools/package/program.c
fi

mkdir -p "$work/top"/{build,build-clang,doc/_build,.git,.ci} && touch "$work/top"/{build/o,doc/_build/o,doc/guide,.git/o,.ci/run}
tap_is "the sources are without what is built" "$(cd "$work/top" && with bookworm 12 package_sources | tar -tf - | LC_ALL=C sort | xargs)" \
	"./ ./.ci/ ./.ci/run ./doc/ ./doc/guide"
tap_done
