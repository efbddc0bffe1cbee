# SPDX-License-Identifier: BSD-3-Clause
# bash completion of dmalab: what its --help and --list name. Source it, or install it as "dmalab" in a folder of
# bash-completion.

# _dmalab_options: of the text of --help on stdin, each option with its value, if it has one: --iommu intel|virtio|none
_dmalab_options() {
	sed -nE 's/^  (-h, )?(--[a-z-]+)( ([A-Z][^ ]*|[^ ]*\|[^ ]*))?( .*)?$/\2 \4/p'
	echo --help
}

# _dmalab_listed TITLE: the names below it in --list.
_dmalab_listed() {
	"$_dmalab_command" --list 2>/dev/null | sed -nE "/^$1/,/^[A-Z]/s/^  ([^ A-Z]+) .*/\1/p"
}

# _dmalab_value OPTION VALUE: VALUE is as --help has it.
_dmalab_value() {
	local before

	case $1 in
	--vfio)
		before=${word%"${word##*,}"}
		mapfile -t COMPREPLY < <(compgen -P "$before" -W "$(sed -n 's/.* on vfio-pci: \(.*\);.*/\1/p' <<<"$help" |
			tr -d ,)" -- "${word##*,}")
		return
		;;
	--kernel) mapfile -t COMPREPLY < <(compgen -W "$(_dmalab_listed Kernels)" -- "$word"; compgen -d -- "$word") ;;
	--plan) mapfile -t COMPREPLY < <(compgen -W "$(_dmalab_listed Plans)" -- "$word"; compgen -f -- "$word") ;;
	*)
		case $2 in
		*\|*) mapfile -t COMPREPLY < <(compgen -W "${2//|/ }" -- "$word") ;;
		DIR) mapfile -t COMPREPLY < <(compgen -d -- "$word") ;;
		PROGRAM) mapfile -t COMPREPLY < <(compgen -c -- "$word"; compgen -f -- "$word") ;;
		FILE) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
		esac
		;;
	esac
}

# _dmalab_program INDEX: the command and its arguments, which begin there.
_dmalab_program() {
	if declare -F _command_offset >/dev/null; then
		_command_offset "$1"
	elif [ "$COMP_CWORD" = "$1" ]; then
		mapfile -t COMPREPLY < <(compgen -c -- "$word")
	else
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
	fi
}

# _dmalab_kernel WORD...: those after "kernel", the last one of which is to be completed.
_dmalab_kernel() {
	case $#/${*: -2:1} in
	1/*) mapfile -t COMPREPLY < <(compgen -W build -- "$word") ;;
	*/--kernel | */=)
		word=${word#=}
		_dmalab_value --kernel K
		;;
	*)
		mapfile -t COMPREPLY < <(compgen -W "--kernel $(_dmalab_listed Configurations)" -- "$word"; compgen -f -- "$word")
		;;
	esac
}

_dmalab() {
	local _dmalab_command=$1 word=${COMP_WORDS[COMP_CWORD]} help i option value
	local -A values=()

	COMPREPLY=()
	help=$("$1" --help 2>/dev/null) || return 0
	while read -r option value; do
		values[$option]=$value
	done < <(_dmalab_options <<<"$help")
	# The words before this one: options, their values, and then the command.
	for ((i = 1; i < COMP_CWORD; i++)); do
		option=${COMP_WORDS[i]}
		[ "$option" != -- ] || { _dmalab_program $((i + 1)); return; }
		[ "$option" != kernel ] || { _dmalab_kernel "${COMP_WORDS[@]:i + 1:COMP_CWORD - i}"; return; }
		[[ $option = -* ]] || { _dmalab_program "$i"; return; }
		[ -n "${values[$option]:-}" ] || continue
		[ "${COMP_WORDS[i + 1]}" != = ] || : $((i += 1))
		[ $((i += 1)) -lt "$COMP_CWORD" ] || {
			word=${word#=}
			_dmalab_value "$option" "${values[$option]}"
			return
		}
	done
	if [[ $word = -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "${!values[*]}" -- "$word")
	else
		_dmalab_program "$COMP_CWORD"
		mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -W kernel -- "$word")
	fi
}

complete -F _dmalab dmalab
