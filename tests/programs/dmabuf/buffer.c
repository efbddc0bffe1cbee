/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rte_errno.h>
#include <rte_memory.h>

#include "buffer.h"
#include "udmabuf.h"

/* Addresses without memory, which EAL knows: 0 or -errno. */
static int
reserve_addresses(size_t len, void **addr)
{
	*addr = mmap(NULL, len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (*addr == MAP_FAILED)
		return -errno;
	if (rte_extmem_register(*addr, len, NULL, 0, sysconf(_SC_PAGESIZE)) == 0)
		return 0;
	munmap(*addr, len);
	return -rte_errno;
}

int
buffer_create(struct buffer *buffer, size_t len)
{
	int fd = udmabuf_create(len), ret;
	void *addr, *view;

	if (fd < 0)
		return fd;
	view = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (view == MAP_FAILED) {
		ret = -errno;
		goto err_close;
	}
	ret = reserve_addresses(len, &addr);
	if (ret != 0)
		goto err_unmap;
	*buffer = (struct buffer){.fd = fd, .len = len, .addr = addr, .view = view};
	return 0;

err_unmap:
	munmap(view, len);
err_close:
	close(fd);
	return ret;
}

void
buffer_destroy(struct buffer *buffer)
{
	rte_extmem_unregister(buffer->addr, buffer->len);
	munmap(buffer->addr, buffer->len);
	munmap(buffer->view, buffer->len);
	close(buffer->fd);
}
