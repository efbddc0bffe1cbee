# SPDX-License-Identifier: BSD-3-Clause
# For TAP scripts: a copy of lab/ in $work, whose programs are those of stand_in before the system's, with an empty
# cache, and an empty keyring in the place of Debian's. $work goes with the script.

work=$(mktemp -d) && work=$(realpath "$work") || exit
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{bin,cache,tmp}
mkfifo "$work/begun" "$work/never"
export work DMALAB_CACHE=$work/cache TMPDIR=$work/tmp PATH=$work/bin:$PATH
cp -r lab "$work/lab"
sed -i "s,^apt_keyring=.*,apt_keyring=$work/keyring," "$work/lab/apt.sh"
: >"$work/keyring"

# stand_in PROGRAM: what stdin has.
stand_in() {
	{
		echo '#!/bin/bash'
		cat
	} >"$work/bin/$1"
	chmod +x "$work/bin/$1"
}
