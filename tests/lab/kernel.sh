# SPDX-License-Identifier: BSD-3-Clause
# The lab's kernel: the distribution's own, unpacked into the cache, never installed on the host. A
# kernel folder holds vmlinux and lib/modules/VERSION.

# Large, and useless in a guest without a screen or a radio.
kernel_unused=(sound drivers/{gpu,media,staging,iio,hwmon,net/wireless})

# kernel_ready: sets kernel to the folder. LAB_KERNEL=DIR is the user's own choice.
kernel_ready() {
	kernel=${LAB_KERNEL:-$(kernel_newest)}
	if [ -z "$kernel" ]; then
		kernel_download
		kernel=$(kernel_newest)
	fi
	if ! [ -f "$kernel/vmlinux" ] || ! [ -d "$kernel/lib/modules" ]; then
		die "lab: $kernel is not a kernel folder (vmlinux, lib/modules/VERSION)"
	fi
}

kernel_newest() {
	printf '%s\n' "$cache"/linux-image-*/ | sort -V | sed -n '/\*/d; s,/$,,; $p'
}

kernel_download() {
	local state package

	on_debian_12 || die "lab: set LAB_KERNEL=DIR to a folder with vmlinux and lib/modules/VERSION"
	say "fetching the lab's kernel"
	state=$(mktemp -d) && at_exit rm -rf "$state"
	apt_private "$state"
	package=$(kernel_package)
	[ -n "$package" ] || die "lab: the package sources have no linux-image-amd64"
	cache_make "$package" kernel_fetch "$package" || die "lab: no $package"
	rm -rf "$state"
}

# kernel_renew: replaces the kernel by a newer one of the package sources, if there is one.
kernel_renew() {
	local old=$kernel

	[ -z "${LAB_KERNEL:-}" ] || return
	kernel_download
	kernel=$(kernel_newest)
	[ "$kernel" != "$old" ]
}

# The version of the kernel's package; nothing if it is not Debian's.
kernel_debian_version() {
	LC_ALL=C grep -aom1 'Linux version [^(]* .* Debian [0-9][^ ]* (' "$kernel/vmlinux" |
		sed 's/.* Debian \([^ ]*\) ($/\1/'
}

# The package that linux-image-amd64 depends on. The cloud kernels lack rxe, 9p and e1000e.
kernel_package() {
	apt-cache "${apt_options[@]}" depends linux-image-amd64 |
		sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p'
}

# kernel_fetch DIR PACKAGE: for cache_make.
kernel_fetch() {
	local dir=$1 package=$2 version=${2#linux-image-}

	(cd "$scratch" && apt-get "${apt_options[@]}" download "$package") >&2 &&
		say "unpacking $package" &&
		dpkg-deb -x "$scratch"/linux-image-*.deb "$scratch/root" &&
		kernel_extract "$scratch/root/boot/vmlinuz-$version" "$dir/vmlinux" &&
		mkdir "$dir/lib" && mv "$scratch/root/lib/modules" "$dir/lib" &&
		(cd "$dir/lib/modules/$version/kernel" && rm -rf "${kernel_unused[@]}") &&
		depmod -b "$dir" "$version"
}

# kernel_extract VMLINUZ VMLINUX: QEMU starts an uncompressed kernel directly, 4 s sooner.
kernel_extract() {
	local at

	at=$(LC_ALL=C grep -abo $'\xfd7zXZ' "$1" | cut -d: -f1 | head -n 1)
	tail -c +$((at + 1)) "$1" | xz -dc --single-stream >"$2" 2>/dev/null
	[ "$(head -c 4 "$2")" = $'\x7fELF' ]
}
