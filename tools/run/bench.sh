# SPDX-License-Identifier: BSD-3-Clause
# The benchmarks of ./run bench: the function bench_NAME runs one, with the user's arguments.
# They are ratios against a reference in the same run and decide nothing, so they are no tests.

bench_all=(mr map)

bench_run() {
	local name=${1:-}

	[ $# -eq 0 ] || shift
	declare -F "bench_$name" >/dev/null || die "bench: which one? There are: ${bench_all[*]}"
	"bench_$name" "$@"
}

# The table of regions of mlx5_ext beside a binary search; needs no lab.
bench_mr() {
	build/tests/bench/mr "$@"
}

# rte_dev_dma_map() through pci_ext beside the backend alone, on rxe, VFIO and edu in the lab.
bench_map() {
	kernel_ready
	lab_run tests/bench/map
}
