/* SPDX-License-Identifier: BSD-3-Clause */
/* sysfs_tree.h - a made-up sysfs in a temporary directory, for tests of its readers. */
#ifndef SYSFS_TREE_H_
#define SYSFS_TREE_H_

#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SYSFS_PATH_MAX (PATH_MAX + 32)

static char sysfs_root[] = "/tmp/sysfs-XXXXXX";

/* Creates every folder of path, below the root; the last component only if dir is set. */
static inline void
sysfs_make_folders(const char *path, int dir)
{
	char full[SYSFS_PATH_MAX];
	char *slash;

	snprintf(full, sizeof(full), "%s/%s%s", sysfs_root, path, dir ? "/" : "");
	for (slash = full + strlen(sysfs_root) + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
		*slash = '\0';
		mkdir(full, 0755);
		*slash = '/';
	}
}

static inline void
sysfs_folder(const char *path)
{
	sysfs_make_folders(path, 1);
}

static inline void
sysfs_file(const char *path, const char *text)
{
	char full[SYSFS_PATH_MAX];
	FILE *file;

	sysfs_make_folders(path, 0);
	snprintf(full, sizeof(full), "%s/%s", sysfs_root, path);
	file = fopen(full, "w");
	fputs(text, file);
	fclose(file);
}

/* Creates a link at path to target, both below the root. */
static inline void
sysfs_link(const char *path, const char *target)
{
	char from[SYSFS_PATH_MAX], to[SYSFS_PATH_MAX];

	sysfs_make_folders(path, 0);
	snprintf(from, sizeof(from), "%s/%s", sysfs_root, path);
	snprintf(to, sizeof(to), "%s/%s", sysfs_root, target);
	if (symlink(to, from) != 0)
		perror(from);
}

static inline int
sysfs_remove_entry(const char *path, const struct stat *st, int type, struct FTW *walk)
{
	return remove(path);
}

static inline int
sysfs_create(void **state)
{
	strcpy(sysfs_root + strlen(sysfs_root) - 6, "XXXXXX");
	return mkdtemp(sysfs_root) != NULL ? 0 : -1;
}

static inline int
sysfs_remove(void **state)
{
	return nftw(sysfs_root, sysfs_remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

#endif
