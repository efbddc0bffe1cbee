# SPDX-License-Identifier: BSD-3-Clause
# Downloads that outlive the checkout, one folder each, named with its version. A folder appears
# complete or not at all.

cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/dpdk-dmamap

# cache_make NAME FUNCTION [ARG...]: unless NAME is there, let FUNCTION fill the folder it is given.
# Scraps go to $scratch, which is removed.
cache_make() {
	local name=$1 fill=$2 scratch status=0

	shift 2
	[ ! -d "$cache/$name" ] || return 0
	mkdir -p "$cache" && scratch=$(mktemp -d "$cache/tmp.XXXXXX") || return
	mkdir "$scratch/new"
	"$fill" "$scratch/new" "$@" && cache_publish "$scratch/new" "$cache/$name" || status=$?
	rm -rf "$scratch"
	return $status
}

# Another run may have been quicker; then its folder is as good as ours.
cache_publish() {
	mv -T "$1" "$2" 2>/dev/null || [ -d "$2" ]
}
