#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# bash 5.2.15: "wait $!" behind a command with a process substitution, which is to return the exit status of that
# process, gives -1 now and then, though the process ended with 0: once in some thousand times on a busy machine.
# There is no message. A script with "set -e" ends there, with 255, as if it had never begun. The same process in the
# background, or in a command substitution, is told right each time.
#
# Expected before: its status always, or 127 and "is not a child of this shell".
#
# Needs apt on Debian 12 with the package's version in its sources; no root. It runs some twenty seconds. Output of
# 2026-11-30:
#   substitution: a status that is not 0: yes, -1; a message: no
#   background: a status that is not 0: no; a message: no
#   command: a status that is not 0: no; a message: no
set -euo pipefail

version=5.2.15-2+b13
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get -q download "bash=$version" >/dev/null 2>&1
dpkg-deb -x ./*.deb root

cat >rounds <<'END'
# rounds WAY COUNT: up to the first status that is not 0.
command_of() { printf 'word\n'; }

for ((i = 0; i < $2; i++)); do
	status=0
	case $1 in
	substitution)
		mapfile -t words < <(command_of)
		wait $! || status=$?
		;;
	background)
		command_of >/dev/null &
		wait $! || status=$?
		;;
	command) words=$(command_of) || status=$? ;;
	esac
	[ $status = 0 ] || { echo $status && break; }
done
END

# try WAY COUNT: in eight processes at a time, which keep each other from the processors.
try() {
	local i statuses

	rm -f status.* message.*
	for i in 1 2 3 4 5 6 7 8; do
		root/bin/bash rounds "$1" "$2" >"status.$i" 2>"message.$i" </dev/null &
	done
	wait
	statuses=$(cat status.* | sort -u | xargs)
	echo "$1: a status that is not 0: ${statuses:+yes, }${statuses:-no}; a message: $(cat message.* | grep -q . && echo yes || echo no)"
}

{
	try substitution 20000
	try background 5000
	try command 5000
} | tee seen
diff - seen <<'END'
substitution: a status that is not 0: yes, -1; a message: no
background: a status that is not 0: no; a message: no
command: a status that is not 0: no; a message: no
END
