# SPDX-License-Identifier: BSD-3-Clause
# For TAP scripts: soak, sleeper and life of build-tsan, with its plugins.

# shellcheck source=tests/tap.sh
. tests/tap.sh

tsan_log=$(mktemp)
trap 'rm -f "$tsan_log"' EXIT

# Further EAL arguments.
tsan_eal=(--no-telemetry)

# tsan_run PROGRAM EAL-ARGUMENT... -- ARGUMENT...: runs it by "${tsan_prefix[@]}". Sets tsan_result,
# the JSON that it printed, and tsan_status, which is 66 after a report.
tsan_run() {
	local dir=build-tsan program=$1

	shift
	tsan_status=0
	tsan_result=$("${tsan_prefix[@]}" env \
		LD_LIBRARY_PATH="$dir/drivers/bus/pci_ext:$dir/drivers/net/mlx5_ext" \
		TSAN_OPTIONS="exitcode=66 history_size=7 suppressions=tests/tsan/suppressions ${tsan_options:-}" \
		timeout 800 "$dir/tests/programs/$program/$program" -l 0 --log-level=eal:4 --no-huge -m 128 \
		"${tsan_eal[@]}" -d librte_bus_pci_ext.so -d librte_net_mlx5_ext.so "$@" 2>"$tsan_log") ||
		tsan_status=$?
	sed 's/^/# /' <<<"$tsan_result"
}

# tsan_clean NAME: no report, and exit status 0.
tsan_clean() {
	tap_is "$1: no data race" $tsan_status 0
	[ $tsan_status = 0 ] || grep -Ev '^(EAL:|mlx5_ext|pci_ext)' "$tsan_log" | head -100 | sed 's/^/# /'
}

# tsan_says NAME EXPRESSION: jq finds it true for the result.
tsan_says() {
	tap_is "$1" "$(jq "$2" <<<"$tsan_result")" true
}
