/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fake_iommufd: see fake_iommufd.h. Owns the address space.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "fake_iommufd.h"
#include "backend/iommufd_uapi.h"
#include "unit.h"

struct fake_iommufd fake_iommufd;

static const struct pci_ext_iommu_iova_range low_window = {0, 0xfedfffff};

void
fake_iommufd_reset(void)
{
	fake_iommufd = (struct fake_iommufd){.fd = 1030, .ioas = 1, .last = 0xffffffffffff};
}

static struct fake_area *
find_overlap(uint64_t iova, uint64_t last)
{
	struct fake_area *area;

	for (area = fake_iommufd.areas; area < fake_iommufd.areas + FAKE_AREAS; area++)
		if (area->len != 0 && area->iova <= last && iova <= area->iova + area->len - 1)
			return area;
	return NULL;
}

static void
add(uint64_t iova, uint64_t len, uint64_t va)
{
	struct fake_area *area = fake_iommufd.areas;

	while (area->len != 0)
		area++;
	assert_true(area < fake_iommufd.areas + FAKE_AREAS);
	*area = (struct fake_area){.iova = iova, .len = len, .va = va};
}

void
fake_iommufd_put(uint64_t iova, uint64_t len)
{
	add(iova, len, 0);
}

int
fake_iommufd_areas(void)
{
	int i, n = 0;

	for (i = 0; i < FAKE_AREAS; i++)
		n += fake_iommufd.areas[i].len != 0;
	return n;
}

static bool
is_offered(uint64_t iova, uint64_t last)
{
	return last <= low_window.last || (iova >= 0xfef00000 && last <= fake_iommufd.last);
}

static int
map(struct pci_ext_iommu_ioas_map *map)
{
	uint64_t last = map->iova + (map->length - 1);

	assert_int_equal(map->size, sizeof(*map));
	assert_int_equal(map->reserved, 0);
	if (map->iova == UINT64_MAX || map->length == UINT64_MAX || last < map->iova)
		return EOVERFLOW;
	if (map->ioas_id != fake_iommufd.ioas)
		return ENOENT;
	if (!is_offered(map->iova, last))
		return EINVAL;
	if (find_overlap(map->iova, last) != NULL)
		return EEXIST;
	fake_iommufd.map_flags = map->flags;
	add(map->iova, map->length, map->user_va);
	return 0;
}

/* Unmaps what it can before it meets a mapping that reaches beyond the range. */
static int
unmap(struct pci_ext_iommu_ioas_unmap *unmap)
{
	uint64_t last = unmap->iova + (unmap->length - 1), unmapped = 0;
	struct fake_area *area;

	assert_int_equal(unmap->size, sizeof(*unmap));
	if (unmap->ioas_id != fake_iommufd.ioas)
		return ENOENT;
	while ((area = find_overlap(unmap->iova, last)) != NULL) {
		if (area->iova < unmap->iova || area->iova + area->len - 1 > last)
			return ENOENT;
		unmapped += area->len;
		area->len = 0;
	}
	unmap->length = unmapped;
	return unmapped == 0 ? ENOENT : 0;
}

static int
copy(const struct pci_ext_iommu_ioas_copy *copy)
{
	struct fake_area *area;

	assert_int_equal(copy->size, sizeof(*copy));
	assert_int_equal(copy->src_ioas_id, copy->dst_ioas_id);
	assert_int_equal(copy->src_iova, copy->dst_iova);
	assert_true(copy->flags & PCI_EXT_IOMMU_FIXED_IOVA);
	assert_true(copy->flags & (PCI_EXT_IOMMU_READABLE | PCI_EXT_IOMMU_WRITEABLE));
	area = copy->src_ioas_id != fake_iommufd.ioas
		       ? NULL
		       : find_overlap(copy->src_iova, copy->src_iova);
	if (area == NULL)
		return ENOENT;
	if (!fake_iommufd.is_unmapped_in_copy)
		return EEXIST;
	area->len = 0;
	add(copy->dst_iova, copy->length, 0);
	return 0;
}

static int
read_ranges(struct pci_ext_iommu_ioas_iova_ranges *ranges)
{
	const struct pci_ext_iommu_iova_range all[] = {low_window, {0xfef00000, fake_iommufd.last}};
	uint32_t i, size = ranges->num_iovas;

	assert_int_equal(ranges->size, sizeof(*ranges));
	assert_int_equal(ranges->reserved, 0);
	if (ranges->ioas_id != fake_iommufd.ioas)
		return ENOENT;
	for (i = 0; i < 2 && i < size; i++)
		memcpy((struct pci_ext_iommu_iova_range *)(uintptr_t)ranges->allowed_iovas + i,
			&all[i], sizeof(all[i]));
	ranges->num_iovas = 2;
	ranges->out_iova_alignment = 4096;
	return size < 2 ? EMSGSIZE : 0;
}

static int
read_compat(struct pci_ext_iommu_vfio_ioas *get)
{
	assert_int_equal(get->size, sizeof(*get));
	assert_int_equal(get->op, PCI_EXT_IOMMU_VFIO_IOAS_GET);
	get->ioas_id = fake_iommufd.compat;
	return fake_iommufd.compat == 0 ? ENODEV : 0;
}

static int
run(unsigned long request, void *arg)
{
	if (++fake_iommufd.calls == fake_iommufd.failing)
		return fake_iommufd.error;
	switch (request) {
	case PCI_EXT_IOMMU_IOAS_MAP:
		return map(arg);
	case PCI_EXT_IOMMU_IOAS_UNMAP:
		return unmap(arg);
	case PCI_EXT_IOMMU_IOAS_COPY:
		return copy(arg);
	case PCI_EXT_IOMMU_IOAS_IOVA_RANGES:
		return read_ranges(arg);
	case PCI_EXT_IOMMU_VFIO_IOAS:
		return read_compat(arg);
	default:
		fail_msg("ioctl 0x%lx", request);
		return ENOTTY;
	}
}

int
ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	void *arg;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	assert_int_equal(fd, fake_iommufd.fd);
	errno = run(request, arg);
	return errno == 0 ? 0 : -1;
}

static int
be_a_device(struct stat *st)
{
	memset(st, 0, sizeof(*st));
	st->st_mode = S_IFCHR | 0660;
	st->st_rdev = makedev(10, 124);
	return 0;
}

int
fstat(int fd, struct stat *st)
{
	if (fd == 0 || fd != fake_iommufd.fd)
		return fstatat(fd, "", st, AT_EMPTY_PATH);
	fake_iommufd.stats++;
	return be_a_device(st);
}

/* Libraries ask for other files, before main() too. */
int
stat(const char *path, struct stat *st)
{
	if (strcmp(path, "/dev/iommu") != 0)
		return fstatat(AT_FDCWD, path, st, 0);
	fake_iommufd.stats++;
	errno = ENOENT;
	return fake_iommufd.is_absent ? -1 : be_a_device(st);
}
