# SPDX-License-Identifier: BSD-3-Clause
# The required packages: installed on Debian 12 and later, named on other distributions.

packages_os_release=/etc/os-release

# packages_table: the sets that need a package | what shows that it is there, on other distributions:
# commands, and NAME.pc for modules of pkg-config | its names for apt, the same in Debian and Ubuntu |
# its names for dnf. Commands or names may be missing.
packages_table() {
	cat <<-'END'
	build siw         |cc                      |gcc libc6-dev        |gcc glibc-devel
	build             |meson                   |meson                |meson
	build             |ninja                   |ninja-build          |ninja-build
	build             |pkg-config              |pkg-config           |pkgconf-pkg-config
	build lab         |xz                      |xz-utils             |xz
	build             |libdpdk.pc              |libdpdk-dev          |dpdk-devel
	build             |libibverbs.pc libmlx5.pc|libibverbs-dev       |rdma-core-devel
	build             |librdmacm.pc            |librdmacm-dev        |rdma-core-devel
	build             |libbsd-overlay.pc       |libbsd-dev           |libbsd-devel
	build             |libmnl.pc               |libmnl-dev           |libmnl-devel
	build             |jansson.pc              |libjansson-dev       |jansson-devel
	build             |cmocka.pc               |libcmocka-dev        |libcmocka-devel
	lab               |qemu-system-x86_64      |qemu-system-x86      |qemu-system-x86-core
	lab               |busybox                 |busybox-static       |busybox
	lab               |cpio                    |cpio                 |cpio
	lab               |zstd                    |zstd                 |zstd
	lab               |depmod modprobe         |kmod                 |kmod
	lab soft          |ibv_devinfo             |ibverbs-utils        |libibverbs-utils
	lab               |ethtool                 |ethtool              |ethtool
	lab soft          |dpdk-testpmd            |dpdk dpdk-dev        |dpdk
	lab soft          |                        |ibverbs-providers    |libibverbs
	lab soft          |ip rdma                 |iproute2             |iproute
	soft              |unshare                 |util-linux           |util-linux
	siw test          |make                    |make                 |make
	siw               |                        |libelf-dev           |elfutils-libelf
	siw               |rping                   |rdmacm-utils         |librdmacm-utils
	tally lab         |jq                      |jq                   |jq
	clang sanitize    |clang                   |clang libclang-rt-dev|clang compiler-rt
	sanitize          |ld.lld                  |lld                  |lld
	test              |valgrind                |valgrind             |valgrind
	matrix            |mmdebstrap              |mmdebstrap           |mmdebstrap
	test judges       |ib_send_bw              |perftest             |perftest
	test              |gnuplot                 |gnuplot-nox          |gnuplot-minimal
	test              |                        |python3-pyelftools   |python3-pyelftools
	judges            |                        |python3-pyverbs      |python3-pyverbs
	test docs         |sphinx-build            |python3-sphinx       |python3-sphinx
	test docs         |                        |furo                 |python3-furo
	test              |linkchecker             |linkchecker          |linkchecker
	test              |                        |python3-yaml         |python3-pyyaml
	test              |shellcheck              |shellcheck           |ShellCheck
	package           |dpkg-buildpackage dh    |debhelper build-essential|
	package           |lintian                 |lintian              |
	package           |rst2man                 |python3-docutils     |
	package           |sphinx-build            |python3-sphinx       |
	trace             |babeltrace              |babeltrace           |babeltrace
	END
}

# packages_need SET...: return if all packages of the sets are installed, exit otherwise.
packages_need() {
	local names

	if on_debian; then
		mapfile -t names < <(packages_names apt packages_always "$@")
		packages_install "${names[@]}"
	else
		packages_ask "$@"
	fi
}

# Debian 12 or later; testing and unstable have no VERSION_ID.
on_debian() {
	# shellcheck source=/dev/null
	(. "$packages_os_release" && [ "$ID" = debian ] && [ "${VERSION_ID:-99}" -ge 12 ]) 2>/dev/null
}

# packages_names apt|dnf FUNCTION SET...: the names, one a line, in the sets' rows for which
# FUNCTION WHAT-SHOWS-IT... succeeds.
packages_names() {
	local family=$1 wanted=$2 sets shown apt dnf set name

	shift 2
	packages_table | while IFS='|' read -r sets shown apt dnf; do
		for set; do
			[[ " $sets " == *" $set "* ]] || continue
			# shellcheck disable=SC2086
			"$wanted" $shown || continue
			for name in ${!family}; do
				echo "$name"
			done
		done
	done | awk '!seen[$0]++'
}

packages_always() {
	true
}

# packages_absent WHAT-SHOWS-IT...
packages_absent() {
	local what

	for what; do
		case $what in
		*.pc) pkg-config --exists "${what%.pc}" 2>/dev/null || return 0 ;;
		*) command -v "$what" >/dev/null || return 0 ;;
		esac
	done
	return 1
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

# packages_ask SET...: another distribution: install nothing.
packages_ask() {
	local apt dnf

	mapfile -t apt < <(packages_names apt packages_absent "$@")
	mapfile -t dnf < <(packages_names dnf packages_absent "$@")
	[ ${#apt[@]} -gt 0 ] || return 0
	if command -v apt-get >/dev/null; then
		die "packages are missing; as root: apt-get install --no-install-recommends ${apt[*]}"
	elif command -v dnf >/dev/null; then
		die "packages are missing; as root: dnf install ${dnf[*]}"
	fi
	say "packages are missing, which are in Debian: ${apt[*]}"
	die "and in Fedora: ${dnf[*]}"
}
