#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# conformance.sh ROW: runs dmamap-conformance by a row of the table. TAP.
# conformance.sh --list soft|lab: the rows for the software HCA, or for the lab.
set -u
# shellcheck source=tests/intree.sh
. "$(dirname "$0")/intree.sh"

# Implementations of the contract of pci_ext.h, and the place of their run: soft: on two ports of the software
# HCA, without root and without the lab; lab: in the lab; siw: in the lab, with siw in the place of rxe; nic
# DEVICE-ID: by hand, in a lab whose LAB_NIC is that device.
#
# - plugins: as after -d, without librte_ and .so; or a path.
# - devices: with their arguments, the one under test first; INTREE: those of DPDK's own net_mlx5. In the lab
#   14.0, on vfio-pci, and 15.0, on its kernel driver, are for the cases that require a device without a driver.
# - options of the program: --expect-fail has the known failures; exactly these have to fail.
# - left out: cases, by number.
# - violations: violated rules of the HCA with their counts, as in the lines of processes at exit, with a comma
#   between lines; case recovery uses an invalid lkey on purpose, and to_read one without the right to write. In
#   the lab: the number of IOMMU faults, if it matters.
table() {
	cat <<-'END'
	dv         |soft|bus_pci_ext net_mlx5_ext|driver=mlx5_ext,wire=dv|||key.access [0-9][0-9]*, key.range 1
	raw        |soft|bus_pci_ext net_mlx5_ext|driver=mlx5_ext,wire=raw|||key.access [0-9][0-9]*, key.range 1

	# Built without the wires of software devices.
	hardware   |soft|bus_pci_ext net_mlx5_ext_hardware|driver=mlx5_ext,wire=dv|||key.access [0-9][0-9]*, key.range 1

	# mlx5_ext on DPDK's own PCI bus.
	bus        |soft|net_mlx5_ext|driver=mlx5_ext,wire=dv|--expect-fail=app/dmamap-conformance/expected/in-tree-mlx5_ext.txt||key.range 1

	# DPDK's own net_mlx5 and bus. Some cases make it use lkeys of freed memory and the like. 49, restart: its
	# unmap crashes only sometimes, by state that the case before has left in the driver.
	intree-mlx5|soft||INTREE|--timeout=30 --expect-fail=app/dmamap-conformance/expected/in-tree-mlx5.txt|49|.*

	rxe        |lab|bus_pci_ext net_mlx5_ext|10.0,peer=0000:00:11.0 11.0,peer=0000:00:10.0 14.0 15.0|||
	siw        |siw|bus_pci_ext net_mlx5_ext|10.0,peer=0000:00:11.0 11.0,peer=0000:00:10.0 14.0 15.0|||
	e1000e     |lab|bus_pci_ext|12.0 13.0 14.0 15.0|||
	edu        |lab|bus_pci_ext dma_edu|14.0 12.0 13.0 15.0|||

	# The worked example of doc/porting.rst, whose DMA never leaves mapped memory. Without pci_ext the functions
	# of a bus are missing, and it does not notice that memory was registered again.
	example    |lab|bus_pci_ext build/examples/edu_map/librte_dma_edu_map.so|14.0 15.0|||0
	example-bus|lab|build/examples/edu_map/librte_dma_edu_map.so|14.0|--backend=driver --expect-fail=end_beyond_extmem,replay,secondary,other_memory_there||0

	# Its second example: DPDK's own net_e1000_em with callbacks that count pages; and with callbacks that call
	# rte_vfio_container_dma_map(), and the cases that show why they must not.
	pages      |lab|bus_pci_ext net_e1000 build/examples/vfio_pages/librte_net_vfio_pages.so|12.0 13.0 14.0 15.0|--expect-fail=no_revival,device_scope,in_flight,other_memory_posted||
	pages-bus  |nic 10d3|net_e1000 build/examples/vfio_pages/librte_net_vfio_pages.so|12.0 13.0|--backend=driver --expect-fail=examples/vfio_pages/expected.txt||
	naive      |lab|net_e1000 build/examples/vfio_pages/librte_net_vfio_naive.so|12.0 13.0|--backend=driver --expect-fail=hole_in_va,read_only_va,large,exhaustion,device_balance,many hole_in_va read_only_va large exhaustion device_balance many||

	# For comparison: DPDK's own bus on VFIO.
	intree-vfio|nic 10d3||12.0 13.0 14.0 15.0|--expect-fail=app/dmamap-conformance/expected/in-tree-vfio.txt||

	# Other NICs: LAB_NIC=e1000, e1000-82545em, vmxnet3, virtio-net-pci,disable-legacy=on,iommu_platform=on, or igb,
	# with LAB_QEMU=trixie.
	e1000         |nic 100e|bus_pci_ext|12.0 13.0 14.0 15.0|||
	82545em       |nic 100f|bus_pci_ext|12.0 13.0 14.0 15.0|||
	vmxnet3       |nic 07b0|bus_pci_ext|12.0 13.0 14.0 15.0|||
	virtio        |nic 1041|bus_pci_ext|12.0 13.0 14.0 15.0|||
	igb           |nic 10c9|bus_pci_ext|08.0 0a.0 14.0 15.0|||
	intree-e1000  |nic 100e||12.0 13.0 14.0 15.0|--expect-fail=app/dmamap-conformance/expected/in-tree-vfio.txt||
	intree-82545em|nic 100f||12.0 13.0 14.0 15.0|--expect-fail=app/dmamap-conformance/expected/in-tree-vfio.txt||
	intree-vmxnet3|nic 07b0||12.0 13.0 14.0 15.0|--expect-fail=app/dmamap-conformance/expected/in-tree-vfio.txt||
	intree-virtio |nic 1041||12.0 13.0 14.0 15.0|--expect-fail=app/dmamap-conformance/expected/in-tree-vfio.txt||
	intree-igb    |nic 10c9||08.0 0a.0 14.0 15.0|--expect-fail=app/dmamap-conformance/expected/in-tree-vfio.txt||
	END
}

