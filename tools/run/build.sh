# SPDX-License-Identifier: BSD-3-Clause
# The build directories. Two locks: one on the checkout, for who builds; one on each directory, shared by
# all that run from it, and taken alone by who makes it anew.

declare -A build_locks=()	# descriptors, by directory
build_busy=75

# build_dir DIR [MESON-OPTION...]: configure DIR unless it is, and build it: what build_targets lists, or
# all. CC selects the compiler. Until this shell and its children end, no other run makes DIR anew.
build_dir() {
	local dir=$1 wanted status

	sdk_ready
	wanted="$sdk ${CC:-cc} $*"
	build_open "$dir"
	while :; do
		status=0
		build_once "$@" >&2 || status=$?
		[ $status = $build_busy ] || return $status
		# With no lock of ours: those whom we wait for may want to build.
		say "$dir has to be made anew, and is in use: waiting for those that run from it"
		flock -u "${build_locks[$dir]}"
		flock "$dir" true
	done
}

# build_open DIR: a subshell that builds for us has its locks from us, and leaves them to us.
build_open() {
	local lock

	[ -z "${build_locks[$1]:-}" ] || return 0
	mkdir -p "$1" && exec {lock}<"$1" && build_locks[$1]=$lock
}

# build_busy: it has to be made anew, but others run from it.
build_once() {
	{
		flock 9 && flock -s "${build_locks[$dir]}" || return 1
		if [ "$(cat "$dir/run.stamp" 2>/dev/null)" != "$wanted" ]; then
			flock -nx "${build_locks[$dir]}" || return $build_busy
			build_configure "$@" || return 1
			flock -s "${build_locks[$dir]}"
		fi
		ninja -C "$dir" --quiet ${build_targets:+"${build_targets[@]}"} 9<&- | build_filter
	} 9<"$top"
}

build_filter() {
	grep -v '^ninja: no work to do' || true
}

# Other options, or the headers of another DPDK, make every object stale: start anew. The directory itself
# stays, since the lock is on it.
build_configure() {
	local dir=$1

	shift
	say "configuring $dir"
	rm -f "$dir/run.stamp" && find "$dir" -mindepth 1 -delete &&
		meson setup "$dir" --werror ${sdk:+-Ddpdk_sdk="$sdk"} "$@" 9<&- &&
		echo "$wanted" >"$dir/run.stamp"
}
