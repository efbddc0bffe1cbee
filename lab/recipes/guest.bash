# SPDX-License-Identifier: BSD-3-Clause
# For the recipes, in the guest: a line for each test, pass|fail|skip NAME, on stdout, and the output of what failed on
# stderr.

# For what hangs; a busy machine takes long.
recipe_limit=300
recipe_log=$(mktemp)
ip link set lo up

# recipe_test NAME COMMAND...
recipe_test() {
	local outcome=pass

	timeout "$recipe_limit" "${@:2}" >"$recipe_log" 2>&1 || outcome=fail
	recipe_result "$1" $outcome
}

# recipe_pair NAME SERVER CLIENT: both are shell commands. The client begins when the server listens; the test passes if
# both succeed.
recipe_pair() {
	local name=$1 server before tries outcome=pass

	before=$(recipe_listeners)
	timeout "$recipe_limit" bash -c "$2" >"$recipe_log.server" 2>&1 &
	server=$!
	for ((tries = 0; tries < 600; tries++)); do
		[ "$(recipe_listeners)" -le "$before" ] && kill -0 $server 2>/dev/null || break
		sleep 0.1
	done
	timeout "$recipe_limit" bash -c "$3" >"$recipe_log" 2>&1 || {
		outcome=fail
		kill $server 2>/dev/null
	}
	wait $server || outcome=fail
	recipe_result "$name" $outcome "$recipe_log.server"
}

# The number of those by TCP and by rdma_cm.
recipe_listeners() {
	{
		grep -h '^ *[0-9]*: [0-9A-F:]* [0-9A-F:]* 0A ' /proc/net/tcp /proc/net/tcp6
		rdma resource show cm_id | grep LISTEN
	} | wc -l
}

# recipe_result NAME OUTCOME [FURTHER LOG]
recipe_result() {
	echo "$2 $1"
	[ "$2" != fail ] || tail -qn 15 "$recipe_log" "${@:3}" | sed "s,^,$1: ," >&2
}
