/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dmabuf: the dma-buf that a mapping is of, by a descriptor of our own, so that the mapping can be
 * made again when its device comes back.
 *
 * A descriptor's number does not tell which file it is; every dma-buf has an inode of its own,
 * which does (Linux 5.3, ed63bb1d1f84). Plain data; any thread, no lock. create and destroy are
 * system calls, and may sleep.
 */
#ifndef PCI_EXT_DMABUF_H
#define PCI_EXT_DMABUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct pci_ext_dmabuf {
	int fd;		 /* with FD_CLOEXEC */
	uint64_t offset; /* bytes of the dma-buf before the mapping */
	dev_t dev;
	ino_t ino;
};

/*
 * A duplicate of fd, not one of those of stdio, which a program may replace without a look at what
 * is there; for len bytes from offset on. 0; -EBADF: it is not open; -EINVAL: the bytes
 * are not all in the file; -EMFILE: RLIMIT_NOFILE; -ENOMEM.
 */
int pci_ext_dmabuf_create(int fd, uint64_t offset, uint64_t len, struct pci_ext_dmabuf **dmabuf);
/* Closes the descriptor. NULL does no harm. */
void pci_ext_dmabuf_destroy(struct pci_ext_dmabuf *dmabuf);

/* Whether mappings of both begin with the same byte; NULL is memory of the process. */
bool pci_ext_dmabuf_is_same(const struct pci_ext_dmabuf *a, const struct pci_ext_dmabuf *b);

#endif /* PCI_EXT_DMABUF_H */
