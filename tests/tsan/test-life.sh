#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# ThreadSanitizer on the plugins, on the software HCA: ports are created and closed in random order,
# beside threads that map and query. LIFE_SEED, LIFE_STEPS and LIFE_SECONDS as for
# "tests/softhca/wire.sh dv life".
set -u
. tests/tsan/tsan.bash

tsan_prefix=(env SOFTHCA_PAUSE=1 softhca/soft --ports 2 --)
tsan_eal=()

tsan_run life --no-shconf --log-level=lib.eal:3 -b 0000:aa:00.0 -b 0000:aa:00.1 -- driver=mlx5_ext,wire=dv "${LIFE_SEED:-0}" "${LIFE_STEPS:-600}" \
	"${LIFE_SECONDS:-200}"
tsan_clean "life"
tap_is "each of its tests passes" "$(grep -c '^ok' <<<"$tsan_result")" 4
tap_done
