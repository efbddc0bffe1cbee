# SPDX-License-Identifier: BSD-3-Clause
# What is to be done when this shell ends, however it does, short of SIGKILL. A subshell has its own.

# at_exit COMMAND...: the last one first. The traps are ours alone.
at_exit() {
	if [ "${exit_shell:-}" != "$BASHPID" ]; then
		exit_shell=$BASHPID
		exit_commands=()
		trap exit_run EXIT
		trap 'exit 130' INT
		trap 'exit 143' TERM HUP
	fi
	exit_commands+=("$(printf '%q ' "$@")")
}

# Nothing may cut it short: what is left undone stays.
exit_run() {
	local i

	trap '' INT TERM HUP
	for ((i = ${#exit_commands[@]} - 1; i >= 0; i--)); do
		eval "${exit_commands[i]}" || true
	done
}
