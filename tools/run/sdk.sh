# SPDX-License-Identifier: BSD-3-Clause
# DPDK's driver headers. Debian's libdpdk-dev leaves them out, so they come from the source package of the
# installed version; or of another one of the same release, in which they are the same.

sdk_files=(
	lib/eal/include/bus_driver.h
	lib/eal/include/dev_driver.h
	drivers/bus/pci/bus_pci_driver.h
	lib/ethdev/ethdev_driver.h
	lib/ethdev/ethdev_pci.h
	lib/dmadev/rte_dmadev_pmd.h
)
# Where a source has its version.
sdk_version_file=VERSION

# sdk_ready: sets sdk to the folder of the headers, or to nothing if libdpdk includes them. DPDK_SDK=DIR is the
# user's own choice: the headers, or a source of DPDK.
sdk_ready() {
	local version

	sdk=${DPDK_SDK:-}
	if [ -n "$sdk" ]; then
		sdk_of_user
		return
	fi
	! sdk_in_libdpdk || return 0
	version=$(sdk_source_version) ||
		die "libdpdk has no driver headers: build DPDK with -Denable_driver_sdk=true, or set DPDK_SDK=DIR"
	sdk=$cache/sdk-$version
	cache_make "sdk-$version" sdk_fetch "$version" || die "no driver headers of dpdk $version: they are in its" \
		"source package, which could not be fetched. DPDK_SDK=DIR names a folder with them, or DPDK's source of" \
		"that release"
}

sdk_in_libdpdk() {
	# shellcheck disable=SC2046
	echo '#include <bus_pci_driver.h>' |
		cc -E -DALLOW_INTERNAL_API $(pkg-config --cflags libdpdk) - >/dev/null 2>&1
}

sdk_source_version() {
	dpkg-query -W -f '${source:Version}' libdpdk-dev 2>/dev/null
}

# A folder in the cache with the headers of a source.
sdk_of_user() {
	local source=$sdk version

	sdk=$(realpath "$source") && [ -d "$sdk" ] || die "DPDK_SDK=$source is no folder"
	[ ! -e "$sdk/bus_driver.h" ] || return 0
	[ -e "$sdk/$sdk_version_file" ] || die "DPDK_SDK=$source is neither a folder with bus_driver.h nor a source of DPDK"
	sdk_check "$sdk" || die "DPDK_SDK=$source is of another release"
	version=$(<"$sdk/$sdk_version_file")
	cache_make "sdk-source-$version" sdk_take "$sdk" || die "DPDK_SDK=$source: it has no driver headers"
	sdk=$cache/sdk-source-$version
}

# sdk_take DIR SOURCE: for cache_make.
sdk_take() {
	(cd "$2" && cp "${sdk_files[@]}" "$1")
}

# sdk_fetch DIR VERSION: for cache_make.
sdk_fetch() {
	local dir=$1 version

	apt_private "$scratch/apt"
	for version in $(sdk_versions "$2"); do
		say "fetching the driver headers of dpdk $version"
		sdk_download "$version" && sdk_check "$scratch/source" && sdk_take "$dir" "$scratch/source" || continue
		[ "$version" = "$2" ] || say "the source of $2 is not to be had: the headers are those of $version"
		return 0
	done
	return 1
}

# sdk_versions VERSION: it, then the other source packages of its release, the newest first.
sdk_versions() {
	local release version

	echo "$1"
	release=$(sdk_release "$1")
	apt-cache "${apt_options[@]}" showsrc dpdk 2>/dev/null | sed -n 's/^Version: //p' | sort -Vru |
		while read -r version; do
			[ "$(sdk_release "$version")" != "$release" ] || [ "$version" = "$1" ] || echo "$version"
		done
}

# sdk_release VERSION: year and month: 24.11 of 24.11.8-0+deb13u1.
sdk_release() {
	sed -E 's/^([0-9]+:)?([0-9]+\.[0-9]+).*/\2/' <<<"$1"
}

# sdk_download VERSION: the headers into $scratch/source, as the source has them.
sdk_download() {
	rm -rf "$scratch/source" && mkdir "$scratch/source" &&
		(cd "$scratch" && apt-get "${apt_options[@]}" source --download-only "dpdk=$1") >&2 &&
		tar -C "$scratch/source" -xf "$scratch"/dpdk_"${1%-*}".orig.tar.*z --strip-components=1 --wildcards \
			"*/$sdk_version_file" "${sdk_files[@]/#/*/}"
}

# sdk_check SOURCE: the headers must be those of the library: structures change between releases, and not within.
sdk_check() {
	local source library

	source=$(<"$1/$sdk_version_file")
	library=$(pkg-config --modversion libdpdk)
	[ "$(sdk_release "$source")" != "$(sdk_release "$library")" ] || return 0
	say "the source is DPDK $source, but libdpdk is $library"
	return 1
}
