#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Detach and attach of VFIO ports. While one holds a mapping it stays; when both have gone it is
# made anew.
set -u
. "$(dirname "$0")/hotplug.bash"

need_vfio 0000:00:12.0 0000:00:13.0
hotplug_run 0000:00:12.0 0000:00:13.0
! grep "unable to DMA unmap" "$testpmd_log" || fail "an unmap at exit was refused"
exit 0
