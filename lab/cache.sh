# SPDX-License-Identifier: BSD-3-Clause
# Downloads that are kept, one folder each, named with its version. A folder appears complete or not at all.

# Without symbolic links, which would lead the guest elsewhere: it has the host's root at another place.
cache=$(realpath -m "${DMALAB_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/dmalab}")

# cache_make NAME FUNCTION [ARG...]: unless NAME exists, FUNCTION fills a folder, its first argument.
# $scratch is for temporary files, and is removed.
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

# Sets scratch, a folder that is locked until this shell and its children exit; scratch_lock is the lock.
# Unlocked folders of killed runs are removed.
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

# If another run was faster, its folder is used.
cache_publish() {
	mv -T "$1" "$2" 2>/dev/null || [ -d "$2" ]
}
