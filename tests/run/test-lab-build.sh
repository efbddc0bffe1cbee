#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# dmalab kernel build: from a configuration to a kernel in the cache, or to a reason why there is none. With stand-ins
# for apt, for the compiler, and for the kernel's source, whose Makefile make reads; nothing is downloaded.

# shellcheck source=tests/tap.sh
. tests/tap.sh

for program in make xz awk; do
	command -v $program >/dev/null || {
		echo "1..0 # SKIP no $program"
		exit 0
	}
done
# shellcheck source=tests/run/stand_in.bash
. tests/run/stand_in.bash
mkdir -p "$work/source/usr/src" "$work/linux-source-9.9"

for program in flex bison bc depmod; do
	stand_in $program </dev/null
done
stand_in apt-get <<'END'
echo "$*" >>"$work/apt"
case $* in
*indextargets*) echo mirror ;;
*download*) : >linux-source-9.9.deb ;;
esac
END
stand_in apt-cache <<'END'
case $* in
*'depends linux-source') eval "$depends" ;;
*'show --no-all-versions linux-source-9.9') echo "Version: 9.9.1-1" ;;
esac
END
stand_in dpkg-deb <<'END'
tar -C "$work/source" -cf - .
END
stand_in gcc <<'END'
! grep -q "${lacks:-nothing}"
END
stand_in strip <<'END'
cp "${@: -1}" "$3"
END
cat >"$work/linux-source-9.9/Makefile" <<'END'
SHELL = /bin/bash
.PHONY: alldefconfig vmlinux modules modules_install
alldefconfig:
	grep -v "$(refused)" $(KCONFIG_ALLCONFIG) >.config
vmlinux:
	@eval "$$compile"
	cp .config $@
	echo 'early: $(KASAN_SANITIZE_enlighten.o)$(KASAN_SANITIZE_string.o)' >>$@
modules:
	@for i in {1..500}; do echo "  CC      file$$i.o"; done
modules_install:
	mkdir -p $(INSTALL_MOD_PATH)/lib/modules/9.9.1-mine/kernel
	ln -s "$$PWD" $(INSTALL_MOD_PATH)/lib/modules/9.9.1-mine/build
END
tar -C "$work" -cJf "$work/source/usr/src/linux-source-9.9.tar.xz" linux-source-9.9
printf 'CONFIG_KASAN=y\n# CONFIG_NONE is not set\n' >"$work/mine"

# build ARGUMENT...: sets status, stdout and stderr.
build() {
	: >"$work/apt"
	status=0
	"$work/lab/dmalab" kernel build "$@" >"$work/stdout" 2>"$work/stderr" || status=$?
	stdout=$(<"$work/stdout") stderr=$(<"$work/stderr")
}

# leaves_nothing WHAT: no kernel either.
leaves_nothing() {
	tap_is "$1: nothing is left" "$(find "$work/tmp" "$work/cache" -mindepth 1)" ""
}

# wrong MESSAGE ARGUMENT...
wrong() {
	build "${@:2}"
	tap_is "wrong: kernel build ${*:2}" "$status $stderr" "2 dmalab: $1"
}

export depends='echo "  Depends: linux-source-9.9"' compile='' refused=nothing
wrong "kernel build: which configuration? dmalab --list shows them"
wrong "kernel build: one CONFIG, not debug and base" debug base
wrong "kernel build: no option --rxe but --kernel" --rxe 2 debug
wrong "--kernel without a value" debug --kernel
wrong "kernel build nosuch: no such file, and no configuration of that name; dmalab --list shows them" nosuch
wrong "kernel build $work: no such file, and no configuration of that name; dmalab --list shows them" "$work"
cp "$work/mine" "$work/my own"
wrong "kernel build $work/my own: the name of the file, which becomes the kernel's, is of letters, digits and _" "$work/my own"
wrong "kernel build: --kernel $work is a folder, which has no source; there are 6.1 6.12 newest, or a release of Debian by name" \
	--kernel "$work" debug
tap_is "wrong: kernel" "$("$work/lab/dmalab" kernel 2>&1; echo $?)" "dmalab: the form is: dmalab kernel build [--kernel K] CONFIG
2"
lacks=gelf build --kernel standin debug
tap_is "packages are missing" "$status $stderr" \
	"125 dmalab: not installed: gelf.h. On Debian: apt-get install --no-install-recommends libelf-dev"
leaves_nothing "wrong usage"

build --kernel standin "$work/mine"
kernel=$stdout
tap_like "a kernel" "$status $kernel" "^0 $work/cache/built-standin-mine-[0-9]*-9.9.1-1\$"
tap_like "of which is told" "$stderr" 'fetching the source .*unpacking linux 9.9.1-1.*compiling .*500 files.*done in'
tap_like "has the configuration" "$(<"$kernel/vmlinux")" 'CONFIG_SMP=y.*CONFIG_KASAN=y.# CONFIG_NONE is not set.CONFIG_LOCALVERSION="-mine"'
tap_like "what runs before KASAN's shadow is there is without it" "$(<"$kernel/vmlinux")" 'early: nn$'
tap_is "has modules, without a link to the source" "$(find "$kernel/lib/modules/9.9.1-mine" -mindepth 1)" \
	"$kernel/lib/modules/9.9.1-mine/kernel"
tap_is "nothing else is left" "$(find "$work/tmp" "$work/cache" -mindepth 1 -maxdepth 1)" "$kernel"
build "$work/mine" --kernel=standin
tap_is "the second time it is there" "$status $stdout $stderr$(<"$work/apt")" "0 $kernel "
echo CONFIG_MORE=y >>"$work/mine"
build --kernel standin "$work/mine"
tap_ok "another configuration is another kernel" test "$stdout" != "$kernel" -a -f "$stdout/vmlinux"
tap_like "dmalab takes it" "$("$work/lab/dmalab" --kernel "$kernel" --prepare 2>&1)" "^($kernel\$|dmalab: not installed: )"
rm -rf "$work/cache"/*

depends='exit 100'
build --kernel standin debug
tap_like "no source" "$status $stderr" '^125 .*the package sources have no linux-source of standin$'
leaves_nothing "no source"
depends='echo "  Depends: linux-source-9.9"'

refused='KASAN=y\|LOCKING=y' build --kernel standin debug
tap_like "a configuration that is not possible" "$status $stderr" \
	'^125 .*cannot have what the configuration debug wants.*CONFIG_PROVE_LOCKING=y.*CONFIG_KASAN=y.*no kernel debug of linux 9.9.1-1$'
leaves_nothing "a configuration that is not possible"

compile='echo "mm/slub.c:1: error: no luck"; exit 1' build --kernel standin debug
tap_like "what cannot be compiled" "$status $stderr" '^125 .*make has failed .compile.:.*slub.c:1: error: no luck.*no kernel debug'
leaves_nothing "what cannot be compiled"

export compile='trap "echo ended >$work/ended; exit 1" TERM; echo >"$work/begun"; read -rt 30 <>"$work/never"'
for signal in TERM INT; do
	rm -f "$work/ended"
	set -m
	env --default-signal=INT "$work/lab/dmalab" kernel build --kernel standin debug >"$work/stdout" 2>"$work/stderr" &
	set +m
	read -r <"$work/begun"
	[ $signal = TERM ] && kill $! || kill -INT -- -$!
	wait $! 2>/dev/null
	tap_is "SIG$signal while it is compiled" "$? $(cat "$work/ended" 2>&1)" "$([ $signal = TERM ] && echo 143 || echo 130) ended"
	leaves_nothing "SIG$signal while it is compiled"
done
tap_done
