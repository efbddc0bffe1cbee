#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# lab/dmalab around the guest: results, ends, and what it leaves behind. With a stand-in for QEMU, which writes what a
# guest would; tests/lab/test-lab.sh boots.

# shellcheck source=tests/tap.sh
. tests/tap.sh

for program in busybox cpio depmod modprobe xz zstd; do
	PATH=$PATH:/usr/sbin:/sbin command -v $program >/dev/null || {
		echo "1..0 # SKIP no $program"
		exit 0
	}
done
work=$(mktemp -d) && work=$(realpath "$work") || exit
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{bin,cache,tmp,given,given1,given2,out} "$work"/kernel/lib/modules/9.9
: >"$work/kernel/vmlinux"
mkfifo "$work/begun"
export work DMALAB_CACHE=$work/cache TMPDIR=$work/tmp PATH=$work/bin:$PATH

# The guest's side of one boot: $guest is its behaviour.
cat >"$work/bin/qemu-system-x86_64" <<'END'
#!/bin/bash
shared=$(printf '%s\n' "$@" | sed -n 's/^local,id=shared,path=\([^,]*\),.*/\1/p')
out=$(printf '%s\n' "$@" | sed -n 's/^local,id=out,path=\([^,]*\),.*/\1/p')
console=$(printf '%s\n' "$@" | sed -n 's/^file:\(.*console\)$/\1/p')
host=$(sed -n 's/^host=//p' "$shared/settings")
printf '%s\n' "$@" >"$work/arguments$host"
rm -f "$work/given$host"/*
cp "$shared"/* "$work/given$host"
echo "the console" >"$console"
eval "$guest"
END
chmod +x "$work/bin/qemu-system-x86_64"

# dmalab ARGUMENT...: sets status, stdout and stderr.
dmalab() {
	status=0
	lab/dmalab --kernel "$work/kernel" "$@" >"$work/stdout" 2>"$work/stderr" || status=$?
	stdout=$(<"$work/stdout") stderr=$(<"$work/stderr")
}

# leaves_nothing WHAT
leaves_nothing() {
	tap_is "$1: no temporary files are left" "$(ls -A "$work/tmp")" ""
}

# argument PATTERN: QEMU's arguments that match.
argument() {
	grep -E -e "$1" "$work/arguments"
}

# given FILE NAME...: the values of variables in what the guest is given.
given() (
	. "$work/given/$1"
	for name in "${@:2}"; do
		echo "${!name}"
	done | xargs
)

# interrupt SIGNAL [OPTION...]: as a terminal does, to the foreground process group, when the guest runs.
interrupt() {
	set -m
	env --default-signal=INT,TERM,HUP lab/dmalab --kernel "$work/kernel" "${@:2}" true </dev/null >"$work/stdout" \
		2>"$work/stderr" &
	set +m
	read -r <"$work/begun"
	kill -"$1" -- -$!
	wait $! 2>/dev/null
}

export guest='echo 0 >"$shared/status"'
dmalab --rxe 2 --vfio e1000e:2,edu --aw-bits 39 --hugepages 9 --append "debug x=y" -- cmd 'a b' ''
tap_is "success" "$status$stdout$stderr" 0
tap_is "the command" "$(tr '\0' '|' <"$work/given/argv")" "cmd|a b||"
tap_is "the current folder" "$(given config cwd)" "$PWD"
tap_is "the plan" "$(cat "$work/given/plan")" "0000:00:10.0 rxe rxe0 rxe -
0000:00:11.0 rxe rxe1 rxe -
0000:00:12.0 vfio - vfio1 -
0000:00:13.0 vfio - vfio1 -
0000:00:14.0 vfio - - -"
tap_like "the kernel's command line" "$(argument console=)" ' hugepages=9 debug x=y$'
tap_is "devices" "$(argument '^(e1000e|virtio-net|edu|intel)')" \
	"intel-iommu,intremap=on,caching-mode=on,aw-bits=39
virtio-net-pci,netdev=net10,mac=52:54:00:00:00:10,romfile=,addr=0x10
virtio-net-pci,netdev=net11,mac=52:54:00:00:00:11,romfile=,addr=0x11
e1000e,netdev=net12,mac=52:54:00:00:00:12,romfile=,addr=0x12
e1000e,netdev=net13,mac=52:54:00:00:00:13,romfile=,addr=0x13
edu,dma_mask=0xffffffffffff,addr=0x14"
tap_is "who is joined" "$(argument ^hubport | xargs)" \
	"hubport,id=net10,hubid=0 hubport,id=net11,hubid=0 hubport,id=net12,hubid=1 hubport,id=net13,hubid=1"
leaves_nothing "success"
dmalab --vfio virtio true
tap_like "virtio behind the IOMMU" "$(argument ^virtio-net)" '^virtio-net-pci,disable-legacy=on,iommu_platform=on,netdev'
dmalab --vfio edu --memlock 64 --dma-entry-limit 9 --fail-on-iommu-fault true
tap_is "faults" "$(given settings memlock dma_entry_limit report_faults iommu fail_nth)" "64 9 yes intel"

# KVM, by a file in the place of its own.
cp -r lab "$work/lab"
sed -i "s,/dev/kvm,$work/kvm,g" "$work/lab/options.sh"
tap_is "without KVM" "$("$work/lab/dmalab" --kernel "$work/kernel" --accel kvm true 2>&1; echo $?)" \
	"dmalab: --accel kvm: $work/kvm is missing or not accessible
2"
: >"$work/kvm"
"$work/lab/dmalab" --kernel "$work/kernel" --accel kvm true
tap_is "with KVM" "$(grep -A 3 -x -e -accel "$work/arguments" | xargs)" "-accel kvm,kernel-irqchip=split -cpu host"
dmalab true
tap_is "unless it is wanted, emulation" "$(grep -A 3 -x -e -accel "$work/arguments" | xargs)" \
	"-accel tcg,thread=multi -cpu Nehalem,rdrand=on"

dmalab --fail-nth 7 true
tap_is "a kernel that injects no faults" "$status $stderr" \
	"125 dmalab: --fail-nth: kernel 9.9 has no fault injection; dmalab kernel build debug makes one that has"
echo make-it-fail fail-nth >"$work/kernel/vmlinux"
dmalab --fail-nth 7 true
tap_is "one that does" "$status $(given settings fail_nth)" "0 7"
: >"$work/kernel/vmlinux"

# Two hosts.
guest='echo $host >"$out/file"; echo 0 >"$shared/status"'
dmalab --hosts 2 --vfio e1000e:1,virtio:2 --out "$work/out" --junit "$work/junit" true
tap_is "two hosts" "$status$stderr" 0
tap_is "two hosts: the files of each" "$(cat "$work"/out/[12]/file | xargs)" "1 2"
for host in 1 2; do
	tap_is "host $host: its MAC addresses" "$(grep -oE 'mac=[^,]*' "$work/arguments$host" | xargs)" \
		"mac=52:54:00:00:0$host:10 mac=52:54:00:00:0$host:11 mac=52:54:00:00:0$host:12"
	tap_is "host $host: its segments are joined" "$(grep -E '^(dgram|hubport,id=joined)' "$work/arguments$host" |
		sed 's,path=[^ \,]*dmalab[^/]*/,path=,g' | xargs)" \
		"dgram,id=wire0,local.type=unix,local.path=0.$host,remote.type=unix,remote.path=0.$((3 - host)) hubport,id=joined0,hubid=0,netdev=wire0 dgram,id=wire1,local.type=unix,local.path=1.$host,remote.type=unix,remote.path=1.$((3 - host)) hubport,id=joined1,hubid=1,netdev=wire1"
