#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# bash completion of ./run and dmalab. Those of programs: tests/softhca/test-install.sh.
set -u

# shellcheck source=tests/tap.sh
. tests/tap.sh
# shellcheck source=tests/complete.sh
. tests/complete.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. tools/completion/run
. lab/completion.bash
PATH=$PWD/lab:$PATH

commands=$(sed -n '/^case/,$s/^\([a-z]*\)\( | .*\)*)$/\1/p' run | LC_ALL=C sort | xargs)
tap_like "./run has commands" "$commands" 'bench .*matrix .*test'
tap_is "the commands of ./run" "$(complete_for ./run "")" "$commands"
tap_is "one of them" "$(complete_for ./run matr)" matrix
tap_is "./run demo" "$(complete_for ./run demo --)" --soft
tap_is "the suites" "$(complete_for ./run test "")" "$(sed -n 's/^suites_all=(\(.*\))/\1 unit/p' tools/run/suites.sh | tr ' ' '\n' |
	LC_ALL=C sort | xargs)"
tap_is "the second suite" "$(complete_for ./run test check un)" unit
tap_is "the benchmarks" "$(complete_for ./run bench "" | sed 's/--[a-z]* //g')" \
	"$(sed -n 's/^bench_all=(\(.*\))/\1/p' tools/run/bench.sh | tr ' ' '\n' | LC_ALL=C sort | xargs)"
tap_is "the options of soft" "$(complete_for ./run soft --)" "--cross --id --loop --ports"
tap_like "a command in the lab" "$(complete_for ./run lab bas)" '(^| )bash( |$)'
tap_like "a command on software devices" "$(complete_for ./run soft --ports 2 --cross -- bas)" '(^| )bash( |$)'
mkdir "$work/other" && printf '#!/bin/sh\ntouch called\n' >"$work/other/run" && chmod 755 "$work/other/run"
tap_is "another project's ./run" "$(cd "$work/other" && complete_for ./run "")$(ls "$work/other")" run

taken=$(sed -n '/^options_flag/,/^}/p; /^options_value/,/options_bad/p' lab/options.sh | sed 's/;.*//' | grep -oE -- '--[a-z-]+' |
	LC_ALL=C sort -u | xargs)
tap_like "dmalab takes options" "$taken" '--accel .*--vfio'
tap_is "they are offered" "$(complete_for dmalab --)" "$taken"
tap_is "an option" "$(complete_for dmalab --io)" --iommu
tap_is "its values" "$(complete_for dmalab --iommu "")" "intel none virtio"
tap_is "its values after =" "$(complete_for dmalab --iommu=)" "intel none virtio"
tap_is "the beginning of one" "$(complete_for dmalab --iommu=vi)" virtio
tap_is "the models" "$(complete_for dmalab --vfio "")" "$(sed -n 's/.*on vfio-pci: \(.*\);.*/\1/p' lab/options.sh | tr -d , | tr ' ' '\n' |
	LC_ALL=C sort | xargs)"
tap_is "the second model" "$(complete_for dmalab --vfio e1000e:2,ed)" e1000e:2,edu
cd "$work" || exit
mkdir kernels
touch mine.plan
tap_is "the kernels, and folders" "$(complete_for dmalab --kernel "")" "6.1 6.12 kernels newest other"
tap_is "the plans, and files" "$(complete_for dmalab --plan "")" "kernels mine.plan other rdma vfio"
tap_is "folders alone" "$(complete_for dmalab --out "")" "kernels other"
tap_like "programs, and files" "$(complete_for dmalab --qemu "ba")$(complete_for dmalab --qemu "min")" '(^| )bash( |mine.plan).*mine.plan'
tap_is "nothing is known of a number" "$(complete_for dmalab --rxe "")" ""
tap_like "the command" "$(complete_for dmalab --rxe 2 bas)" '(^| )bash( |$)'
tap_like "or the word kernel" "$(complete_for dmalab --rxe 2 kern)" "(^| )kernel( |\$)"
tap_is "and build" "$(complete_for dmalab kernel "")" build
tap_is "of a configuration, or a file" "$(complete_for dmalab kernel build "")" "--kernel base debug iommufd kernels mine.plan other"
tap_is "of a kernel" "$(complete_for dmalab kernel build --kernel 6)" "6.1 6.12"
tap_is "of a kernel after =" "$(complete_for dmalab kernel build --kernel=6)" "6.1 6.12"
tap_is "the configuration after it" "$(complete_for dmalab kernel build --kernel 6.12 de)" debug
tap_like "the command after --" "$(complete_for dmalab --rxe=2 --fail-on-iommu-fault -- bas)" '(^| )bash( |$)'
tap_is "its arguments" "$(complete_for dmalab --rxe 2 -- cat mi)" mine.plan
tap_done
