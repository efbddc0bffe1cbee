# SPDX-License-Identifier: BSD-3-Clause
# Messages to the user, all on stderr.

say() {
	printf 'run: %s\n' "$*" >&2
}

die() {
	say "$*"
	exit 1
}
