/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vma.c: see vma.h. A line of maps, "start-end perms offset major:minor inode path", is the first
 * one of an entry of smaps too, where lines "Name: value" follow. smaps alone has the flags of a
 * VMA, but visits each page: it is read only if maps shows nothing. Owns no state.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "vma.h"

#define BEYOND "is beyond the end of its file"

struct vma {
	uint64_t start, end;	/* end: of the last byte, + 1 */
	uint64_t offset;	/* in the file */
	uint64_t inode;
	unsigned int major, minor;
	char perms[5];
	const char *path;	/* in the line, "" for none */
};

/* False for a line that is no header. */
static bool
read_header(char *line, struct vma *vma)
{
	int path = 0;

	*vma = (struct vma){0};
	line[strcspn(line, "\n")] = '\0';
	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %x:%x %" SCNu64 " %n",
		    &vma->start, &vma->end, vma->perms, &vma->offset, &vma->major, &vma->minor,
		    &vma->inode, &path) < 7)
		return false;
	vma->path = line + path;
	return true;
}

/* The file of a VMA, if it can still be reached and is that one. */
static bool
stat_file(const struct vma *vma, struct stat *st)
{
	char link[64];

	/* Also a deleted file or a memfd, but for root alone. */
	snprintf(link, sizeof(link), "/proc/self/map_files/%" PRIx64 "-%" PRIx64, vma->start,
		vma->end);
	if (stat(link, st) == 0)
		return true;
	return stat(vma->path, st) == 0 && st->st_ino == vma->inode &&
		major(st->st_dev) == vma->major && minor(st->st_dev) == vma->minor;
}

/* The first address of the VMA behind the last page of its file; its end if there is none. */
static uint64_t
end_of_file(const struct vma *vma)
{
	const uint64_t page = sysconf(_SC_PAGESIZE);
	struct stat st;
	uint64_t size;

	if (vma->inode == 0 || !stat_file(vma, &st) || !S_ISREG(st.st_mode))
		return vma->end;
	size = ((uint64_t)st.st_size + page - 1) & ~(page - 1);
	if (size <= vma->offset)
		return vma->start;
	return size - vma->offset < vma->end - vma->start ? vma->start + (size - vma->offset) :
		vma->end;
}

/* Why no page of the VMA can be pinned, or NULL. */
static const char *
judge(const struct vma *vma, bool writes)
{
	if (vma->perms[1] == 'w')
		return NULL;
	if (vma->perms[0] != 'r')
		return "is not accessible";
	if (!writes)
		return NULL;
	return vma->perms[3] == 's' ? "is a read-only shared mapping" : "is read-only";
}

static void
describe(char *buf, uint64_t from, uint64_t to, const struct vma *vma, const char *why)
{
	snprintf(buf, DMAMAP_VMA_TEXT, "%#" PRIx64 "-%#" PRIx64 " (%s%s%s) %s", from, to,
		vma->perms, vma->path[0] == '\0' ? "" : " ", vma->path, why);
}

/* Compares one VMA with the rest of the range, from *at on. True: the search is over. */
static bool
examine(const struct vma *vma, uint64_t *at, uint64_t end, bool writes, char *buf)
{
	const char *why = judge(vma, writes);
	uint64_t to = vma->end < end ? vma->end : end;
	uint64_t good;

	if (vma->end <= *at)
		return false;
	if (vma->start > *at) {
		to = vma->start < end ? vma->start : end;
		snprintf(buf, DMAMAP_VMA_TEXT, "%#" PRIx64 "-%#" PRIx64 " is not mapped", *at, to);
		return true;
	}
	good = why == NULL ? end_of_file(vma) : *at;
	if (good < to)
		describe(buf, good > *at ? good : *at, to, vma,
			why == NULL ? BEYOND : why);
	*at = to;
	return good < to || to == end;
}

/*
 * The first part that is not mapped, not accessible as required, or beyond its file. A BAR's file
 * in sysfs may have another length.
 */
static void
find_bad_vma(uint64_t at, uint64_t end, bool writes, char *buf)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char *line = NULL;
	size_t size = 0;
	bool over = false;
	struct vma vma;

	if (maps == NULL)
		return;
	while (!over && getline(&line, &size, maps) > 0)
		over = read_header(line, &vma) && examine(&vma, &at, end, writes, buf);
	if (!over && at < end && feof(maps))
		snprintf(buf, DMAMAP_VMA_TEXT, "%#" PRIx64 "-%#" PRIx64 " is not mapped", at, end);
	free(line);
	fclose(maps);
}

