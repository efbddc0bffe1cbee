#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# ThreadSanitizer on the plugins, on the software HCA: traffic with recoveries while another thread
# maps and unmaps for the same port and for another, and a receiver that sleeps. And a race that
# must be found.
set -u
. tests/tsan/tsan.bash

a=0000:aa:00.0 b=0000:aa:00.1
ports=(-a "$a,driver=mlx5_ext" -a "$b,driver=mlx5_ext" --no-shconf)
tsan_prefix=(softhca/soft --ports 2 --)

export SOFTHCA_FAULTS=tx_error@1000,rx_error@500
tsan_run soak "${ports[@]}" -- --port $a --churn $a --rate 500 --pairs 1000 --packets 3000 --seconds 100
tsan_clean "churn on the same port"
# One recovery for both, if both failed before the next burst.
tsan_says "both queues failed and recovered meanwhile" '.soak.counters |
	.tx_completion_errors > 0 and .rx_completion_errors > 0 and .tx_q0_recoveries + .rx_q0_recoveries > 0'
tsan_says "a thousand pairs" '.soak.churn | .pairs >= 1000 and .errors == 0'
unset SOFTHCA_FAULTS

tsan_run soak "${ports[@]}" -- --port $a --churn $b --rate 500 --pairs 1000 --seconds 100
tsan_clean "churn on another port"
tsan_says "no error, no recovery" '.soak.counters | [keys[] | test("error|recover")] | any | not'

tsan_run sleeper "${ports[@]}" -- $a 100 3
tsan_clean "Rx interrupts"
tsan_says "no wake-up is missed" '.sleeper | .missed == 0 and .errors == 0'

# ethdev forbids the calls of --race, which show that races in the driver are found.
tsan_options="halt_on_error=1"
tsan_run soak "${ports[@]}" -- --port $a --seconds 100 --churn $a --race
tap_is "a race is found" $tsan_status 66
tap_like "where it is" "$(grep SUMMARY "$tsan_log")" 'drivers/net/mlx5_ext/'
tap_done