done
tap_like "two hosts: one result" "$(<"$work/junit")" 'tests="1" failures="0" errors="0"'
rm -r "$work"/out/[12]
guest='[ "$host" = 1 ] && exec sleep 1000; echo 5 >"$shared/status"'
dmalab --hosts 2 --rxe 1 --junit "$work/junit" true
tap_is "the second fails: so do both, and the first is ended" "$status" 5
tap_like "the second fails: the result" "$(<"$work/junit")" 'failures="1" errors="0".*<failure message="status 5"'
guest='[ "$host" = 1 ] && exec sleep 1000; exit 1'
dmalab --hosts 2 --rxe 1 --junit "$work/junit" true
tap_like "one has no result" "$status $(<"$work/junit")" '^125 .*failures="0" errors="1".*no result of host 2'
guest='[ "$host" = 2 ] && echo >"$work/begun"; exec sleep 1000'
interrupt INT --hosts 2 --rxe 1
tap_is "two hosts, interrupted" $? 130
leaves_nothing "two hosts"
dmalab --hosts 2 --shell true
tap_like "two hosts have no terminal" "$status $stderr" '^2 .*two guests have no terminal'

# Modules: of a kernel folder with blanks in its path and modules elsewhere.
mkdir -p "$work"/{modules,"a kernel/lib/modules"}
ln -s "$work/modules" "$work/a kernel/lib/modules/9.9"
: >"$work/a kernel/vmlinux"
for module in a b c d; do
	echo "module $module" >"$work/modules/$module.ko"
