# SPDX-License-Identifier: BSD-3-Clause
# The benchmarks of ./run bench: the function bench_NAME prints one as JSON, {"NAME":[{...},...]}.
# They are ratios to a reference in the same run without a pass criterion, so they are no tests.

bench_all=(mr mapping cost copies query map reg pieces wire churn parallel)

# bench_run NAME [--json | --svg FILE] [ARGUMENT...]: a table, or the requested format.
bench_run() {
	local name=${1:-} json

	[ $# -eq 0 ] || shift
	declare -F "bench_$name" >/dev/null || die "bench: unknown benchmark; available: ${bench_all[*]}"
	case ${1:-} in
	--json)
		"bench_$name" "${@:2}"
		;;
	--svg)
		[ $# -ge 2 ] || die "bench: --svg requires a file"
		json=$("bench_$name" "${@:3}")
		tests/bench/plot "$name" <<<"$json" >"$2"
		;;
	*)
		json=$("bench_$name" "$@")
		bench_table <<<"$json"
		;;
	esac
}

# bench_table: the keys of the first row are the header of the table.
bench_table() {
	jq -r 'to_entries[].value | (map(keys_unsorted) | max_by(length)) as $head |
		($head | join("\t")), (.[] as $row | $head | map($row[.] // "-" |
			if type == "number" then . * 1000 | round / 1000 else . end | tostring) | join("\t"))' |
		column -t -s $'\t'
}

# The MR table of mlx5_ext against a binary search; without the lab.
bench_mr() {
	build/tests/bench/mr "$@"
}

# Instructions and memory of a mapping, on top of the verb, on the software HCA.
bench_mapping() {
	tests/bench/mapping "$@"
}

# Instructions and cycles of a packet against DPDK's own net_mlx5, on the software HCA.
bench_cost() {
	tests/bench/cost
}

# Instructions of the examples for pci_ext beside those of a copy, on the software HCA.
bench_copies() {
	tests/bench/copies/run
}

# pci_ext_query() of a packet beside a mutex, on the software HCA, also under churn.
bench_query() {
	SOFTHCA_MODE=step softhca/soft --loop -- build/tests/bench/query -l 0,1 --no-huge -m 256 --log-level=eal:4 \
		-d librte_bus_pci_ext.so -d librte_net_mlx5_ext.so \
		-a 0000:aa:00.0,driver=mlx5_ext,wire=dv -- 0000:aa:00.0 1 64 4096 65535 | jq -sc '{query: .}'
}

# rte_dev_dma_map() through pci_ext against the backend alone, on rxe, VFIO and edu in the lab.
bench_map() {
	bench_lab map
}

# rte_dev_dma_map() of mlx5_ext against a bare ibv_reg_mr(), in the lab.
bench_reg() {
	bench_lab reg
}

# A map of 1 GiB by several threads, as several MRs, against ibv_reg_mr() by one, in the lab.
bench_pieces() {
	LAB_MEM=3072 bench_lab pieces
}

# Messages per second of testpmd against perftest's ib_send_bw, in the lab.
bench_wire() {
	LAB_TIMEOUT=600 bench_lab wire
}

# Packets per second while memory is mapped and unmapped, in the lab.
bench_churn() {
	bench_lab churn "$@"
}

# Concurrent maps of eight devices against one, with slow registrations; on the software HCA.
bench_parallel() {
	tests/bench/parallel
}

bench_lab() {
	lab_run "tests/bench/$1" "${@:2}"
}
