# SPDX-License-Identifier: BSD-3-Clause
# ./run docs: the guide as a site.

docs_dir=build-docs

# docs_run [--no-open]
docs_run() {
	local open=yes page

	case ${1:-} in
	'') ;;
	--no-open) open= ;;
	*) die "docs: no option $1" ;;
	esac
	packages_need docs
	sphinx-build -W -n -q -d "$docs_dir/doctrees" doc "$docs_dir/html" >&2
	page=$PWD/$docs_dir/html/index.html
	echo "$page"
	docs_has_screen || open=
	[ -z "$open" ] || xdg-open "$page"
}

docs_has_screen() {
	[ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] && command -v xdg-open >/dev/null
}
