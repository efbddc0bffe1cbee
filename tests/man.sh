# SPDX-License-Identifier: BSD-3-Clause
# For tests of the man pages: the options that a page has, and those that --help names, each in one line.

# man_options PAGE: of its source doc/man/PAGE.rst, and of the part that the guide includes.
man_options() {
	sed -nE 's/^(-h, )?(--[a-z][a-z-]*).*/\2/p' doc/man/"$1"{,-use}.rst 2>/dev/null | LC_ALL=C sort | xargs
}

# man_help: of the text on stdin; --help itself, which not all of them name, too.
man_help() {
	{ grep -oE -- '--[a-z][a-z-]*'; echo --help; } | LC_ALL=C sort -u | xargs
}
