#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# How the guest's scripts talk to testpmd: what belongs to an answer, also where a line of another thread
# lands in the middle of the echo.

# shellcheck source=tests/tap.sh
. tests/tap.sh
# shellcheck source=tests/lab/guest/prompt.bash
. tests/lab/guest/prompt.bash

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkfifo "$work/in"

# What testpmd does, in short. The first mark after "tear" is torn.
program() {
	local line tear=

	while read -r line; do
		case $line in
		die) read -r _ && return ;;
		tear) tear=yes ;;
		mark-* | unknown)
			[ -z "$tear" ] || line=${line/k-/kLink up$'\n'-}
			tear=
			printf 'prompt> %s\nCommand not found\n' "$line"
			;;
		*) printf 'prompt> %s\nanswer to %s\n' "$line" "$line" ;;
		esac
	done
}

program <"$work/in" >"$work/log" &
pid=$!
exec {in}>"$work/in"

# say COMMAND: prints the answer, or nothing if it does not come; with a limit, which ends what hangs.
say() {
	(prompt_say "$work/log" $pid $in "$1"
		printf '%s\n' "${prompt_answer[@]}" >"$work/answer") &
	prompt_until 60 said $! || kill $!
	wait $! && cat "$work/answer"
}

said() {
	! kill -0 "$1" 2>/dev/null
}

tap_like "an answer" "$(say one)" "answer to one"
tap_is "has nothing of the one before" "$(say two | grep -c one)" 0
tap_ok "comes where the echo of the mark is torn" say tear
tap_like "and so does the next" "$(say three)" "answer to three"
tap_like "a command that does not exist has one too" "$(say unknown)" "prompt> unknown"
tap_like "and so does the next" "$(say four)" "answer to four"
tap_ok "a program that ends is not waited for" say die
tap_done
