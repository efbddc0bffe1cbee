#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# What the kernel alone answers, by verbs and by VFIO: equal on all kernels where the contract relies on it, and
# different by version as the table of doc/lab.rst says.
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
tap_is "rxe: a workqueue instead of tasklets" "$(grep -qw rxe_alloc_wq /proc/kallsyms && echo yes || echo no)" \
	"$(since 6.12 && echo yes || echo no)"

answers=$(tests/lab/guest/siw $programs/rdma_kernel siw0)
status=$?
if [ $status = 125 ]; then
	tap_skip "siw: root may register" "no siw for this kernel"
else
	tap_is "siw: answers" $status 0
	limit=ENOMEM
	! since 6.12 || limit="not limited"
	tap_is "siw: root may register beyond the limit" "$(answer "limit of locked memory for root")" "$limit"
fi

answers=$($programs/vfio_kernel 0000:00:14.0)
tap_is "VFIO: answers" $? 0
sed "s/^/# $series, VFIO: /" <<<"$answers"
tap_is "VFIO: unmap of nothing" "$(answer "unmap of nothing")" "0 bytes"
tap_is "VFIO: map of a mapped range" "$(answer "map of what is mapped")" EEXIST
tap_is "VFIO: unmap of a half" "$(answer "unmap of a half")" EINVAL
tap_is "VFIO: unmap of more" "$(answer "unmap of more")" "8192 bytes"
tap_is "VFIO: map of the last page" "$(answer "map of the last page of the address space")" EINVAL
ratio=$(($(answer "pages of 4 KiB, 256 MiB" | grep -oE '[0-9]+') / $(answer "pages of 2 MiB, 256 MiB" | grep -oE '[0-9]+')))
echo "# $series, VFIO: pages of 4 KiB cost $ratio times as much as those of 2 MiB"
since 6.17 && least=30 || least=0
tap_ok "VFIO: huge pages are pinned in batches from 6.17" [ $ratio -ge $least ]
tap_done
