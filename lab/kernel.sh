# SPDX-License-Identifier: BSD-3-Clause
# The guest's kernel: Debian's own, of this system's release or of another one, unpacked into the cache as
# kernel-RELEASE-VERSION, never installed on the host. A kernel folder holds vmlinux and lib/modules/VERSION.

# Large, and useless in a guest without a screen or a radio.
kernel_unused=(sound drivers/{gpu,media,staging,iio,hwmon,net/wireless})

# The names by which people know kernels, and the releases of Debian that have them.
kernel_names=(6.1 6.12 newest)
declare -A kernel_releases=([6.1]=bookworm [6.12]=trixie [newest]=sid)

# kernel_ready [KERNEL]: sets kernel to the folder, and kernel_release to the release that it is of, or to nothing if
# KERNEL is a folder.
kernel_ready() {
	local versions

	kernel_choose "${1:-}"
	if [ -n "$kernel_release" ]; then
		kernel=$(kernel_newest)
		[ -n "$kernel" ] || kernel_download
	fi
	if ! [ -f "$kernel/vmlinux" ] || ! [ -d "$kernel/lib/modules" ]; then
		die "$kernel is not a kernel folder (vmlinux, lib/modules/VERSION)"
	fi
	versions=$(ls "$kernel/lib/modules")
	[[ -n $versions && $versions != *$'\n'* ]] ||
		die "$kernel/lib/modules has more than one version, or none:" "${versions//$'\n'/ }"
}

# kernel_choose KERNEL: sets kernel or kernel_release.
kernel_choose() {
	kernel_release=
	if [ -z "$1" ]; then
		kernel_release=$(kernel_host_release) || die "this system is not Debian: --kernel DIR is needed," \
			"a folder with vmlinux and lib/modules/VERSION"
	elif [ -n "${kernel_releases[$1]:-}" ]; then
		kernel_release=${kernel_releases[$1]}
	elif [[ $1 =~ ^[a-z][a-z-]*$ && ! -d $1/lib/modules ]]; then
		kernel_release=$1
	elif [ -d "$1" ]; then
		kernel=$(realpath "$1")
	else
		options_bad "--kernel $1: there are ${kernel_names[*]}, a release of Debian by name, or a folder"
	fi
}

# The release of this system, if it is Debian.
kernel_host_release() {
	# shellcheck source=/dev/null
	(. /etc/os-release && [ "$ID" = debian ] && echo "${VERSION_CODENAME:?}") 2>/dev/null
}

kernel_newest() {
	printf '%s\n' "$cache/kernel-$kernel_release"-[0-9]*/ | sort -V | sed -n '/\*/d; s,/$,,; $p'
}

kernel_download() {
	local state package

	say "fetching the kernel of Debian's $kernel_release"
	state=$(mktemp -d) && at_exit rm -rf "$state" || die "no temporary folder"
	kernel_apt "$state" || die "no packages of $kernel_release"
	package=$(kernel_package) && [ -n "$package" ] ||
		die "the package sources have no linux-image-amd64 of $kernel_release"
	kernel=$cache/kernel-$kernel_release-${package#linux-image-}
	cache_make "${kernel##*/}" kernel_fetch "$package" || die "no $package"
	rm -rf "$state"
}

# kernel_is_foreign: the kernel is that of another release than this system's.
kernel_is_foreign() {
	[ -n "$kernel_release" ] && [ "$kernel_release" != "$(kernel_host_release)" ]
}

# kernel_apt DIR: apt_private with the package sources of the kernel; of this system for a folder of the user's.
kernel_apt() {
	if kernel_is_foreign; then
		apt_private "$1" "$kernel_release"
	else
		apt_private "$1"
	fi
}

# kernel_renew: replaces the kernel by a newer one of the package sources, if there is one.
kernel_renew() {
	local old=$kernel

	[ -n "$kernel_release" ] || return
	kernel_download
	[ "$kernel" != "$old" ]
}

# kernel_injects_faults: it has the file of each process that makes its N-th allocation fail.
kernel_injects_faults() {
	grep -qaF fail-nth "$kernel/vmlinux"
}

kernel_version() {
	basename "$kernel"/lib/modules/*
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

# kernel_fetch DIR PACKAGE: for cache_make. Where the modules are, and the image, whether in one package or in
# several, differs by release.
kernel_fetch() {
	local dir=$1 package=$2 version=${2#linux-image-} deb parts packages image usr=

	parts=$(kernel_parts "$package") || return
	read -ra packages -d '' <<<"$parts" || true
	apt_get "$scratch" download "$package" "${packages[@]}" || return
	say "unpacking $package"
	for deb in "$scratch"/linux-*.deb; do
		dpkg-deb -x "$deb" "$scratch/root" || return
	done
	[ ! -d "$scratch/root/usr/lib/modules" ] || usr=usr/
	image=$(find "$scratch/root" -name 'vmlinuz*' -print -quit) &&
		kernel_extract "$image" "$dir/vmlinux" && rm "$image" &&
		mkdir "$dir/lib" && mv "$scratch/root/${usr}lib/modules" "$dir/lib" &&
		(cd "$dir/lib/modules/$version/kernel" && rm -rf "${kernel_unused[@]}") &&
		depmod -b "$dir" "$version"
}

# kernel_parts PACKAGE: what it depends on of the same version.
kernel_parts() {
	apt-cache "${apt_options[@]}" depends "$1" |
		sed -n "s/^ *Depends: \(linux-[a-z]*-${1#linux-image-}\)$/\1/p"
}

# kernel_extract VMLINUZ VMLINUX: QEMU starts an uncompressed kernel directly, 4 s sooner. Where the payload is
# stands in the file's header (Documentation/arch/x86/boot.rst); its last word is its size. xz and zstd notice a
# payload that is cut off; what is before them may not have been read to the end.
kernel_extract() {
	local setup offset length unpack

	setup=$(kernel_header "$1" 0x1f1 1) &&
		offset=$(kernel_header "$1" 0x248 4) &&
		length=$(kernel_header "$1" 0x24c 4) || return
	unpack=(xz -dc --single-stream)
	: $((offset += (setup + 1) * 512))
	[ "$(kernel_header "$1" $offset 4)" != $((0xfd2fb528)) ] || unpack=(zstd -dcq)
	(
		set +o pipefail
		tail -c +$((offset + 1)) "$1" | head -c $((length - 4)) | "${unpack[@]}" >"$2"
	) && [ "$(head -c 4 "$2")" = $'\x7fELF' ]
}

# kernel_header FILE OFFSET SIZE: a number of the header.
kernel_header() {
	od -An -tu"$3" -j "$2" -N "$3" "$1" | tr -d ' '
}
