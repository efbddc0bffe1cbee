#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# lab/dmalab: plans of files and of options, and what it says of wrong ones. Without a boot.

# shellcheck source=tests/tap.sh
. tests/tap.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# plan LINE...: writes $work/plan.
plan() {
	printf '%s\n' "$@" >"$work/plan"
}

# said ARGUMENT...: what dmalab says, without its name, and its status if that is not 0.
said() {
	lab/dmalab "$@" 2>&1 || echo "status $?"
}

# refuses WHAT LINE...: the plan of these lines; the last one is wrong.
refuses() {
	plan "${@:2}"
	tap_is "refused: ${*: -1}" "$(said --plan "$work/plan" true)" "dmalab: $work/plan:$(($# - 1)): $1
status 2"
}

plan "# devices" "set nic e1000e # a comment" "" "iommu intel aw-bits=39" "hugepages 64" "memory 1024" "modules a b" \
	"device 10.0 virtio net=a rxe=rxe0 mtu=1500" $'device\t0000:00:1e.0   $nic,x=$nic.y  vfio net=b' "device 1a.0 edu vfio"
tap_is "a plan" "$(said --plan "$work/plan" --print-plan)" "iommu intel aw-bits=39
memory 1024
hugepages 64
modules a b
device 10.0 virtio rxe=rxe0 net=a mtu=1500
device 1e.0 e1000e,x=e1000e.y vfio net=b
device 1a.0 edu vfio"
lab/dmalab --plan "$work/plan" --print-plan >"$work/printed"
tap_is "which is printed as a plan" "$(said --plan "$work/printed" --print-plan)" "$(cat "$work/printed")"
tap_like "--set" "$(said --plan "$work/plan" --set nic=e1000 --print-plan)" 'device 1e.0 e1000,x=e1000.y vfio'
tap_like "options are stronger" "$(said --plan "$work/plan" --mem=512 --hugepages=8 --aw-bits=48 --print-plan)" \
	'iommu intel aw-bits=48.memory 512.hugepages 8.'
plan "device 10.0 virtio vfio" "device 11.0 virtio net=a"
tap_like "without a word on the IOMMU" "$(said --plan "$work/plan" --print-plan)" '^iommu intel.'
tap_is "nothing is needed" "$(said --print-plan)" "iommu none
memory 2048
hugepages 0"
tap_is "devices of options" "$(said --rxe 2 --siw 1 --vfio e1000e:2,virtio,edu --iommu virtio --print-plan)" "iommu virtio
memory 2048
hugepages 0
modules rdma_ucm
device 10.0 virtio rxe=rxe0 net=rxe
device 11.0 virtio rxe=rxe1 net=rxe
device 12.0 virtio siw=siw0 net=siw
device 13.0 e1000e vfio net=vfio1
device 14.0 e1000e vfio net=vfio1
device 15.0 virtio vfio net=vfio2
device 16.0 edu vfio"
tap_like "igb has room for its virtual functions" "$(said --vfio e1000e,igb:2,edu,igb --print-plan)" "
device 10.0 e1000e vfio net=vfio1
device 08.0 igb vfio net=vfio2
device 0a.0 igb vfio net=vfio2
device 11.0 edu vfio
device 0c.0 igb vfio net=vfio3\$"
for plan in lab/plans/* tests/lab/plan; do
	tap_like "$plan is one" "$(said --plan "$plan" --print-plan)" '^iommu (intel|none).*device'
done
tap_is "the project's addresses" "$(said --plan tests/lab/plan --print-plan | sed -n 's/^device \(....\) .*/\1/p' | xargs)" \
	"10.0 11.0 12.0 13.0 14.0 15.0"
tap_like "and with igb" "$(said --plan tests/lab/plan --set nic=igb --set nic0=08.0 --set nic1=0a.0 --print-plan)" 'device 0a.0 igb vfio'

plan $'hugepages 08\r' $'device 10.0 edu vfio\r'
tap_is "numbers are decimal, lines may end as in DOS" "$(said --plan "$work/plan" --print-plan)" "iommu intel
memory 2048
hugepages 8
device 10.0 edu vfio"
tap_like "a plan from a pipe" "$(said --plan <(cat "$work/plan") --print-plan)" 'device 10.0 edu vfio$'
plan "device 10.0 edu"
chmod 0 "$work/plan"
if [ "$(id -u)" != 0 ]; then
	tap_is "a plan that cannot be read" "$(said --plan "$work/plan" true)" "dmalab: --plan $work/plan: cannot be read
status 2"
else
	chmod 711 "$work"
	cp -r lab "$work/lab"
	tap_is "a plan that cannot be read" \
		"$(setpriv --reuid 65534 --clear-groups "$work/lab/dmalab" --plan "$work/plan" true 2>&1; echo $?)" \
		"dmalab: --plan $work/plan: cannot be read
2"
fi
chmod 600 "$work/plan"

