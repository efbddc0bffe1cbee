/* SPDX-License-Identifier: BSD-3-Clause */
/* descriptors.h - the open file descriptors of this process. */
#ifndef TESTS_DESCRIPTORS_H
#define TESTS_DESCRIPTORS_H

#include <dirent.h>
#include <string.h>
#include <unistd.h>

/* Each open rdma device of the software HCA has one, of a file with this name. */
#define SOFT_DEVICE "memfd:mlx5_"

/* Number of descriptors of files whose name contains the text. */
static inline int
count_descriptors(const char *text)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	char target[64];
	ssize_t len;
	int n = 0;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		len = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1);
		target[len > 0 ? len : 0] = '\0';
		n += strstr(target, text) != NULL;
	}
	if (dir != NULL)
		closedir(dir);
	return n;
}

#endif
