#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# rdma-core's own tests, by its pyverbs, as a judge from outside: each does what pyverbs-VERSION.list says, and those
# that have a reason there not to pass are the only ones that do not. The tests are those of Debian's source package,
# which is kept in ~/.cache; RDMA_CORE_SOURCE=DIR names a source of that version.

# shellcheck source=tests/tap.sh
. tests/tap.sh
for part in lab/{exit,apt}.sh tools/run/{log,cache}.sh; do
	# shellcheck source=/dev/null
	. "$part"
done

skip() {
	tap_skip "pyverbs" "$1"
	tap_done
}

# fetch DIR VERSION: for cache_make.
fetch() {
	local upstream=${2%-*}

	apt_private "$scratch/apt" >/dev/null &&
		(cd "$scratch" && timeout 300 apt-get "${apt_options[@]}" source --download-only "rdma-core=$2") >&2 &&
		tar -C "$1" -xf "$scratch/rdma-core_$upstream".orig.tar.*z --strip-components=1 --wildcards '*/tests/*.py'
}

/usr/bin/python3 -c 'import pyverbs' 2>/dev/null || skip "python3-pyverbs is not installed"
version=$(dpkg-query -W -f '${source:Version}' python3-pyverbs 2>/dev/null)
release=${version%%.*}
list=tests/softhca/pyverbs-$release.list
[ -e "$list" ] || skip "no list for rdma-core ${version:-of this system}"
source=${RDMA_CORE_SOURCE:-$cache/rdma-core-$version}
[ -e "$source/tests/base.py" ] || cache_make "rdma-core-$version" fetch "$version" >/dev/null 2>&1 ||
	skip "the source package rdma-core $version could not be fetched"

dir=$(mktemp -d)
at_exit rm -rf "$dir"
# Tests of wrong keys break these rules, each once: test_atomic_invalid_lkey, test_mr_rereg_pd, test_mr_rereg_addr.
meant="key.unknown key.pd key.range"
SOFTHCA_ALLOW=${meant// /,} softhca/soft -- /usr/bin/python3 tests/softhca/run-pyverbs.py "$source" \
	>"$dir/outcomes" 2>"$dir/log"
tap_is "all run to the end, and no other rule is broken" $? 0
for rule in $meant; do
	tap_is "$rule is broken" "$(grep -c "^softhca: ADVICE $rule: " "$dir/log")" 1
done

# Outcomes that are not those of the list, or of tests that are on one side only.
unexpected() {
	awk 'FNR == NR { if (/^[^#]/) wanted[$1] = $2; next }
		{ got[$1] = $2 }
		END {
			for (name in wanted)
				if (wanted[name] != "any" && wanted[name] != got[name])
					print name, "is to", wanted[name] ", does " (name in got ? got[name] : "not run")
			for (name in got)
				if (!(name in wanted))
					print name, "is not listed, does " got[name]
		}' "$list" "$dir/outcomes" | sort
}

unexpected >"$dir/unexpected"
while read -r name outcome _; do
	[ "$outcome" = pass ] || continue
	tap_is "$name" "$(grep "^$name " "$dir/unexpected")" ""
done < <(grep -v '^#' "$list")
tap_is "the others do what the list says" "$(grep -v ' is to pass' "$dir/unexpected")" ""
sed 's/^/# /' "$dir/unexpected"
grep -A 12 -F -f <(awk '{ print $1 ":" }' "$dir/unexpected") "$dir/log" | sed 's/^/# /'
tap_done
