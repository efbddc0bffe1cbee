#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The environment that soft gives a program, and that it leaves nothing behind.

# shellcheck source=tests/tap.sh
. tests/tap.sh
# shellcheck source=tests/nobody.sh
. tests/nobody.sh

soft=softhca/soft

tap_is "a frame returns on each of three devices" "$($soft --ports 3 -- send_one 2>&1)" \
	"mlx5_0: success
mlx5_1: success
mlx5_2: success"
tap_is "and crossed" "$($soft --ports 2 --cross -- send_one 2>&1)" "mlx5_0: success
mlx5_1: success"
output=$($soft -- send_one 1 2>&1)
tap_is "invalid lkey: the exit status" $? 99
tap_like "invalid lkey: the rule" "$output" 'VIOLATION key.unknown: mlx5_0 sq '
tap_like "invalid lkey: its completion" "$output" 'mlx5_0: local protection error'
output=$(SOFTHCA_ALLOW=key.range,key.unknown $soft -- send_one 1 2>&1)
tap_is "a rule that is allowed to be broken: the exit status is the program's" $? 0
tap_like "and it is told" "$output" 'ADVICE key.unknown: mlx5_0 sq '
tap_like "with the count" "$output" 'softhca: advice: key.unknown 1'
tap_like "no such rule" "$(SOFTHCA_ALLOW=key.unknwon $soft -- true 2>&1)" 'SOFTHCA_ALLOW: no rule key.unknwon'
tap_is "the program's own exit status" "$($soft -- sh -c 'exit 7'; echo $?)" 7
tap_is "the program's own signal" "$($soft -- sh -c 'kill -TERM $$'; echo $?)" 143
tap_is "functions of another kind" \
	"$($soft --ports 2 --id 15b3:101d -- sh -c 'cat $SYSFS_PCI_DEVICES/*/device' | sort -u)" 0x101d
tap_is "a device links to its function" \
	"$($soft --ports 2 -- sh -c 'basename $(realpath $SOFTHCA_DIR/mlx5_1/device)')" 0000:aa:00.1
tap_is "a netdev per device" "$($soft --ports 2 -- ip -br link show up | grep -c '^soft[01]@')" 2
tap_is "without carrier no frame arrives" \
	"$($soft -- sh -c 'ip link set soft0p down; send_one >/dev/null 2>&1; echo $?')" 1
# The kernel's link watch, which sets IFF_RUNNING, is slower than this.
tap_is "frames depend on the present carrier" "$($soft -- sh -c 'for i in 1 2 3; do
	ip link set soft0p down; send_one >/dev/null 2>&1; echo $?
	ip link set soft0p up; send_one >/dev/null 2>&1; echo $?; done' | xargs)" "1 0 1 0 1 0"
tap_is "a frame beyond the MTU does not arrive" "$($soft -- sh -c 'for mtu in 1495 1496; do
	ip link set soft0 mtu $mtu; send_one >/dev/null 2>&1; echo $?; done' | xargs)" "1 0"
# Held-back completions keep send_one running until the time of the other fault.
tap_ok "a pulled cable clears the carrier" \
	env SOFTHCA_FAULTS=port_down@20ms,delay_completions@1:300 $soft -- \
	sh -c 'send_one >/dev/null 2>&1; ip -br link show soft0 | grep -q LOWERLAYERDOWN'
tap_is "no netdevs are left" "$(ip -br link | grep -c soft)" 0
tap_is "no mounts are left" "$(grep -c "^soft " /proc/self/mounts)" 0
tap_is "no files are left" "$(ls -A "${TMPDIR:-/tmp}/dpdk-dmamap-soft-$(id -u)")" ""
tap_is "the machine's own devices are hidden" \
	"$($soft -- sh -c 'ls -A /sys/bus/pci/devices /dev/infiniband /sys/class/infiniband' 2>/dev/null | grep -v '^/\|^$')" ""
tap_like "also from a program without the software device" \
	"$($soft -- env -u LD_PRELOAD send_one 2>&1 || true)" 'no devices|Function not implemented'
tap_is "no command" "$($soft --ports 2 2>&1; echo $?)" "soft: no command given
2"
tap_like "too many ports" "$($soft --ports 9 -- true 2>&1)" "1 to 8 ports"

if reason=$(nobody_unable); then
	tap_skip "without root" "$reason"
else
	tap_is "without root" "$(as_nobody $soft -- send_one 2>&1)" "mlx5_0: success"
fi
tap_done
