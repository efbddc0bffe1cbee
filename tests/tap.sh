# SPDX-License-Identifier: BSD-3-Clause
# TAP for test scripts: source it, call tap_is, tap_like or tap_ok, end with tap_done.

tap_count=0
tap_failed=0

# tap_result NAME TRUTH [DETAIL...]
tap_result() {
	local name=$1 truth=$2

	shift 2
	: $((tap_count += 1))
	if [ "$truth" = yes ]; then
		echo "ok $tap_count - $name"
		return
	fi
	: $((tap_failed += 1))
	echo "not ok $tap_count - $name"
	[ $# -eq 0 ] || printf '%s\n' "$@" | sed 's/^/#   /'
}

# tap_is NAME GOT WANTED
tap_is() {
	local truth=no

	[ "$2" != "$3" ] || truth=yes
	tap_result "$1" $truth "got:    $2" "wanted: $3"
}

# tap_like NAME GOT REGEX
tap_like() {
	local truth=no

	[[ ! $2 =~ $3 ]] || truth=yes
	tap_result "$1" $truth "got:    $2" "wanted: $3"
}

# tap_ok NAME COMMAND...
tap_ok() {
	local name=$1 truth=no output

	shift
	! output=$("$@" 2>&1) || truth=yes
	tap_result "$name" $truth "failed: $*" "$output"
}

tap_skip() {
	: $((tap_count += 1))
	echo "ok $tap_count - $1 # SKIP $2"
}

tap_done() {
	echo "1..$tap_count"
	[ $tap_failed -eq 0 ]
	exit
}
