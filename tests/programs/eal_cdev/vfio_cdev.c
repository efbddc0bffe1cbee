/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vfio_cdev: see vfio_cdev.h. The two structures are those of include/uapi/linux/vfio.h of
 * Linux 6.6, which Debian 12's header does not have.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "vfio_cdev.h"

struct bind_iommufd {
	uint32_t argsz;
	uint32_t flags;
	int32_t iommufd;
	uint32_t out_devid;
};

struct attach_iommufd_pt {
	uint32_t argsz;
	uint32_t flags;
	uint32_t pt_id;
};

#define BIND_IOMMUFD	  _IO(';', 100 + 18)
#define ATTACH_IOMMUFD_PT _IO(';', 100 + 19)

/* The device's folder vfio-dev has one entry, vfioN. */
static int
find_path(const char *sysfs_base, const char *address, char *path, size_t size)
{
	char folder[PATH_MAX];
	struct dirent *entry;
	int ret = -ENOENT;
	DIR *dir;

	snprintf(folder, sizeof(folder), "%s/%s/vfio-dev", sysfs_base, address);
	dir = opendir(folder);
	if (dir == NULL)
		return -errno;
	while (ret != 0 && (entry = readdir(dir)) != NULL)
		if (strncmp(entry->d_name, "vfio", 4) == 0)
			ret = snprintf(path, size, "/dev/vfio/devices/%s", entry->d_name) <
					      (int)size
				      ? 0
				      : -ENAMETOOLONG;
	closedir(dir);
	return ret;
}

int
vfio_cdev_open(const char *sysfs_base, const char *address, int iommufd, uint32_t ioas)
{
	struct bind_iommufd bind = {.argsz = sizeof(bind), .iommufd = iommufd};
	struct attach_iommufd_pt attach = {.argsz = sizeof(attach), .pt_id = ioas};
	char path[PATH_MAX];
	int fd, ret;

	ret = find_path(sysfs_base, address, path, sizeof(path));
	if (ret != 0)
		return ret;
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (ioctl(fd, BIND_IOMMUFD, &bind) == 0 && ioctl(fd, ATTACH_IOMMUFD_PT, &attach) == 0)
		return fd;
	ret = -errno;
	close(fd);
	return ret;
}
