# SPDX-License-Identifier: BSD-3-Clause
# The plan: the devices of a guest at fixed addresses, and what is done with each. README.md describes the format.
#
# plan_ready sets plan_iommu, plan_aw_bits, plan_hugepages, plan_memory, plan_modules and plan_addresses; and, by
# address, plan_model, plan_net (the segment of a NIC), plan_use (kernel, vfio, rxe or siw), plan_name (of the rdma
# device), plan_mtu and plan_line (where it stands).

declare -A plan_given=()	# by --set
declare -A plan_values=() plan_used=()
declare -A plan_model=() plan_net=() plan_use=() plan_name=() plan_mtu=() plan_line=()
plan_addresses=() plan_modules=()
plan_iommu='' plan_aw_bits='' plan_hugepages=0 plan_memory=2048

plan_composed="the plan of the options"

# The NICs of --vfio, and the other devices.
plan_nics=" e1000e e1000 e1000-82545em igb vmxnet3 virtio "
plan_others=" edu "

# The plan of the options: from its file, or made of them.
plan_ready() {
	local composed

	if [ -n "$opt_plan" ]; then
		plan_find "$opt_plan"
		plan_read "$plan_file" <"$plan_file"
	else
		composed=$(plan_compose) || exit
		plan_read "$plan_composed" <<<"$composed"
	fi
	plan_override
	plan_check
}

