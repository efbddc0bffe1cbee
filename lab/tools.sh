# SPDX-License-Identifier: BSD-3-Clause
# The programs that the lab needs, and the packages of Debian that they are in.

# tools_build: program package, of dmalab kernel build; a name with .h is a header.
tools_build() {
	cat <<-'END'
	make make
	gcc gcc
	flex flex
	bison bison
	bc bc
	xz xz-utils
	depmod kmod
	stdlib.h libc6-dev
	gelf.h libelf-dev
	END
}

# tools_run: program package, of a boot.
tools_run() {
	[ "$opt_qemu" != qemu-system-x86_64 ] || echo qemu-system-x86_64 qemu-system-x86
	cat <<-'END'
	busybox busybox-static
	cpio cpio
	depmod kmod
	modprobe kmod
	xz xz-utils
	zstd zstd
	gzip gzip
	ip iproute2
	END
	! { plan_has rxe || plan_has siw; } || echo rdma iproute2
	! plan_wants_siw || printf '%s\n' 'make make' 'gcc gcc'
	[ "$opt_memlock" = unlimited ] || echo setpriv util-linux
}

# tools_packages: the packages of a boot, and those that no program shows: a compiler measures the guest's clock,
# the keyring verifies another release's kernel.
tools_packages() {
	{
		tools_run | cut -d' ' -f2
		printf '%s\n' gcc libc6-dev debian-archive-keyring
		! plan_wants_siw || echo libelf-dev
	} | LC_ALL=C sort -u
}

# tools_has PROGRAM
tools_has() {
	if [[ $1 = *.h ]]; then
		echo "#include <$1>" | gcc -E - >/dev/null 2>&1
	else
		command -v "$1" >/dev/null
	fi
}

# tools_need run|build
tools_need() {
	local program package missing=() packages=()

	[ "$(uname -m)" = x86_64 ] || die "the guest runs this system's programs, and is x86_64: this machine is $(uname -m)"
	while read -r program package; do
		tools_has "$program" && continue
		missing+=("$program")
		[[ " ${packages[*]} " = *" $package "* ]] || packages+=("$package")
	done < <("tools_$1")
	[ ${#missing[@]} -eq 0 ] ||
		die "not installed: ${missing[*]}. On Debian: apt-get install --no-install-recommends ${packages[*]}"
}
