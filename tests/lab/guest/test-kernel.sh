#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# What the kernel alone answers, by verbs and by VFIO: equal on all kernels where the contract relies on it, and
# different by version as doc/lab.rst says; tests/lab/kernels makes its table of these lines.
set -u
. tests/tap.sh

programs=build/tests/programs/kernel
series=$(uname -r | grep -oE '^[0-9]+\.[0-9]+')

# since VERSION: this kernel is of VERSION or newer.
since() {
	[ "$(printf '%s\n' "$1" "$series" | sort -V | head -n 1)" = "$1" ]
}

# answer NAME: from the last program.
answer() {
	sed -n "s/^$1: //p" <<<"$answers"
}

# works NAME COMMAND...
works() {
	echo "# $series, kernel: $1: $("${@:2}" >/dev/null 2>&1 && echo yes || echo no)"
}

echo "# kernel $(uname -r)"
works SoftRoCE test -d /sys/class/infiniband/rxe0
works SoftiWARP dmalab-guest load siw
works "VFIO type 1" test -d /sys/module/vfio_iommu_type1
works "VFIO cdev" test -d /dev/vfio/devices
works "/dev/iommu" test -c /dev/iommu
works "dma-bufs of memory (udmabuf)" sh -c 'modprobe -q udmabuf; test -c /dev/udmabuf'
works "fault injection" test -e /proc/self/fail-nth

answers=$($programs/rdma_kernel rxe0)
tap_is "rxe: answers" $? 0
sed "s/^/# $series, rxe: /" <<<"$answers"
lkey="local QP operation error" odp=no
! since 6.12 || lkey="Work Request Flushed Error"
! since 6.15 || odp=yes
tap_is "rxe: status of a wrong lkey, UC" "$(answer "wrong lkey, UC")" "$lkey"
tap_is "rxe: status of a wrong lkey, RC" "$(answer "wrong lkey, RC")" "$lkey"
tap_is "rxe: on-demand paging" "$(answer "on-demand paging")" $odp
tap_is "rxe: root may register without a limit" "$(answer "limit of locked memory for root")" "not limited"
tap_is "rxe: data by an MR that begins within a huge page" "$(answer "data by an MR within a huge page")" right
tasks=tasklets
! grep -qw rxe_alloc_wq /proc/kallsyms || tasks="a workqueue"
echo "# $series, rxe: its tasks: $tasks"
tap_is "rxe: its tasks" "$tasks" "$(since 6.12 && echo "a workqueue" || echo tasklets)"

answers=$(tests/lab/guest/siw $programs/rdma_kernel siw0)
status=$?
if [ $status = 125 ]; then
	tap_skip "siw: root may register" "no siw for this kernel"
else
	sed "s/^/# $series, siw: /" <<<"$answers"
	tap_is "siw: answers" $status 0
	limit=ENOMEM
	! since 6.12 || limit="not limited"
	tap_is "siw: root may register beyond the limit" "$(answer "limit of locked memory for root")" "$limit"
fi

# Where /dev/vfio/vfio is iommufd's, a mapping that an unmap would cut is not found, and every IOVA can be mapped.
half=EINVAL last=EINVAL
[ -d /sys/module/vfio_iommu_type1 ] || half=ENOENT last=0
answers=$($programs/vfio_kernel 0000:00:14.0)
tap_is "VFIO: answers" $? 0
sed "s/^/# $series, VFIO: /" <<<"$answers"
tap_is "VFIO: unmap of nothing" "$(answer "unmap of nothing")" "0 bytes"
tap_is "VFIO: map of a mapped range" "$(answer "map of what is mapped")" EEXIST
tap_is "VFIO: unmap of a half" "$(answer "unmap of a half")" "$half"
tap_is "VFIO: unmap of more" "$(answer "unmap of more")" "8192 bytes"
tap_is "VFIO: map of the last page" "$(answer "map of the last page of the address space")" "$last"
small=$(answer "pages of 4 KiB, 256 MiB" | grep -oE '[0-9]+') huge=$(answer "pages of 2 MiB, 256 MiB" | grep -oE '[0-9]+')
echo "# $series, VFIO: cost of pages of 4 KiB beside those of 2 MiB, in this run: $(awk "BEGIN { printf \"%.1f\", $small / $huge }")"
since 6.17 && least=30 || least=0
tap_ok "VFIO: huge pages are pinned in batches from 6.17" [ $((small / huge)) -ge $least ]
tap_done