# plan_find PLAN: sets plan_file. A pipe is a file, too.
plan_find() {
	if [ -e "$1" ] && [ ! -d "$1" ]; then
		plan_file=$1
	elif [[ $1 != */* ]] && [ -f "$lab/plans/$1" ]; then
		plan_file=$lab/plans/$1
	else
		options_bad "--plan $1: no such file, and no plan of that name; dmalab --list shows them"
	fi
	[ -r "$plan_file" ] || options_bad "--plan $1: cannot be read"
}

# plan_bad WHAT...: in line plan_number.
plan_bad() {
	[ "$plan_file" != "$plan_composed" ] || options_bad "$*"
	options_bad "$plan_file:$plan_number: $*"
}

# plan_read NAME: from stdin.
plan_read() {
	local line name words

	plan_file=$1 plan_number=0
	while IFS= read -r line || [ -n "$line" ]; do
		plan_number=$((plan_number + 1))
		line=${line%$'\r'}
		plan_expand "${line%%#*}"
		read -ra words <<<"$plan_expanded"
		plan_statement "${words[@]}"
	done
	for name in "${!plan_given[@]}"; do
		[ -n "${plan_values[$name]+is}" ] || options_bad "--set $name: $plan_file has no line \"set $name VALUE\""
	done
}

# plan_expand LINE: sets plan_expanded, with values in the place of $NAME.
plan_expand() {
	local rest=$1 name

	plan_expanded=
	while [[ $rest =~ ^([^$]*)\$([A-Za-z_][A-Za-z0-9_]*)(.*)$ ]]; do
		name=${BASH_REMATCH[2]}
		[ -n "${plan_values[$name]+is}" ] || plan_bad "\$$name has no value: a line \"set $name VALUE\" is missing above"
		plan_expanded+=${BASH_REMATCH[1]}${plan_values[$name]}
		rest=${BASH_REMATCH[3]}
	done
	plan_expanded+=$rest
}

# plan_statement [WORD...]: the words of a line.
plan_statement() {
	case ${1:-} in
	'') ;;
	set)
		[[ ${2:-} =~ ^[A-Za-z_][A-Za-z0-9_]*$ ]] && [ $# = 3 ] || plan_bad "the form is: set NAME VALUE"
		plan_values[$2]=${plan_given[$2]-$3}
		;;
	iommu) plan_set_iommu "${@:2}" ;;
	hugepages | memory)
		[[ ${2:-} =~ ^[0-9]{1,9}$ ]] && [ $# = 2 ] || plan_bad "the form is: $1 NUMBER"
		printf -v "plan_$1" %d $((10#$2))
		;;
	modules) plan_modules+=("${@:2}") ;;
	device) plan_device "${@:2}" ;;
	*) plan_bad "$1 is none of set, iommu, hugepages, memory, modules, device" ;;
	esac
}

plan_set_iommu() {
	[[ " intel virtio none " = *" ${1:-?} "* ]] || plan_bad "the form is: iommu intel|virtio|none [aw-bits=N]"
	plan_iommu=$1
	[ $# -gt 1 ] || return 0
	[[ $2 =~ ^aw-bits=(39|48)$ ]] && [ $# = 2 ] || plan_bad "iommu: $2 is not aw-bits=39 or aw-bits=48"
	plan_aw_bits=${BASH_REMATCH[1]}
}

# plan_device ADDRESS MODEL [vfio | rxe=NAME | siw=NAME] [net=SEGMENT] [mtu=N]
plan_device() {
	local address=${1:-} word

	[[ $address =~ ^(0000:00:)?((0[89a-f]|1[0-9a-e])\.0)$ ]] ||
		plan_bad "device ${address:-without an address}: addresses are 08.0 to 1e.0, in hexadecimal"
	address=0000:00:${BASH_REMATCH[2]}
	[ -z "${plan_line[$address]:-}" ] ||
		plan_bad "device $1: line ${plan_line[$address]} has this address already"
	[[ ${2:-} =~ ^[A-Za-z][A-Za-z0-9_-]*(,.*)?$ ]] ||
		plan_bad "device $1: a model is needed, such as e1000e, virtio or edu"
	plan_addresses+=("$address")
	plan_line[$address]=$plan_number plan_model[$address]=$2 plan_use[$address]=kernel
	plan_net[$address]='' plan_mtu[$address]='' plan_name[$address]=''
	for word in "${@:3}"; do
		plan_device_word "$address" "$word"
	done
	[ -n "${plan_net[$address]}" ] || [[ ${plan_use[$address]}${plan_mtu[$address]} = @(kernel|vfio) ]] ||
		plan_bad "device $1: rxe, siw and mtu are for NICs, which have net=SEGMENT"
	[ "${plan_use[$address]}" != vfio ] || [ -z "${plan_mtu[$address]}" ] ||
		plan_bad "device $1: mtu is of a netdev, which vfio takes away"
}

# plan_device_word ADDRESS WORD
plan_device_word() {
	case $2 in
	net=?*) plan_net[$1]=${2#net=} ;;
	mtu=*)
		[[ $2 =~ ^mtu=[1-9][0-9]{1,4}$ ]] || plan_bad "$2: not a number of bytes"
		plan_mtu[$1]=${2#mtu=}
		;;
	vfio | rxe=* | siw=*)
		[ "${plan_use[$1]}" = kernel ] || plan_bad "$2: the device is used for ${plan_use[$1]} already"
		plan_use[$1]=${2%%=*}
		[ "$2" = vfio ] || plan_set_name "$1" "${2#*=}"
		;;
	*) plan_bad "$2 is none of vfio, rxe=NAME, siw=NAME, net=SEGMENT, mtu=N" ;;
	esac
}

# plan_set_name ADDRESS NAME: of an rdma device.
plan_set_name() {
	[[ $2 =~ ^[a-z][a-z0-9_-]{0,30}$ ]] || plan_bad "\"$2\" is no name of an rdma device"
	[ -z "${plan_used[$2]:-}" ] || plan_bad "line ${plan_used[$2]} has an rdma device $2 already"
	plan_used[$2]=$plan_number
	plan_name[$1]=$2
}

# The plan of --rxe, --siw and --vfio.
plan_compose() {
	local slot=16 igb_slot=8 item model count segment=0

	[ "${opt_rxe:-0}${opt_siw:-0}" = 00 ] || echo "modules rdma_ucm"
	plan_compose_devices "${opt_rxe:-0}" "virtio net=rxe rxe=rxe"
	plan_compose_devices "${opt_siw:-0}" "virtio net=siw siw=siw"
	[ -z "$opt_vfio" ] || while IFS= read -r item; do
		[[ $item =~ ^([a-z0-9-]+)(:([1-9][0-9]?))?$ ]] || options_bad "--vfio $item: the form is MODEL or MODEL:N"
		model=${BASH_REMATCH[1]} count=${BASH_REMATCH[3]:-1}
		if [ "$model" = igb ]; then
			segment=$((segment + 1))
			plan_compose_igb "$count" "net=vfio$segment"
		elif [[ $plan_nics = *" $model "* ]]; then
			segment=$((segment + 1))
			plan_compose_devices "$count" "$model vfio net=vfio$segment"
		elif [[ $plan_others = *" $model "* ]]; then
			plan_compose_devices "$count" "$model vfio"
		else
			options_bad "--vfio $model: there are$plan_nics${plan_others//[[:space:]]/}; a plan file can name any model of QEMU"
		fi
	done <<<"${opt_vfio//,/$'\n'}"
}

# plan_compose_devices COUNT WORDS: names of rdma devices get a number. Uses and advances slot.
plan_compose_devices() {
	local i

	for ((i = 0; i < $1; i++)); do
		[ $slot -le 30 ] || options_bad "15 devices are the most"
		[[ $2 = *" vfio"* ]] && printf 'device %x.0 %s\n' $slot "$2" || printf 'device %x.0 %s%d\n' $slot "$2" $i
		slot=$((slot + 1))
	done
}

# plan_compose_igb COUNT NET: every other slot, see plan_check_igb. Uses and advances igb_slot.
plan_compose_igb() {
	local i

	for ((i = 0; i < $1; i++)); do
		[ $igb_slot -le 12 ] || options_bad "3 igb are the most"
		printf 'device %02x.0 igb vfio %s\n' $igb_slot "$2"
		igb_slot=$((igb_slot + 2))
	done
}

plan_override() {
	plan_iommu=${opt_iommu:-$plan_iommu}
	[ -n "$plan_iommu" ] || { plan_has vfio && plan_iommu=intel || plan_iommu=none; }
	plan_aw_bits=${opt_aw_bits:-$plan_aw_bits}
	plan_hugepages=${opt_hugepages:-$plan_hugepages}
	plan_memory=${opt_mem:-$plan_memory}
}

# plan_has USE
plan_has() {
	[[ " ${plan_use[*]} " = *" $1 "* ]]
}

# Its module is needed by a device, or wanted by --siw 0.
plan_wants_siw() {
	[ -n "$opt_siw" ] || plan_has siw
}

# What only the whole shows.
plan_check() {
	local address

	for address in "${plan_addresses[@]}"; do
		plan_number=${plan_line[$address]}
		[ "${plan_use[$address]}" != vfio ] || [ "$plan_iommu" != none ] ||
			plan_bad "device ${address#0000:00:}: vfio needs an IOMMU"
		[ "${plan_model[$address]%%,*}" != igb ] || plan_check_igb "${address#0000:00:}"
	done
	[ -z "$plan_aw_bits" ] || [ "$plan_iommu" = intel ] || options_bad "aw-bits are of an IOMMU of intel"
	[ -z "$opt_dma_entry_limit" ] || plan_has vfio || options_bad "--dma-entry-limit: no device is on vfio-pci"
	[ -z "$opt_fail_on_fault" ] || [ "$plan_iommu" != none ] || options_bad "--fail-on-iommu-fault: there is no IOMMU"
	[ $((plan_hugepages * 2 + 256)) -le "$plan_memory" ] ||
		options_bad "$plan_hugepages hugepages and 256 MiB for the rest are more than $plan_memory MiB"
}

# plan_check_igb ADDRESS: its virtual functions take two slots, which begin 16 above its own.
plan_check_igb() {
	local slot=$((16#${1%.0} + 16)) i other

	[ $slot -le 29 ] || plan_bad "device $1: igb is for 08.0 to 0d.0: its virtual functions are 16 slots above"
	for i in $slot $((slot + 1)) $((slot - 15)); do
		printf -v other '0000:00:%02x.0' "$i"
		[[ -z ${plan_line[$other]:-} || ($i -lt 16 && ${plan_model[$other]} != igb*) ]] ||
			plan_bad "device $1: igb and ${other#0000:00:} are in each other's way: its virtual functions are at" \
				"$(printf '%x.0 and %x.0' $slot $((slot + 1)))"
	done
}

plan_fits_kernel() {
	[ "$plan_iommu" != virtio ] || initrd_has virtio-iommu ||
		die "kernel $(kernel_version) has no driver for an IOMMU of virtio; 6.12 has"
	[ -z "$opt_fail_nth" ] || kernel_injects_faults ||
		die "--fail-nth: kernel $(kernel_version) has no fault injection; dmalab kernel build debug makes one that has"
}

# The plan as a file of the same meaning.
plan_print() {
	local address

	echo "iommu $plan_iommu${plan_aw_bits:+ aw-bits=$plan_aw_bits}"
	echo "memory $plan_memory"
	echo "hugepages $plan_hugepages"
	[ ${#plan_modules[@]} = 0 ] || echo "modules ${plan_modules[*]}"
	for address in "${plan_addresses[@]}"; do
		echo "device ${address#0000:00:} ${plan_model[$address]}$(plan_words "$address")"
	done
}

# plan_words ADDRESS: those after the model.
plan_words() {
	case ${plan_use[$1]} in
	kernel) ;;
	vfio) printf ' vfio' ;;
	*) printf ' %s=%s' "${plan_use[$1]}" "${plan_name[$1]}" ;;
	esac
	printf '%s%s' "${plan_net[$1]:+ net=${plan_net[$1]}}" "${plan_mtu[$1]:+ mtu=${plan_mtu[$1]}}"
}

# For the guest: a line for each device, ADDRESS USE NAME NET MTU, "-" for nothing.
plan_give() {
	local address

	for address in "${plan_addresses[@]}"; do
		echo "$address ${plan_use[$address]} ${plan_name[$address]:--} ${plan_net[$address]:--} ${plan_mtu[$address]:--}"
	done
}
