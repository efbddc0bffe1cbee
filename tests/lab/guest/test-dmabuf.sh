#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# A dma-buf of the real kernel, for a device of each backend. No driver of these kernels takes one: SoftRoCE
# has none, and VFIO maps memory of the process. Each refusal is ENOTSUP, which has two names, and says why.
# The software HCA reaches it by its mapping.
# Debian's Linux 6.1 has no udmabuf, its 6.12 has one.
set -u
. tests/tap.sh
. tests/lab/guest/demo.sh

rxe=0000:00:10.0 vfio=0000:00:12.0
modprobe -q udmabuf
demo 1 --memory=dmabuf
if [ ! -e /dev/udmabuf ]; then
	tap_is "the demo" "$(query .error)" "--memory=dmabuf: 4194304 bytes: No such file or directory: \
there is no /dev/udmabuf: modprobe udmabuf, on a kernel with CONFIG_UDMABUF"
	tap_skip "dma-bufs" "this kernel has no udmabuf"
	tap_done
fi
tap_is "the demo: each device refuses, and is well" "$(query '.devices[] | [.name[8:], .backend, .ok, .error] | join(" ")')" "\
10.0 driver true ENOTSUP: map refused: the device has no dma-bufs
11.0 driver true ENOTSUP: map refused: the device has no dma-bufs
12.0 vfio true ENOTSUP: map refused: the device has no dma-bufs
13.0 vfio true ENOTSUP: map refused: the device has no dma-bufs
14.0 vfio true ENOTSUP: map refused: the device has no dma-bufs
15.0 none true ENOTSUP: map refused: no backend maps for this device"
tap_like "the demo: what to do" "$(query .error)" '^no device could map a dma-buf: .*map the memory that it is made of'
demo 1 --memory=dmabuf --size=65M
tap_like "the demo: a limit of the module's" "$(query .error)" '^--memory=dmabuf: .* bytes: Invalid argument: .*size_limit_mb'
log=$(build/tests/programs/dmabuf/dmabuf -l 0 -d librte_bus_pci_ext.so -d librte_net_mlx5_ext.so -a $rxe -a $vfio \
	-- refused $rxe $vfio 2>&1)
tap_is "exit status" $? 0
tap_like "SoftRoCE: ENOTSUP" "$log" "$rxe: EOPNOTSUPP"
tap_like "and why" "$log" "$rxe: cannot map 4194304 bytes at 0x[0-9a-f]* of a dma-buf from 0 on: Operation not supported: the kernel's driver"
tap_like "VFIO: ENOTSUP" "$log" "$vfio: EOPNOTSUPP"
tap_like "and why" "$log" "$vfio: map .* refused: Operation not supported: VFIO maps memory of the process"
tap_is "a line each" "$(grep -c 'Operation not supported' <<<"$log")" 2

# Whose driver does take one: the software HCA, for which tests elsewhere have its own stand-in for /dev/udmabuf.
soft_eal=(-l 0 --no-huge -m 256 --no-telemetry --no-shconf -d librte_bus_pci_ext.so -d librte_net_mlx5_ext.so)
wire=driver=mlx5_ext,wire=dv
json=$(softhca/soft -- dmamap-demo "${soft_eal[@]}" -a "0000:aa:00.0,$wire" -- --json --memory=dmabuf --size=65M 2>&1)
tap_like "the software HCA: the stand-in is not in the way" "$(tail -n 1 <<<"$json" | jq -r .error)" 'Invalid argument: .*size_limit_mb'
# soft_is NAME ARG...: what soft runs by these does well, and leaves out nothing.
soft_is() {
	local log status=0

	log=$(SOFTHCA_STRICT=1 softhca/soft "${@:2}" 2>&1) || status=$?
	! grep -iq '# skip\|\[  SKIPPED' <<<"$log" || status=skipped
	tap_is "the software HCA: $1" $status 0
	[ $status = 0 ] || sed 's/^/# /' <<<"$log"
}
soft_is "the demo" -- dmamap-demo "${soft_eal[@]}" -a "0000:aa:00.0,$wire" -- --memory=dmabuf
soft_is "conformance" --ports 2 --cross -- dmamap-conformance "${soft_eal[@]}" -a "0000:aa:00.0,$wire" -a "0000:aa:00.1,$wire" \
	-- --device=0000:aa:00.0 dmabuf
soft_is "traffic, hot-plug and descriptors" --loop -- dmabuf "${soft_eal[@]}" -a "0000:aa:00.0,$wire" -- 0000:aa:00.0 "$wire"
for part in udmabuf regions; do
	soft_is "regions of verbs: $part" -- build/tests/unit/softhca/test_softhca_$part
done
tap_done
