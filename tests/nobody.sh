# SPDX-License-Identifier: BSD-3-Clause
# For scripts run as root: commands as a user without any rights, with namespaces of its own.

# as_nobody COMMAND...
as_nobody() {
	setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}

# nobody_unable: prints why softhca cannot be run as that user; fails if it can.
nobody_unable() {
	if [ "$(id -u)" != 0 ]; then
		echo "not root: everything here runs without"
	elif ! as_nobody unshare --map-root-user --net --mount true 2>/dev/null; then
		echo "this system permits no namespaces to a user, as in a chroot"
	else
		return 1
	fi
}
