/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * udmabuf.c - a stand-in for /dev/udmabuf, for machines without one, or without one for this user:
 * a memfd that it was asked to make a dma-buf of is that dma-buf. libc's open(), ioctl() and
 * fstatfs(), which have an effect of their own here alone; what they do elsewhere is the kernel's.
 *
 * No state in the process: that a memfd is a dma-buf is in its mode, as the sticky bit. So two
 * dma-bufs of one memfd are the same file; and one of a part of a memfd is refused.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>
#include <linux/udmabuf.h>

#include "common/export.h"
#include "common/pages.h"

#ifndef DMA_BUF_MAGIC
#define DMA_BUF_MAGIC 0x444d4142
#endif

#define DEVICE "/dev/udmabuf"
#define MARK S_ISVTX

static int
open_file(const char *path, int flags, mode_t mode)
{
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);

	if (fd >= 0 || path == NULL || strcmp(path, DEVICE) != 0)
		return fd;
	return (int)syscall(SYS_openat, AT_FDCWD, "/dev/null", flags, mode);
}

/* As the kernel's udmabuf_create(): 0, or an errno. */
static int
check(const struct udmabuf_create *create, const struct stat *file, int seals)
{
	if (create->size == 0 || create->size % HCA_PAGE != 0 || create->offset % HCA_PAGE != 0)
		return EINVAL;
	if (seals < 0)
		return EBADFD;
	if ((seals & F_SEAL_SHRINK) == 0 || (seals & F_SEAL_WRITE) != 0)
		return EINVAL;
	if (create->offset > (uint64_t)file->st_size ||
	    create->size > (uint64_t)file->st_size - create->offset)
		return EINVAL;
	return create->size == (uint64_t)file->st_size ? 0 : EOPNOTSUPP;
}

static int
create_dmabuf(const struct udmabuf_create *create)
{
	const int memfd = (int)create->memfd;
	const bool closes = (create->flags & UDMABUF_FLAGS_CLOEXEC) != 0;
	struct stat file = {.st_size = 0};
	int seals = fcntl(memfd, F_GET_SEALS), error;

	if (fstat(memfd, &file) != 0)
		seals = -1;
	error = check(create, &file, seals);
	if (error != 0) {
		errno = error;
		return -1;
	}
	if (fchmod(memfd, (file.st_mode & 07777) | MARK) != 0)
		return -1;
	return fcntl(memfd, closes ? F_DUPFD_CLOEXEC : F_DUPFD, 0);
}

static bool
is_ours(int fd, const struct statfs *fs)
{
	struct stat file;

	return fs->f_type == TMPFS_MAGIC && fstat(fd, &file) == 0 && S_ISREG(file.st_mode) &&
		file.st_nlink == 0 && (file.st_mode & MARK) != 0;
}

/* Names of our own in C, as libc's headers have inline functions of theirs. */
EXPORT int softhca_open(const char *path, int flags, ...) __asm__("open");
EXPORT int softhca_open64(const char *path, int flags, ...)
	__asm__("open64") __attribute__((alias("open")));
EXPORT int softhca_ioctl(int fd, unsigned long request, ...) __asm__("ioctl");
EXPORT int softhca_fstatfs(int fd, struct statfs *fs) __asm__("fstatfs");
EXPORT int softhca_fstatfs64(int fd, struct statfs *fs)
	__asm__("fstatfs64") __attribute__((alias("fstatfs")));

int
softhca_open(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list ap;

	if ((flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE) {
		va_start(ap, flags);
		mode = va_arg(ap, mode_t);
		va_end(ap);
	}
	return open_file(path, flags, mode);
}

int
softhca_ioctl(int fd, unsigned long request, ...)
{
	va_list ap;
	void *arg;
	int ret;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	ret = (int)syscall(SYS_ioctl, fd, request, arg);
	return ret < 0 && errno == ENOTTY && request == UDMABUF_CREATE ? create_dmabuf(arg) : ret;
}

int
softhca_fstatfs(int fd, struct statfs *fs)
{
	int ret = (int)syscall(SYS_fstatfs, fd, fs);

	if (ret == 0 && is_ours(fd, fs))
		fs->f_type = DMA_BUF_MAGIC;
	return ret;
}
