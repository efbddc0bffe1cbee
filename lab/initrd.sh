# SPDX-License-Identifier: BSD-3-Clause
# The initrd: busybox, lab/init, and the modules that mount the host's root. It is created in
# a fifth of a second, so each boot creates its own and it is never stale.

initrd_modules=(virtio_pci 9pnet_virtio 9p overlay crc32c_generic virtio_console)

# initrd_make FILE
initrd_make() {
	local file=$1 root=$1.root

	mkdir -p "$root"/{bin,modules,proc,sys,dev,lab,lower,upper,new}
	cp "$(command -v busybox)" "$root/bin/busybox"
	! ldd "$root/bin/busybox" >/dev/null 2>&1 || die "lab: a static busybox is needed"
	install -m 755 lab/init "$root/init"
	initrd_add_modules "$root/modules"
	(cd "$root" && find . | cpio -o -H newc -R 0:0 --quiet) >"$file"
	rm -r "$root"
}

# Copies each module and its dependencies, uncompressed, and lists them in loading order. A kernel without one of
# the modules has it built in, or does not need it.
initrd_add_modules() {
	local dir=$1 version module path name

	version=$(kernel_version)
	for module in "${initrd_modules[@]}"; do
		modprobe -S "$version" -d "$kernel" --show-depends -q "$module" || true
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r path; do
		name=${path##*/}
		case $name in
		*.xz) xz -dc "$path" >"$dir/${name%.xz}" ;;
		*) cp "$path" "$dir/$name" ;;
		esac
		echo "${name%.xz}" >>"$dir/order"
	done
}

kernel_version() {
	basename "$kernel"/lib/modules/*
}

# The first two numbers of the version.
kernel_series() {
	kernel_version | grep -oE '^[0-9]+\.[0-9]+'
}
