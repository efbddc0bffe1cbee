# SPDX-License-Identifier: BSD-3-Clause
# Packages of the system's own sources, or of another release of Debian from the same mirror, without root and
# without touching the system: apt with a private state.

apt_keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# apt_private DIR [RELEASE]: make the state in DIR; sets apt_options for every apt command that uses it. Without
# RELEASE the system's sources are copied, and deb-src added to each.
apt_private() {
	local dir=$1 release=${2:-} mirror status=/var/lib/dpkg/status

	if [ -n "$release" ]; then
		apt_find_mirror || return
	fi

	mkdir -p "$dir"/{parts,lists/partial,cache/archives/partial} || return
	if [ -n "$release" ]; then
		# None of its packages is installed here.
		status=$dir/status
		: >"$status" || return
		# A mirror that is a snapshot keeps the file of a release beyond its date.
		echo "deb [signed-by=$apt_keyring check-valid-until=no] $mirror $release main" >"$dir/parts/$release.list" ||
			return
	else
		apt_sources "$dir/parts" || return
	fi
	apt_options=(
		-q
		-o Dir::State="$dir"
		-o Dir::State::status="$status"
		-o Dir::Cache="$dir/cache"
		-o Dir::Etc::sourcelist=/dev/null
		-o Dir::Etc::sourceparts="$dir/parts"
		-o Acquire::Languages=none
		# DIR is private, so not readable for apt's download user.
		-o APT::Sandbox::User=
	)
	# A failing source does not matter if the download succeeds.
	apt_get . update || say "apt-get update: some sources failed"
}

# apt_get DIR ARGUMENT...: apt-get in DIR.
apt_get() {
	exit_child env -C "$1" apt-get "${apt_options[@]}" "${@:2}" >&2
}

# apt_sources DIR: the system's sources, in both of their formats.
apt_sources() {
	local f

	for f in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
		[ -r "$f" ] || continue
		awk '/^[ \t]*deb[ \t]/ { print; sub(/deb/, "deb-src"); print }' "$f" >"$1/${f##*/}.list" ||
			return
	done
	for f in /etc/apt/sources.list.d/*.sources; do
		[ -r "$f" ] || continue
		sed 's/^[Tt]ypes:.*/Types: deb deb-src/' "$f" >"$1/${f##*/}" || return
	done
}

# The mirror of Debian that the system's sources name.
apt_mirror() {
	local mirror

	apt_find_mirror && echo "$mirror"
}

# Sets mirror. Where apt has no lists, as in a new container, private ones tell.
apt_find_mirror() {
	local lists

	mirror=$(apt_debian_uri) || mirror=
	if [ -z "$mirror" ] && command -v apt-get >/dev/null; then
		lists=$(mktemp -d) && at_exit rm -rf "$lists" && apt_private "$lists" || return
		mirror=$(apt_debian_uri "${apt_options[@]}") || mirror=
		rm -rf "$lists"
	fi
	[ -n "$mirror" ] && [ -r "$apt_keyring" ] || {
		say "apt's sources name no mirror of Debian, or debian-archive-keyring is not installed"
		return 1
	}
}

# apt_debian_uri OPTION...
apt_debian_uri() {
	apt-get "$@" indextargets --format '$(REPO_URI)' 'Label: Debian' 'Created-By: Packages' 2>/dev/null |
		head -n 1
}