done
xz "$work/modules/b.ko" && zstd -q --rm "$work/modules/c.ko" && gzip "$work/modules/d.ko"
cat >"$work/bin/modprobe" <<'END'
#!/bin/bash
[[ $* = *virtio_pci ]] && cd "$work/a kernel/lib/modules/9.9" || exit
printf "insmod $PWD/%s \n" a.ko b.ko.xz a.ko c.ko.zst
echo "insmod $PWD/d.ko.gz option=1 another=x"
END
chmod +x "$work/bin/modprobe"
guest='cp "${shared%/*}/initrd" "$work"; echo 0 >"$shared/status"'
dmalab --kernel "$work/a kernel" true
tap_is "modules: of a path with blanks" "$status$stderr" 0
mkdir "$work/initrd.root"
(cd "$work/initrd.root" && cpio -i --quiet <"$work/initrd")
tap_is "modules: their order" "$(cat "$work/initrd.root/modules/order")" "a.ko
b.ko
c.ko
d.ko"
tap_is "modules: unpacked" "$(cat "$work"/initrd.root/modules/?.ko)" "module a
module b
module c
module d"
tap_is "modules: where the guest finds them" "$(given config modules)" "$work/modules"
rm "$work/bin/modprobe"

# Another QEMU, the only one.
mv "$work/bin/qemu-system-x86_64" "$work/other qemu"
dmalab --qemu "$work/other qemu" true
tap_is "another QEMU" "$status$stdout$stderr" 0
mv "$work/other qemu" "$work/bin/newer"
dmalab --qemu newer true
tap_is "by name" "$status$stdout$stderr" 0
mv "$work/bin/newer" "$work/bin/qemu-system-x86_64"

guest='echo 7 >"$shared/status"; echo kept >"$out/file"'
dmalab --out "$work/out" --junit "$work/junit" -- cmd '<&"'
tap_is "the command's status" "$status$stdout$stderr" 7
tap_is "its files, and the console" "$(cat "$work/out/file" "$work/out/console.log")" "kept
the console"
tap_is "JUnit" "$(sed 's/time="[0-9]*"/time=""/' "$work/junit")" '<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="dmalab" tests="1" failures="1" errors="0" time="">
<testcase classname="dmalab" name="cmd &lt;&amp;&quot;" time="">
<failure message="status 7">the console</failure>
</testcase>
</testsuite>'


# verdict OPTION...: the case in the JUnit file, which an older run has left behind.
verdict() {
	echo "an older verdict" >"$work/junit"
	dmalab --junit "$work/junit" "$@"
	grep -A 1 '^<testcase' "$work/junit" | sed 's/time="[0-9]*"//'
}

