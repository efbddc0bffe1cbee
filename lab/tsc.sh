# SPDX-License-Identifier: BSD-3-Clause
# The rate of this machine's time stamp counter, measured by a small program in the cache.

# tsc_khz: prints it; nothing where there is no compiler, or the cache's program cannot run.
tsc_khz() {
	local sum

	sum=$(cksum <"$lab/tsc_khz.c")
	command -v cc >/dev/null && cache_make "tsc_khz-${sum%% *}" tsc_build 2>/dev/null || return 0
	"$cache/tsc_khz-${sum%% *}/tsc_khz" 2>/dev/null || return 0
}

# tsc_build DIR: for cache_make.
tsc_build() {
	cc -O2 -o "$1/tsc_khz" "$lab/tsc_khz.c"
}
