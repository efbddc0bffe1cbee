# SPDX-License-Identifier: BSD-3-Clause
# The build directories. Two locks: one on the checkout, held by a run that builds; one on each directory,
# shared by all runs that use it, and exclusive for a run that recreates it.

declare -A build_locks=()	# descriptors, by directory
build_busy=75

# build_dir DIR [MESON-OPTION...]: configure DIR if necessary, and build the targets of build_targets, or
# those of build_programs. CC selects the compiler. Until this shell and its children exit, no other run recreates
# DIR.
build_dir() {
	local dir=$1 wanted status

	sdk_ready
	wanted="$sdk ${CC:-cc} $*"
	build_open "$dir"
	while :; do
		status=0
		build_once "$@" >&2 || status=$?
		[ $status = $build_busy ] || return $status
		# Without any lock: the runs waited for may need to build.
		say "$dir must be recreated but is in use: waiting for the runs that use it"
		flock -u "${build_locks[$dir]}"
		flock "$dir" true
	done
}

# build_open DIR: a subshell that builds inherits its locks from this shell, which keeps them.
build_open() {
	local lock

	[ -z "${build_locks[$1]:-}" ] || return 0
	[ -w . ] || die "this checkout is read-only, and $1 is made in it: copy it"
	mkdir -p "$1" && exec {lock}<"$1" && build_locks[$1]=$lock
}

# build_busy: the directory must be recreated, but other runs use it.
build_once() {
	{
		flock 9 && flock -s "${build_locks[$dir]}" || return 1
		if [ "$(cat "$dir/run.stamp" 2>/dev/null)" != "$wanted" ]; then
			flock -nx "${build_locks[$dir]}" || return $build_busy
			build_configure "$@" || return 1
			flock -s "${build_locks[$dir]}"
		fi
		build_ninja 9<&-
	} 9<"$top"
}

# On a terminal it counts: how many steps of how many.
build_ninja() {
	local targets=(${build_targets:+"${build_targets[@]}"}) steps

	[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(build_programs)
	steps=$(ninja -C "$dir" -n "${targets[@]}" 2>/dev/null | grep -c '^\[') || true
	if [ -t 2 ]; then
		NINJA_STATUS="run: building $dir, %f of %t: " ninja -C "$dir" "${targets[@]}" >&2
	else
		[ "$steps" = 0 ] || say "building $dir: $steps steps"
		ninja -C "$dir" --quiet "${targets[@]}" | build_filter
	fi
}

# build_programs: what is built by default, without the unit tests, of which "all" consists mostly (Meson before
# 1.7).
build_programs() {
	ninja -C "$dir" --quiet build.ninja | build_filter >&2 &&
		sed -n 's/^build all: phony //p' "$dir/build.ninja" | tr ' ' '\n' | grep -v '^meson-'
}

build_filter() {
	grep -v '^ninja: no work to do' || true
}

# Other options, or the headers of another DPDK, make every object stale: recreate the contents. The directory
# itself stays, since it carries the lock.
build_configure() {
	local dir=$1

	shift
	say "configuring $dir"
	rm -f "$dir/run.stamp" && find "$dir" -mindepth 1 -delete &&
		meson setup "$dir" --werror ${sdk:+-Ddpdk_sdk="$sdk"} "$@" 9<&- &&
		echo "$wanted" >"$dir/run.stamp"
}
