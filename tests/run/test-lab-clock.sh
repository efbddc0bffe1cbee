#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The rate that the guest gets for its clock, measured on a host that stands still between two instructions: a
# library makes it do so in every fourth reading of the clock.

# shellcheck source=tests/tap.sh
. tests/tap.sh

command -v cc >/dev/null && [ "$(uname -m)" = x86_64 ] || {
	echo "1..0 # SKIP no compiler, or no time stamp counter"
	exit 0
}
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
cat >"$work/busy.c" <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>

int
clock_gettime(clockid_t id, struct timespec *now)
{
	const struct timespec pause = {.tv_nsec = 80000000};
	static int (*next)(clockid_t, struct timespec *);
	static int n;
	int ret;

	if (next == NULL)
		next = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
	ret = next(id, now);
	if (n++ % 4 == 0)
		nanosleep(&pause, NULL);
	return ret;
}
END

tap_ok "it compiles" cc -O2 -o "$work/tsc_khz" lab/tsc_khz.c
tap_ok "the library compiles" cc -shared -fPIC -o "$work/busy.so" "$work/busy.c"
idle=$("$work/tsc_khz")
tap_like "it measures" "$idle" '^[0-9]{5,}$'
busy=$(LD_PRELOAD=$work/busy.so "$work/tsc_khz")
tap_ok "alike on a busy host: $idle and $busy" test $((busy * 100 / idle)) -ge 98 -a $((busy * 100 / idle)) -le 102
tap_done
