# SPDX-License-Identifier: BSD-3-Clause
# shellcheck disable=SC2034,SC2178,SC2128 # the lists are read by name
# The required packages: named for Debian 12, checked and installed there.

packages_build=(
	gcc libc6-dev meson ninja-build pkg-config xz-utils
	libdpdk-dev libibverbs-dev librdmacm-dev libbsd-dev libmnl-dev libjansson-dev libcmocka-dev
)
packages_lab=(
	qemu-system-x86 busybox-static cpio kmod xz-utils zstd
	dpdk ibverbs-providers ibverbs-utils iproute2 ethtool jq
)
packages_siw=(make gcc libelf1 rdmacm-utils)
packages_soft=(dpdk ibverbs-providers iproute2 util-linux)
packages_test=(
	clang libclang-rt-14-dev jq valgrind perftest gnuplot-nox dpdk-dev python3-pyelftools
	python3-sphinx shellcheck babeltrace2
)

# The check for a set on another distribution: commands, then pkg-config modules.
commands_build=(cc meson ninja pkg-config xz)
commands_lab=(qemu-system-x86_64 busybox cpio zstd depmod modprobe dpdk-testpmd rdma jq)
commands_siw=(make cc rping)
commands_soft=(dpdk-testpmd ip unshare)
commands_test=(clang jq valgrind shellcheck babeltrace2)
modules_build=(libdpdk libibverbs libmlx5 librdmacm cmocka libbsd-overlay libmnl jansson)

# packages_need SET...: return if all packages of the sets are installed, exit otherwise.
packages_need() {
	local set names=()

	for set; do
		local -n list=packages_$set
		names+=("${list[@]}")
	done
	if on_debian_12; then
		packages_install "${names[@]}"
	else
		packages_ask "${names[*]}" "$@"
	fi
}

on_debian_12() {
	# shellcheck source=/dev/null
	(. /etc/os-release && [ "$ID:${VERSION_ID:-}" = debian:12 ]) 2>/dev/null
}

packages_missing() {
	comm -23 <(printf '%s\n' "$@" | sort -u) \
		<(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null |
			sed -n 's/ installed$//p' | sort -u)
}

packages_install() {
	local missing apt="apt-get install --no-install-recommends"

	mapfile -t missing < <(packages_missing "$@")
	[ ${#missing[@]} -gt 0 ] || return 0
	[ "$(id -u)" = 0 ] || die "packages are missing; as root: $apt ${missing[*]}"
	say "installing ${missing[*]}"
	{
		apt-get -q update &&
			DEBIAN_FRONTEND=noninteractive $apt -q -y "${missing[@]}"
	} >&2 </dev/null || die "apt-get failed; still missing: ${missing[*]}"
}

# packages_ask NAMES SET...: another distribution: check commands and modules, install nothing.
packages_ask() {
	local names=$1 set c missing=()

	shift
	for set; do
		local -n list=commands_$set
		for c in "${list[@]}"; do
			command -v "$c" >/dev/null || missing+=("$c")
		done
	done
	for c in "${modules_build[@]}"; do
		pkg-config --exists "$c" 2>/dev/null || missing+=("$c.pc")
	done
	[ ${#missing[@]} -eq 0 ] && return
	say "missing: ${missing[*]}"
	say "not Debian 12: install these yourself. The packages of Debian are:"
	die "$names"
}
