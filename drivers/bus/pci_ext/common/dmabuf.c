/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dmabuf: see dmabuf.h. Called by dispatch, record and prealloc. Owns the descriptors.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/dmabuf.h"

int
pci_ext_dmabuf_create(int fd, uint64_t offset, uint64_t len, struct pci_ext_dmabuf **dmabuf)
{
	struct pci_ext_dmabuf *new;
	struct stat file;
	uint64_t size;

	if (fstat(fd, &file) != 0)
		return -errno;
	size = file.st_size;
	if (offset > size || len > size - offset)
		return -EINVAL;
	new = malloc(sizeof(*new));
	if (new == NULL)
		return -ENOMEM;
	*new = (struct pci_ext_dmabuf){
		.fd = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1),
		.offset = offset,
		.dev = file.st_dev,
		.ino = file.st_ino,
	};
	if (new->fd < 0) {
		free(new);
		return -EMFILE; /* EINVAL: the limit is below those of stdio */
	}
	*dmabuf = new;
	return 0;
}

void
pci_ext_dmabuf_destroy(struct pci_ext_dmabuf *dmabuf)
{
	if (dmabuf != NULL)
		close(dmabuf->fd);
	free(dmabuf);
}

bool
pci_ext_dmabuf_is_same(const struct pci_ext_dmabuf *a, const struct pci_ext_dmabuf *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return a->dev == b->dev && a->ino == b->ino && a->offset == b->offset;
}
