#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# ThreadSanitizer on the unit tests with threads: a race is reported whether or not it had an
# effect. The list of these tests is in tools/run/suites.sh, which builds them.
set -u
# shellcheck source=tests/tap.sh
. tests/tap.sh

for test in build-tsan/tests/unit/mlx5_ext/test_*; do
	[ -f "$test" ] || continue
	log=$(mktemp)
	TSAN_OPTIONS="exitcode=66" timeout 800 "$test" >"$log" 2>&1
	tap_is "${test##*/}: no data race" $? 0
	grep -A 12 'WARNING: ThreadSanitizer' "$log" | head -60 | sed 's/^/# /'
	rm -f "$log"
done
[ $tap_count -gt 0 ] || tap_is "there are tests" 0 1
tap_done
