#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# What "meson install" installs, in a folder that could be anywhere: the software HCA, without the checkout; man pages,
# completions and dmalab. The plugins: tests/lab/test-install.sh.
set -u
# shellcheck source=tests/tap.sh
. tests/tap.sh
# shellcheck source=tests/nobody.sh
. tests/nobody.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
root=$work/'any where'
mkdir "$root" "$work/empty"
touch "$work/empty/mine"

tap_ok "meson install" meson install -C "$SOFT_BUILD" --destdir "$root" --no-rebuild
softhca=$(find "$root" -path '*/bin/softhca')
tap_ok "the command is executable" test -x "$softhca"
tap_ok "the library is there" test -f "$(find "$root" -name libsofthca.so)"
tap_ok "so is the README" test -s "$(find "$root" -path '*/doc/softhca/README.md')"
libdir=$(meson introspect --buildoptions "$SOFT_BUILD" | jq -r '.[] | select(.name == "libdir").value')
unset SOFT_BUILD
checkout=$PWD
cd / || exit

output=$("$softhca" --id 15b3:101d -- ibv_devinfo -v 2>&1)
tap_is "ibv_devinfo: exit status" $? 0
tap_like "it tells of that kind of device" "$output" 'vendor_part_id:[[:space:]]*4125[^0-9]'
tap_like "with an active port" "$output" 'PORT_ACTIVE'
tap_is "no path of the checkout is used" "$("$softhca" -- env | grep -E '^(PATH|LD_)' | grep -cF "$checkout/")" 0
tap_is "two devices" "$("$softhca" --ports 2 --cross -- ibv_devices | grep -c mlx5_)" 2
tap_is "the program's exit status" "$("$softhca" -- sh -c 'exit 3'; echo $?)" 3
tap_like "its own name in errors" "$("$softhca" 2>&1)" '^softhca: no command given'
if reason=$(nobody_unable); then
	tap_skip "without root" "$reason"
else
	tap_like "without root" "$(as_nobody "$softhca" -- ibv_devices 2>&1)" mlx5_0
fi

# Of everything that is installed.
cd "$checkout" || exit
# shellcheck source=tests/man.sh
. tests/man.sh
# shellcheck source=tests/complete.sh
. tests/complete.sh

share=$(find "$root" -path '*/share/dmalab' -type d) share=${share%/dmalab}
bin=${softhca%/*}
for program in dmamap-demo dmamap-conformance; do
	tap_is "the man page of $program has the options of --help" "$(man_options $program)" "$("$bin/$program" --help | man_help)"
done
installed=$(cd "$share/man/man1" 2>/dev/null && echo *.1)
if [ -n "$installed" ]; then
	tap_is "the man pages" "$installed" "dmalab.1 dmamap-conformance.1 dmamap-demo.1 softhca.1"
else
	tap_skip "the man pages" "configured without rst2man"
fi
tap_is "dmalab is the same" "$(diff -rq lab "$share/dmalab")" "Only in lab: README.md
Only in lab: completion.bash"
# As in a package, whose folder of libraries is lib/TRIPLET. Meson's default is another one on some systems.
mapfile -t files < <(cd "$root" && find . -type f -o -type l | sed "s,^\./,,; s,^usr/local/,usr/,; s,^usr/$libdir/,usr/lib/triplet/,")
mapfile -t parts < <(cat tools/package/debian/*.install)
# among ANY PATTERN...: ANY is one of the files, or below it.
among() {
	local pattern

	for pattern in "${@:2}"; do
		# shellcheck disable=SC2053
		[[ $1 != $pattern && $1 != $pattern/* ]] || return 0
	done
	return 1
}
tap_is "each file is in a package" "$(for file in "${files[@]}"; do among "$file" "${parts[@]}" || echo "$file"; done)" ""
tap_is "and what packages promise is there" "$(for part in "${parts[@]}"; do
	for file in "${files[@]}"; do
		! among "$file" "$part" || continue 2
	done
	[ -z "$installed" ] && [[ $part = *man1* ]] || echo "$part"
done)" ""
cd "$work/empty" || exit
tap_is "dmalab finds its plans" "$("$bin/dmalab" --plan rdma --print-plan | grep -c '^device')" 4
module=$(find "$root" -name librte_bus_pci_ext.pc)
tap_is "the module's version" "$(sed -n 's/^Version: //p' "$module")" \
	"$(sed -n "s/^ *version: '\(.*\)',/\1/p" "$checkout/meson.build" | head -n 1)"
tap_ok "the module has a plugin to link with" test -f "$root/$(sed -n 's/^Libs: -L\([^ ]*\) .*/\1/p' "$module")/librte_bus_pci_ext.so"

for file in "$share"/bash-completion/completions/*; do
	. "$file"
done
tap_is "completions" "$(cd "$share/bash-completion/completions" && echo *)" "dmalab dmamap-conformance dmamap-demo softhca"
PATH=$bin:$PATH
tap_like "softhca: its options" "$(complete_for softhca --)" '^--cross --help --id --loop --ports$'
tap_like "and a command" "$(complete_for softhca --ports 2 -- ibv_devin)" '(^| )ibv_devinfo( |$)'
tap_is "dmamap-demo: its options" "$(complete_for dmamap-demo --no-pci -- --pack)" "--packet-size= --packets="
tap_is "values" "$(complete_for dmamap-demo -- --memory=)" "anon dmabuf file huge memfd"
tap_is "the beginning of one" "$(complete_for dmamap-demo -- --memory=me)" memfd
tap_is "EAL's" "$(complete_for dmamap-demo --no-p)" --no-pci
tap_is "dmamap-conformance: alternatives" "$(complete_for dmamap-conformance -- --backend=)" "driver vfio"
tap_is "the cases" "$(complete_for dmamap-conformance -- --list errno)" errno_hygiene
tap_is "files" "$(complete_for dmamap-conformance -- --expect-fail=m)" mine
tap_done
