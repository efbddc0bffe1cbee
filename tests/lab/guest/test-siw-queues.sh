#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Numbers of queues of the two ends need not match on iWARP, by siw.
set -u
[ -n "${siw_address_0:-}" ] || exec tests/lab/guest/siw "$0"
. tests/lab/guest/queues.bash

queues_in_one rc 7
queues_in_two rc 7
queues_testpmds rc
tap_done
