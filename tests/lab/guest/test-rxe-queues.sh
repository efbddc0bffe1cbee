#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Numbers of queues of the two ends need not match, on both wires of SoftRoCE.
# arguments: uc rc
set -u
. tests/lab/guest/queues.bash

# All of them, on one wire.
every=1
[ "$1" = uc ] || every=5
queues_in_one "$1" $every
queues_in_two "$1" 7
queues_testpmds "$1"
tap_done
