# SPDX-License-Identifier: BSD-3-Clause
# siw (SoftiWARP), which is missing in Debian's kernel: built from the source package of exactly the
# guest's kernel into the cache, as siw-VERSION/siw.ko. guest/devices.sh loads it.

# siw_ready: there is a module for the guest's kernel; otherwise it reports why not and returns 1. A
# kernel that the package sources no longer have is replaced by their present one.
siw_ready() {
	siw_in_kernel || siw_make || { kernel_renew && siw_make; }
}

siw_in_kernel() {
	[ -n "$(find "$kernel/lib/modules" -name 'siw.ko*' -print -quit)" ]
}

# siw_give DIR: copies the module there if the cache has it.
siw_give() {
	local module

	module=$cache/siw-$(kernel_version)/siw.ko
	[ ! -f "$module" ] || cp "$module" "$1"
}

siw_make() {
	cache_make "siw-$(kernel_version)" siw_fetch
}

# siw_fetch DIR: for cache_make. The source package is 140 MB, of which siw is one folder.
siw_fetch() {
	local dir=$1 release version series headers folder

	release=$(kernel_version) || return
	version=$(kernel_debian_version) || version=
	series=$(grep -oE '^[0-9]+\.[0-9]+' <<<"$version") || {
		say "siw: $kernel is not Debian's kernel; it must bring siw itself"
		return 1
	}
	[[ ! $scratch =~ [[:space:]:,] ]] || {
		say "siw: make cannot build below $cache: set XDG_CACHE_HOME to a path without blanks"
		return 1
	}
	headers=$scratch/root/usr/src/linux-headers-$release
	folder=linux-source-$series/drivers/infiniband/sw/siw
	say "fetching the source of linux $version and building siw"
	kernel_apt "$scratch/apt" &&
		siw_download &&
		siw_unpack &&
		siw_adapt_tools &&
		siw_build &&
		strip --strip-debug -o "$dir/siw.ko" "$scratch/$folder/siw.ko"
}

# Of exactly the kernel's version, except the tools, of which the headers accept a newer one; and, for a kernel of
# another release, the libraries of the tools.
siw_download() {
	local kbuild depends libraries=()

	kbuild=$(siw_depends "linux-headers-$release" 'linux-kbuild-.*') && [ -n "$kbuild" ] || {
		say "siw: the package sources have no linux-headers-$release"
		return 1
	}
	! kernel_is_foreign || {
		depends=$(siw_depends "$kbuild" 'lib.*\|zlib.*') || return
		read -ra libraries -d '' <<<"$depends libzstd1" || true
	}
	apt_get "$scratch" download "$kbuild" "${libraries[@]}" "linux-source-$series=$version" \
		"linux-headers-$release=$version" "linux-headers-${release%-*}-common=$version"
}

# siw_depends PACKAGE PATTERN: the packages it depends on whose names match.
siw_depends() {
	apt-cache "${apt_options[@]}" depends "$1" | sed -n "s/^ *Depends: \($2\)$/\1/p"
}

# The tools of another release are linked for its libc, which may be newer than this system's: its loader runs
# them. Those that only select the one for the target run as they are.
siw_adapt_tools() {
	local root=$scratch/root tool

	kernel_is_foreign || return 0
	while read -r tool; do
		[ "$(head -c 4 "$tool")" = $'\x7fELF' ] && ! compgen -G "$tool.real-*" >/dev/null || continue
		mv "$tool" "$tool.bin" || return
		printf '#!/bin/sh\nexec %s --library-path %s %s "$@"\n' "$root/usr/lib64/ld-linux-x86-64.so.2" \
			"$root/usr/lib/x86_64-linux-gnu" "$tool.bin" >"$tool" &&
			chmod +x "$tool" || return
	done < <(find "$root/usr/lib" -path '*/linux-kbuild-*' -type f -perm -u+x)
}

# By this system's compiler, which may be another one than the kernel's: without options that it does not know.
# BTF would need pahole, and nothing here reads it.
siw_build() {
	local options=(CC=gcc CONFIG_RDMA_SIW=m CONFIG_DEBUG_INFO_BTF_MODULES= KCFLAGS=-Wno-attributes)

	echo | gcc -fmin-function-alignment=16 -E - >/dev/null 2>&1 ||
		options+=(CONFIG_CC_HAS_MIN_FUNCTION_ALIGNMENT=)
	sed -i "s,/usr/src,$scratch/root/usr/src," "$headers/Makefile" &&
		make -s -j2 -C "$headers" M="$scratch/$folder" "${options[@]}" modules >&2
}

# --occurrence: tar ends after the folder, and the processes before it by a broken pipe.
siw_unpack() {
	local package

	for package in "$scratch"/*.deb; do
		[[ $package != */linux-source-* ]] || continue
		dpkg-deb -x "$package" "$scratch/root" || return
	done
	(
		set +o pipefail
		dpkg-deb --fsys-tarfile "$scratch"/linux-source-*.deb |
			tar -xO "./usr/src/linux-source-$series.tar.xz" | xz -dc |
			tar -C "$scratch" -x --occurrence=1 "$folder"
	) 2>"$scratch/unpack.log" && [ -f "$scratch/$folder/Makefile" ] || {
		cat "$scratch/unpack.log" >&2
		return 1
	}
}
