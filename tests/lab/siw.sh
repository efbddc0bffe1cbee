# SPDX-License-Identifier: BSD-3-Clause
# siw (SoftiWARP), which is missing in Debian's kernel: built from the source package of exactly the
# lab's kernel into the cache, as siw-VERSION/siw.ko. tests/lab/guest/siw loads it.

# siw_ready: there is a module for the lab's kernel; otherwise it reports why not and returns 1. A
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

	release=$(kernel_version)
	version=$(kernel_debian_version)
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
		sed -i "s,/usr/src,$scratch/root/usr/src," "$headers/Makefile" &&
		make -s -j2 -C "$headers" M="$scratch/$folder" CONFIG_RDMA_SIW=m modules >&2 &&
		strip --strip-debug -o "$dir/siw.ko" "$scratch/$folder/siw.ko"
}

# Of exactly the kernel's version, except the tools, of which the headers accept a newer one.
siw_download() {
	(cd "$scratch" && apt-get "${apt_options[@]}" download "linux-kbuild-$series" \
		"linux-source-$series=$version" "linux-headers-$release=$version" \
		"linux-headers-${release%-*}-common=$version") >&2
}

# --occurrence: tar ends after the folder, and the processes before it by a broken pipe.
siw_unpack() {
	local package

	for package in "$scratch"/linux-{headers,kbuild}-*.deb; do
		dpkg-deb -x "$package" "$scratch/root" || return
	done
	(
		set +o pipefail
		dpkg-deb --fsys-tarfile "$scratch"/linux-source-*.deb |
			tar -xO "./usr/src/linux-source-$series.tar.xz" | xz -dc |
			tar -C "$scratch" -x --occurrence=1 "$folder"
	) 2>"$scratch/unpack.log"
	[ -f "$scratch/$folder/Makefile" ] || {
		cat "$scratch/unpack.log" >&2
		return 1
	}
}
