# SPDX-License-Identifier: BSD-3-Clause
# The initrd: busybox, guest/init, and the modules that mount the host's root. It is created in
# a fifth of a second, so each boot creates its own and it is never stale.

# In the order of loading. virtio-iommu, where it is used, serves virtio's other devices.
initrd_modules=(virtio_pci virtio-iommu 9pnet_virtio 9p overlay crc32c_generic virtio_console)

# initrd_make FILE: false if it cannot be written.
initrd_make() {
	local file=$1 root=$1.root

	mkdir -p "$root"/{bin,modules,proc,sys,dev,shared,lower,upper,new} &&
		cp "$(command -v busybox)" "$root/bin/busybox" || return
	! ldd "$root/bin/busybox" >/dev/null 2>&1 || die "a static busybox is needed (Debian: busybox-static)"
	install -m 755 "$lab/guest/init" "$root/init" &&
		initrd_add_modules "$root/modules" &&
		(cd "$root" && find . | cpio -o -H newc -R 0:0 --quiet) >"$file" &&
		rm -r "$root"
}

# Copies each module and its dependencies, uncompressed, and lists them in loading order. A kernel without one of
# the modules has it built in, or does not need it.
initrd_add_modules() {
	local dir=$1 module path name

	for module in "${initrd_modules[@]}"; do
		[ "$module" != virtio-iommu ] || [ "$plan_iommu" = virtio ] || continue
		initrd_depends "$module" || true
	done | initrd_paths | while IFS= read -r path; do
		name=${path##*/} name=${name%.ko*}.ko
		case $path in
		*.xz) xz -dc "$path" ;;
		*.zst) zstd -dcq "$path" ;;
		*.gz) gzip -dc "$path" ;;
		*) cat "$path" ;;
		esac >"$dir/$name" && echo "$name" >>"$dir/order" || return
	done
}

# The paths of "insmod PATH OPTION...", each once; a path may have blanks.
initrd_paths() {
	sed -n 's/^insmod \(.*\.ko\(\.[a-z]*\)\{0,1\}\)\( .*\)\{0,1\}$/\1/p' | awk '!seen[$0]++'
}

# initrd_depends MODULE: it and what it needs, as "insmod PATH" or "builtin MODULE"; false if there is none.
initrd_depends() {
	modprobe -S "$(kernel_version)" -d "$kernel" --show-depends -q "$1"
}

initrd_has() {
	initrd_depends "$1" >/dev/null
}
