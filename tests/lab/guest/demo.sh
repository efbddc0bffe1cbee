# SPDX-License-Identifier: BSD-3-Clause
# For the tests of dmamap-demo: source it after tap.sh.

command -v jq >/dev/null || { echo "SKIP: no jq"; exit 77; }

demo_eal=(-l 0 -d librte_bus_pci_ext.so -d librte_net_mlx5_ext.so -d librte_dma_edu.so
	-a "0000:00:10.0,peer=0000:00:11.0" -a "0000:00:11.0,peer=0000:00:10.0"
	-a 0000:00:12.0 -a 0000:00:13.0 -a 0000:00:14.0 -a 0000:00:15.0 --in-memory)
demo_log=$(mktemp)
trap 'rm -f "$demo_log"' EXIT

# demo STATUS ARG...: on all six devices, has to end with STATUS; sets $json.
demo() {
	local wanted=$1 status

	shift
	json=$(timeout -k 5 300 dmamap-demo "${demo_eal[@]}" -- --json "$@" 2>"$demo_log")
	status=$?
	tap_is "$*: exit status" $status "$wanted"
	[ $status = "$wanted" ] || sed 's/^/# /' "$demo_log"
}

# query FILTER: applies jq to the report.
query() {
	jq -r "$1" <<<"$json"
}
