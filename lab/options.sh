# SPDX-License-Identifier: BSD-3-Clause
# The command line: options_parse sets opt_NAME for each option, opt_action, and opt_command, which is CMD.

opt_action=run
opt_kernel='' opt_plan='' opt_rxe='' opt_siw='' opt_vfio='' opt_iommu='' opt_aw_bits='' opt_hugepages='' opt_mem=''
opt_accel=tcg opt_timeout=300 opt_out='' opt_junit='' opt_append='' opt_memlock=unlimited opt_dma_entry_limit=''
opt_fail_nth='' opt_fail_on_fault='' opt_hosts=1 opt_qemu=qemu-system-x86_64
opt_config=''
opt_command=()

options_help() {
	cat <<-'END'
	usage: dmalab [OPTION...] [--] CMD...
	       dmalab kernel build [--kernel K] CONFIG

	Runs CMD as root in a QEMU guest with software RDMA and VFIO devices: on a kernel of your choice, on this
	system's files, in the current folder. What it changes there is gone afterwards.

	Devices:
	  --rxe N               N SoftRoCE devices rxe0, rxe1, ..., on NICs that are joined
	  --siw N               N SoftiWARP devices siw0, siw1, ..., the same; 0: only its module, for the plan
	  --vfio MODEL[:N],...  N devices of a model on vfio-pci: e1000e, e1000, igb, vmxnet3, virtio, edu; the
	                        NICs of one item are joined
	  --iommu intel|virtio|none
	                        the IOMMU; intel if a device is on vfio-pci, else none
	  --aw-bits N           the width of the IOMMU's addresses, with intel: 48 (default) or 39
	  --plan FILE           devices from a file, at addresses of your choice; or the name of one that --list shows
	  --hosts 2             two guests, whose segments are joined; CMD runs on both, with its host's number in
	                        $DMALAB_HOST, and a failure of one ends both
	  --set NAME=VALUE      a value in the place of the plan's own
	  --print-plan          print the plan, for a file, instead of booting
	Guest:
	  --kernel K            6.1, 6.12 or newest, of Debian, or a release of Debian by name, fetched once; or a
	                        folder with vmlinux and lib/modules/VERSION. Default: this system's release
	  --mem MIB             memory, 2048
	  --hugepages N         hugepages of 2 MiB, 0
	  --accel tcg|kvm       emulation (default), or KVM
	  --append WORDS        additions to the kernel's command line
	  --qemu PROGRAM        a QEMU other than qemu-system-x86_64, such as a newer one
	Faults:
	  --memlock KIB         a limit of locked memory, without CAP_IPC_LOCK
	  --dma-entry-limit N   mappings that a VFIO container may have
	  --fail-nth N          the kernel's N-th allocation for CMD fails; exit status 122 if CMD succeeds with fewer.
	                        With a kernel that has fault injection, which dmalab kernel build debug makes
	  --fail-on-iommu-fault exit status 123 if CMD succeeds but the IOMMU has refused an access
	  In the guest, dmalab-guest remove ADDRESS takes a device away, dmalab-guest restore ADDRESS brings it back.
	Result:
	  --timeout S           seconds for the boot and CMD, 300; 0: without limit
	  --out DIR             CMD's files in $DMALAB_OUT are kept in DIR; the guest's console too, if it fails
	  --junit FILE          the result for CI systems
	Instead of CMD:
	  --shell [CMD...]      an interactive shell, or CMD, on this terminal
	  --prepare             only fetch and build what is needed, and print the kernel's folder
	  --packages            only print the packages of Debian that it needs for these options
	  --list                the kernels, their configurations, and the plans that there are
	  --help

	dmalab kernel build compiles Debian's source of the kernel K, with little more than the lab uses and CONFIG,
	and prints its folder for --kernel; once, which takes a quarter of an hour or more. CONFIG is a name that
	--list shows, such as debug, with KASAN, lockdep and fault injection; or a file of lines as in .config.

	Exit status: that of CMD, 128 plus a signal's number, 127 if it is not found; 122: --fail-nth had no effect;
	123: an IOMMU fault;
	124: timeout; 125: no result, because the guest could not be set up, its kernel panicked, or the output could
	not be written; 141: its reader has left; 2: wrong usage.
	END
}

options_bad() {
	log_status=2 die "$*"
}

