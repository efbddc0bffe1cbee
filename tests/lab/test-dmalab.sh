#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# lab/dmalab, copied to elsewhere, in a folder of another project: one boot with SoftRoCE, VFIO and all faults.

. tests/tap.sh

scratch=$(mktemp -d) || exit
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/their tree" "$scratch/out"
cp -r lab "$scratch/lab"
# The kernel that ./run has, by a link, which the guest could not follow.
ln -s "${XDG_CACHE_HOME:-$HOME/.cache}/dpdk-dmamap" "$scratch/cache"
export DMALAB_CACHE=$scratch/cache

cat >"$scratch/their tree/edu.py" <<'PYTHON'
# An access that nothing has mapped: edu reads 16 bytes at 0x1000.
import ctypes, mmap, os, time

device = "/sys/bus/pci/devices/0000:00:12.0/"
os.pwrite(os.open(device + "config", os.O_RDWR), b"\x06\x00", 4)  # memory, bus master
bar = mmap.mmap(os.open(device + "resource0", os.O_RDWR | os.O_SYNC), 4096)
for register, value in ((0x80, 0x1000), (0x88, 0x40000), (0x90, 16), (0x98, 1)):
    ctypes.c_uint64.from_buffer(bar, register).value = value
while ctypes.c_uint64.from_buffer(bar, 0x98).value & 1:
    time.sleep(0.1)
PYTHON

cat >"$scratch/their tree/command" <<'COMMAND'
#!/bin/bash
# name VALUE: a line for the host.
say() {
	echo "$1: ${*:2}"
}

# links: names and states.
links() {
	rdma link show | awk '{print $2, $4}' | xargs
}

driver() {
	basename "$(readlink "/sys/bus/pci/devices/0000:00:$1/driver")"
}

# pingpong BYTES: by both devices. The client tries until the server listens.
pingpong() {
	local tries

	timeout 200 ibv_uc_pingpong -d rxe0 -g 0 -n 20 -s "$1" &
	for tries in {1..100}; do
		kill -0 $! 2>/dev/null || break
		timeout 100 ibv_uc_pingpong -d rxe1 -g 0 -n 20 -s "$1" localhost && break
		sleep 0.2
	done >/dev/null 2>&1
	wait $!
}

say folder "$PWD"
say links "$(links)"
errors=$(pingpong 4096 2>&1 >/dev/null)
say "4 KiB" $? ${errors:+"$errors"}
say "1 MiB" "$(pingpong 1048576 2>&1)"
say limit "$(cat /sys/module/vfio_iommu_type1/parameters/dma_entry_limit)"
say edu "$(driver 12.0)"
dmalab-guest remove 0000:00:12.0
say "edu removed" "$(ls -d /sys/bus/pci/devices/0000:00:12.0 2>&1)"
dmalab-guest restore 0000:00:12.0
say "edu restored" "$(driver 12.0)"
dmalab-guest remove 10.0
say "links without a NIC" "$(links)"
dmalab-guest restore 10.0
say "links with it" "$(links)"
dmalab-guest faults
say "faults before" $?
dmalab-guest fail-nth 1 true
say "no fault injection" $?
python3 edu.py
say "python" $?
dmesg -C
say "faults after" "$(dmalab-guest faults)"
echo kept >"$DMALAB_OUT/file"
echo lost >lost
COMMAND
chmod +x "$scratch/their tree/command"

cd "$scratch/their tree" || exit
"$scratch/lab/dmalab" --rxe 2 --vfio edu --memlock 64 --dma-entry-limit 9 --fail-on-iommu-fault --timeout 800 \
	--out "$scratch/out" --junit "$scratch/junit" -- ./command >"$scratch/stdout" 2>"$scratch/stderr"
status=$?
sed 's/^/# /' "$scratch/stdout" "$scratch/stderr"

# answer NAME: of the command.
answer() {
	sed -n "s/^$1: //p" "$scratch/stdout"
}

tap_is "an IOMMU fault is the exit status" $status 123
tap_like "and is told" "$(<"$scratch/stderr")" 'the IOMMU has refused accesses.*fault addr 0x1000'
tap_is "the folder" "$(answer folder)" "$PWD"
tap_is "two SoftRoCE devices" "$(answer links)" "rxe0/1 ACTIVE rxe1/1 ACTIVE"
tap_is "messages between them, within the limit of locked memory" "$(answer "4 KiB")" 0
tap_like "beyond it" "$(answer "1 MiB")" "Couldn't register MR"
tap_is "the limit of mappings" "$(answer limit)" 9
tap_is "edu is on vfio-pci" "$(answer edu)" vfio-pci
tap_like "removed" "$(answer "edu removed")" "No such file"
tap_is "restored" "$(answer "edu restored")" vfio-pci
tap_is "a NIC is removed, with its rdma device" "$(answer "links without a NIC")" "rxe1/1 ACTIVE"
tap_is "and restored" "$(answer "links with it" | tr ' ' '\n' | sort | xargs)" "ACTIVE ACTIVE rxe0/1 rxe1/1"
tap_is "a kernel of Debian injects no faults" "$(answer "no fault injection")" 125
tap_like "and that is told" "$(<"$scratch/stderr")" 'has no fault injection; dmalab kernel build debug makes one'
tap_is "no fault before" "$(answer "faults before")" 1
tap_like "one after, though the kernel's log was cleared" "$(answer "faults after")" 'fault addr 0x1000'
tap_is "what is kept" "$(cat "$scratch/out/file"; ls)" "kept
command
edu.py"
tap_like "JUnit" "$(<"$scratch/junit")" 'failures="1" errors="0".*<failure message="status 123: the IOMMU'
tap_done
