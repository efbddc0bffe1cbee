/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The part of the kernel's iommufd interface that is used here: ioctl numbers and structure
 * layouts, as in include/uapi/linux/iommufd.h of Linux 6.2, where it appeared. Later releases only
 * add to it. The names are our own, as linux-libc-dev has that header from 6.2 on, and Debian 12's
 * is of 6.1; where it exists, tests/unit/pci_ext/test_iommufd.c compares the two.
 *
 * size is that of the structure; reserved fields and unknown flags must be 0.
 */
#ifndef PCI_EXT_IOMMUFD_UAPI_H
#define PCI_EXT_IOMMUFD_UAPI_H

#include <stdint.h>
#include <sys/ioctl.h>

#define PCI_EXT_IOMMU_IOAS_ALLOC       _IO(';', 0x81)
#define PCI_EXT_IOMMU_IOAS_COPY	       _IO(';', 0x83)
#define PCI_EXT_IOMMU_IOAS_IOVA_RANGES _IO(';', 0x84)
#define PCI_EXT_IOMMU_IOAS_MAP	       _IO(';', 0x85)
#define PCI_EXT_IOMMU_IOAS_UNMAP       _IO(';', 0x86)
#define PCI_EXT_IOMMU_VFIO_IOAS	       _IO(';', 0x88)

/* flags of map and copy */
#define PCI_EXT_IOMMU_FIXED_IOVA (1u << 0)
#define PCI_EXT_IOMMU_WRITEABLE	 (1u << 1)
#define PCI_EXT_IOMMU_READABLE	 (1u << 2)

/* op of vfio_ioas: which IOAS does /dev/vfio/vfio stand for? */
#define PCI_EXT_IOMMU_VFIO_IOAS_GET 0

struct pci_ext_iommu_ioas_alloc {
	uint32_t size;
	uint32_t flags;
	uint32_t out_ioas_id;
};

struct pci_ext_iommu_iova_range {
	uint64_t start;
	uint64_t last;
};

struct pci_ext_iommu_ioas_iova_ranges {
	uint32_t size;
	uint32_t ioas_id;
	uint32_t num_iovas; /* in: elements of the array; out: ranges that there are */
	uint32_t reserved;
	uint64_t allowed_iovas; /* address of an array of iova_range */
	uint64_t out_iova_alignment;
};

struct pci_ext_iommu_ioas_map {
	uint32_t size;
	uint32_t flags;
	uint32_t ioas_id;
	uint32_t reserved;
	uint64_t user_va;
	uint64_t length;
	uint64_t iova;
};

struct pci_ext_iommu_ioas_copy {
	uint32_t size;
	uint32_t flags;
	uint32_t dst_ioas_id;
	uint32_t src_ioas_id;
	uint64_t length;
	uint64_t dst_iova;
	uint64_t src_iova;
};

struct pci_ext_iommu_ioas_unmap {
	uint32_t size;
	uint32_t ioas_id;
	uint64_t iova;
	uint64_t length; /* out: bytes that were unmapped */
};

struct pci_ext_iommu_vfio_ioas {
	uint32_t size;
	uint32_t ioas_id;
	uint16_t op;
	uint16_t reserved;
};

#endif /* PCI_EXT_IOMMUFD_UAPI_H */
