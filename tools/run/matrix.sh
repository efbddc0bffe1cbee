# SPDX-License-Identifier: BSD-3-Clause
# ./run matrix: the project on other releases of Debian, each in a root that is made from the system's own mirror
# and kept in the cache; and on a DPDK of the user's. tools/matrix has the parts: enter, cells, table.

matrix_releases=(bookworm trixie sid)
# What ./run test runs, for the releases that it is not run on: what fits into half an hour.
matrix_tested=(trixie)
matrix_tested_steps=(gcc unit demo soft)
matrix_steps=(gcc clang unit soft lab-demo lab-e1000e lab-edu lab-rxe)
matrix_logs=build-logs/matrix
# In seconds: a few hundred MB from the mirror, on a busy machine.
matrix_root_limit=1800
# What is known of each release, and the part of the README that is made of it.
matrix_file=doc/matrix.json
matrix_readme=README.md

# matrix_run [--quick | --steps STEP,...] [--update] [--dpdk DIR] [RELEASE...]
matrix_run() {
	local update='' steps=("${matrix_steps[@]}") prefix='' release rows=() status=0

	while [ $# -gt 0 ]; do
		case $1 in
		--quick) steps=("${matrix_tested_steps[@]}") ;;
		--update) update=yes ;;
		--steps)
			IFS=, read -ra steps <<<"${2:?--steps: which? gcc clang unit demo soft lab-demo ...: tools/matrix/cells}"
			shift
			;;
		--dpdk)
			prefix=$(realpath "${2:?--dpdk: which folder?}")
			shift
			;;
		-*) die "matrix: no option $1" ;;
		*) break ;;
		esac
		shift
	done
	[ $# -gt 0 ] || {
		set -- "${matrix_releases[@]}"
		# An installed DPDK was most likely built here.
		# shellcheck source=/dev/null
		[ -z "$prefix" ] || set -- "$(. /etc/os-release && echo "${VERSION_CODENAME:-bookworm}")"
	}
	matrix_known_steps "${steps[@]}"
	packages_need tally
	matrix_need matrix
	for release; do
		matrix_row "$release" "$prefix" "${steps[@]}" || status=1
		rows+=("$matrix_logs/$release/row.json")
	done
	[ -z "$update" ] || matrix_update "${rows[@]}"
	jq -s . "${rows[@]}" >"$matrix_logs/rows.json"
	tools/matrix/table "$matrix_logs/rows.json"
	return $status
}

# matrix_known_steps STEP...: those of tools/matrix/cells.
matrix_known_steps() {
	local known step

	known=$(sed -n 's/^step_\([a-z0-9-]*\)() {$/\1/p' tools/matrix/cells | paste -sd' ')
	for step; do
		[[ " $known " = *" $step "* ]] || die "matrix: no step $step; there are: $known"
	done
}

# matrix_unable: prints why roots cannot be made or entered here; fails if they can.
matrix_unable() {
	if [ "$(id -u)" != 0 ]; then
		echo "to make and to enter a root takes root"
	elif ! command -v mmdebstrap >/dev/null; then
		echo "mmdebstrap is not installed"
	elif ! unshare --mount --pid --fork true 2>/dev/null; then
		echo "there are no namespaces here"
	else
		return 1
	fi
}

# matrix_need WHO: exits, on behalf of WHO, unless roots can be made and entered here.
matrix_need() {
	local reason

	packages_need matrix
	! reason=$(matrix_unable) || die "$1: $reason"
	mkdir -p "$cache"
}

