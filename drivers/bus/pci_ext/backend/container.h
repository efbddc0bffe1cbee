/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * container: EAL's default VFIO container, to which it adds every device on vfio-pci. The only file
 * that calls rte_vfio_*, which is to become internal to DPDK in 26.11.
 */
#ifndef PCI_EXT_CONTAINER_H
#define PCI_EXT_CONTAINER_H

#include <stdbool.h>
#include <stddef.h>

#include "common/range.h"
#include "backend/window.h"

struct vfio_iommu_type1_info;

/*
 * Its file descriptor, which EAL owns and keeps until rte_eal_cleanup(). -1 if EAL has none, or
 * does not give it away and it cannot be told from containers of the application; the latter is
 * logged once. Any thread.
 *
 * In DPDK 22.11 before .11, 23.11, 24.11, 25.03 and 25.07 rte_vfio_get_container_fd() opens a new
 * container on each call (mended by dc9e9a8057 and 8a8c02d2bb): then it is the only open container
 * of this process with an IOMMU.
 */
int pci_ext_container_find(void);

/*
 * The kernel's description of the container's IOMMU, of size bytes with its capabilities. False
 * unless the IOMMU is of type 1, also when the last device has taken the IOMMU along.
 */
bool pci_ext_container_read_info(int fd, struct vfio_iommu_type1_info *info, size_t size);

/* The IOVAs that its IOMMU accepts. None (nb 0) if it has none of type 1, or does not tell. */
void pci_ext_container_read_windows(int fd, struct pci_ext_windows *windows);

/* How many more mappings it accepts (Linux 5.10), or -1 if the kernel does not tell. */
long long pci_ext_container_read_available(int fd);

/* Whether its devices have no IOMMU at all (VFIO's no-IOMMU mode). */
bool pci_ext_container_is_noiommu(int fd);

/* EAL's own calls: 0, or a negative errno of EAL or the kernel, -EIO if neither gave one. */
int pci_ext_container_map_by_eal(const struct pci_ext_range *range);
int pci_ext_container_unmap_by_eal(const struct pci_ext_range *range);

#endif /* PCI_EXT_CONTAINER_H */
