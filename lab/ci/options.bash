# SPDX-License-Identifier: BSD-3-Clause
# dmalab's options from the environment of a CI job: DMALAB_KERNEL=6.12 is --kernel 6.12. Empty is absent.

# Sets options.
options_from_environment() {
	local name value

	options=()
	for name in kernel rxe siw vfio iommu plan hugepages mem memlock timeout out junit; do
		value=DMALAB_${name^^}
		[ -z "${!value:-}" ] || options+=("--$name" "${!value}")
	done
}
