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

# prompt_say LOG PID FD COMMAND: what the program writes to LOG, up to where it refuses a mark, a command
# that does not exist, is the answer: prompt_answer, an array of lines. The program echoes a mark
# character by character, so that a line of another thread can land in the middle of it: when each mark
# was refused and the last one is in no line, it takes another.
prompt_say() {
	local seen mark="mark-$RANDOM$RANDOM" sent=1 alive=yes all rest

	mapfile -t seen <"$1"
	printf '%s\n%s\n' "$4" "$mark" >&"$3"
	while :; do
		kill -0 "$2" 2>/dev/null || alive=
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

# prompt_until SECONDS COMMAND...: until it succeeds; false if it does not in that time.
prompt_until() {
	local end=$((SECONDS + $1))

	until "${@:2}"; do
		[ $SECONDS -lt $end ] || return 1
		prompt_nap
	done
}
