#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Each symbol of the installed libibverbs, libmlx5 and librdmacm is modelled, refused, or left alone for a
# reason: softhca/symbols has it. SYMBOLS_LIBS names a folder with other versions of them.

# shellcheck source=tests/tap.sh
. tests/tap.sh

libs=${SYMBOLS_LIBS:-}
ours=$SOFT_BUILD/softhca/libsofthca.so

# library NAME: where ld.so finds it.
library() {
	[ -z "$libs" ] || { echo "$libs/$1"; return; }
	PATH=$PATH:/sbin:/usr/sbin ldconfig -p | awk -v name="$1" '$1 == name { print $NF; exit }'
}

# symbols FILE: the functions that it exports, without versions.
symbols() {
	nm -D --defined-only "$1" | awk '$2 ~ /[TWi]/ { sub(/@.*/, "", $3); print $3 }' | sort -u
}

# listed HOW: the names and patterns of softhca/symbols with which that becomes.
listed() {
	sed '/^#/d; /^$/d; s/ *| */|/g' softhca/symbols | awk -F'|' -v how="^($1)$" '$2 ~ how { print $1 }'
}

# unlisted FILE: symbols that the list does not have.
unlisted() {
	local name pattern known

	mapfile -t patterns < <(listed '.*')
	while read -r name; do
		known=
		for pattern in "${patterns[@]}"; do
			# shellcheck disable=SC2053
			[[ $name != $pattern ]] || known=yes
		done
		[ -n "$known" ] || echo "$name"
	done < <(symbols "$1")
}

for name in libibverbs.so.1 libmlx5.so.1 librdmacm.so.1; do
	file=$(library "$name")
	tap_ok "$name exports functions" test "$(symbols "$file" | wc -l)" -gt 50
	tap_is "$name: symbols that are not in softhca/symbols" "$(unlisted "$file" | xargs)" ""
done
tap_is "symbols that are neither modelled nor refused" \
	"$(comm -13 <(symbols "$ours") <(listed 'modelled|pointer|error|minus|nothing' | sort -u) | xargs)" ""
tap_is "symbols of ours that are not listed" \
	"$(comm -23 <(symbols "$ours" | grep -E '^_*(ibv|mlx5dv)') <(listed 'modelled|pointer|error|minus|nothing' | sort -u) | xargs)" ""
tap_done
