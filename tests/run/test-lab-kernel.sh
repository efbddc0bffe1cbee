#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# lab/dmalab's way to a kernel: from the packages to the cache, or to a reason why there is none. With stand-ins for
# apt, dpkg and QEMU; nothing is downloaded.

# shellcheck source=tests/tap.sh
. tests/tap.sh

PATH=$PATH:/usr/sbin:/sbin
for program in xz zstd depmod; do
	command -v $program >/dev/null || {
		echo "1..0 # SKIP no $program"
		exit 0
	}
done
xz=$(command -v xz)
export xz
# shellcheck source=tests/run/stand_in.bash
. tests/run/stand_in.bash

for program in qemu-system-x86_64 busybox cpio modprobe ip; do
	stand_in $program </dev/null
done
stand_in apt-get <<'END'
case $* in
*indextargets*) echo "$mirror" | grep . ;;
*update*) eval "$update" ;;
*download*) : >linux-image-9.9.deb ;;
esac
END
stand_in apt-cache <<'END'
case $* in
*linux-image-amd64) eval "$depends" ;;
esac
END
stand_in dpkg-deb <<'END'
mkdir -p "$3/boot" "$3/lib/modules/9.9/kernel" && cp "$work/vmlinuz" "$3/boot/vmlinuz-9.9"
END
stand_in xz <<'END'
eval "$xz_does"
exec "$xz" "$@"
END

# An image of 1024 bytes before the payload, which its length and another word end.
printf '\x7fELF the kernel' | "$xz" --check=crc32 >"$work/payload"
{
	head -c 497 /dev/zero
	printf '\x01'
	head -c 90 /dev/zero
	printf "\\x$(printf %02x $(($(stat -c %s "$work/payload") + 4)))"
	head -c 435 /dev/zero
	cat "$work/payload"
	printf 'size the rest'
} >"$work/vmlinuz"

# dmalab ARGUMENT...: sets status, stdout and stderr; the cache is empty before.
dmalab() {
	rm -rf "$work/cache"
	status=0
	"$work/lab/dmalab" "$@" >"$work/stdout" 2>"$work/stderr" || status=$?
	stdout=$(<"$work/stdout") stderr=$(<"$work/stderr")
}

# leaves_nothing WHAT: no kernel either.
leaves_nothing() {
	mkdir -p "$work/cache"
	tap_is "$1: nothing is left" "$(find "$work/tmp" "$work/cache" -mindepth 1)" ""
}

export mirror=mirror update='' depends='echo "  Depends: linux-image-9.9"' xz_does=''
dmalab --kernel standin --prepare
tap_is "a kernel" "$status $stdout" "0 $work/cache/kernel-standin-9.9"
tap_is "is unpacked" "$(cat "$work/cache/kernel-standin-9.9/vmlinux")" $'\x7fELF the kernel'
ln -s "$work/cache" "$work/link"
for name in cache link; do
	stdout=$(cd "$work" && DMALAB_CACHE=$name lab/dmalab --kernel standin --prepare 2>&1)
	tap_is "a cache of the name $name has the path that the guest sees" "$stdout" "$work/cache/kernel-standin-9.9"
done

xz_does='printf "\x7fELF"; exit 1'
dmalab --kernel standin --prepare
tap_like "one that cannot be unpacked" "$status $stderr" '^125 .*no linux-image-9.9$'
leaves_nothing "one that cannot be unpacked"
xz_does=
truncate -s 1050 "$work/vmlinuz"
dmalab --kernel standin --prepare
tap_like "a truncated image" "$status $stderr" '^125 .*no linux-image-9.9$'
leaves_nothing "a truncated image"

depends='exit 100'
dmalab --kernel standin --prepare
tap_like "none in the package sources" "$status $stderr" '^125 .*have no linux-image-amd64 of standin$'
leaves_nothing "none in the package sources"

# The download is in a child, and ends with this program. The stand-in waits in a builtin, so that it has none.
update='trap "echo ended >$work/ended; exit 1" TERM; echo >"$work/begun"; read -rt 30 <>"$work/never"'
for mirror in mirror ''; do
	name="SIGTERM while the ${mirror:-private }lists are fetched"
	rm -rf "$work/ended" "$work/cache"/*
	"$work/lab/dmalab" --kernel standin --prepare >"$work/stdout" 2>"$work/stderr" &
	read -r <"$work/begun"
	kill $!
	wait $!
	tap_is "$name" "$? $(cat "$work/ended" 2>&1)" "143 ended"
	leaves_nothing "$name"
done
set -m
rm -f "$work/ended"
env --default-signal=INT "$work/lab/dmalab" --kernel standin --prepare >"$work/stdout" 2>"$work/stderr" &
set +m
read -r <"$work/begun"
kill -INT -- -$!
wait $!
tap_is "SIGINT" $? 130
leaves_nothing "SIGINT"

# folder VERSION...: $work/folder, a kernel with the modules of these.
folder() {
	rm -rf "$work/folder"
	mkdir -p "${@/#/$work/folder/lib/modules/}"
	: >"$work/folder/vmlinux"
}

folder 9.8 9.9
dmalab --kernel "$work/folder" --prepare
tap_is "a folder with two versions" "$status $stderr" \
	"125 dmalab: $work/folder/lib/modules has more than one version, or none: 9.8 9.9"
folder 9.9
rm -r "$work/folder/lib/modules/9.9"
dmalab --kernel "$work/folder" --prepare
tap_is "a folder with none" "$status $stderr" "125 dmalab: $work/folder/lib/modules has more than one version, or none: "
tap_done
