# SPDX-License-Identifier: BSD-3-Clause
# One boot of the lab: QEMU in software emulation, its kernel, and the host's root under a
# throw-away overlay. Bounded from outside: no event in the guest can exceed the time limit. Exit
# status: the command's; 124: timeout; 125: the lab itself failed.

lab_machine=q35,sata=off,smbus=off,hpet=off,vmport=off,i8042=off,usb=off,graphics=off
lab_append="console=ttyS0 quiet rdinit=/init nokaslr nopti mitigations=off tsc=reliable"
lab_append+=" no_timer_check random.trust_cpu=on cryptomgr.notests rcupdate.rcu_expedited=1"
lab_append+=" init_on_alloc=0 oops=panic panic=-1 hugepages=256"

# lab_run CMD...: runs it in the guest; the guest's stdout and stderr are passed on as they come.
lab_run() {
	local out err

	lab_prepare
	printf '%s\0' "$@" >"$lab_work/shared/argv"
	# QEMU opens its outputs by name, which is possible for a pipe but not for every stdout.
	exec 7> >(exec cat) && out=$!
	exec 8> >(exec cat >&2) && err=$!
	lab_start "${LAB_TIMEOUT:-300}" \
		-chardev file,id=stdout,path=/proc/self/fd/7 -device virtserialport,nr=1,chardev=stdout \
		-chardev file,id=stderr,path=/proc/self/fd/8 -device virtserialport,nr=2,chardev=stderr \
		</dev/null >/dev/null
	exec 7>&- 8>&-
	lab_wait
	wait $out $err || true
	lab_result
}

# lab_shell: an interactive shell on this terminal, without a time limit.
lab_shell() {
	[ -t 0 ] || die "shell: stdin is not a terminal"
	lab_prepare
	echo "${TERM:-vt100} $(stty size)" >"$lab_work/shared/terminal"
	say "exit or Ctrl-D ends the lab; files are lost then, except those in \$LAB_OUT"
	lab_start 0 -chardev stdio,id=terminal,signal=off -device virtconsole,nr=0,chardev=terminal
	lab_wait
	lab_result
}

# Sets lab_work: initrd, console, qemu.log, and "shared", the folder shared with the guest.
lab_prepare() {
	lab_work=$(mktemp -d "${TMPDIR:-/tmp}/lab.XXXXXX")
	lab_qemu=
	at_exit lab_clean_up
	mkdir "$lab_work"/{shared,out}
	printf 'top=%q\nmodules=%q\n' "$top" "$kernel/lib/modules/$(kernel_version)" \
		>"$lab_work/shared/config"
	siw_give "$lab_work/shared"
	initrd_make "$lab_work/initrd"
}

lab_clean_up() {
	if [ -n "$lab_qemu" ]; then
		kill "$lab_qemu" 2>/dev/null
		wait "$lab_qemu" || true
	fi
	rm -rf "$lab_work"
}

# lab_start SECONDS QEMU-ARGUMENT...: sets lab_qemu, the process to wait for. 0 means no limit.
lab_start() {
	local limit=$1

	shift
	echo "$limit" >"$lab_work/shared/limit"
	plan_make_devices
	lab_share root / readonly=on,multidevs=remap
	lab_share lab "$lab_work/shared"
	lab_share out "$(realpath "${LAB_OUT:-$lab_work/out}")"
	lab_accelerate
	timeout --foreground -k 5 "$limit" qemu-system-x86_64 "${lab_accel[@]}" \
		-M "$lab_machine" -smp 2 -m "${LAB_MEM:-2048}" \
		-nodefaults -no-user-config -display none -no-reboot -serial "file:$lab_work/console" \
		-device isa-debug-exit,iobase=0xf4,iosize=1 \
		-kernel "$kernel/vmlinux" -initrd "$lab_work/initrd" \
		-append "$lab_append ${LAB_APPEND:-}" \
		"${plan_devices[@]}" -device virtio-serial-pci "$@" \
		<&0 2>"$lab_work/qemu.log" &
	lab_qemu=$!
}

# Emulation unless the user requests another: the lab must behave alike everywhere.
lab_accelerate() {
	case ${LAB_ACCEL:-tcg} in
	tcg)
		lab_accel=(-accel "tcg,thread=multi" -cpu "Nehalem,rdrand=on")
		# The guest's own measurement of its clock fails on a busy host.
		[ ! -x build/lab/tsc_khz ] || lab_append+=" tsc_early_khz=$(build/lab/tsc_khz)"
		;;
	kvm) lab_accel=(-accel kvm -cpu host) ;;
	*) die "LAB_ACCEL is tcg or kvm, not $LAB_ACCEL" ;;
	esac
}

# lab_share TAG FOLDER [OPTIONS]
lab_share() {
	plan_devices+=(
		-fsdev "local,id=$1,path=${2//,/,,},security_model=none${3:+,$3}"
		-device "virtio-9p-pci,fsdev=$1,mount_tag=$1"
	)
}

lab_wait() {
	lab_status=0
	wait "$lab_qemu" || lab_status=$?
	lab_qemu=
}

# Ends the program with the command's status, or reports why there is none.
lab_result() {
	local shared=$lab_work/shared

	[ ! -s "$shared/status" ] || exit "$(<"$shared/status")"
	if [ "$lab_status" = 124 ] || [ "$lab_status" = 137 ]; then
		say "lab: not done after ${LAB_TIMEOUT:-300} s (LAB_TIMEOUT), ended"
		lab_tell console
		exit 124
	fi
	if [ -s "$shared/failure" ]; then
		say "lab: set-up failed"
		lab_tell shared/failure
	else
		say "lab: it ended without a result (QEMU's status: $lab_status)." \
			"$(grep -a 'Kernel panic' "$lab_work/console")"
		lab_tell qemu.log
	fi
	lab_tell console
	exit 125
}

# lab_tell FILE: prints the kernel's report of a bug of its own, if any, else the last lines.
lab_tell() {
	local file=$lab_work/$1

	[ -s "$file" ] || return 0
	say "lab: ${1##*/}:"
	{
		sed -n '/BUG:\|Oops:\|general protection/,$p' "$file" | head -n 80 | grep . || tail -n 40 "$file"
	} | tr -d '\r\033' | sed 's/^/    /' >&2
}
