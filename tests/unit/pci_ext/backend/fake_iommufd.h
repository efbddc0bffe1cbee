/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fake_iommufd: a kernel with one /dev/iommu, for tests of who calls it. It defines ioctl(),
 * fstat() and stat(), and answers as io_pagetable.c of Linux 6.12 does.
 */
#ifndef FAKE_IOMMUFD_H
#define FAKE_IOMMUFD_H

#include <stdbool.h>
#include <stdint.h>

#define FAKE_AREAS 8

struct fake_area {
	uint64_t iova;
	uint64_t len; /* 0: unused */
	uint64_t va;
};

struct fake_iommufd {
	int fd;			  /* of /dev/iommu; other files are the real ones */
	bool is_absent;		  /* there is no /dev/iommu in the file system */
	uint32_t ioas;		  /* ID of the only IOAS */
	uint32_t compat;	  /* ID for IOMMU_VFIO_IOAS_GET, or 0 */
	uint64_t last;		  /* the windows are [0, 0xfedfffff] and [0xfef00000, last] */
	int calls;		  /* of ioctl() */
	int stats;		  /* of fstat() and stat(), of the device */
	int failing;		  /* the call that fails, counted from 1; 0: none */
	int error;		  /* its errno */
	bool is_unmapped_in_copy; /* another thread unmaps the page during a copy */
	uint32_t map_flags;	  /* of the last map */
	struct fake_area areas[FAKE_AREAS];
};

extern struct fake_iommufd fake_iommufd;

/* fd 1030, IOAS 1, an address space of 48 bits, nothing mapped. */
void fake_iommufd_reset(void);
/* Map without the driver, and count. */
void fake_iommufd_put(uint64_t iova, uint64_t len);
int fake_iommufd_areas(void);

#endif /* FAKE_IOMMUFD_H */
