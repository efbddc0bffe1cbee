#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Debian's newest kernel, 7.2.13-1 of sid for amd64, exports device memory as dma-bufs (VFIO_PCI_DMABUF)
# but has no iommufd: neither /dev/iommu nor VFIO's cdev mode, which are in Linux since 6.2 and 6.6. siw is
# missing as well, while rxe is there. So whoever writes for iommufd cannot test on a kernel of Debian.
#
# Expected before: CONFIG_IOMMUFD=m, as VFIO is fully configured otherwise.
#
# Needs apt and a Debian system, for its mirror and its keyring; no root. Output of 2026-11-29:
#   CONFIG_VFIO=m
#   CONFIG_VFIO_GROUP=y
#   CONFIG_VFIO_PCI_DMABUF=y
#   # CONFIG_IOMMUFD is not set
#   CONFIG_RDMA_RXE=m
#   # CONFIG_RDMA_SIW is not set
set -euo pipefail

package=linux-base-7.2.13+deb14-amd64 version=7.2.13-1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir -p lists/partial cache/archives/partial
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' | head -n 1)
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg check-valid-until=no] $mirror sid main" >sources.list
options=(-q -o "Dir::Etc::SourceList=$work/sources.list" -o Dir::Etc::SourceParts=/dev/null
	-o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work/cache" -o Dir::State::status=/dev/null
	-o APT::Architecture=amd64 -o APT::Sandbox::User=root)
apt-get "${options[@]}" update >/dev/null
apt-get "${options[@]}" download "$package=$version" >/dev/null
dpkg-deb -x ./*.deb root
grep -hE '^(# )?CONFIG_(VFIO|VFIO_GROUP|VFIO_PCI_DMABUF|IOMMUFD|RDMA_RXE|RDMA_SIW)[= ]' \
	"root/usr/lib/modules/${package#linux-base-}/config" | sort >seen
sort >wanted <<'END'
CONFIG_VFIO=m
CONFIG_VFIO_GROUP=y
CONFIG_VFIO_PCI_DMABUF=y
# CONFIG_IOMMUFD is not set
CONFIG_RDMA_RXE=m
# CONFIG_RDMA_SIW is not set
END
diff wanted seen && cat seen
