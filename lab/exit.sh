# SPDX-License-Identifier: BSD-3-Clause
# Clean-up at the exit of this shell, for any reason but SIGKILL. A subshell has its own.

# at_exit COMMAND...: run in reverse order. No other code may set traps.
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

# Sets exit_status. No signal may interrupt the clean-up, which would stay incomplete.
exit_run() {
	exit_status=$?
	local i

	trap '' INT TERM HUP
	for ((i = ${#exit_commands[@]} - 1; i >= 0; i--)); do
		eval "${exit_commands[i]}" || true
	done
}
