#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# ThreadSanitizer on the unit tests that have threads: a race is seen there whether or not it did harm.
set -u
# shellcheck source=tests/tap.sh
. tests/tap.sh

for name in gate mr_index mr_threads; do
	log=$(mktemp)
	TSAN_OPTIONS="exitcode=66" timeout 250 "build-tsan/tests/unit/mlx5_ext/test_mlx5_ext_$name" \
		>"$log" 2>&1
	tap_is "mlx5_ext/$name: no data race" $? 0
	grep -A 12 'WARNING: ThreadSanitizer' "$log" | head -60 | sed 's/^/# /'
	rm -f "$log"
done
tap_done
