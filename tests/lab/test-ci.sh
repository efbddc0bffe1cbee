#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# lab/action.yml, lab/ci/gitlab.yml and lab/ci/Containerfile: what a CI system runs of them, in a bare system of Debian,
# for a project that is not this one.

. tests/tap.sh
for part in lab/{exit,apt}.sh tools/run/{log,cache,packages,lab,matrix}.sh; do
	# shellcheck source=/dev/null
	. $part
done

if reason=$(matrix_unable); then
	echo "1..0 # SKIP $reason"
	exit 0
fi
scratch=$(mktemp -d) || exit
at_exit rm -rf "$scratch"
mkdir "$scratch/theirs"
cp -r lab "$scratch/lab"
echo "a file of theirs" >"$scratch/theirs/file"

# The release of the kernel that the other tests have in the cache.
release=$(. /etc/os-release && echo "${VERSION_CODENAME:-bookworm}")
if ! matrix_bare "$release" >"$scratch/root.log" 2>&1 ||
	! tools/matrix/enter "$root" -- apt-get -o APT::Update::Error-Mode=any update >>"$scratch/root.log" 2>&1; then
	sed 's/^/# /' "$scratch/root.log" | tail -n 5
	echo "1..0 # SKIP the mirror of Debian cannot be used"
	exit 0
fi

# steps SYSTEM [NAME=VALUE...]: a script from the files for a CI system.
steps() {
	tests/lab/ci-steps.py "$1" "$scratch/lab" "${@:2}" >"$scratch/$1.sh"
}

run='cat file
rdma link | cut -d " " -f 2,4 | xargs
ibv_devices | grep -c rxe
echo kept >"$DMALAB_OUT/result"
false
echo not here'
tap_ok "the action" steps action "run=$run" "install=ibverbs-utils ibverbs-providers" rxe=2 timeout=800 out=results junit=junit.xml
tap_ok "the job of GitLab" steps gitlab "DMALAB_RUN=${run/false/true}" DMALAB_RXE=1 DMALAB_TIMEOUT=800 \
	"DMALAB_FOLDER=$scratch" "DMALAB_CACHE=$cache"
tap_ok "the image" steps container "KERNEL=$release"
sed -i "s,^export DMALAB_CACHE=.*,export DMALAB_CACHE=$cache," "$scratch/container.sh"

# The second and third find installed what the first has installed.
cat >"$scratch/all.sh" <<'END'
cd "$1/theirs" && export DMALAB_CACHE=$2 CI_PROJECT_DIR=$1/theirs
command -v qemu-system-x86_64 cc ibv_devices
for system in action gitlab; do
	bash "$1/$system.sh" >"$1/$system.stdout" 2>"$1/$system.stderr" </dev/null
	echo "$system $? $(cat results/result dmalab-out/result 2>/dev/null | xargs)"
done
bash "$1/container.sh" --rxe 1 --timeout 800 -- ibv_devices >"$1/container.stdout" 2>"$1/container.stderr" </dev/null
echo "container $?"
END
tools/matrix/enter "$root" --keep "$scratch" --keep "$cache" -- bash "$scratch/all.sh" "$scratch" "$cache" >"$scratch/all"
for log in "$scratch"/*.std*; do
	tail -n 5 "$log" | sed "s,^,# ${log##*/}: ,"
done
tap_is "all of them, in a system without the packages" "$(<"$scratch/all")" \
	"action 1 kept
gitlab 0 kept kept
container 0"
tap_like "the action's output ends with the command that fails" "$(tail -n 3 "$scratch/action.stdout")" \
	$'^a file of theirs\nrxe0/1 ACTIVE rxe1/1 ACTIVE\n2$'
tap_like "the action says how it is run" "$(<"$scratch/action.stderr")" 'accelerator (tcg|kvm)'
tap_like "its JUnit has the failure" "$(<"$scratch/theirs/junit.xml")" '<failure'
tap_like "GitLab's output" "$(tail -n 4 "$scratch/gitlab.stdout")" \
	$'^a file of theirs\nrxe0/1 ACTIVE\n1\nnot here$'
tap_like "its JUnit has none" "$(<"$scratch/theirs/dmalab-junit.xml")" 'failures="0"'
tap_like "the image's output" "$(tail -n 1 "$scratch/container.stdout")" 'rxe0'
tap_done