# rows PLACE...
rows() {
	local place

	for place; do
		table | sed -n "s/^\([a-z0-9-]*\) *|$place|.*/\1/p"
	done
}

skip() {
	echo "1..0 # SKIP $1"
	exit
}

# read_row NAME
read_row() {
	IFS='|' read -r row place plugins devices options left_out violations < <(table | grep "^$1 *|") || {
		echo "conformance.sh: no row $1; rows: $(rows soft lab siw 'nic [0-9a-f]*' | xargs)" >&2
		exit 2
	}
	devices=${devices/INTREE/$(intree_devargs)}
	eal=()
	for plugin in $plugins; do
		case $plugin in
		*/*)
			[ -e "$plugin" ] || skip "$plugin is not built"
			eal+=(-d "$PWD/$plugin")
			;;
		*) eal+=(-d "librte_$plugin.so") ;;
		esac
	done
	read -ra own <<<"$options"
	[ -z "$left_out" ] || mapfile -t -O ${#own[@]} own < <("${SOFT_BUILD:-build}/app/dmamap-conformance/dmamap-conformance" -- --list |
		awk -v out=" $left_out " 'index(out, " " $1 " ") == 0 {print $1}')
}

run_soft() {
	local status=0

	log=$(mktemp)
	trap 'rm -f "$log"' EXIT
	# Pinned memory is counted as locked, which is limited for users other than root.
	[ "$(id -u)" != 0 ] || export SOFTHCA_PIN=1
	# Rules that the in-tree PMD violates too.
	[[ $devices == *mlx5_ext* ]] && export SOFTHCA_STRICT=1
	export SOFTHCA_STATUS='' SOFTHCA_STATS=1
	softhca/soft --ports 2 --cross -- dmamap-conformance -l 0 --no-huge -m 512 --no-telemetry "${eal[@]}" \
		-a "0000:aa:00.0,$devices" -a "0000:aa:00.1,$devices" -- --device=0000:aa:00.0 "${own[@]}" 2>"$log" || status=$?
	has_violations || {
		sed 's/^/# /' "$log"
		status=1
	}
	return $status
}

# Each line of the table is there, and no other.
has_violations() {
	local line

	! grep '^softhca: violations: ' "$log" | grep -vxqE "softhca: violations: (${violations//, /|})" || return
	while read -r line; do
		grep -qx "softhca: violations: $line" "$log" || return
	done <<<"${violations//, /$'\n'}"
}

# With DPDK's PMDs of mlx4 and mlx5 loaded each registration reads /proc/self/smaps, which on a busy machine
# takes a tenth of a second in the lab.
run_lab() {
	local device allow=() status=0 faults

	for device in $devices; do
		allow+=(-a "0000:00:$device")
	done
	device=${allow[1]}
	tests/lab/few-pmds dmamap-conformance -l 0,1 "${eal[@]}" "${allow[@]}" -- "--device=${device%%,*}" "${own[@]}" || status=$?
	faults=$(dmesg | grep -c 'fault addr')
	echo "# faults of the IOMMU: $faults"
	[ -z "$violations" ] || [ "$faults" = "$violations" ] || status=1
	return $status
}

# run_nic DEVICE-ID
run_nic() {
	local address=0000:00:${devices%% *} there

	there=$(cat "/sys/bus/pci/devices/$address/device" 2>&1) || skip "no $address: set LAB_NIC"
	[ "$there" = "0x$1" ] || skip "$address is $there, not 0x$1: set LAB_NIC"
	run_lab
}

case ${1:-} in
--list)
	[ "${2:-}" = soft ] && rows soft || rows lab siw
	exit
	;;
esac
read_row "${1:?which row?}"
case $place in
soft) run_soft ;;
lab) run_lab ;;
nic*) run_nic "${place#nic }" ;;
siw)
	[ -n "${siw_address_0:-}" ] || exec tests/lab/guest/siw "$0" "$@"
	run_lab
	;;
esac
