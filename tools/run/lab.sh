# SPDX-License-Identifier: BSD-3-Clause
# The project's lab: lab/dmalab with the plan in tests/lab, the checkout's programs, and what the variables LAB_... say.

# lab_run CMD...: its exit status is that of CMD, or of lab/dmalab.
lab_run() {
	(lab_exec "$@")
}

# lab_exec CMD...: lab_run in the place of this program, so that signals reach it.
lab_exec() {
	local options qemu

	lab_options
	exec lab/dmalab "${options[@]}" -- tests/lab/env "$@"
}

# An interactive shell.
lab_shell() {
	local options qemu

	lab_options
	exec lab/dmalab "${options[@]}" --shell tests/lab/env bash --norc -i
}

# lab_kernel [OPTION...]: fetches the kernel, unless it is there, and prints its folder.
lab_kernel() {
	lab/dmalab ${LAB_KERNEL:+--kernel "$LAB_KERNEL"} "$@" --prepare
}

# Sets options, and qemu.
lab_options() {
	options=(--plan tests/lab/plan --timeout "${LAB_TIMEOUT:-300}" --accel "${LAB_ACCEL:-tcg}")
	[ -z "${LAB_KERNEL:-}" ] || options+=(--kernel "$LAB_KERNEL")
	[ -z "${LAB_NIC:-}" ] || options+=(--set "nic=$LAB_NIC")
	# Its virtual functions take two slots, 16 above its own.
	[[ ${LAB_NIC:-} != igb* ]] || options+=(--set nic0=08.0 --set nic1=0a.0)
	[ -z "${LAB_QEMU:-}" ] || { qemu_ready "$LAB_QEMU" && options+=(--qemu "$qemu"); }
	[ -z "${LAB_AW_BITS:-}" ] || options+=(--aw-bits "$LAB_AW_BITS")
	[ -z "${LAB_SIW:-}" ] || options+=(--siw 0)
	[ -z "${LAB_MEM:-}" ] || options+=(--mem "$LAB_MEM")
	[ -z "${LAB_OUT:-}" ] || options+=(--out "$LAB_OUT")
	[ -z "${LAB_APPEND:-}" ] || options+=(--append "$LAB_APPEND")
}