# matrix_row RELEASE PREFIX STEP...: fails if there can be no root, or if a step failed.
matrix_row() {
	local release=$1 prefix=$2 out=$matrix_logs/$1 root settings=() shares=(--show "$top")

	shift 2
	rm -rf "$out"
	mkdir -p "$out" "$cache"
	if [[ " $* " == *" lab-"* ]]; then
		lab_kernel >"$out/kernel" || return
		settings+=("LAB_KERNEL=$(<"$out/kernel")")
	fi
	matrix_root "$release" "$@" >"$out/root.log" 2>&1 || {
		tail -n 5 "$out/root.log" >&2
		say "matrix: no root of $release: $out/root.log"
		return 1
	}
	[ -z "$prefix" ] || shares+=(--show "$prefix") settings+=("DPDK_PREFIX=$prefix")
	[ -z "${DPDK_SDK:-}" ] || shares+=(--show "$DPDK_SDK") settings+=("DPDK_SDK=$(realpath "$DPDK_SDK")")
	say "matrix: $release: $*"
	tools/matrix/enter "$root" --keep "$cache" --keep "$out" "${shares[@]}" -- \
		env XDG_CACHE_HOME="$(dirname "$cache")" "${settings[@]}" \
		"$top/tools/matrix/cells" "$top" "$(realpath "$out")" "$@" || return
	jq -e '.steps | length > 0 and all(.failed == 0)' "$out/row.json" >/dev/null
}

# matrix_sets STEP...: the sets of packages that they need.
matrix_sets() {
	local sets=(build soft tally)

	[[ " $* " != *" clang "* ]] || sets+=(clang)
	[[ " $* " != *" soft "* ]] || sets+=(trace judges)
	[[ " $* " != *" lab-"* ]] || sets+=(lab)
	echo "${sets[*]}"
}

# matrix_root RELEASE STEP...: sets root to a folder of the cache.
matrix_root() {
	# shellcheck disable=SC2046
	matrix_root_of "$1" $(matrix_sets "${@:2}")
}

# matrix_root_of RELEASE SET...: one with the packages of the sets. Remove it to have the release as it is now.
matrix_root_of() {
	local release=$1 names

	shift
	names=$(packages_names apt packages_always "$@" | LC_ALL=C sort | paste -sd,)
	root=$cache/root-$release-$(cksum <<<"$names" | cut -d' ' -f1)
	cache_make "${root##*/}" matrix_bootstrap "$release" "$names"
}

# matrix_bare RELEASE: sets root to one with nothing but apt.
matrix_bare() {
	root=$cache/root-$1-bare
	cache_make "${root##*/}" matrix_bootstrap "$1" ""
}

# matrix_bootstrap DIR RELEASE NAMES: for cache_make; without NAMES a bare one. The sources stay in it, for the driver headers.
matrix_bootstrap() {
	local dir=$1 release=$2 names=$3 mirror

	mirror=$(apt_mirror) || return
	say "making a root of $release"
	timeout -k 10 $matrix_root_limit mmdebstrap --variant=minbase ${names:+"--include=$names"} \
		--aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Languages "none"' \
		--dpkgopt=force-unsafe-io --dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
		"$release" "$dir" "deb [signed-by=$apt_keyring check-valid-until=no] $mirror $release main" </dev/null
}

# matrix_update ROW...: into matrix_file and the README. Of the same DPDK on the same system, the steps of an
# earlier run stay that have not been run again.
matrix_update() {
	local known=$matrix_logs/known.json

	{ cat "$matrix_file" 2>/dev/null || echo '[]'; } >"$known"
	jq -s 'def key: [.dpdk, .system, .own];
		def over($old): ([.steps[].step, "apps"] | unique) as $again
			| .clang = (.clang | if . == "" then $old.clang else . end)
			| .steps = [$old.steps[] | select(.step as $step | $again | index($step) | not)] + .steps;
		reduce .[1:][] as $row (.[0]; map(select(key == ($row | key))) as $old
			| . - $old + [reduce $old[] as $old ($row; over($old))])
		| sort_by(.dpdk | split(".") | map(tonumber? // 0))' "$known" "$@" >"$matrix_file"
	matrix_readme
}

# matrix_readme: the table between two lines of comment.
matrix_readme() {
	local table

	table=$(tools/matrix/table "$matrix_file")
	awk -v table="$table" '
		/^<!-- end of matrix -->/ {skip = 0}
		!skip {print}
		/^<!-- matrix/ {print table; skip = 1}' "$matrix_readme" >"$matrix_logs/readme" &&
		cat "$matrix_logs/readme" >"$matrix_readme"
}
