#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# ./run matrix: its table, the README's part that is made of it, and what a command in a root can see and change.

# shellcheck source=tests/tap.sh
. tests/tap.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# row DPDK OWN STEPS: a row of the table in JSON.
row() {
	printf '{"dpdk": "%s", "own": %s, "system": "Debian GNU/Linux 13 (trixie)", "gcc": "14.2.0", "clang": "19.1.7",
		"rdma_core": "1.14.56.1", "steps": [%s]}' "$@"
}

# step NAME PASSED FAILED SKIPPED [FAILURES]: on the day of the variable date.
step() {
	printf '{"step": "%s", "passed": %d, "failed": %d, "skipped": %d, "failures": [%s], "date": "%s"}' "$1" "$2" "$3" "$4" \
		"${5:-}" "$date"
}

date=2026-11-29
green="$(step gcc 1 0 0), $(step clang 1 0 0), $(step unit 70 0 0), $(step soft 120 0 2), $(step lab-demo 1 0 0)"
red="$(step gcc 1 0 0), $(step unit 68 2 0 '"unit/a", "unit/b"'), $(step demo 1 0 0)"
bare="$(step apps 1 0 0), $(step conformance-intree 59 0 0)"
echo "[$(row 24.11.8 false "$green"), $(row 26.07.0 true "$red"), $(row 9.9.1 false "$bare")]" >"$work/rows"
tap_is "the table" "$(tools/matrix/table "$work/rows" | tail -n +3)" \
	"| 9.9.1 | Debian 13 (trixie) | 56.1 | gcc 14.2.0, without plugins | - | conformance-intree 59 | - | 2026-11-29 |
| 24.11.8 | Debian 13 (trixie) | 56.1 | gcc 14.2.0, clang 19.1.7 | 70 | 120 (2 skipped) | demo 1 | 2026-11-29 |
| 26.07.0, by hand | Debian 13 (trixie) | 56.1 | gcc 14.2.0 | **unit: 2 failed** unit/a, unit/b | demo 1 | - | 2026-11-29 |"

# in_matrix COMMAND...
in_matrix() {
	bash -c '
		set -euo pipefail
		for part in lab/{exit,apt}.sh tools/run/{log,cache,packages,lab,matrix}.sh; do
			. $part
		done
		matrix_logs=$1
		"${@:2}"' in_matrix "$work" "$@"
}

sed -n '/^<!-- matrix/,/^<!-- end of matrix/p' README.md | sed '1d;$d' >"$work/shown"
tap_is "the README shows doc/matrix.json" "$(<"$work/shown")" "$(tools/matrix/table doc/matrix.json)"

cd "$work" && mkdir doc && ln -s "$OLDPWD"/{lab,tools} .
printf 'before\n<!-- matrix: -->\nold\n<!-- end of matrix -->\nafter\n' >README.md
echo "[$(row 24.11.8 false "$red")]" >doc/matrix.json
date=2026-11-30
row 24.11.8 false "$(step unit 70 0 0), $(step lab-demo 1 0 0)" >new
in_matrix matrix_update new
tap_is "an update takes the place of the steps" "$(jq -r '.[].steps[] | "\(.step)=\(.passed)"' doc/matrix.json | xargs)" \
	"gcc=1 demo=1 unit=70 lab-demo=1"
tap_like "it says of what days they are" "$(tools/matrix/table doc/matrix.json)" '2026-11-29 to 2026-11-30 \|$'
row 24.11.8 true "$bare" >new
in_matrix matrix_update new
row 24.11.8 true "$green" >new
in_matrix matrix_update new
tap_is "what was built without plugins is of no interest then" \
	"$(jq -r '.[] | select(.own).steps[].step' doc/matrix.json | xargs)" "conformance-intree gcc clang unit soft lab-demo"
jq 'map(select(.own | not))' doc/matrix.json >one && cp one doc/matrix.json
row 25.11.4 false "$bare" >new
in_matrix matrix_update new
tap_is "or adds one, and is in the README" "$(sed 's/\(|[^|]*|\).*/\1/' README.md)" "before
<!-- matrix: -->
| DPDK |
|---|
| 24.11.8 |
| 25.11.4 |
<!-- end of matrix -->
after"
cd "$OLDPWD" || exit
tap_like "a step that there is not" "$(./run matrix --steps gcc,hardware trixie 2>&1)" \
	'no step hardware; there are: .*gcc .*unit'

# enter ARGUMENT...: the root is this system itself.
enter() {
	tools/matrix/enter / "$@"
}

if ! enter -- true 2>"$work/why"; then
	tap_skip "in a root" "$(tail -n 1 "$work/why")"
	tap_done
	exit
fi
mkdir -p "$work/shown.d/kept"
enter --keep "$work/shown.d/kept" --show "$work/shown.d" -- sh -c "
	echo changed >/enter-was-here; echo kept >'$work/shown.d/kept/file'; echo no >'$work/shown.d/file'
	ls /sys/bus/pci/devices /sys/class/infiniband; ls /dev; exit 7" >"$work/seen" 2>"$work/errors"
tap_is "the status is that of the command" $? 7
tap_ok "what it changes is gone" test ! -e /enter-was-here
tap_is "but what it keeps" "$(cat "$work/shown.d/kept/file")" kept
tap_ok "what it is shown it cannot change" test ! -e "$work/shown.d/file"
tap_is "it sees no device of the machine" \
	"$(grep -E '^[0-9a-f]{4}:|mlx5|vfio|kvm|^sd|^vd|^nvme|hugepages' "$work/seen")" ""
tap_like "but those that programs need" "$(xargs <"$work/seen")" 'null .*urandom'
# nobody COMMAND...: its status, as a user who makes namespaces.
nobody() {
	"$@" setpriv --reuid=65534 --regid=65534 --clear-groups unshare --map-root-user --mount true 2>/dev/null
	echo $?
}
tap_is "a user may make namespaces there, if here" "$(nobody enter --)" "$(nobody env)"
# The pipe is closed when all have ended.
tap_is "it leaves no process" "$(timeout 60 cat < <(enter -- sh -c 'sleep 1000 & echo started'))" started
tap_done
