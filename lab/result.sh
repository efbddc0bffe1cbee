# SPDX-License-Identifier: BSD-3-Clause
# The result of a boot: the command's, or the reason why there is none.

# Ends the program with the exit status, after a line and the guest's last words if there is something to tell.
result_tell() {
	result_find
	[ "$result_status" = 0 ] || result_keep
	result_write
	exit "$result_status"
}

# result_is_wanted: by --junit, for an action that has a result; of two hosts that of both.
result_is_wanted() {
	[ -n "$opt_junit" ] && [ -z "${dmalab_host:-}" ] && [[ $opt_action = @(run|shell) ]]
}

result_write() {
	! result_is_wanted || result_junit >"$opt_junit" || say "--junit $opt_junit: cannot be written"
	result_written=yes
}

# At the exit, for whatever has ended the program without a result.
result_at_exit() {
	[ -z "${result_written:-}" ] || return 0
	result_status=$exit_status
	result_reason=${log_reason:-no result}
	[[ $exit_status != @(130|143) ]] || result_reason=interrupted
	result_write
}

# Sets result_status and result_reason; prints what is to be told.
result_find() {
	local shared=$boot_work/shared

	result_reason=
	if [ -e "$boot_work/lost" ]; then
		result_lost
	elif [ -s "$shared/status" ]; then
		result_status=$(<"$shared/status")
		result_faults
	elif boot_was_limited; then
		result_status=124
		result_say "not done after $opt_timeout s (--timeout), ended"
		result_show console
	elif [ -s "$shared/failure" ]; then
		result_status=125
		result_say "the guest could not be set up"
		result_show shared/failure
		result_show console
	else
		result_status=125
		result_say "$(result_panic || result_none)"
		result_show qemu.log
		result_show console
	fi
}

result_panic() {
	grep -aom1 'Kernel panic.*' "$boot_work/console" | tr -d '\r' | sed "s/^/the guest's kernel panicked: /" | grep .
}

# Why the guest ended without a result.
result_none() {
	if [ -n "$boot_stuck" ]; then
		echo "the guest's kernel was not up, three times"
	elif [ "$boot_status" = 137 ]; then
		echo "QEMU was killed, as Linux does when memory is scarce"
	else
		echo "the guest ended without a result; QEMU's status: $boot_status"
	fi
}

# Output that cannot be written. As other programs, nothing is told if its reader has left.
result_lost() {
	result_status=125
	if [ "$(<"$boot_work/lost")" = 141 ]; then
		result_status=141
		result_reason="the reader of the command's output has left"
	else
		result_say "the command's output cannot be written: the guest is ended"
	fi
}

# Accesses that the IOMMU has refused, as the guest's kernel logged them.
result_faults() {
	local log=$boot_work/shared/faults

	[ -s "$log" ] || return 0
	result_say "the IOMMU has refused accesses (--fail-on-iommu-fault)"
	result_show shared/faults
	[ "$result_status" != 0 ] || result_status=123
}

result_say() {
	result_reason=$*
	say "$*"
}

# result_show FILE: prints the kernel's report of a bug of its own, if any, else the last lines.
result_show() {
	local file=$boot_work/$1

	[ -s "$file" ] || return 0
	say "${1##*/}:"
	{
		sed -n '/BUG:\|Oops:\|general protection/,$p' "$file" | head -n 80 | grep . || tail -n 40 "$file"
	} | tr -d '\r\033' | sed 's/^/    /' >&2 || true
}

# In --out, the whole console.
result_keep() {
	[ -z "$opt_out" ] || cp "$boot_work/console" "$opt_out/console.log" 2>/dev/null || true
}

# One test case in JUnit's form: failed by its status, or in error if there is no result.
result_junit() {
	local name kind=failure console=${boot_work:-}/console time=$((SECONDS - ${boot_began:-SECONDS}))

	name=$(printf '%s ' "${opt_command[@]:-dmalab}" | result_xml)
	[ -z "$result_reason" ] || [ "$result_status" = 123 ] || kind=error
	echo '<?xml version="1.0" encoding="UTF-8"?>'
	printf '<testsuite name="dmalab" tests="1" failures="%d" errors="%d" time="%d">\n' \
		"$([ "$result_status" != 0 ] && [ $kind = failure ] && echo 1 || echo 0)" \
		"$([ "$result_status" != 0 ] && [ $kind = error ] && echo 1 || echo 0)" "$time"
	printf '<testcase classname="dmalab" name="%s" time="%d">\n' "$name" "$time"
	[ "$result_status" = 0 ] || printf '<%s message="%s">%s</%s>\n' $kind \
		"$(result_xml <<<"status $result_status${result_reason:+: $result_reason}")" \
		"$([ ! -f "$console" ] || tail -n 40 "$console" | result_xml)" $kind
	printf '</testcase>\n</testsuite>\n'
}

# Text for XML, on one line or many; control characters, which it cannot have, are left out.
result_xml() {
	LC_ALL=C tr -d '\000-\010\013-\037\177-\377' | sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g; s/"/\&quot;/g; $ s/ $//'
}
