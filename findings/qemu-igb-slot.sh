#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# QEMU 10.0.13, of Debian 13: its igb (82576) can be in the lower half of a bus alone. It has its virtual functions
# at the offsets that the hardware's SR-IOV capability has, 16 and 17 slots above itself, also if none is enabled;
# where one would be beyond the bus, or where another device is, QEMU refuses to start. e1000e is accepted in every
# slot, and igb in a root port, where it is slot 0. So a plan that has a NIC's model as a variable cannot put it
# anywhere.
#
# Expected before: that a model of a NIC takes any free slot, and that VFs are placed when they are enabled.
#
# Needs apt and a Debian system, for its mirror and its keyring; no root, and 40 MB. Output of 2026-11-30:
#   QEMU emulator version 10.0.13
#   e1000e in slot 0x1e: starts
#   igb in slot 0x0d: starts
#   igb in slot 0x0e: slot 31 function 0 not available for igbvf
#   igb in slot 0x1e: VF addr overflows
#   igb in a root port in slot 0x1e: starts
set -euo pipefail

version=1:10.0.13+ds-0+deb13u1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir -p lists/partial cache/archives/partial root
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' | head -n 1)
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg check-valid-until=no] $mirror trixie main" >sources.list
: >status
options=(-q -o "Dir::Etc::SourceList=$work/sources.list" -o Dir::Etc::SourceParts=/dev/null
	-o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work/cache" -o "Dir::State::status=$work/status"
	-o Debug::NoLocking=1 -o APT::Architecture=amd64 -o APT::Sandbox::User=root)
apt-get "${options[@]}" update >/dev/null
apt-get "${options[@]}" install --yes --download-only --no-install-recommends "qemu-system-x86=$version" >/dev/null
for deb in cache/archives/*.deb; do
	dpkg-deb -x "$deb" root
done

libraries=$work/root/usr/lib/x86_64-linux-gnu
qemu() {
	QEMU_MODULE_DIR=$libraries/qemu timeout 120 "$libraries/ld-linux-x86-64.so.2" --library-path "$libraries" \
		"$work/root/usr/bin/qemu-system-x86_64" -L "$work/root/usr/share/qemu" -L "$work/root/usr/share/seabios" "$@"
}

# starts WHAT DEVICE...: with no CPU running, until its monitor ends it.
starts() {
	local status=0 devices=() device

	for device in "${@:2}"; do
		devices+=(-device "$device")
	done
	echo quit | qemu -accel tcg -M q35 -nodefaults -display none -S -monitor stdio "${devices[@]}" >log 2>&1 || status=$?
	echo "$1: $([ $status = 0 ] && echo starts || grep -oE 'VF addr overflows|slot 31 function 0 not available for igbvf' log)"
}

{
	qemu --version | grep -o 'QEMU emulator version [0-9.]*'
	starts "e1000e in slot 0x1e" e1000e,romfile=,addr=0x1e
	for slot in 0x0d 0x0e 0x1e; do
		starts "igb in slot $slot" igb,romfile=,addr=$slot
	done
	starts "igb in a root port in slot 0x1e" pcie-root-port,id=below,chassis=1,addr=0x1e igb,bus=below,romfile=
} | tee seen
diff - seen <<'END'
QEMU emulator version 10.0.13
e1000e in slot 0x1e: starts
igb in slot 0x0d: starts
igb in slot 0x0e: slot 31 function 0 not available for igbvf
igb in slot 0x1e: VF addr overflows
igb in a root port in slot 0x1e: starts
END
