/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Owns the steps from a memfd to a dma-buf.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/udmabuf.h>

#include "udmabuf.h"

/* A memfd that cannot shrink, as udmabuf requires. */
static int
create_memfd(size_t len)
{
	int fd = memfd_create(UDMABUF_NAME, MFD_CLOEXEC | MFD_ALLOW_SEALING), error;

	if (fd < 0)
		return -errno;
	if (ftruncate(fd, (off_t)len) == 0 && fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK) == 0)
		return fd;
	error = errno;
	close(fd);
	return -error;
}

int
udmabuf_create(size_t len)
{
	struct udmabuf_create create = {.flags = UDMABUF_FLAGS_CLOEXEC, .size = len};
	int device, memfd, fd;

	device = open("/dev/udmabuf", O_RDWR | O_CLOEXEC);
	if (device < 0)
		return -errno;
	memfd = fd = create_memfd(len);
	if (memfd >= 0) {
		create.memfd = (unsigned int)memfd;
		fd = ioctl(device, UDMABUF_CREATE, &create);
		fd = fd < 0 ? -errno : fd;
		close(memfd);
	}
	close(device);
	return fd;
}

int
udmabuf_probe(void)
{
	int fd = udmabuf_create((size_t)sysconf(_SC_PAGESIZE));

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

const char *
udmabuf_advice(int error)
{
	switch (error) {
	case ENOENT:
	case ENODEV:
		return "there is no /dev/udmabuf: modprobe udmabuf, on a kernel with "
			"CONFIG_UDMABUF";
	case EACCES:
		return "/dev/udmabuf is not for this user";
	case EINVAL:
		return "udmabuf may have a lower limit: "
			"/sys/module/udmabuf/parameters/size_limit_mb";
	default:
		return NULL;
	}
}
