# SPDX-License-Identifier: BSD-3-Clause
# For the tests of conformance on the software HCA, natively: no root, no lab.

# conformance VIOLATIONS DEVARGS ARGUMENT...: the suite on port 0 of two that are joined, with its TAP
# on stdout. Rules may be broken only as the cases mean to: VIOLATIONS is how often which, as the line
# at exit has them.
conformance() {
	local violations=$1 devargs=$2 log status=0 rest=()

	shift 2
	log=$(mktemp)
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		rest+=("$1")
		shift
	done
	# Pins are seen as locked memory, of which others than root may have little.
	[ "$(id -u)" != 0 ] || export SOFTHCA_PIN=1
	export SOFTHCA_STATUS='' SOFTHCA_STATS=1
	softhca/soft --ports 2 --cross -- dmamap-conformance -l 0 --no-huge -m 512 --no-telemetry \
		"${rest[@]}" -a "0000:aa:00.0,$devargs" -a "0000:aa:00.1,$devargs" \
		-- --device=0000:aa:00.0 "${@:2}" 2>"$log" || status=$?
	if ! grep -qx "softhca: violations: $violations" "$log"; then
		sed 's/^/# /' "$log"
		status=1
	fi
	rm -f "$log"
	return $status
}
