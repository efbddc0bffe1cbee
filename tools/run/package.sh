# SPDX-License-Identifier: BSD-3-Clause
# ./run package: Debian's packages of this checkout, for the release of this system, or, in a root of ./run matrix, for
# another one. tools/package has the files of debian/, and the test in a bare root.

package_out=build-package
# In seconds, of the test.
package_limit=3600

# package_run [--test] [RELEASE...]: each into a folder of its own, in package_out. In a root that tools/package/build
# has entered, package_root is its release: sid's own system has the name of the next release.
package_run() {
	local release test='' here status=0

	# shellcheck source=/dev/null
	here=${package_root:-$(. "$packages_os_release" && echo "${VERSION_CODENAME:-}")}
	while [[ ${1:-} = -* ]]; do
		[ "$1" = --test ] || die "package: no option $1"
		test=yes
		shift
	done
	on_debian || die "package: this is not Debian 12 or later"
	[ $# -gt 0 ] || set -- "$here"
	for release; do
		rm -rf "${package_out:?}/$release" && mkdir -p "$package_out/$release"
		if [ "$release" = "$here" ]; then
			package_here "$release"
		else
			package_there "$release"
		fi || { status=1 && continue; }
		[ -z "$test" ] || package_test "$release" || status=1
	done
	return $status
}

# package_here RELEASE: of a copy of the checkout, as dpkg-buildpackage builds in its parent folder.
package_here() {
	local out=$package_out/$1 tree=$package_out/$1/tree

	packages_need build package
	sdk_ready
	say "package: $1: building"
	mkdir -p "$tree" && package_sources | tar -C "$tree" -xf - &&
		cp -r tools/package/debian "$tree/debian" && package_changelog "$1" >"$tree/debian/changelog" &&
		package_control >"$tree/debian/control" && rm "$tree/debian/control.in" || return
	(cd "$tree" && DPDK_SDK=$sdk DEB_BUILD_OPTIONS="noautodbgsym parallel=$(nproc) ${DEB_BUILD_OPTIONS:-}" \
		dpkg-buildpackage --build=binary --no-sign) >"$out/build.log" 2>&1 </dev/null || {
		tail -n 20 "$out/build.log" >&2
		say "package: $1: not built: $out/build.log"
		return 1
	}
	rm -rf "$tree"
	package_lintian "$out" || return
	(cd "$out" && ls -- *.deb)
}

# package_lintian OUT: fails on what Debian would not take. This is no upload to it, which would close a bug.
package_lintian() {
	say "package: lintian"
	lintian --fail-on error,warning --display-info --pedantic --suppress-tags initial-upload-closes-no-bugs \
		"$1"/*.changes >"$1/lintian.log" 2>&1 || {
		cat "$1/lintian.log" >&2
		say "package: lintian complains: $1/lintian.log"
		return 1
	}
}

# The files of the checkout, of a release or of a clone, without what is built.
package_sources() {
	tar --exclude='./build*' --exclude=./.git --exclude=./doc/_build --exclude=__pycache__ -cf - .
}

package_version() {
	sed -nE "s/^ *version: '([^']*)',$/\1/p" meson.build | head -n 1
}

# package_changelog RELEASE: ~debN, so that the package of a later release of Debian is an upgrade.
package_changelog() {
	local number date

	# shellcheck source=/dev/null
	number=$(. "$packages_os_release" && echo "${VERSION_ID:-}")
	date=$(git log -1 --format=%cd --date=rfc 2>/dev/null) || date=$(date -R -r CHANGELOG.md)
	cat <<-END
		dpdk-dmamap ($(package_version)-1${number:+~deb$number}) $1; urgency=medium

		  * See CHANGELOG.md, which is installed as changelog.gz.

		 -- $(package_maintainer)  $date
	END
}

package_control() {
	sed "s/@MAINTAINER@/$(package_maintainer | sed 's/[&/\]/\\&/g')/" tools/package/debian/control.in
}

# Whoever builds the packages is who answers for them.
package_maintainer() {
	echo "${DEBFULLNAME:-$(git config user.name || id -un)} <${DEBEMAIL:-$(git config user.email || echo "$(id -un)@$(hostname -f)")}>"
}

# package_there RELEASE: in a root of that release, from a copy of the checkout.
package_there() {
	local out=$package_out/$1 root shares=(--show "$top")

	matrix_need "package: $1"
	matrix_root_of "$1" build package >"$out/root.log" 2>&1 || {
		tail -n 5 "$out/root.log" >&2
		say "package: no root of $1: $out/root.log"
		return 1
	}
	[ -z "${DPDK_SDK:-}" ] || shares+=(--show "$DPDK_SDK")
	tools/matrix/enter "$root" --keep "$cache" "${shares[@]}" --keep "$out" -- \
		env XDG_CACHE_HOME="$(dirname "$cache")" ${DPDK_SDK:+DPDK_SDK="$(realpath "$DPDK_SDK")"} \
		DEBFULLNAME="$(package_maintainer | sed 's/ <.*//')" DEBEMAIL="$(package_maintainer | sed 's/.*<\(.*\)>/\1/')" \
		"$top/tools/package/build" "$top" "$(realpath "$out")" "$1"
}

# package_test RELEASE: in a root with nothing but apt.
package_test() {
	local out=$package_out/$1 root

	matrix_need "package: $1"
	matrix_bare "$1" >"$out/bare.log" 2>&1 ||
		die "package: no bare root of $1: $out/bare.log"
	say "package: $1: installing"
	timeout -k 30 $package_limit tools/matrix/enter "$root" --show "$top" --keep "$cache" -- \
		env DMALAB_CACHE="$cache" "$top/tools/package/try" "$(realpath "$out")"
}
