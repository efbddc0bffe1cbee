# SPDX-License-Identifier: BSD-3-Clause
# The suites of ./run test: the function suite_NAME passes each of its results to tally.
#
# check, unit and soft are suites of meson test. Here are the suites that meson cannot run: with other build
# directories, or in labs that run in parallel. Most of their tests are executable scripts, found by folder and
# name; a new one needs no registration:
#   tests/tsan/test-*.sh       on the host, with build-tsan/
#   tests/lab/test-*.sh        on the host, calling ./run lab
#   tests/lab/guest/test-*.sh  in the lab, many of them in one boot; once for each word of a line
#                              "# arguments: A B", if present
# tests/README.md describes the output of a script.

# All that ./run test runs: not unit, since sanitize runs the same tests, and each build of them takes minutes.
suites_all=(check sanitize clang soft tsan matrix lab)
# The sets of packages that each needs, besides build and tally.
declare -A suites_packages=(
	[check]=test [clang]=clang [sanitize]="soft sanitize" [soft]="soft trace judges" [tsan]="soft lab" [matrix]=matrix [lab]="soft lab siw test clang"
)
# Not below build/, which may be recreated.
suites_logs=build-logs

# The time limit of one script in seconds; the same in the guest and in meson.build. For scripts that hang:
# generous, for a busy machine.
suites_script_limit=1800
# The number of labs for the guest scripts.
suites_guest_labs=2
# The guest scripts that run on the kernel of another release too.
suites_second_scripts=(tests/lab/demo tests/lab/guest/test-{dmabuf,kernel}.sh "tests/conformance.sh "{rxe,e1000e})

