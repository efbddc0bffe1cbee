# SPDX-License-Identifier: BSD-3-Clause
# The build directories.

# build_dir DIR [MESON-OPTION...]: configure DIR unless it is, and build it: what build_targets lists, or
# all. CC selects the compiler.
build_dir() {
	local dir=$1

	sdk_ready
	# Two runs in one checkout take turns.
	{
		flock 9 && build_configure "$@" &&
			ninja -C "$dir" --quiet ${build_targets:+"${build_targets[@]}"} 9<&- | build_filter
	} 9<"$top" >&2
}

build_filter() {
	grep -v '^ninja: no work to do' || true
}

# Other options, or the headers of another DPDK, make every object stale: start anew.
build_configure() {
	local dir=$1 wanted="$sdk ${CC:-cc} $*"

	shift
	[ "$(cat "$dir/run.stamp" 2>/dev/null)" != "$wanted" ] || return 0
	say "configuring $dir"
	rm -rf "$dir"
	meson setup "$dir" --werror ${sdk:+-Ddpdk_sdk="$sdk"} "$@" && echo "$wanted" >"$dir/run.stamp"
}
