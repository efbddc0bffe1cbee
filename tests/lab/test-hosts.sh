#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# dmalab --hosts 2: two guests, between which messages of rdma go.

# shellcheck source=tests/tap.sh
. tests/tap.sh
scratch=$(mktemp -d) || exit
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/out"

# The client tries until the server is there, which boots when it likes to.
cat >"$scratch/command" <<'END'
#!/bin/bash
pingpong() {
	ibv_rc_pingpong -e -d rxe0 -g 0 -n 100 "$@"
}
if [ "$DMALAB_HOST" = 1 ]; then
	pingpong
else
	until pingpong 192.168.16.1 2>/dev/null; do
		sleep 0.2
	done
fi | grep -c '100 iters'
ip -o -4 address show dev "$(ls /sys/bus/pci/devices/0000:00:11.0/virtio*/net)" | grep -o 'inet [^ ]*' >"$DMALAB_OUT/address"
END
chmod +x "$scratch/command"
cat >"$scratch/plan" <<'END'
device 10.0 virtio net=a rxe=rxe0
device 11.0 virtio net=b
END
cp "$scratch/command" "./command.$$" && trap 'rm -rf "$scratch" "./command.$$"' EXIT
stdout=$(lab/dmalab --hosts 2 --plan "$scratch/plan" --timeout 800 --out "$scratch/out" -- "./command.$$" 2>"$scratch/stderr")
tap_is "both hosts succeed" $? 0
sed 's/^/# /' "$scratch/stderr"
tap_is "both have seen all messages" "$(xargs <<<"$stdout")" "1 1"
tap_is "the addresses of another segment" "$(cat "$scratch"/out/[12]/address | xargs)" "inet 192.168.17.1/24 inet 192.168.17.2/24"
tap_done
