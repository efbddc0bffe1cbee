# SPDX-License-Identifier: BSD-3-Clause
# For TAP scripts in the guest: controls a program that reads commands line by line, as testpmd
# does. It waits for events, not for fixed times; limits are generous, since the machine that runs
# the guest may be busy. Avoids processes: one costs up to 100 ms in the guest.

# No data ever arrives here, so that a read of it is a pure timeout.
exec {prompt_silence}<> <(:)

prompt_nap() {
	read -rt 0.05 -u "$prompt_silence" _ || true
}

# prompt_is_over PID: also of one that its parent has not waited for, as in the subshell of tap_ok.
prompt_is_over() {
	local stat

	read -r stat 2>/dev/null <"/proc/$1/stat" || return 0
	[[ $stat = *") "[ZX]" "* ]]
}

# prompt_say LOG PID FD COMMAND: sets prompt_answer, an array of lines: the output in LOG up to the
# rejection of a mark, which is a command that does not exist. The program echoes a mark character
# by character, so that a line of another thread can split it: when each mark has been rejected and
# the last one is in no line, a new mark is sent.
prompt_say() {
	local seen mark="mark-$RANDOM$RANDOM" sent=1 alive=yes all rest

	mapfile -t seen <"$1"
	printf '%s\n%s\n' "$4" "$mark" >&"$3"
	while :; do
		! prompt_is_over "$2" || alive=
		mapfile -t -s ${#seen[@]} prompt_answer <"$1"
		printf -v all '%s\n' "${prompt_answer[@]}"
		[ -n "$alive" ] && [[ $all != *"$mark"*"not found"* ]] || break
		rest=${all//not found/}
		if [ ${#all} -ge $((${#rest} + 9 * sent)) ]; then
			mark="mark-$RANDOM$RANDOM"
			sent=$((sent + 1))
			echo "$mark" >&"$3"
		fi
		prompt_nap
	done
}

# prompt_until SECONDS COMMAND...: repeats it until it succeeds; false after the time limit.
prompt_until() {
	local end=$((SECONDS + $1))

	until "${@:2}"; do
		[ $SECONDS -lt $end ] || return 1
		prompt_nap
	done
}
