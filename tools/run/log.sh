# SPDX-License-Identifier: BSD-3-Clause
# Words to the user, all on stderr.

say() {
	printf 'run: %s\n' "$*" >&2
}

die() {
	say "$*"
	exit 1
}
