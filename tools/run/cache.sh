# SPDX-License-Identifier: BSD-3-Clause
# Downloads that outlive the checkout, one folder each, named with its version. A folder appears
# complete or not at all.

cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/dpdk-dmamap

# cache_make NAME FUNCTION [ARG...]: unless NAME is there, let FUNCTION fill the folder it is given.
# Scraps go to $scratch, which is removed.
cache_make() {
	local name=$1 fill=$2 scratch scratch_lock status=0

	shift 2
	[ ! -d "$cache/$name" ] || return 0
	cache_scratch || return
	"$fill" "$scratch/new" "$@" && cache_publish "$scratch/new" "$cache/$name" || status=$?
	rm -rf "$scratch"
	exec {scratch_lock}<&-
	return $status
}

# Sets scratch, a folder that is locked as long as we or our children live; scratch_lock is the lock. What
# others left unlocked, since they were killed, is removed.
cache_scratch() {
	local old

	mkdir -p "$cache" || return
	{
		flock 8
		for old in "$cache"/tmp.*/; do
			[ ! -d "$old" ] || flock -n "$old" rm -rf "$old" || true
		done
		scratch=$(mktemp -d "$cache/tmp.XXXXXX") && exec {scratch_lock}<"$scratch" &&
			flock "$scratch_lock" || return
	} 8<"$cache"
	at_exit rm -rf "$scratch"
	mkdir "$scratch/new"
}

# Another run may have been quicker; then its folder is as good as ours.
cache_publish() {
	mv -T "$1" "$2" 2>/dev/null || [ -d "$2" ]
}
