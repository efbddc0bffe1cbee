#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Meson 1.0.1, of Debian 12: a program with "build_by_default: false" is nevertheless built by plain ninja once a
# test() runs it, since ninja's target "all" has all that the tests need. So a project cannot leave the building of
# its unit tests to "meson test" by that option alone; who builds has to name the other targets.
#
# Expected before: that plain ninja leaves it out, as it leaves out one that no test runs.
#
# Needs apt on Debian 12, python3, ninja and a C compiler; no root. Output of 2026-11-30:
#   1.0.1
#   built: main used
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get -q download meson=1.0.1-5 >/dev/null
dpkg-deb -x ./*.deb root
export PYTHONPATH=$work/root/usr/lib/python3/dist-packages
meson() { /usr/bin/python3 "$work/root/usr/bin/meson" "$@"; }

mkdir project
cd project
echo 'int main(void) { return 0; }' >main.c
cat >meson.build <<'END'
project('p', 'c')
executable('main', 'main.c')
executable('unused', 'main.c', build_by_default: false)
test('t', executable('used', 'main.c', build_by_default: false))
END
meson setup build >/dev/null
ninja -C build >/dev/null
{
	meson --version
	echo "built: $(cd build && find main unused used -maxdepth 0 2>/dev/null | xargs)"
} | tee "$work/seen"
diff - "$work/seen" <<'END'
1.0.1
built: main used
END
