# SPDX-License-Identifier: BSD-3-Clause
# One boot: QEMU, a kernel, and the host's root under a throw-away overlay. Bounded from outside: no event in the
# guest can exceed the time limit.

boot_machine=q35,sata=off,smbus=off,hpet=off,vmport=off,i8042=off,usb=off,graphics=off
boot_append="console=ttyS0 quiet rdinit=/init nokaslr nopti mitigations=off tsc=reliable"
boot_append+=" no_timer_check random.trust_cpu=on cryptomgr.notests rcupdate.rcu_expedited=1"
boot_append+=" init_on_alloc=0 oops=panic panic=-1"
# Seconds until the kernel is up: some, on a busy machine half a minute.
boot_patience=150

# boot_command CMD...: runs it in the guest; its stdout and stderr are passed on as they come. Ends the program.
boot_command() {
	boot_prepare
	printf '%s\0' "$@" >"$boot_work/shared/argv"
	for _ in 1 2 3; do
		boot_once
		boot_is_stuck || break
	done
	result_tell
}

boot_once() {
	local out err

	# QEMU opens its outputs by name, which is possible for a pipe but not for every stdout.
	exec 7> >(boot_pass) && out=$!
	exec 8> >(boot_pass >&2 7>&-) && err=$!
	boot_start "$(boot_time_left)" \
		-chardev file,id=stdout,path=/proc/self/fd/7 -device virtserialport,nr=1,chardev=stdout \
		-chardev file,id=stderr,path=/proc/self/fd/8 -device virtserialport,nr=2,chardev=stderr \
		</dev/null >/dev/null
	exec 7>&- 8>&-
	echo "$boot_qemu" >"$boot_work/pid" || die "cannot write to $boot_work"
	[ ! -e "$boot_work/lost" ] || kill "$boot_qemu" 2>/dev/null || true
	boot_watch </dev/null >/dev/null 2>&1 &
	boot_watcher=$!
	boot_wait
	wait "$boot_watcher" $out $err || true
	boot_watcher=
}

# Passes on output of the guest, which is ended if that fails: here, or by boot_once if it has not written pid yet.
# "lost" is the status then, as of a program that writes itself.
boot_pass() {
	local status=0 qemu

	# A signal is for cat too, which this shell outlives so that it leaves none.
	trap exit INT TERM HUP
	cat || status=$?
	[ $status != 0 ] || return 0
	echo $status >"$boot_work/lost"
	{ read -r qemu <"$boot_work/pid" && kill "$qemu"; } 2>/dev/null
}

# Of the time limit; 0: there is none.
boot_time_left() {
	local left=$((opt_timeout - SECONDS + boot_began))

	[ "$opt_timeout" != 0 ] && echo $((left > 1 ? left : 1)) || echo 0
}

# A kernel in emulation, on a busy machine, has been seen to stop in the middle of its boot. Nothing has been run by
# then, so it is ended, and booted again.
boot_watch() {
	local end=$((SECONDS + boot_patience)) silence

	exec {silence}<> <(:)
	until grep -qa 'dmalab: the kernel is up' "$boot_work/console"; do
		kill -0 "$boot_qemu" || return 0
		if [ $SECONDS -ge $end ]; then
			: >"$boot_work/stuck"
			# Not once: a signal is lost if on a busy machine the process is not yet the program.
			while kill "$boot_qemu"; do
				read -rt 1 -u "$silence" _ || true
			done
			return
		fi
		read -rt 1 -u "$silence" _ || true
	done
}

boot_is_stuck() {
	boot_stuck=
	[ -e "$boot_work/stuck" ] || return
	boot_stuck=yes
	rm "$boot_work/stuck"
	say "the guest's kernel was not up after $boot_patience s, and is ended"
}

