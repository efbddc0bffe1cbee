#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# "meson dist" makes a tarball of all that is committed, with the version of meson.build.
set -u

# shellcheck source=tests/tap.sh
. tests/tap.sh

git rev-parse --verify -q HEAD >/dev/null 2>&1 || {
	echo "1..0 # SKIP not a clone, or no git"
	exit
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
version=$(sed -nE "s/^ *version: '([^']*)',$/\1/p" meson.build | head -n 1)
name=dpdk-dmamap-$version

tap_like "there is a version" "$version" '^[0-9]+\.[0-9]+\.[0-9]+'
tap_ok "meson dist" meson dist -C "$BUILD" --no-tests --allow-dirty --formats gztar
tar -C "$work" -xzf "$BUILD/meson-dist/$name.tar.gz"
tap_is "it has what is committed" "$(cd "$work/$name" && find . -type f -o -type l | cut -c3- | LC_ALL=C sort)" \
	"$(git ls-tree -r --name-only HEAD | LC_ALL=C sort)"
tap_ok "./run works there" "$work/$name/run" help
tap_is "the guide has the version, too" "$(cd "$work/$name/doc" && python3 -Bc 'import conf; print(conf.release)' 2>&1)" \
	"$version"
tap_done
