#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# What ./run downloads into the cache appears complete or not at all, and nothing else stays there, however
# the run ends.

# shellcheck source=tests/tap.sh
. tests/tap.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkfifo "$work/begun"

# fill DIR KIND: what the cache is made of. "slow" tells us when it has begun, and does not end. What tells is
# the command itself: a shell that is signalled just before it forks a command waits for the end of that first.
cat >"$work/run" <<-'END'
	set -euo pipefail
	for part in exit log cache; do
		. tools/run/$part.sh
	done
	cache=$work/cache
	fill() {
		touch "$scratch/scrap" "$1/part"
		[ "$2" != slow ] || bash -c 'echo >"$work/begun"; exec sleep 1000'
		touch "$1/whole"
	}
	cache_make "$1" fill "$2"
	echo "made $1"
END
export work

# A run in a process group of its own, $!, that is in the middle of it. What ignores a signal cannot trap it.
begin() {
	set -m
	env --default-signal=INT,TERM,HUP bash "$work/run" thing slow >/dev/null 2>&1 &
	set +m
	read -r <"$work/begun"
}

# interrupt SIGNAL: as a terminal does, to all that is in the foreground.
interrupt() {
	begin
	kill -"$1" -- -$!
	wait $! 2>/dev/null
}

tap_is "a folder is made" "$(bash "$work/run" first quick; ls -A "$work/cache" "$work/cache/first")" "made first
$work/cache:
first

$work/cache/first:
part
whole"
for signal in INT TERM HUP; do
	interrupt $signal
	tap_is "SIG$signal leaves nothing" "$(ls -A "$work/cache")" first
done
interrupt KILL
tap_like "SIGKILL does" "$(ls -A "$work/cache")" $'^first\ntmp'

# One that is still at it is left alone.
begin
bash "$work/run" second quick >/dev/null
tap_is "what was left is removed by the next, but not what is in use" \
	"$(find "$work/cache" -mindepth 1 -maxdepth 1 -name 'tmp.*' | wc -l)" 1
kill -- -$!
wait $! 2>/dev/null
tap_is "and that when its run ends" "$(ls -A "$work/cache")" "first
second"
tap_done
