# SPDX-License-Identifier: BSD-3-Clause
# For TAP scripts in the guest: talks to a program that reads commands line by line, as testpmd does.
# It waits for events, never for a time that should be enough: limits are generous, since the machine
# below the guest may be busy. Without a process of its own wherever it can: one costs up to
# 100 ms here.

# Nothing ever comes from here, so that a read of it takes as long as it may.
exec {prompt_silence}<> <(:)

prompt_nap() {
	read -rt 0.05 -u "$prompt_silence" _ || true
}

# prompt_say LOG PID FD COMMAND: what the program writes to LOG, up to where it refuses a command that
# does not exist, is the answer: prompt_answer, an array of lines.
prompt_say() {
	local seen mark="mark-$RANDOM$RANDOM" all

	mapfile -t seen <"$1"
	printf '%s\n%s\n' "$4" "$mark" >&"$3"
	while :; do
		mapfile -t -s ${#seen[@]} prompt_answer <"$1"
		printf -v all '%s\n' "${prompt_answer[@]}"
		[[ $all != *"$mark"*"not found"* ]] && kill -0 "$2" 2>/dev/null || break
		prompt_nap
	done
}

# prompt_until SECONDS COMMAND...: until it succeeds; false if it does not in that time.
prompt_until() {
	local end=$((SECONDS + $1))

	until "${@:2}"; do
		[ $SECONDS -lt $end ] || return 1
		prompt_nap
	done
}
