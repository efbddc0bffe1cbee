# SPDX-License-Identifier: BSD-3-Clause
# The programs that the lab needs, and the packages of Debian that they are in.

# tools_table: program package
tools_table() {
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

# tools_packages: the packages of the table, and those that no program shows: a compiler measures the guest's clock,
# the keyring verifies another release's kernel.
tools_packages() {
	{
		tools_table | cut -d' ' -f2
		printf '%s\n' gcc libc6-dev debian-archive-keyring
		! plan_wants_siw || echo libelf-dev
	} | LC_ALL=C sort -u
}

tools_need() {
	local program package missing=() packages=()

	[ "$(uname -m)" = x86_64 ] || die "the guest runs this system's programs, and is x86_64: this machine is $(uname -m)"
	while read -r program package; do
		command -v "$program" >/dev/null && continue
		missing+=("$program")
		[[ " ${packages[*]} " = *" $package "* ]] || packages+=("$package")
	done < <(tools_table)
	[ ${#missing[@]} -eq 0 ] ||
		die "not installed: ${missing[*]}. On Debian: apt-get install --no-install-recommends ${packages[*]}"
}
