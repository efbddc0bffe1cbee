# SPDX-License-Identifier: BSD-3-Clause
# QEMU of another release of Debian, which has models that this system's has not: unpacked into the cache as
# qemu-RELEASE-VERSION with the libraries that it needs, never installed. Nor does it take root.

# qemu_ready QEMU: sets qemu to a program. QEMU is one, or a release by name.
qemu_ready() {
	qemu=$1
	[[ $1 =~ ^[a-z]+$ ]] && ! command -v "$1" >/dev/null || return 0
	qemu=$(qemu_newest "$1")
	[ -n "$qemu" ] || qemu_download "$1"
}

# qemu_newest RELEASE: its program, or nothing.
qemu_newest() {
	printf '%s\n' "$cache/qemu-$1"-[0-9]*/ | sort -V | sed -n '/\*/d; s,/$,/qemu-system-x86_64,; $p'
}

# qemu_download RELEASE
qemu_download() {
	local state version

	say "fetching QEMU of Debian's $1"
	state=$(mktemp -d) && at_exit rm -rf "$state" && apt_private "$state" "$1" || die "lab: no packages of $1"
	version=$(apt-cache "${apt_options[@]}" show qemu-system-x86 | sed -n 's/^Version: //p;T;q')
	[ -n "$version" ] && cache_make "qemu-$1-${version#*:}" qemu_fetch "$state" || die "lab: no QEMU of $1"
	qemu=$(qemu_newest "$1")
	rm -rf "$state"
}

# qemu_fetch DIR STATE: for cache_make. In STATE no package is installed, so these are all that it depends on.
qemu_fetch() {
	local dir=$1 state=$2 deb

	apt_get "$scratch" install --yes --download-only --no-install-recommends qemu-system-x86 || return
	for deb in "$state"/cache/archives/*.deb; do
		dpkg-deb -x "$deb" "$dir/root" || return
	done
	rm -rf "$dir"/root/usr/share/{doc,locale,man}
	qemu_program >"$dir/qemu-system-x86_64" && chmod 755 "$dir/qemu-system-x86_64" &&
		"$dir/qemu-system-x86_64" --version >&2
}

# By that release's own loader, as its libraries do not fit to this system's.
qemu_program() {
	cat <<-'END'
	#!/bin/bash
	root=$(dirname "$(readlink -f "$0")")/root
	libraries=$root/usr/lib/x86_64-linux-gnu
	export QEMU_MODULE_DIR=$libraries/qemu
	exec "$libraries/ld-linux-x86-64.so.2" --library-path "$libraries" "$root/usr/bin/qemu-system-x86_64" \
		-L "$root/usr/share/qemu" -L "$root/usr/share/seabios" "$@"
	END
}
