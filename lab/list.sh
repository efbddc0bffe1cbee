# SPDX-License-Identifier: BSD-3-Clause
# What dmalab --list shows.

list_kernels() {
	local name host

	host=$(kernel_host_release) || host=
	echo "Kernels (--kernel):"
	for name in "${kernel_names[@]}"; do
		kernel_release=${kernel_releases[$name]}
		kernel=$(kernel_newest)
		printf '  %-8s %-10s %s%s\n' "$name" "$kernel_release" \
			"$([ -n "$kernel" ] && kernel_version || echo "not fetched yet")" \
			"$([ "$kernel_release" != "$host" ] || echo ", the default here")"
	done
	echo "  DIR                 a folder with vmlinux and lib/modules/VERSION"
}

list_configurations() {
	echo "Configurations (dmalab kernel build), in $lab/kernels:"
	list_files "$lab/kernels"
}

list_plans() {
	echo "Plans (--plan), in $lab/plans:"
	list_files "$lab/plans"
}

# list_files DIR: the first comment of each after the licence.
list_files() {
	local file

	for file in "$1"/*; do
		printf '  %-8s %s\n' "${file##*/}" "$(sed -n '2s/^# //p' "$file")"
	done
}
