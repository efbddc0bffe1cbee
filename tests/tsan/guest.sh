#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# In the lab, for test-lab.sh: traffic with a recovery beside a thread that maps and unmaps.
set -u
. tests/tsan/tsan.bash

a=0000:00:10.0
# The PMDs of mlx4 and mlx5 make registration slow.
tsan_prefix=(tests/lab/few-pmds)

export LD_PRELOAD=$PWD/build/tests/programs/faults/libverbs_faults.so VERBS_FAULT_LKEY=50
tsan_run soak -a $a -- --port $a --queues 2 --churn $a --rate 300 --pairs 100 --packets 1000 --seconds 100
unset LD_PRELOAD
tsan_clean "rxe"
tsan_says "one queue recovered" '.soak.counters | [.tx_q0_recoveries, .tx_q1_recoveries] | add == 1'
tsan_says "with maps and unmaps" '.soak.churn | .pairs >= 100 and .errors == 0'
tap_done
