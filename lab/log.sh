# SPDX-License-Identifier: BSD-3-Clause
# Messages to the user, all on stderr. log_name: who speaks; log_status: the exit status of die.

say() {
	printf '%s: %s\n' "$log_name" "$*" >&2
}

die() {
	say "$*"
	exit "${log_status:-1}"
}
