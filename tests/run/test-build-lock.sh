#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Two runs in one checkout: a build directory is not recreated while tests run from it. With
# replacements of meson and ninja.

# shellcheck source=tests/tap.sh
. tests/tap.sh

checkout=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkfifo "$work/ready" "$work/end"
mkdir "$work/top" "$work/bin"
printf '#!/bin/sh\nmkdir -p "$2" && echo "$*" >"$2/configured"\n' >"$work/bin/meson"
printf '#!/bin/sh\necho tool >"$2/tool"\n' >"$work/bin/ninja"
chmod +x "$work"/bin/*
export work PATH=$work/bin:$PATH

# run [OPTION...] -- COMMAND...: builds with the options, then runs the command.
cat >"$work/run" <<-'END'
	set -euo pipefail
	. lab/exit.sh
	. tools/run/log.sh
	. tools/run/build.sh
	sdk_ready() { sdk=; }
	top=$work/top
	cd "$top"
	options=()
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	build_dir build "${options[@]}"
	"${@:2}"
END
run=(bash "$work/run")

# Holds the build directory until it reads from the pipe.
stay='echo here >"$work/ready"; read -r go <"$work/end"; cat build/tool'

"${run[@]}" -- sh -c "$stay" >"$work/first" 2>/dev/null &
first=$!
read -r <"$work/ready"
"${run[@]}" -Dnew=1 -- cat build/configured >"$work/second" 2>"$work/waits" &
second=$!
until grep -q waiting "$work/waits" || ! kill -0 $second 2>/dev/null; do
	sleep 0.05
done
tap_like "a run with other options waits" "$(cat "$work/waits")" 'build must be recreated but is in use'
tap_is "the first run's build directory is kept" "$(cat "$work/top/build/tool")" tool
tap_is "a run with the same options does not wait" \
	"$(timeout 60 "${run[@]}" -- cat build/configured 2>/dev/null)" "setup build --werror"
echo go >"$work/end"
wait $first
tap_is "the first run ends" "$(cat "$work/first")" tool
wait $second
tap_is "then the other run proceeds" "$(cat "$work/second")" "setup build --werror -Dnew=1"
mkdir "$work/read-only"
mount_ro='mount --bind "$work/read-only" "$work/read-only" && mount -o remount,bind,ro "$work/read-only"'
if unshare --mount --map-root-user true 2>/dev/null; then
	tap_is "a read-only checkout" "$(unshare --mount --map-root-user bash -c "$mount_ro"'
		cd "$work/read-only" && . "$0/tools/run/log.sh" && . "$0/tools/run/build.sh" && build_open build' \
		"$checkout" 2>&1)" "run: this checkout is read-only, and build is made in it: copy it"
else
	tap_skip "a read-only checkout" "no namespaces"
fi
tap_is "a subshell that builds leaves the lock to its parent" "$(
	cd "$work/top" && bash -c '
		. "$0/tools/run/log.sh"
		. "$0/tools/run/build.sh"
		sdk_ready() { sdk=; }
		top=$PWD
		build_open build
		(build_dir build -Dnew=2) 2>/dev/null
		flock -nx build true || echo shared' "$checkout"
)" shared
tap_done
