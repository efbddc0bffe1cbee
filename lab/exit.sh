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

# exit_spawn COMMAND...: in the background, in a process group of its own; $! is its pid, and the group.
exit_spawn() {
	set -m
	"$@" </dev/null &
	set +m
}

# exit_child COMMAND...: runs it beside this shell, in a process group of its own, which ends with this shell: a signal
# ends both at once, and not only after the command. Its status is the result.
exit_child() {
	local status=0

	exit_child=
	at_exit exit_end_child
	exit_spawn "$@"
	exit_child=$!
	wait "$exit_child" || status=$?
	exit_child=
	return $status
}

# The last of the group may be gone a moment later, and still write until then; one that nobody reaps never is.
exit_end_child() {
	local tries

	[ -n "$exit_child" ] || return 0
	kill -- "-$exit_child" 2>/dev/null
	wait "$exit_child"
	for ((tries = 0; tries < 200; tries++)); do
		kill -0 -- "-$exit_child" 2>/dev/null || return 0
		sleep 0.05
	done
}