# boot_shell [CMD...]: CMD or a shell on this terminal, without a time limit. Ends the program.
boot_shell() {
	boot_prepare
	[ $# -eq 0 ] || printf '%s\0' "$@" >"$boot_work/shared/argv"
	echo "${TERM:-vt100} $(stty size)" >"$boot_work/shared/terminal"
	say "exit or Ctrl-D ends the guest; files are lost then, except those in --out"
	boot_start 0 -chardev stdio,id=terminal,signal=off -device virtconsole,nr=0,chardev=terminal
	boot_wait
	result_tell
}

# Sets boot_work: initrd, console, qemu.log, and "shared", the folder shared with the guest.
boot_prepare() {
	boot_work=$(mktemp -d "${TMPDIR:-/tmp}/dmalab.XXXXXX") || die "no temporary folder"
	boot_qemu=
	boot_watcher=
	boot_stuck=
	at_exit boot_clean_up
	mkdir "$boot_work"/{shared,out} && boot_give "$boot_work/shared" && initrd_make "$boot_work/initrd" ||
		die "cannot write to $boot_work"
	[ -z "$opt_out" ] || rm -f "$opt_out/console.log"
	boot_accelerate
	devices_make
	devices_share root / readonly=on,multidevs=remap
	devices_share shared "$boot_work/shared"
	devices_share out "$(realpath "${opt_out:-$boot_work/out}")"
	boot_began=$SECONDS
}

# boot_give DIR: what the guest has to know. init reads config, the rest is for main.
boot_give() {
	local modules

	modules=$(realpath "$kernel/lib/modules/$(kernel_version)") &&
		printf 'cwd=%q\nlab=%q\nmodules=%q\n' "$(pwd -P)" "$lab" "$modules" >"$1/config" &&
		plan_give >"$1/plan" &&
		siw_give "$1"
}

# boot_settings SECONDS: the limit of this boot, and what else the guest has to know.
boot_settings() {
	printf '%s\n' "limit=$1" "iommu=$plan_iommu" "extra_modules=(${plan_modules[*]@Q})" "memlock=$opt_memlock" \
		"dma_entry_limit=$opt_dma_entry_limit" "fail_nth=$opt_fail_nth" "report_faults=$opt_fail_on_fault" \
		"host=${dmalab_host:-}" >"$boot_work/shared/settings"
}

boot_clean_up() {
	if [ -n "$boot_qemu" ]; then
		say "interrupted; the guest is ended"
		kill "$boot_qemu" 2>/dev/null
		wait "$boot_qemu" || true
	fi
	if [ -n "$boot_watcher" ]; then
		kill "$boot_watcher" 2>/dev/null
		wait "$boot_watcher" || true
	fi
	rm -rf "$boot_work"
}

# boot_start SECONDS QEMU-ARGUMENT...: sets boot_qemu, the process to wait for. 0 means no limit.
boot_start() {
	local limit=$1

	shift
	boot_settings "$limit" || die "cannot write to $boot_work"
	boot_limit=$limit boot_started=$SECONDS
	timeout --foreground -k 5 "$limit" "$opt_qemu" "${boot_accel[@]}" \
		-M "$boot_machine" -smp 2 -m "$plan_memory" \
		-nodefaults -no-user-config -display none -no-reboot -serial "file:$boot_work/console" \
		-device isa-debug-exit,iobase=0xf4,iosize=1 \
		-kernel "$kernel/vmlinux" -initrd "$boot_work/initrd" \
		-append "$boot_append hugepages=$plan_hugepages $opt_append" \
		"${devices[@]}" -device virtio-serial-pci "$@" \
		<&0 2>"$boot_work/qemu.log" &
	boot_qemu=$!
}

# Emulation unless the user requests another: a guest must behave alike everywhere.
boot_accelerate() {
	local khz

	if [ "$opt_accel" = kvm ]; then
		# Interrupt remapping takes an interrupt controller of QEMU's own.
		boot_accel=(-accel kvm,kernel-irqchip=split -cpu host)
		return
	fi
	boot_accel=(-accel "tcg,thread=multi" -cpu "Nehalem,rdrand=on")
	# The guest's own measurement of its clock fails on a busy host.
	khz=$(tsc_khz)
	[ -z "$khz" ] || boot_append+=" tsc_early_khz=$khz"
}

boot_wait() {
	boot_status=0
	wait "$boot_qemu" 2>/dev/null || boot_status=$?
	boot_qemu=
	rm -f "$boot_work/pid"
}

# boot_was_limited: timeout has ended it. The status of its SIGKILL is also that of another's.
boot_was_limited() {
	[ "$boot_status" = 124 ] ||
		{ [ "$boot_status" = 137 ] && [ "$boot_limit" != 0 ] && [ $((SECONDS - boot_started)) -ge "$boot_limit" ]; }
}