/* VM_IO or VM_PFNMAP: no struct page to be pinned. */
static bool
is_of_device(const char *line)
{
	return strncmp(line, "VmFlags:", 8) == 0 &&
		(strstr(line, " io") != NULL || strstr(line, " pf") != NULL);
}

/* Names of fields begin with a capital letter, addresses with a digit or a small one. */
static bool
starts_entry(const char *line)
{
	return line[0] != '\0' && strchr("0123456789abcdef", line[0]) != NULL;
}

/* A header stays, as the VMA's path is in it. */
static void
swap_lines(char **a, size_t *a_size, char **b, size_t *b_size)
{
	char *line = *a;
	size_t size = *a_size;

	*a = *b;
	*a_size = *b_size;
	*b = line;
	*b_size = size;
}

/* The first part that is not memory. All of it is mapped. */
static void
find_device_memory(uint64_t at, uint64_t end, char *buf)
{
	FILE *smaps = fopen("/proc/self/smaps", "re");
	char *header = NULL, *line = NULL;
	size_t header_size = 0, size = 0;
	struct vma vma = {0};

	if (smaps == NULL)
		return;
	while (buf[0] == '\0' && vma.start < end && getline(&line, &size, smaps) > 0) {
		if (is_of_device(line) && vma.end > at)
			describe(buf, vma.start > at ? vma.start : at,
				vma.end < end ? vma.end : end, &vma,
				"is memory of a device, which needs a dma-buf");
		if (!starts_entry(line))
			continue;
		swap_lines(&header, &header_size, &line, &size);
		read_header(header, &vma);
	}
	free(header);
	free(line);
	fclose(smaps);
}

void
dmamap_vma_explain(uint64_t addr, uint64_t len, bool writes, char buf[DMAMAP_VMA_TEXT])
{
	char device[DMAMAP_VMA_TEXT] = "";

	buf[0] = '\0';
	find_bad_vma(addr, addr + len, writes, buf);
	if (buf[0] == '\0' || strstr(buf, BEYOND) != NULL)
		find_device_memory(addr, addr + len, device);
	if (device[0] != '\0')
		memcpy(buf, device, sizeof(device));
}

/* FNV-1a, by words. */
static uint64_t
add_word(uint64_t hash, uint64_t word)
{
	return (hash ^ word) * UINT64_C(0x100000001b3);
}

/* A part of a file, in one or several VMAs. */
struct part {
	uint64_t inode, device;
	uint64_t from, to;	/* offsets */
};

static uint64_t
add_part(uint64_t hash, const struct part *part)
{
	if (part->from == part->to)
		return hash;
	hash = add_word(add_word(hash, part->device), part->inode);
	return add_word(add_word(hash, part->from), part->to);
}

/* The VMA's part of the range from at on, which is appended to *last if it continues that. */
static uint64_t
append(uint64_t hash, struct part *last, const struct vma *vma, uint64_t at, uint64_t end)
{
	const struct part part = {
		.inode = vma->inode,
		.device = makedev(vma->major, vma->minor),
		.from = vma->offset + (at - vma->start),
		.to = vma->offset + ((vma->end < end ? vma->end : end) - vma->start),
	};

	if (part.inode == last->inode && part.device == last->device && part.from == last->to) {
		last->to = part.to;
		return hash;
	}
	hash = add_part(hash, last);
	*last = part;
	return hash;
}

bool
dmamap_vma_identify(uint64_t addr, uint64_t len, uint64_t *identity)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	const uint64_t end = addr + len;
	uint64_t at = addr, hash = UINT64_C(0xcbf29ce484222325);
	struct part last = {0};
	char *line = NULL;
	size_t size = 0;
	struct vma vma;

	if (maps == NULL)
		return false;
	while (at < end && getline(&line, &size, maps) > 0) {
		if (!read_header(line, &vma) || vma.end <= at)
			continue;
		if (vma.start > at || vma.perms[3] != 's')
			break;
		hash = append(hash, &last, &vma, at, end);
		at = vma.end;
	}
	free(line);
	fclose(maps);
	*identity = add_part(hash, &last);
	return at >= end;
}

void
dmamap_vma_count(struct dmamap_vma_count *count)
{
	FILE *maps = fopen("/proc/self/maps", "re"), *limit;
	int c;

	*count = (struct dmamap_vma_count){0};
	while (maps != NULL && (c = getc_unlocked(maps)) != EOF)
		count->used += c == '\n';
	if (maps != NULL)
		fclose(maps);
	limit = fopen("/proc/sys/vm/max_map_count", "re");
	if (limit == NULL)
		return;
	if (fscanf(limit, "%lu", &count->limit) != 1)
		count->limit = 0;
	fclose(limit);
}
