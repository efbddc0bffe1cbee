/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * iommufd: the kernel's I/O address spaces (IOAS), objects of an open /dev/iommu. Linux 6.2.
 *
 * Any thread; the calls sleep in the kernel. Ranges are of whole CPU pages and do not wrap. Errors
 * are those of the kernel unless stated otherwise.
 */
#ifndef PCI_EXT_IOMMUFD_H
#define PCI_EXT_IOMMUFD_H

#include <stdbool.h>
#include <stdint.h>

#include "common/range.h"
#include "backend/window.h"

/* Plain data: the file descriptor is its opener's. */
struct pci_ext_ioas {
	int fd;
	uint32_t id;
};

/* Whether a file descriptor is an open /dev/iommu. */
bool pci_ext_iommufd_is_device(int fd);

/*
 * The IOAS behind a VFIO container that the kernel serves by iommufd (IOMMUFD_VFIO_CONTAINER).
 * False for a container of VFIO's own.
 */
bool pci_ext_iommufd_of_container(int container, struct pci_ext_ioas *ioas);

/*
 * The IOVAs that all attached devices accept, in order. Writes up to size windows; returns how many
 * there are, or a negative errno: -ENOENT if there is no such IOAS.
 */
int pci_ext_iommufd_windows(
	const struct pci_ext_ioas *ioas, struct pci_ext_window *windows, uint32_t size);

/*
 * Map at range->iova, for range->access. Without an attached device nothing is pinned, and
 * memory that is not backed is found only when one is attached.
 * 0; -EEXIST: overlaps a mapping; -EINVAL: outside of the windows; -EFAULT: not backed, or not
 * as accessible; -ENOMEM: RLIMIT_MEMLOCK; -EOVERFLOW: ends with the last IOVA; -ENOENT: no such
 * IOAS.
 */
int pci_ext_iommufd_map(const struct pci_ext_ioas *ioas, const struct pci_ext_range *range);

/*
 * Unmap all mappings in the range. 0; -ENOENT: there is none; -EINVAL: a mapping reaches beyond the
 * range, and remains. (The kernel's errno is ENOENT for both.)
 */
int pci_ext_iommufd_unmap(const struct pci_ext_ioas *ioas, const struct pci_ext_range *range);

/*
 * Whether the first or the last page of the range is mapped. After an unmap that met the kernel's
 * ENOENT: whether a mapping is there that reaches beyond the range.
 */
bool pci_ext_iommufd_is_used(const struct pci_ext_ioas *ioas, const struct pci_ext_range *range);

#endif /* PCI_EXT_IOMMUFD_H */
