#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The public API by device name: a range mapped before the probe of its device is PENDING, and
# ACTIVE after it.
set -u

fail() { echo "FAIL: $*"; exit 1; }

IFS=: read -ra path <<<"$LD_LIBRARY_PATH"
for p in "${path[@]}"; do
	[ -x "$p/by_name" ] && by_name=$p/by_name
done
[ -n "${by_name:-}" ] || { echo "SKIP: by_name not found"; exit 77; }

out=$("$by_name" -l 0 -a 0000:00:12.0 -d librte_dma_edu.so -- 0000:00:14.0) || fail "$out"
echo "$out"
grep -q '^0000:00:14.0  pending .*+0x200000, 1 references' <<<"$out" || fail "not PENDING at first"
grep -q '^0000:00:14.0 vfio active .*+0x200000, 1 references' <<<"$out" || fail "not mapped at probe"
