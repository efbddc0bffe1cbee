#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# lab/dmalab, copied to elsewhere, in a folder of another project: one boot with SoftRoCE and VFIO.

. tests/tap.sh

scratch=$(mktemp -d) || exit
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/their tree" "$scratch/out"
cp -r lab "$scratch/lab"
# The kernel that ./run has.
export DMALAB_CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/dpdk-dmamap

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
pingpong 4096 >/dev/null
say "4 KiB" $?
say edu "$(driver 12.0)"
echo kept >"$DMALAB_OUT/file"
echo lost >lost
COMMAND
chmod +x "$scratch/their tree/command"

cd "$scratch/their tree" || exit
"$scratch/lab/dmalab" --rxe 2 --vfio edu --timeout 800 \
	--out "$scratch/out" --junit "$scratch/junit" -- ./command >"$scratch/stdout" 2>"$scratch/stderr"
status=$?
sed 's/^/# /' "$scratch/stdout" "$scratch/stderr"

# answer NAME: of the command.
answer() {
	sed -n "s/^$1: //p" "$scratch/stdout"
}

tap_is "success" "$status $(<"$scratch/stderr")" "0 "
tap_is "the folder" "$(answer folder)" "$PWD"
tap_is "two SoftRoCE devices" "$(answer links)" "rxe0/1 ACTIVE rxe1/1 ACTIVE"
tap_is "messages between them" "$(answer "4 KiB")" 0
tap_is "edu is on vfio-pci" "$(answer edu)" vfio-pci
tap_is "what is kept" "$(cat "$scratch/out/file"; ls)" "kept
command"
tap_like "JUnit" "$(<"$scratch/junit")" 'failures="0" errors="0"'
tap_done