options_parse() {
	local name value

	at_exit result_at_exit
	while [[ ${1:-} = -* ]]; do
		name=$1
		shift
		[ "$name" != -- ] || break
		! options_flag "$name" || continue
		if [[ $name = --*=* ]]; then
			value=${name#*=} name=${name%%=*}
			set -- "$value" "$@"
		fi
		options_value "$name" "$@"
		shift
	done
	opt_command=("$@")
	[[ ${name:-} = -- || ${1:-} != kernel ]] || options_kernel "${@:2}"
	options_check
}

# options_kernel [build] [WORD...]: what follows the word kernel, which is no CMD.
options_kernel() {
	[ "${1:-}" = build ] || options_bad "the form is: dmalab kernel build [--kernel K] CONFIG"
	opt_action=build
	shift
	while [ $# -gt 0 ]; do
		case $1 in
		--kernel)
			options_value "$@"
			shift
			;;
		--kernel=*) options_value --kernel "${1#*=}" ;;
		-*) options_bad "kernel build: no option $1 but --kernel" ;;
		*)
			[ -z "$opt_config" ] || options_bad "kernel build: one CONFIG, not $opt_config and $1"
			opt_config=$1
			;;
		esac
		shift
	done
	[ -n "$opt_config" ] || options_bad "kernel build: which configuration? dmalab --list shows them"
}

# options_flag OPTION: one without a value; false if it is no such.
options_flag() {
	case $1 in
	-h | --help) opt_action=help ;;
	--list | --packages | --print-plan | --prepare | --shell) opt_action=${1#--} ;;
	--fail-on-iommu-fault) opt_fail_on_fault=yes ;;
	*) return 1 ;;
	esac
}

# options_value OPTION [VALUE ...]
options_value() {
	case $1 in
	--rxe | --siw | --vfio | --hosts | --iommu | --aw-bits | --plan | --set | --kernel | --mem | --hugepages | --accel | \
		--append | --qemu | --memlock | --dma-entry-limit | --fail-nth | --timeout | --out | --junit) ;;
	*) options_bad "no option $1; dmalab --help lists them" ;;
	esac
	[ $# -gt 1 ] || options_bad "$1 without a value"
	[ -n "$2" ] || [ "$1" = --append ] || options_bad "$1: the value is empty"
	case $1 in
	--rxe | --siw) options_number "$1" "$2" 0 15 ;;
	--hosts) options_one_of "$1" "$2" 1 2 ;;
	--aw-bits) options_one_of "$1" "$2" 39 48 ;;
	--iommu) options_one_of "$1" "$2" intel virtio none ;;
	--accel) options_one_of "$1" "$2" tcg kvm ;;
	--mem) options_number "$1" "$2" 256 1048576 ;;
	--hugepages | --timeout | --dma-entry-limit) options_number "$1" "$2" 0 1000000000 ;;
	--fail-nth) options_number "$1" "$2" 1 999999999 ;;
	--memlock) [ "$2" = unlimited ] || options_number "$1" "$2" 0 1000000000 ;;
	--set) options_set "$2" && return ;;
	esac
	printf -v "opt_$(tr - _ <<<"${1#--}")" %s "$2"
}

options_set() {
	[[ $1 =~ ^[A-Za-z_][A-Za-z0-9_]*= ]] || options_bad "--set $1: NAME=VALUE is needed"
	plan_given[${1%%=*}]=${1#*=}
}

# options_number OPTION VALUE LEAST MOST
options_number() {
	[[ $2 =~ ^(0|[1-9][0-9]{0,9})$ ]] && [ "$2" -ge "$3" ] && [ "$2" -le "$4" ] ||
		options_bad "$1 $2: a number from $3 to $4 is needed"
}

# options_one_of OPTION VALUE WORD...
options_one_of() {
	[[ " ${*:3} " = *" $2 "* ]] || options_bad "$1 $2: one of ${*:3} is needed"
}

options_check() {
	[ "$opt_action" != run ] || [ ${#opt_command[@]} -gt 0 ] || options_bad "no command given; dmalab --help explains"
	if [ -n "$opt_plan" ] && { [ "${opt_rxe:-0}" != 0 ] || [ "${opt_siw:-0}" != 0 ] || [ -n "$opt_vfio" ]; }; then
		options_bad "devices are in the plan, or made by --rxe, --siw and --vfio, but not both"
	fi
	[ -z "$opt_out" ] || [ -d "$opt_out" ] || options_bad "--out $opt_out: no such folder"
	[ -z "$opt_out" ] || [ -w "$opt_out" ] || options_bad "--out $opt_out: cannot be written"
	! result_is_wanted || : >"$opt_junit" || options_bad "--junit $opt_junit: cannot be written"
	if [ "$opt_hosts" = 2 ]; then
		[ "$opt_action" != shell ] || options_bad "--hosts 2 is about a command: two guests have no terminal"
		[ ! -p "$opt_plan" ] || options_bad "--plan $opt_plan: with --hosts 2 it is read twice, so it must be a file"
	fi
	[ -z "$opt_fail_on_fault" ] || [ "$opt_action" != shell ] ||
		options_bad "--fail-on-iommu-fault is about a command, not --shell"
	[ "$opt_qemu" = qemu-system-x86_64 ] || command -v "$opt_qemu" >/dev/null ||
		options_bad "--qemu $opt_qemu: no such program"
	[ "$opt_accel" != kvm ] || [ -w /dev/kvm ] || options_bad "--accel kvm: /dev/kvm is missing or not accessible"
}
