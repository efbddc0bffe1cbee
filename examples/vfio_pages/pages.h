/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pages: what the ports of a driver have mapped in VFIO's container, which they share.
 *
 * A mapping is of bytes, and one port's; the container has pages, and is all ports'. So a range is
 * cut into pieces: the whole pages in its middle, and the page at either end of which it has a part
 * only. A piece is mapped once, however many ranges of however many ports have it, and is unmapped
 * with the last of them.
 *
 * Called under one lock for all ports: the kernel has one lock for the container anyway.
 */
#ifndef VFIO_PAGES_PAGES_H
#define VFIO_PAGES_PAGES_H

#include <stddef.h>
#include <stdint.h>

#include "common/interval.h"

struct vfio_pages_range {
	uint64_t addr;
	uint64_t iova; /* at the same place in its page as addr */
	size_t len;    /* not 0; neither addr + len nor iova + len wraps */
};

/* All zero: none. */
struct vfio_pages_port {
	struct pci_ext_interval_set maps; /* by address; none overlap */
};

/*
 * Map a range for a port, or count one more map of it. 0; -EEXIST: it overlaps another range of the
 * port, or its pages are mapped in other pieces or of other memory for another port; -ENOMEM; or an
 * error of the kernel. An error changes nothing.
 */
int vfio_pages_map(struct vfio_pages_port *port, const struct vfio_pages_range *range);

/*
 * Drop one count of a range and, with the last, unmap the pieces that nobody else has. 0; -ENOENT:
 * nothing is mapped there; -EINVAL: something else is; or an error of the kernel. An error changes
 * nothing, unless the kernel does not map again either what it has unmapped: another unmap ends the
 * rest.
 */
int vfio_pages_unmap(struct vfio_pages_port *port, const struct vfio_pages_range *range);

/* Ends all maps of a port. */
void vfio_pages_end(struct vfio_pages_port *port);

/* kernel.c: whole pages of the container. 0 or -errno. */
int vfio_pages_kernel_map(const struct vfio_pages_range *pages);
int vfio_pages_kernel_unmap(const struct vfio_pages_range *pages);

#endif /* VFIO_PAGES_PAGES_H */
