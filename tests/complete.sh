# SPDX-License-Identifier: BSD-3-Clause
# For tests of bash completion. complete_for WORD...: what is offered for the last word, sorted, in one line; the
# words are split as bash splits them, at "=" and ":".

complete_for() {
	local COMP_WORDS=() COMP_CWORD COMPREPLY=() function word

	for word; do
		while [[ $word =~ ^(--[a-z-]+)=(.*)$ ]]; do
			COMP_WORDS+=("${BASH_REMATCH[1]}" "=")
			word=${BASH_REMATCH[2]}
			[ -n "$word" ] || continue 2
		done
		COMP_WORDS+=("$word")
	done
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	function=$(complete -p "${1##*/}" 2>/dev/null || complete -p "$1")
	function=${function#*-F } function=${function%% *}
	"$function" "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
	printf '%s\n' "${COMPREPLY[@]}" | LC_ALL=C sort -u | xargs
}
