#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Downloads into the cache appear complete or not at all, and leave no other files, however
# the run ends.

# shellcheck source=tests/tap.sh
. tests/tap.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkfifo "$work/begun"

# fill DIR KIND: fills a cache folder. "slow" reports its start, and does not end. The command
# itself reports: a shell that gets a signal just before it forks a command waits for that command's
# end first.
cat >"$work/run" <<-'END'
	set -euo pipefail
	for part in lab/exit.sh tools/run/{log,cache}.sh; do
		. $part
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

# Starts a run in its own process group, $!, and waits until it is inside. A signal that is ignored
# at the start cannot be trapped.
begin() {
	set -m
	env --default-signal=INT,TERM,HUP bash "$work/run" thing slow >/dev/null 2>&1 &
	set +m
	read -r <"$work/begun"
}

# interrupt SIGNAL: as a terminal does, to the foreground process group.
interrupt() {
	begin
	kill -"$1" -- -$!
	wait $! 2>/dev/null
}

tap_is "a folder is created" "$(bash "$work/run" first quick; ls -A "$work/cache" "$work/cache/first")" "made first
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

# A folder that is in use is kept.
begin
bash "$work/run" second quick >/dev/null
tap_is "the next run removes leftovers, but no folder in use" \
	"$(find "$work/cache" -mindepth 1 -maxdepth 1 -name 'tmp.*' | wc -l)" 1
kill -- -$!
wait $! 2>/dev/null
tap_is "which its own run removes at its end" "$(ls -A "$work/cache")" "first
second"
tap_done
