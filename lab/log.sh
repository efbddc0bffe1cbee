# SPDX-License-Identifier: BSD-3-Clause
# Messages to the user, all on stderr. log_name: who speaks; log_status: the exit status of die, which sets
# log_reason.

# A message that cannot be written changes nothing.
say() {
	printf '%s: %s\n' "$log_name" "$*" >&2 2>/dev/null || true
}

die() {
	log_reason=$*
	say "$*"
	exit "${log_status:-1}"
}