guest='echo 0 >"$shared/status"'
tap_is "JUnit: success" "$(verdict true)" '<testcase classname="dmalab" name="true" >
</testcase>'
tap_is "JUnit: a wrong option" "$(verdict --nope true)" '<testcase classname="dmalab" name="dmalab" >
<error message="status 2: no option --nope; dmalab --help lists them"></error>'
tap_is "JUnit: no kernel" "$(verdict --kernel "$work" true)" "<testcase classname=\"dmalab\" name=\"true\" >
<error message=\"status 125: $work is not a kernel folder (vmlinux, lib/modules/VERSION)\"></error>"
dmalab --out "$work/out" true
tap_is "the console of an older failure is not kept" "$(ls "$work/out")" file

guest='echo "DMAR: fault addr 0x1000" >"$shared/faults"; echo 0 >"$shared/status"'
dmalab --vfio edu --fail-on-iommu-fault true
tap_is "an IOMMU fault" "$status $stderr" "123 dmalab: the IOMMU has refused accesses (--fail-on-iommu-fault)
dmalab: faults:
    DMAR: fault addr 0x1000"
guest='echo "DMAR: fault addr 0x1000" >"$shared/faults"; echo 3 >"$shared/status"'
dmalab --vfio edu --fail-on-iommu-fault true
tap_is "and a failure of the command" $status 3

guest='exec sleep 1000'
dmalab --timeout 5 --junit "$work/junit" sleep 1000
tap_is "a hang" "$status $stderr" "124 dmalab: not done after 5 s (--timeout), ended
dmalab: console:
    the console"
guest='trap "" TERM; while :; do sleep 1; done'
dmalab --timeout 1 true
tap_like "one that only SIGKILL ends" "$status $stderr" '^124 .*not done after 1 s'
guest='kill -9 $$'
dmalab true
tap_like "QEMU is killed" "$status $stderr" '^125 dmalab: QEMU was killed'
tap_like "a hang in JUnit" "$(<"$work/junit")" 'errors="1".*<error message="status 124: not done after 5 s'
leaves_nothing "a hang"

cp -r lab "$work/impatient"
# impatient SECONDS ARGUMENT...: sets status and stderr.
impatient() {
	sed -i "s/^boot_patience=.*/boot_patience=$1/" "$work/impatient/boot.sh"
	shift
	rm -f "$work/once"
	stderr=$("$work/impatient/dmalab" --kernel "$work/kernel" "$@" 2>&1 >/dev/null)
	status=$?
}
up='echo "dmalab: the kernel is up" >>"$console"; sleep 2; echo 5 >"$shared/status"'
guest='[ -e "$work/once" ] || { : >"$work/once"; exec sleep 1000; };'$up
impatient 10 true # in which a busy machine starts the second one
tap_is "a kernel that hangs is booted again, one that is up is waited for" "$status $stderr" \
	"5 dmalab: the guest's kernel was not up after 10 s, and is ended"
tap_ok "with the rest of the time" test "$(given settings limit)" -lt 300
guest='exec sleep 1000'
impatient 1 --junit "$work/junit" true
tap_is "but not for ever" "$status $(grep -c 'not up after' <<<"$stderr")" "125 3"
tap_like "which JUnit has" "$(<"$work/junit")" "<error message=.status 125: the guest's kernel was not up, three times"
leaves_nothing "a kernel that hangs"

guest='echo "[    9.0] Kernel panic - not syncing: lost" >>"$console"'
dmalab true
tap_like "a panic" "$status $stderr" "^125 dmalab: the guest's kernel panicked: Kernel panic - not syncing: lost.*the console"
guest='echo "no netdev" >"$shared/failure"'
dmalab true
tap_like "a device that fails" "$status $stderr" "^125 dmalab: the guest could not be set up.dmalab: failure:.    no netdev"
guest='echo "no such model" >&2; exit 1'
dmalab true
tap_like "QEMU fails" "$status $stderr" "^125 dmalab: the guest ended without a result; QEMU's status: 1.*no such model"
leaves_nothing "a failure"

