# SPDX-License-Identifier: BSD-3-Clause
# Files of the system's own package sources, without root and without touching the system: apt with
# a private state. The system's sources are copied and deb-src added to each.

# apt_private DIR: make the state in DIR; sets apt_options for every apt command that uses it.
apt_private() {
	local dir=$1

	mkdir -p "$dir"/{parts,lists/partial,cache/archives/partial}
	apt_sources "$dir/parts"
	apt_options=(
		-q
		-o Dir::State="$dir"
		-o Dir::State::status=/var/lib/dpkg/status
		-o Dir::Cache="$dir/cache"
		-o Dir::Etc::sourcelist=/dev/null
		-o Dir::Etc::sourceparts="$dir/parts"
		-o Acquire::Languages=none
		# DIR is private, so not readable for apt's download user.
		-o APT::Sandbox::User=
	)
	# A failing source does not matter if the download succeeds.
	apt-get "${apt_options[@]}" update >&2 || say "apt-get update: some sources failed"
}

# apt_sources DIR: the system's sources, in both of their formats.
apt_sources() {
	local f

	for f in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
		[ -r "$f" ] || continue
		awk '/^[ \t]*deb[ \t]/ { print; sub(/deb/, "deb-src"); print }' "$f" >"$1/${f##*/}.list"
	done
	for f in /etc/apt/sources.list.d/*.sources; do
		[ -r "$f" ] || continue
		sed 's/^[Tt]ypes:.*/Types: deb deb-src/' "$f" >"$1/${f##*/}"
	done
}
