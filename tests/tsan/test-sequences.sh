#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# ThreadSanitizer on the plugins, on the software HCA: random sequences of maps, unmaps, plugs and other steps.
# SEQUENCES_SEED and SEQUENCES_COUNT as for tests/softhca/test-sequences.sh.
set -u
. tests/tsan/tsan.bash

a=0000:aa:00 args=driver=mlx5_ext,wire=dv
tsan_prefix=(softhca/soft --ports 2 --loop --)
[ "$(id -u)" != 0 ] || export SOFTHCA_PIN=1

tsan_run sequences --no-shconf --log-level=critical -a "$a.0,$args" -a "$a.1,$args" -- "${SEQUENCES_SEED:-1}" "${SEQUENCES_COUNT:-100}" 5
tsan_clean "sequences"
tap_is "each of its tests passes" "$(grep -c '^ok' <<<"$tsan_result")" 3
tap_done
