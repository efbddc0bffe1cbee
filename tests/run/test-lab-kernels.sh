#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The table of tests/lab/kernels, of made-up logs; nothing is booted.

# shellcheck source=tests/tap.sh
. tests/tap.sh

work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{tests/lab,doc,build-logs/kernels/{1.0,new}}
cp tests/lab/kernels "$work/tests/lab"

# log KERNEL SUITE STATUS LINE...
log() {
	printf '%s\n' "${@:4}" >"$work/build-logs/kernels/$1/$2.log"
	echo "$3 9" >"$work/build-logs/kernels/$1/$2.status"
}

for kernel in 1.0 new; do
	log $kernel demo 0 "what it prints"
	log $kernel conformance.sh-edu 77 "1..0 # SKIP no edu"
done
log 1.0 test-kernel.sh 0 "# kernel 1.0.0-1" "# 1.0, kernel: SoftRoCE: yes" "# 1.0, rxe: wrong lkey, UC: a_b error" \
	"# 1.0, VFIO: unmap: 0 bytes" "# 1.0, VFIO: pages, 256 MiB: 7 us" "ok 1 - x"
log new test-kernel.sh 0 "# kernel 9.9.0" "# 9.9, kernel: SoftRoCE: yes" "# 9.9, rxe: wrong lkey, UC: flushed" \
	"# 9.9, VFIO: unmap: 0 bytes" "# 9.9, VFIO: pages, 256 MiB: 8 us" "ok 1 - x"
log 1.0 conformance.sh-rxe 0 "ok 1 - same" "ok 2 - bufs # SKIP no buf: none" "ok 3 - large"
log new conformance.sh-rxe 1 "ok 1 - same" "ok 2 - bufs" "not ok 3 - large"

table=$("$work/tests/lab/kernels" --logs 1.0 new)
status=$?

# row KEY: its answers.
row() {
	grep -xF -A 2 -e "   * - $1" <<<"$table" | sed -n 's/^     - //p' | paste -sd'|'
}

tap_is "a table" $status 0
tap_is "of the kernels" "$(row Kernel)" "1.0.0-1|9.9.0"
tap_is "what there is, also if that is the same" "$(row "kernel: SoftRoCE")" "yes|yes"
tap_is "an answer that differs" "$(row "rxe: wrong lkey, UC")" 'a\_b error|flushed'
tap_is "one that does not, beside the table" "$(row "VFIO: unmap")$(tail -n 1 <<<"$table")" "* VFIO: unmap: 0 bytes"
tap_is "times are no answers" "$(grep -c 'us$' <<<"$table")" 0
tap_is "a suite" "$(row "suite: conformance rxe")" "passed: 2, 1 skipped|failed (1): 2, 1 failed"
tap_like "one that skips" "$(row "suite: conformance edu")" '^not run.*\|not run'
tap_is "one that was lost" "$(row "suite: conformance siw")" "failed (lost)|failed (lost)"
tap_is "a case that is skipped on one" "$(row "conformance rxe: bufs")" "skipped: no buf: none|passed"
tap_is "a case that fails on one" "$(row "conformance rxe: large")" "passed|failed"
tap_is "a case that is the same" "$(grep -c 'rxe: same' <<<"$table")" 0
tap_is "--update writes it" "$("$work/tests/lab/kernels" --logs --update 1.0 new)$(<"$work/doc/kernels.rst")" "$table"
tap_is "another option" "$("$work/tests/lab/kernels" --log 2>&1; echo $?)" \
	"kernels: no option --log; there are --update and --logs
2"
tap_done
