/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/udmabuf.h>

#include <rte_errno.h>
#include <rte_memory.h>

#include "../../unit/softhca/dmabuf.h"
#include "buffer.h"

/* A file of this name that cannot shrink, as udmabuf requires. -1: errno is set. */
static int
make_memfd(size_t len)
{
	int fd = memfd_create(BUFFER_NAME, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || ftruncate(fd, len) != 0 || fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static int
make_udmabuf(size_t len)
{
	struct udmabuf_create create = {.flags = UDMABUF_FLAGS_CLOEXEC, .size = len};
	int device = open("/dev/udmabuf", O_RDWR | O_CLOEXEC), fd = -1;

	if (device < 0)
		return -1;
	create.memfd = make_memfd(len);
	if ((int)create.memfd >= 0) {
		fd = ioctl(device, UDMABUF_CREATE, &create);
		close(create.memfd);
	}
	close(device);
	return fd;
}

/* >>> addresses */
/* Addresses without memory, which EAL knows: 0 or -errno. */
static int
reserve_addresses(size_t len, void **addr)
{
	*addr = mmap(NULL, len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (*addr == MAP_FAILED)
		return -errno;
	return rte_extmem_register(*addr, len, NULL, 0, sysconf(_SC_PAGESIZE)) == 0 ? 0 : -rte_errno;
}
/* <<< addresses */

int
buffer_create(struct buffer *buffer, enum buffer_kind kind, size_t len)
{
	int fd = kind == BUFFER_UDMABUF ? make_udmabuf(len) : dmabuf_make(len), ret;
	void *addr;

	if (fd < 0)
		return -errno;
	*buffer = (struct buffer){.fd = fd, .len = len};
	buffer->view = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (buffer->view == MAP_FAILED)
		return -errno;
	ret = reserve_addresses(len, &addr);
	buffer->addr = addr;
	return ret;
}

void
buffer_destroy(struct buffer *buffer)
{
	rte_extmem_unregister(buffer->addr, buffer->len);
	munmap(buffer->addr, buffer->len);
	munmap(buffer->view, buffer->len);
	if (buffer->fd >= 0)
		close(buffer->fd);
}