# The guest writes more than a pipe holds, and would not end.
for port in 7 8; do
	guest="seq 300000 >&$port; exec sleep 1000"
	status=0
	if [ $port = 7 ]; then
		dmalab_output=$(lab/dmalab --kernel "$work/kernel" --timeout 20 seq 2>&1 >/dev/full) || status=$?
		tap_is "stdout cannot be written" "$status $(grep -v '^cat:' <<<"$dmalab_output")" \
			"125 dmalab: the command's output cannot be written: the guest is ended"
	else
		lab/dmalab --kernel "$work/kernel" --timeout 20 seq 2>/dev/full || status=$?
		tap_is "stderr cannot be written" $status 125
	fi
done
guest='echo line >&7; echo 0 >"$shared/status"'
lab/dmalab --kernel "$work/kernel" echo >/dev/full 2>/dev/null
tap_is "nor the last line" $? 125
guest='yes >&7; exec sleep 1000'
stdout=$({
	env --default-signal=PIPE lab/dmalab --kernel "$work/kernel" --timeout 20 yes 2>"$work/stderr"
	echo $? >"$work/status"
} | head -n 1)
tap_is "a reader that leaves" "$stdout $(<"$work/status") $(<"$work/stderr")" "y 141 "
leaves_nothing "output that is lost"

guest='echo 7 >"$shared/status"'
lab/dmalab --kernel "$work/kernel" true 0<&- >&- 2>&-
tap_is "without stdin, stdout and stderr" $? 7
lab/dmalab --nope 2>&-
tap_is "a message without stderr" $? 2
lab/dmalab --nope 2>/dev/full
tap_is "a message that cannot be written" $? 2

# In the guest: an address that is not there yet.
tap_is "no address" "$(
	. lab/guest/devices.sh
	ip() { echo "$address"; }
	address='1: eth1    inet6 fe80::1/64 scope link'
	devices_address eth1
	address=
	devices_address eth1
	echo $?
)" "fe80::1
1"

sum=$(cksum <lab/tsc_khz.c)
rm -rf "$work/cache/tsc_khz"*
mkdir "$work/cache/tsc_khz-${sum%% *}"
: >"$work/cache/tsc_khz-${sum%% *}/tsc_khz"
dmalab true
tap_is "a program of the cache that cannot be executed" "$status$stderr" 7

# processes GROUP: those that run. One that has ended may wait for init.
processes() {
	ps -e -o pgid=,stat=,args= | awk -v group="$1" '$1 == group && $2 !~ /^Z/'
}

# gone GROUP: within a minute, as what dmalab has killed may be a moment behind it; or prints what is left.
gone() {
	local left

	for _ in {1..300}; do
		left=$(processes "$1")
		[ -n "$left" ] || return 0
		sleep 0.2
	done
	echo "$left"
}

guest='echo >"$work/begun"; exec sleep 1000'
for signal in INT TERM HUP; do
	interrupt $signal
	tap_is "SIG$signal" "$? $(<"$work/stderr")" \
		"$([ $signal = INT ] && echo 130 || echo 143) dmalab: interrupted; the guest is ended"
	leaves_nothing "SIG$signal"
	tap_is "SIG$signal: no process is left" "$(gone $!)" ""
done
interrupt TERM --junit "$work/junit"
tap_like "SIGTERM in JUnit" "$(<"$work/junit")" 'errors="1".*<error message="status 143: interrupted">'

if [ "$(id -u)" = 0 ] && unshare --mount true 2>/dev/null; then
	guest='echo 0 >"$shared/status"'
	stderr=$(unshare --mount bash -c 'mount -t tmpfs -o size=64k none "$TMPDIR" &&
		lab/dmalab --kernel "$work/kernel" true' 2>&1)
	tap_is "a full disk" "$? $(sed -n '$p' <<<"$stderr" | sed 's,/dmalab\..*,,')" "125 dmalab: cannot write to $work/tmp"
	status=0
	stderr=$(unshare --mount bash -c 'mount -t tmpfs -o ro none "$work/out" &&
		lab/dmalab --out "$work/out" true' 2>&1) || status=$?
	tap_is "--out of a read-only file system" "$status $stderr" "2 dmalab: --out $work/out: cannot be written"
else
	tap_skip "a full disk, and a read-only one" "no namespaces"
fi
tap_done
