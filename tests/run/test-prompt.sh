#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The guest's prompt helper: the extent of an answer, also if a line of another thread splits the
# echo.

# shellcheck source=tests/tap.sh
. tests/tap.sh
# shellcheck source=tests/lab/guest/prompt.bash
. tests/lab/guest/prompt.bash

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkfifo "$work/in"

# Imitates testpmd. The first mark after "tear" is split.
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

# say COMMAND: prints the answer, or nothing if there is none within the limit, which ends a hang.
say() {
	(prompt_say "$work/log" $pid $in "$1"
		printf '%s\n' "${prompt_answer[@]}" >"$work/answer") &
	prompt_until 60 prompt_is_over $! || kill $!
	wait $! && cat "$work/answer"
}

tap_like "an answer" "$(say one)" "answer to one"
tap_is "does not include the previous one" "$(say two | grep -c one)" 0
tap_ok "is found if the echo of the mark is split" say tear
tap_like "and so does the next" "$(say three)" "answer to three"
tap_like "an unknown command has an answer too" "$(say unknown)" "prompt> unknown"
tap_like "and so does the next" "$(say four)" "answer to four"
tap_ok "no wait for a program that has ended" say die

# sleep does not wait for what it has inherited.
bash -c ": & echo \$! >$work/uncollected; exec sleep 1000" &
holder=$!
uncollected() {
	[ -s "$work/uncollected" ] && prompt_is_over "$(<"$work/uncollected")"
}
tap_ok "a program that has ended, and whose parent does not wait for it, is over" prompt_until 60 uncollected
tap_ok "its parent is not" eval "! prompt_is_over $holder"
kill $holder
tap_done
