#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Each refusal is one line, of one plugin, that names the cause: the table of doc/diagnoses.rst on
# the real kernel.
set -u
. tests/tap.sh

e1000e=0000:00:12.0 edu=0000:00:14.0 rxe=0000:00:10.0 kernels=0000:00:15.0

# refusals DEVICE CASES [EAL ARGUMENT...]: sets lines, by case.
declare -A lines
refusals() {
	local name line
	lines=()
	while IFS= read -r line; do
		[[ $line =~ ^([a-z-]+):\ [A-Z0] ]] && lines[${BASH_REMATCH[1]}]=${line#*: }
	done < <(
		# shellcheck disable=SC2086
		build/tests/programs/refusals/refusals -l 0 -d librte_bus_pci_ext.so "${@:3}" -- "$1" $2 2>&1 |
			tee -a /tmp/refusals.log)
}

# check CASE ERRNO LINES WORDS [PLUGIN]
check() {
	tap_like "$device: $1" "${lines[$1]:-(nothing)}" "^$2, $3 line\(s\): .*${5:+$5/[a-z]*: .*}$4"
}

memory="hole guard-page read-only read-only-shared end-of-file device-memory"

# What both kinds of devices have in common: the words, by the plugin that writes them.
check_memory() {
	check hole EFAULT 1 "0x[0-9a-f]*-0x[0-9a-f]* is not mapped" "$1"
	check guard-page EFAULT 1 "\(---p\) is not accessible" "$1"
	check read-only EFAULT 1 "\(r--p\) is read-only" "$1"
	check read-only-shared EFAULT 1 "\(r--s /[a-z/]*true\) is a read-only shared mapping" "$1"
	check end-of-file EFAULT 1 "memfd:refusals.*\) is beyond the end of its file" "$1"
}

check_registry() {
	check unregistered EINVAL 1 "is not completely registered with EAL" pci_ext
	check overlap EEXIST 1 "conflicts with the mapping addr" pci_ext
	check part EINVAL 1 "not the mapping there, addr" pci_ext
	check stale 0 1 "stale mapping\(s\) of unregistered or freed memory" pci_ext
}

device=$e1000e
refusals $device "unregistered overlap part high-iova unaligned $memory stale heap-without-iovas heap-page
	reserved foreign gone unmap-of-nothing memlock" -a $device
check_registry
check_memory pci_ext
check device-memory 0 0 ""
check high-iova EINVAL 1 "the IOMMU accepts IOVAs of 0x0 to 0xfedfffff, 0xfef00000 to 0xffffffffffff:" pci_ext
check unaligned EINVAL 1 "is not aligned to the IOMMU page of 4096 bytes" pci_ext
check heap-without-iovas 0 0 ""
check heap-page EEXIST 1 "EAL itself maps memory there" pci_ext
check reserved EEXIST 1 "EAL reserves these IOVAs" pci_ext
check foreign EEXIST 1 "a mapping there that rte_dev_dma_map\(\) has not made" pci_ext
check gone 0 1 "was gone, and is made again" pci_ext
check unmap-of-nothing 0 1 "was not mapped any more" pci_ext
check memlock ENOMEM 1 "RLIMIT_MEMLOCK \(ulimit -l\) is 4096 bytes, [1-9][0-9]* of them used; dma_entry_limit of vfio_iommu_type1 is 65535, [0-9]* left" pci_ext

device=$rxe
refusals $device "unregistered overlap part $memory stale heap-page memlock" -a $device \
	-d librte_net_mlx5_ext.so
check_registry
check_memory mlx5_ext
check device-memory EFAULT 1 "is memory of a device, which needs a dma-buf" mlx5_ext
check heap-page EEXIST 1 "memory of an EAL heap needs no map" mlx5_ext
check memlock ENOMEM 1 "RLIMIT_MEMLOCK \(ulimit -l\) is 4096 bytes, [0-9]* of them used" mlx5_ext

# Without its dmadev plugin nothing claims edu.
device=$edu
refusals $device plain -a $device
check plain EINVAL 1 "no driver has claimed it" pci_ext
device=$kernels
refusals $device plain -a $device
check plain ENOTSUP 1 "has no dma_map and the device is not on vfio-pci" pci_ext

device=0000:00:13.0
refusals $device own-container -a $e1000e
check own-container ENOTSUP "[0-9]+" "it is in a VFIO container that the application has bound" pci_ext
[ $tap_failed -eq 0 ] || sed 's/^/# /' /tmp/refusals.log
tap_done
