/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "dmabuf.h"

#define MAGIC 0x444d4142

/* Of the last one: a descriptor's number comes again. */
static ino_t ours;

int
dmabuf_make(size_t len)
{
	int fd = memfd_create("dmabuf", MFD_CLOEXEC);
	struct stat file;

	if (fd < 0)
		return -1;
	if (ftruncate(fd, len) != 0 || fstat(fd, &file) != 0) {
		close(fd);
		return -1;
	}
	ours = file.st_ino;
	return fd;
}

/* In the place of libc's: the library finds the program's first. */
int
fstatfs(int fd, struct statfs *fs)
{
	int ret = syscall(SYS_fstatfs, fd, fs);
	struct stat file;

	if (ret == 0 && ours != 0 && fstat(fd, &file) == 0 && file.st_ino == ours)
		fs->f_type = MAGIC;
	return ret;
}
