# SPDX-License-Identifier: BSD-3-Clause
# DPDK's driver headers. Debian's libdpdk-dev leaves them out, so they come from the source package
# of exactly the installed version.

sdk_files=(
	lib/eal/include/bus_driver.h
	lib/eal/include/dev_driver.h
	drivers/bus/pci/bus_pci_driver.h
	lib/ethdev/ethdev_driver.h
	lib/ethdev/ethdev_pci.h
	lib/dmadev/rte_dmadev_pmd.h
)

# sdk_ready: sets sdk to the folder of the headers, or to nothing if libdpdk includes them.
sdk_ready() {
	local version

	sdk=${DPDK_SDK:-}
	if [ -n "$sdk" ] || sdk_in_libdpdk; then
		return 0
	fi
	version=$(sdk_source_version) ||
		die "libdpdk has no driver headers: build DPDK with -Denable_driver_sdk=true, or set DPDK_SDK=DIR"
	sdk=$cache/sdk-$version
	cache_make "sdk-$version" sdk_fetch "$version" ||
		die "no driver headers of dpdk $version: they are in its source package. DPDK_SDK=DIR names them too"
}

sdk_in_libdpdk() {
	# shellcheck disable=SC2046
	echo '#include <bus_pci_driver.h>' |
		cc -E -DALLOW_INTERNAL_API $(pkg-config --cflags libdpdk) - >/dev/null 2>&1
}

sdk_source_version() {
	dpkg-query -W -f '${source:Version}' libdpdk-dev 2>/dev/null
}

# sdk_fetch DIR VERSION: for cache_make.
sdk_fetch() {
	local dir=$1 version=$2

	say "fetching the driver headers of dpdk $version"
	apt_private "$scratch/apt" &&
		(cd "$scratch" && apt-get "${apt_options[@]}" source --download-only "dpdk=$version") >&2 &&
		tar -C "$dir" -xf "$scratch"/dpdk_*.orig.tar.*z --strip-components=1 --wildcards \
			'*/VERSION' "${sdk_files[@]/#/*/}" &&
		sdk_check "$dir" &&
		(cd "$dir" && mv "${sdk_files[@]}" . && rm -r lib drivers)
}

# The headers must be those of the library: the structures in them change between releases.
sdk_check() {
	local source library

	source=$(<"$1/VERSION")
	library=$(pkg-config --modversion libdpdk)
	[ "$source" = "$library" ] && return
	say "the source is DPDK $source, but libdpdk is $library"
	return 1
}
