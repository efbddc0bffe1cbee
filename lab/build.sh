# SPDX-License-Identifier: BSD-3-Clause
# dmalab kernel build: a kernel of Debian's source, with what the lab needs and a configuration of kernels/ or of the
# user's, in the cache as built-RELEASE-NAME-SUM-VERSION: a kernel folder, see kernel.sh. SUM is of the configuration.

# build_command CONFIG: prints the folder.
build_command() {
	build_find_config "$1"
	kernel_choose "$opt_kernel"
	[ -n "$kernel_release" ] || options_bad "kernel build: --kernel $opt_kernel is a folder, which has no source;" \
		"there are ${kernel_names[*]}, or a release of Debian by name"
	kernel=$(build_newest)
	if [ -z "$kernel" ]; then
		tools_need build
		build_make
	fi
	echo "$kernel"
}

# build_find_config CONFIG: sets build_file, build_name and build_sum.
build_find_config() {
	if [[ $1 != */* ]] && [ -f "$lab/kernels/$1" ]; then
		build_file=$lab/kernels/$1
	elif [ -f "$1" ]; then
		build_file=$1
	else
		options_bad "kernel build $1: no such file, and no configuration of that name; dmalab --list shows them"
	fi
	[ -r "$build_file" ] || options_bad "kernel build $1: cannot be read"
	build_name=$(basename "$1" .config)
	[[ $build_name =~ ^[A-Za-z0-9_]{1,30}$ ]] ||
		options_bad "kernel build $1: the name of the file, which becomes the kernel's, is of letters, digits and _"
	build_sum=$(build_config | cksum | cut -d' ' -f1)
}

# The whole configuration: later lines count.
build_config() {
	cat "$lab/kernels/base"
	[ "$build_file" -ef "$lab/kernels/base" ] || cat "$build_file"
	echo "CONFIG_LOCALVERSION=\"-$build_name\""
}

build_newest() {
	printf '%s\n' "$cache/built-$kernel_release-$build_name-$build_sum"-[0-9]*/ | sort -V |
		sed -n '/\*/d; s,/$,,; $p'
}

build_make() {
	local state

	[[ ! $cache =~ [[:space:]:,] ]] ||
		die "make cannot build below $cache: set DMALAB_CACHE to a path without blanks"
	say "fetching the source of the kernel of Debian's $kernel_release"
	state=$(mktemp -d) && at_exit rm -rf "$state" || die "no temporary folder"
	kernel_apt "$state" && build_find_source || die "the package sources have no linux-source of $kernel_release"
	kernel=$cache/built-$kernel_release-$build_name-$build_sum-$build_version
	cache_make "${kernel##*/}" build_fill || die "no kernel $build_name of linux $build_version"
	rm -rf "$state"
}

# Sets build_source, the package that linux-source depends on, and build_version, its version.
build_find_source() {
	build_source=$(apt-cache "${apt_options[@]}" depends linux-source |
		sed -n 's/^ *Depends: \(linux-source-[0-9].*\)/\1/p') && [ -n "$build_source" ] &&
		build_version=$(apt-cache "${apt_options[@]}" show --no-all-versions "$build_source" |
			sed -n 's/^Version: //p') &&
		[ -n "$build_version" ]
}

# build_fill DIR: for cache_make.
build_fill() {
	local dir=$1 tree=$scratch/$build_source began=$SECONDS

	mkdir "$scratch/log" && apt_get "$scratch" download "$build_source=$build_version" || return
	say "unpacking linux $build_version"
	exit_child build_unpack && build_configure || return
	say "compiling linux $build_version, configuration $build_name; that takes a quarter of an hour, or much longer"
	build_step compile "-j$(nproc)" vmlinux modules && build_step install "INSTALL_MOD_PATH=$dir" \
		INSTALL_MOD_STRIP=1 modules_install && build_arrange "$dir" || return
	say "done in $(((SECONDS - began + 59) / 60)) minutes"
}

# Without the largest of what is never compiled here; other Makefiles and Kconfigs name the rest.
build_unpack() {
	dpkg-deb --fsys-tarfile "$scratch"/linux-source-*.deb | tar -xO "./usr/src/$build_source.tar.xz" | xz -dc |
		tar -C "$scratch" -x --exclude='*/drivers/gpu/drm/*.[ch]' --exclude='*/sound/*.[ch]' \
			--exclude='*/Documentation/*.rst' --exclude='*/arch/*/*.dts*' &&
		rm "$scratch"/linux-source-*.deb
}

# Kconfig leaves out silently what it does not know, or what something else forbids.
build_configure() {
	local wanted missing=()

	build_config >"$scratch/wanted" &&
		build_step configure "KCONFIG_ALLCONFIG=$scratch/wanted" alldefconfig || return
	while read -r wanted; do
		build_has "$wanted" || missing+=("$wanted")
	done < <(build_effective)
	[ ${#missing[@]} = 0 ] || {
		say "linux $build_version cannot have what the configuration $build_name wants, or something of it excludes that:"
		printf '    %s\n' "${missing[@]}" >&2
		return 1
	}
}

# The lines of the configuration that count: the last one of each name.
build_effective() {
	grep -E '^(CONFIG_[A-Za-z0-9_]+=|# CONFIG_[A-Za-z0-9_]+ is not set$)' "$scratch/wanted" |
		tac | awk '{ name = $1 == "#" ? $2 : $1; sub(/=.*/, "", name) } !seen[name]++'
}

# build_has LINE: or is without it, if the line says so.
build_has() {
	local name

	if [[ $1 = '#'* ]]; then
		name=${1#\# } name=${name%% *}
		! grep -q "^$name=" "$tree/.config"
	else
		grep -qxF -- "$1" "$tree/.config"
	fi
}

# build_step NAME ARGUMENT...: make, whose words are told if it fails.
build_step() {
	local log=$scratch/log/$1 status=0

	exit_child build_run "$log" "${@:2}" || status=$?
	[ $status = 0 ] || {
		say "make has failed ($1):"
		{ grep -m 5 -A 3 'error:\|\*\*\*' "$log" || tail -n 20 "$log"; } | sed 's/^/    /' >&2
	}
	return $status
}

# build_run LOG ARGUMENT...: the kernel says who has built it, and this is no user. QEMU starts vmlinux at its entry for
# PVH, before there is a shadow of memory for KASAN, to which what runs there, in sources before 6.12, would write.
build_run() {
	env -u MAKEFLAGS -u MAKELEVEL LC_ALL=C make -C "$tree" KBUILD_BUILD_USER=dmalab KBUILD_BUILD_HOST=dmalab \
		KASAN_SANITIZE_enlighten.o=n KASAN_SANITIZE_string.o=n "${@:2}" 2>&1 | build_count >"$1"
}

# Passes lines on, and tells of each 500th file that is compiled.
build_count() {
	awk -v who="$log_name" '
		{ print }
		/^  CC / && ++n % 500 == 0 { printf "%s: %d files\n", who, n >"/dev/stderr"; fflush("/dev/stderr") }'
}

# build_arrange DIR: as kernel.sh has it. The modules have links to the source, which is not kept.
build_arrange() {
	local version

	version=$(basename "$1"/lib/modules/*) && rm -f "$1/lib/modules/$version"/{build,source} &&
		cp "$tree/.config" "$1/config" && strip --strip-debug -o "$1/vmlinux" "$tree/vmlinux" && depmod -b "$1" "$version"
}
