#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The examples for pci_ext: an arena that grows, on two software ports, of which one is plugged in half-way;
# a file that is sent from its pages, which softhca takes for reading alone; packets received into a dma-buf; a ring that
# another process writes. And each is built by the line in its header.
set -u
. tests/tap.sh

examples=${SOFT_BUILD:-build}/examples
eal=(-l 0 --no-huge -m 256 --no-shconf --no-telemetry -d librte_net_mlx5_ext.so -a 0000:aa:00.0,driver=mlx5_ext,wire=dv)

# example NAME PORTS ARG...: sets $out.
example() {
	local name=$1 status

	out=$(softhca/soft $2 -- "$examples/$name/$name" "${eal[@]}" "${@:3}" 2>&1)
	status=$?
	[ $status -eq 0 ] || sed 's/^/# /' <<<"$out"
	tap_is "$name" $status 0
}

example growing_arena '--ports 2 --cross' -- 0000:aa:00.1,driver=mlx5_ext,wire=dv
tap_is "the device that comes has all of it" "$(grep '^port 1' <<<"$out" | tr '\n' ';')" \
	"port 1: 6144 KiB, by driver;port 1: 8192 KiB, by driver;"
tap_is "so has the one that was there" "$(grep -c '^port 0' <<<"$out")" 4

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
file=$scratch/file
head -c 300000 /dev/urandom >"$file"
example file_send '--ports 2 --cross' -d librte_bus_pci_ext.so -a 0000:aa:00.1,driver=mlx5_ext,wire=dv -- 0000:aa:00.0 "$file"
tap_is "all of the file has arrived" "$(tail -n 1 <<<"$out")" "303104 of 303104 bytes have arrived"

example dmabuf_rx --loop
tap_like "each frame is in the dma-buf" "$out" '100 of 100 frames received into the dma-buf'

example shared_ring --loop -d librte_bus_pci_ext.so -- 1000
tap_is "all that the other process has written arrives" "$(tail -n 1 <<<"$out")" \
	"1000 of 1000 frames of the other process have arrived"

# With the module of pkg-config as it is once installed, but for the folders.
build=$(realpath "${SOFT_BUILD:-build}")/drivers/bus/pci_ext
sed "s,^includedir=.*,includedir=$PWD/drivers/bus/pci_ext,; s,^Libs:.*,Libs: -L$build -lrte_bus_pci_ext," \
	"$build/../../../meson-private/librte_bus_pci_ext.pc" >"$scratch/librte_bus_pci_ext.pc"
export PKG_CONFIG_PATH=$scratch
# A plugin with a sanitizer leaves that to the program.
options="-Wall -Werror -Wl,--allow-shlib-undefined -o '$scratch/program'"
for source in examples/{own_memory,growing_arena,file_send,dmabuf_rx,shared_ring}/*.c; do
	line=$(sed -n '/^ \* Build: /,/^ \*\//{/^ \*\//!s/^ \*\( Build:\)\?//p}' "$source")
	out=$(cd "${source%/*}" && eval "${line/cc /cc $options }" 2>&1)
	tap_is "$source is built by the line in its header" "$?$out" 0
done
tap_done