refuses "dvice is none of set, iommu, hugepages, memory, modules, device" "memory 512" "# a comment" "dvice 10.0 edu"
refuses "device 9.0: addresses are 08.0 to 1e.0, in hexadecimal" "device 9.0 edu"
refuses "device 1f.0: addresses are 08.0 to 1e.0, in hexadecimal" "device 1f.0 edu"
refuses "device without an address: addresses are 08.0 to 1e.0, in hexadecimal" "device"
refuses "device 10.0: a model is needed, such as e1000e, virtio or edu" "device 10.0"
refuses "device 10.0: line 1 has this address already" "device 10.0 edu" "device 10.0 edu"
refuses "line 1 has an rdma device rxe0 already" "device 10.0 virtio net=a rxe=rxe0" "device 11.0 virtio net=a siw=rxe0"
refuses '"Rxe" is no name of an rdma device' 'device 10.0 virtio net=a rxe=Rxe'
refuses "siw=b: the device is used for rxe already" "device 10.0 virtio net=a rxe=a siw=b"
refuses "device 10.0: rxe, siw and mtu are for NICs, which have net=SEGMENT" "device 10.0 virtio rxe=rxe0"
refuses "device 10.0: rxe, siw and mtu are for NICs, which have net=SEGMENT" "device 10.0 edu mtu=1500"
refuses "device 10.0: mtu is of a netdev, which vfio takes away" "device 10.0 virtio net=a mtu=1500 vfio"
refuses "mtu=big: not a number of bytes" "device 10.0 virtio net=a mtu=big"
refuses "fast is none of vfio, rxe=NAME, siw=NAME, net=SEGMENT, mtu=N" "device 10.0 virtio net=a fast"
refuses 'the form is: iommu intel|virtio|none [aw-bits=N]' "iommu amd"
refuses "iommu: aw-bits=40 is not aw-bits=39 or aw-bits=48" "iommu intel aw-bits=40"
refuses "the form is: memory NUMBER" "memory much"
refuses "the form is: set NAME VALUE" "set nic"
refuses '$nic has no value: a line "set nic VALUE" is missing above' 'device 10.0 $nic net=a'
refuses "device 0e.0: igb is for 08.0 to 0d.0: its virtual functions are 16 slots above" "device 0e.0 igb,x=y vfio"
refuses "device 08.0: igb and 19.0 are in each other's way: its virtual functions are at 18.0 and 19.0" \
	"device 19.0 edu" "device 08.0 igb vfio"
refuses "device 08.0: igb and 09.0 are in each other's way: its virtual functions are at 18.0 and 19.0" \
	"device 09.0 igb" "device 08.0 igb"
refuses "device 10.0: vfio needs an IOMMU" "iommu none" "device 10.0 edu vfio"

# wrong MESSAGE OPTION...
wrong() {
	tap_is "wrong: ${*:2}" "$(said "${@:2}")" "dmalab: $1
status 2"
}

wrong "no command given; dmalab --help explains" --rxe 2
wrong "no option --rx; dmalab --help lists them" --rx 2 true
wrong "--rxe without a value" --rxe
wrong "--rxe many: a number from 0 to 15 is needed" --rxe many true
wrong "15 devices are the most" --rxe 10 --vfio e1000e:6 true
wrong "3 igb are the most" --vfio igb:4 true
wrong "--qemu nosuch: no such program" --qemu nosuch true
wrong "--fail-nth 0: a number from 1 to 999999999 is needed" --fail-nth 0 true
wrong "--accel xen: one of tcg kvm is needed" --accel xen true
wrong "--vfio tulip: there are e1000e e1000 e1000-82545em igb vmxnet3 virtio edu; a plan file can name any model of QEMU" \
	--vfio tulip true
wrong "--vfio edu=2: the form is MODEL or MODEL:N" --vfio edu=2 true
wrong "device 10.0: vfio needs an IOMMU" --vfio edu --iommu none true
wrong "--iommu amd: one of intel virtio none is needed" --iommu amd true
wrong "aw-bits are of an IOMMU of intel" --vfio edu --iommu virtio --aw-bits 39 true
wrong "--kernel 5.10: there are 6.1 6.12 newest, a release of Debian by name, or a folder" --kernel 5.10 true
wrong "--plan nosuch: no such file, and no plan of that name; dmalab --list shows them" --plan nosuch true
wrong "devices are in the plan, or made by --rxe, --siw and --vfio, but not both" --plan rdma --rxe 1 true
wrong "--set nic: NAME=VALUE is needed" --set nic true
wrong "--set nic: lab/plans/rdma has no line \"set nic VALUE\"" --plan lab/plans/rdma --set nic=igb true
wrong "900 hugepages and 256 MiB for the rest are more than 2048 MiB" --hugepages 900 true
wrong "--out $work/nosuch: no such folder" --out "$work/nosuch" true
for option in --out --junit --plan --kernel --vfio; do
	wrong "$option: the value is empty" $option "" true
done
tap_like "but words for the kernel may be none" "$(said --append "" --print-plan)" '^iommu none'
wrong "--fail-on-iommu-fault is about a command, not --shell" --vfio edu --fail-on-iommu-fault --shell
wrong "--dma-entry-limit: no device is on vfio-pci" --rxe 1 --dma-entry-limit 9 true
wrong "--fail-on-iommu-fault: there is no IOMMU" --rxe 1 --fail-on-iommu-fault true
tap_is "a folder that is no kernel" "$(said --kernel "$work" true)" \
	"dmalab: $work is not a kernel folder (vmlinux, lib/modules/VERSION)
status 125"
tap_like "--list" "$(said --list)" 'Kernels.*6\.12 .*trixie.*Configurations.*debug .*KASAN.*Plans.*rdma .*vfio '
tap_like "--help" "$(said --help)" '^usage: dmalab .*Exit status'
tap_done
