#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Numbers of queues of the two ends need not match on iWARP, by siw; of 256 combinations.
set -u
[ -n "${siw_address_0:-}" ] || exec tests/lab/guest/siw "$0"
. tests/lab/guest/queues.bash

queues_in_one rc 64
queues_in_two rc 16
queues_testpmds rc
tap_done
