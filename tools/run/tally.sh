# SPDX-License-Identifier: BSD-3-Clause
# Counts test results and shows them on stdout. A result is the log and the exit status of a program
# with TAP output, or its exit status alone: 0 passed, 77 skipped, else failed.

tally_start() {
	passed=0 failed=0 skipped=0
}

# tally NAME STATUS LOG [SECONDS]: SECONDS: its duration.
tally() {
	local name=$1 status=$2 log=$3 took=${4:+, $4 s} ok=0 not_ok=0 skip=0

	if grep -qE '^((not )?ok [0-9]+|1\.\.[0-9]+)' "$log"; then
		tally_tap "$log"
	else
		tally_status
	fi
	: $((passed += ok)) $((failed += not_ok)) $((skipped += skip))
	if [ $not_ok -gt 0 ]; then
		echo "FAIL $name ($ok passed, $not_ok failed, $skip skipped; status $status)$took: $log"
		sed 's/^/    /' "$log" | tail -n 60
	elif [ $ok -gt 0 ]; then
		echo "pass $name ($ok passed, $skip skipped)$took"
	else
		echo "skip $name: $(grep -iE 'skip' "$log" | tail -n 1)"
	fi
}

tally_status() {
	case $status in
	0) ok=1 ;;
	77) skip=1 ;;
	*) not_ok=1 ;;
	esac
}

# tally_tap LOG: a test that ended early, or with a failure status but no failed line, is a failure too.
# A failure marked "# TODO" is expected: it counts as passed.
tally_tap() {
	local planned todo

	skip=$(grep -ciE '^ok [0-9]+.*# *skip|^1\.\.0 *# *skip' "$1") || true
	ok=$(grep -cE '^ok [0-9]+' "$1") || true
	todo=$(grep -ciE '^not ok [0-9]+.*# *todo' "$1") || true
	not_ok=$(grep -cE '^not ok [0-9]+' "$1") || true
	: $((ok += todo)) $((not_ok -= todo))
	planned=$(sed -nE 's/^1\.\.([0-9]+).*/\1/p' "$1" | head -n 1)
	if [ "$planned" != $((ok + not_ok)) ]; then
		echo "# planned ${planned:-nothing}, but got $((ok + not_ok))" >>"$1"
		: $((not_ok += 1))
	elif [ "$status" != 0 ] && [ "$status" != 77 ] && [ "$not_ok" = 0 ]; then
		not_ok=1
	fi
	[ "$planned" = 0 ] || : $((ok -= skip))
}

# Print the last line; returns 0 if a test ran and none failed.
tally_end() {
	echo "$passed passed, $failed failed, $skipped skipped"
	[ $failed -eq 0 ] && [ $passed -gt 0 ]
}