# suites_need [SUITE...]
suites_need() {
	local suite sets=(build tally)

	[ $# -gt 0 ] || set -- "${suites_all[@]}"
	for suite; do
		# Without it the suite is skipped.
		[ "$suite" != matrix ] || { on_debian && [ "$(id -u)" = 0 ]; } || continue
		# shellcheck disable=SC2206
		sets+=(${suites_packages[$suite]:-})
	done
	packages_need "${sets[@]}"
}

suites_run() {
	local suite before

	[ $# -gt 0 ] || set -- "${suites_all[@]}"
	[ -w . ] || die "this checkout is read-only, and $suites_logs is made in it: copy it"
	for suite; do
		declare -F "suite_$suite" >/dev/null || die "no suite $suite; there are: unit ${suites_all[*]}"
		rm -rf "${suites_logs:?}/$suite"
		mkdir -p "$suites_logs/$suite"
	done
	tally_start
	at_exit suites_end
	[[ " $* " != *" lab "* ]] || suites_lab_begin
	[[ " $* " != *" matrix "* ]] || suites_matrix_begin
	for suite; do
		say "suite $suite"
		before=$((passed + failed + skipped))
		"suite_$suite"
		[ $((passed + failed + skipped)) -gt $before ] || suites_silent "$suite"
	done
	tally_end
}

# All that was started by exit_spawn.
suites_end() {
	local leader

	for leader in $(jobs -p); do
		kill -TERM -- "-$leader" 2>/dev/null || true
	done
	wait
}

# suites_silent SUITE: a suite without any test has failed.
suites_silent() {
	echo "the suite ran no test" >"$suites_logs/$1/silent.log"
	tally "$1/silent" 1 "$suites_logs/$1/silent.log"
}

# Configuring is sufficient.
suite_check() {
	local build_targets=(build.ninja)

	suites_build check build || return 0
	suites_meson check build --suite check
}

suite_unit() {
	local build_targets=(meson-test-prereq)

	suites_build unit build || return 0
	suites_meson unit build --suite unit --timeout-multiplier 4
}

# With clang, which needs two thirds of gcc's time for code with sanitizers, and warns of what gcc does not. -O1: a burst
# with a mempool inlined is four times as long with the sanitizers' code. lld: each of 150 programs is linked with all
# of DPDK.
suite_sanitize() {
	local CC=clang part runtime build_targets=(build.ninja) options=(
		-Db_sanitize=address,undefined -Db_lundef=false -Doptimization=1 -Dc_args=-shared-libasan
	)

	export CC
	# Not -print-runtime-dir, which in clang 19 is a folder that Debian does not have.
	runtime=$(clang -print-file-name="libclang_rt.asan-$(uname -m).so")
	options+=("-Dc_link_args=-fuse-ld=lld -shared-libasan -Wl,-rpath,${runtime%/*}")
	suites_build sanitize build-sanitize "${options[@]}" || return 0
	mapfile -t build_targets < <(suites_unit_programs build-sanitize)
	build_targets+=(
		softhca/libsofthca.so drivers/bus/pci_ext/librte_bus_pci_ext.so drivers/net/mlx5_ext/librte_net_mlx5_ext.so
		tests/programs/{life/life,nth/nth,offloads/offloads,sequences/sequences,soak/soak}
	)
	suites_build sanitize build-sanitize "${options[@]}" || return 0
	suites_by_clang=$(ninja -C build-sanitize -t inputs "${build_targets[@]}")
	export -n CC
	export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
	suites_meson sanitize build-sanitize --suite unit --timeout-multiplier 4
	# The plugins and softhca, in DPDK's own programs, which do not free all memory at exit.
	for part in "dv nth" "raw nth" "dv life" "raw life" "dv traffic"; do
		# shellcheck disable=SC2086
		ASAN_OPTIONS=detect_leaks=0 SOFT_BUILD=build-sanitize \
			suites_script "sanitize/wire-${part/ /-}" tests/softhca/wire.sh $part
	done
	ASAN_OPTIONS=detect_leaks=0 SOFT_BUILD=build-sanitize SEQUENCES_COUNT=100 \
		suites_script sanitize/sequences tests/softhca/test-sequences.sh
	unset UBSAN_OPTIONS
}

suite_clang() {
	suites_script clang/build suites_build_clang
}

suite_soft() {
	suites_build soft build || return 0
	suites_meson soft build --suite soft
}

suite_tsan() {
	local script build_targets

	suites_build tsan build || return 0
	# -g1: lines, which a report shows, and no variables.
	build_targets=(
		tests/programs/{soak/soak,sleeper/sleeper,life/life,sequences/sequences} drivers/bus/pci_ext/librte_bus_pci_ext.so
		drivers/net/mlx5_ext/librte_net_mlx5_ext.so
		tests/unit/mlx5_ext/test_mlx5_ext_{connecting,device,gate,hold,mr_index,mr_threads,peer}
	)
	suites_build tsan build-tsan -Db_sanitize=thread -Db_lundef=false -Dc_args=-g1 || return 0
	lab_kernel >/dev/null || say "the lab's kernel is not available"
	for script in tests/tsan/test-*.sh; do
		suites_script "tsan/${script##*/}" "$script"
	done
}

# A machine on which roots cannot be made or entered has nothing to test here. The rows run beside the other
# suites.
suite_matrix() {
	local release reason log=$suites_logs/matrix/none.log

	if reason=$(matrix_unable); then
		echo "skipped: $reason" >"$log"
		tally matrix 77 "$log"
		return
	fi
	wait "$suites_matrix_job" || true
	for release in "${matrix_tested[@]}"; do
		suites_matrix_release "$release"
	done
}

suites_matrix_begin() {
	! matrix_unable >/dev/null || return 0
	exit_spawn suites_matrix_rows
	suites_matrix_job=$!
}

suites_matrix_rows() {
	local release log status

	for release in "${matrix_tested[@]}"; do
		log=$suites_logs/matrix/$release.log status=0
		rm -f "$matrix_logs/$release/row.json"
		if (matrix_root "$release" "${matrix_tested_steps[@]}") >"$log" 2>&1; then
			(matrix_row "$release" "" "${matrix_tested_steps[@]}") >>"$log" 2>&1 || status=$?
		else
			echo "skipped: no root of $release" >>"$log"
			status=77
		fi
		echo $status >"${log%.log}.status"
	done
}

suites_matrix_release() {
	local out=$matrix_logs/$1 log=$suites_logs/matrix/$1.log step bad took

	[ -s "$out/row.json" ] || {
		tally "matrix/$1" "$(cat "${log%.log}.status" || echo lost)" "$log"
		return
	}
	while read -r step bad took; do
		tally "matrix/$1/$step" "$((bad != 0))" "$out/$step.log" "$took"
	done < <(jq -r '.steps[] | "\(.step) \(.failed) \(.seconds)"' "$out/row.json")
}

# Its scripts run beside the other suites.
suite_lab() {
	local script second

	suites_build lab build || return 0
	wait "$suites_lab_job" || true
	for script in tests/lab/test-*.sh; do
		suites_lab_tally lab "$suites_logs/lab" "$script"
	done
	while read -r script; do
		suites_lab_tally lab/guest "$suites_logs/lab" "$script"
	done < <(suites_guest_scripts)
	second=$suites_logs/lab/$(suites_second_release)
	for script in "${suites_second_scripts[@]}"; do
		suites_lab_tally "lab/$(cat "$second/series" 2>/dev/null || basename "$second")" "$second" "$script"
	done
}

# suites_build SUITE DIR [OPTION...]: no result on success, one failure otherwise.
suites_build() {
	local log=$suites_logs/$1/build.log

	build_open "$2"
	(build_dir "${@:2}") >"$log" 2>&1 && return
	tally "$1/build" 1 "$log"
	return 1
}

# suites_unit_programs DIR: the targets of the suite unit.
suites_unit_programs() {
	meson introspect "$1" --tests | jq -r --arg dir "$(realpath "$1")/" '.[]
		| select(any(.suite[]; endswith(":unit")))
		| first(.cmd[] | ltrimstr($dir) | select(startswith("tests/")))' | sort -u
}

# What clang warns of, it finds without optimizing, without a link, and in a file that several programs have when
# it is compiled for one of them; and the suite sanitize, if it has been run, has compiled most files with clang.
suites_build_clang() {
	local build_targets=(build.ninja) options=(-Doptimization=0 -Ddebug=false)

	export CC=clang
	build_dir build-clang "${options[@]}" 2>&1 || return
	mapfile -t build_targets < <(ninja -C build-clang -t compdb | jq -r --arg objects "${suites_by_clang:-}" '
		def source: [.file, (.command | [scan(" -D[^ ]+")])];
		[.[] | select(.output | endswith(".o"))] as $all
		| ($objects | split("\n")) as $objects
		| [$all[] | select(.output | IN($objects[])) | source] as $compiled
		| [$all[] | select(source | IN($compiled[]) | not)] | unique_by(source) | .[].output')
	build_dir build-clang "${options[@]}" 2>&1
}

# suites_script NAME COMMAND...: a script, or a function of this file.
suites_script() {
	local log=$suites_logs/$1.log limit=() status=0 began=$SECONDS

	[ ! -e "$2" ] || limit=(timeout -k 10 "$suites_script_limit")
	exit_spawn "${limit[@]}" "${@:2}" >"$log" 2>&1
	wait $! || status=$?
	tally "$1" "$status" "$log" $((SECONDS - began))
}

# suites_meson SUITE DIR OPTION...: meson test. Its lines are progress; its log has each test's name, result
# and output. cmocka's TAP makes each case count.
suites_meson() {
	local results=$2/meson-logs/testlog.json name result took log i=0

	rm -f "$results"
	exit_spawn env CMOCKA_MESSAGE_OUTPUT=TAP PYTHONUNBUFFERED=1 meson test -C "$2" --no-rebuild "${@:3}" \
		> >(tee "$suites_logs/$1/meson.log" | sed -nu 's,^ *\([0-9]*/[0-9]* .*\),run: \1,p' >&2) 2>&1
	wait $! || true
	[ -f "$results" ] || return 0
	while IFS=$'\t' read -r name result took; do
		log=$suites_logs/$1/${name//[ \/]/-}.log
		jq -rs ".[$((i++))] | .stdout // \"\", .stderr // \"\"" "$results" >"$log"
		tally "$1/$name" "$result" "$log" "$took"
	done < <(jq -r '[(.name | sub(".*/ "; "")), ({OK: 0, EXPECTEDFAIL: 0, SKIP: 77}[.result] // 1),
		(.duration | round)] | @tsv' "$results")
}

# The lab's scripts run in parallel with all other suites, since they mostly wait, and for the same reason in
# several labs at a time. The kernel is fetched and siw is built meanwhile.
suites_lab_begin() {
	exit_spawn suites_guests >"$suites_logs/lab/guest.log" 2>&1
	suites_lab_job=$!
}

suites_guests() {
	local lab all i scripts

	lab_kernel --siw 0 >/dev/null &
	build_dir build
	wait $! || say "siw is not available"
	{
		suites_second || say "the lab of the second kernel ended with status $?"
		suites_hosts
	} &
	mapfile -t all < <(suites_guest_scripts)
	for ((lab = 0; lab < suites_guest_labs; lab++)); do
		scripts=()
		for ((i = lab; i < ${#all[@]}; i += suites_guest_labs)); do
			scripts+=("${all[i]}")
		done
		suites_guest "$suites_logs/lab" $lab "${scripts[@]}" &
	done
	wait
}

# In this job's process group, as the labs of suites_guest are, so that suites_end reaches the scripts.
suites_hosts() {
	local script log status began

	for script in tests/lab/test-*.sh; do
		log=$suites_logs/lab/${script##*/}.log status=0 began=$SECONDS
		timeout --foreground -k 10 "$suites_script_limit" "$script" </dev/null >"$log" 2>&1 || status=$?
		echo $status $((SECONDS - began)) >"${log%.log}.status"
	done
}

# The release of the other kernel: that of Debian 13, or that of Debian 12 if the lab's is of Debian 13.
suites_second_release() {
	# shellcheck source=/dev/null
	case ${LAB_KERNEL:-$(. /etc/os-release && echo "${VERSION_CODENAME:-}")} in
	trixie | 6.12) echo bookworm ;;
	*) echo trixie ;;
	esac
}

# In a lab of its own, beside the others. Another distribution has no mirror of Debian.
suites_second() {
	local out script kernel

	LAB_KERNEL=$(suites_second_release)
	out=$suites_logs/lab/$LAB_KERNEL
	mkdir -p "$out"
	if ! on_debian; then
		for script in "${suites_second_scripts[@]}"; do
			echo "skip: not Debian" >"$out/$(suites_guest_name "$script").log"
			echo 77 >"$out/$(suites_guest_name "$script").status"
		done
		return
	fi
	kernel=$(lab_kernel) || return
	basename "$kernel"/lib/modules/* | grep -oE '^[0-9]+\.[0-9]+' >"$out/series"
	suites_guest "$out" 0 "${suites_second_scripts[@]}"
}

# suites_guest_scripts: one line for each script and argument.
suites_guest_scripts() {
	local script argument arguments

	for script in tests/lab/guest/test-*.sh; do
		read -ra arguments < <(sed -n 's/^# arguments: //p' "$script") || arguments=("")
		for argument in "${arguments[@]}"; do
			echo "$script${argument:+ $argument}"
		done
	done
	tests/conformance.sh --list lab | sed 's,^,tests/conformance.sh ,'
}

# suites_guest_name LINE: the name without folder and blanks; the same as in tests/lab/guest/all.
suites_guest_name() {
	local name=${1##*/}

	echo "${name// /-}"
}

# suites_guest FOLDER LAB SCRIPT...: the scripts in one boot. If a script ends the lab, the next
# one runs in another boot. If the guest's kernel crashed, which is not a fault of user space (rxe in 6.1
# does when a QP is destroyed under load), the script runs a second time, but not a third.
suites_guest() {
	local out=$1 boot=$1/boot-$2.log scripts=("${@:3}") name again=

	while [ ${#scripts[@]} -gt 0 ]; do
		(LAB_OUT=$out LAB_TIMEOUT=$((60 + suites_script_limit * ${#scripts[@]}))
			lab_run tests/lab/guest/all "$suites_script_limit" "${scripts[@]}") >"$boot" 2>&1 || true
		while [ ${#scripts[@]} -gt 0 ] && [ -s "$out/$(suites_guest_name "${scripts[0]}").status" ]; do
			scripts=("${scripts[@]:1}")
		done
		[ ${#scripts[@]} -gt 0 ] || break
		name=$(suites_guest_name "${scripts[0]}")
		if [ "$again" != "$name" ] && grep -q 'Kernel panic' "$boot"; then
			cp "$boot" "$out/$name.crash"
			again=$name
		else
			cat "$boot" >>"$out/$name.log"
			echo lost >"$out/$name.status"
		fi
	done
}

# suites_lab_tally PREFIX FOLDER SCRIPT: a script without a status was not run.
suites_lab_tally() {
	local name status took

	mkdir -p "$2"
	name=$(suites_guest_name "$3")
	[ ! -e "$2/$name.crash" ] || say "$name: the guest's kernel crashed in the first run: $2/$name.crash"
	read -r status took 2>/dev/null <"$2/$name.status" || {
		status=lost took=
		cp "$suites_logs/lab/guest.log" "$2/$name.log"
	}
	tally "$1/$name" "$status" "$2/$name.log" $took
}
