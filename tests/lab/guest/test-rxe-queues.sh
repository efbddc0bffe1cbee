#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Numbers of queues of the two ends need not match, on both wires of SoftRoCE.
# arguments: uc rc
#
# Of all 256 combinations those that tests/programs/queues chooses, since all take minutes:
# test-rxe-queues.sh WIRE 256 tests them, in one process and in two.
set -u
. tests/lab/guest/queues.bash

queues_in_one "$1" "${2:-64}"
queues_in_two "$1" "${2:-16}"
queues_testpmds "$1"
tap_done
