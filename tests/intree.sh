# SPDX-License-Identifier: BSD-3-Clause
# Sourced: DPDK's own net_mlx5 on the software HCA.

# intree_devargs: what it takes, by its release. No DevX, hence no rules of that kind; and from 25.07 on, which
# would have one large umem for all SQs by DevX, one for each. Earlier ones do not know txq_mem_algn.
intree_devargs() {
	local release

	release=$(pkg-config --modversion libdpdk)
	if [ "$(printf '%s\n' 25.07 "$release" | sort -V | head -n 1)" = 25.07 ]; then
		echo dv_flow_en=0,txq_mem_algn=0
	else
		echo dv_flow_en=0
	fi
}
