/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "pages.h"

#define PIECES 3

/* >>> piece */
struct piece {
	struct pci_ext_interval by_iova;
	struct vfio_pages_range pages;
	unsigned int count; /* of ranges, of all ports */
};

struct map {
	struct pci_ext_interval by_addr;
	struct vfio_pages_range range;
	unsigned int refs;
};

static struct pci_ext_interval_set pieces; /* of the container; none overlap */
/* <<< piece */

static bool
is_same(const struct vfio_pages_range *a, const struct vfio_pages_range *b)
{
	return a->addr == b->addr && a->iova == b->iova && a->len == b->len;
}

/* >>> cut */
/* From the page at first to that at last, which are IOVAs of the range. */
static struct vfio_pages_range
take_pages(const struct vfio_pages_range *range, uint64_t first, uint64_t last)
{
	const uint64_t page = sysconf(_SC_PAGESIZE);

	return (struct vfio_pages_range){
		range->addr + (first - range->iova), first, last - first + page};
}

/* Returns how many pieces the range has. */
static unsigned int
cut(const struct vfio_pages_range *range, struct vfio_pages_range cuts[PIECES])
{
	const uint64_t page = sysconf(_SC_PAGESIZE), end = range->iova + (range->len - 1);
	uint64_t first = range->iova & ~(page - 1), last = end & ~(page - 1);
	const bool head = range->iova != first, tail = end - last != page - 1;
	unsigned int n = 0;

	if (first == last) {
		cuts[0] = take_pages(range, first, last);
		return 1;
	}
	if (head) {
		cuts[n++] = take_pages(range, first, first);
		first += page;
	}
	if (tail) {
		cuts[n++] = take_pages(range, last, last);
		last -= page;
	}
	if (first <= last)
		cuts[n++] = take_pages(range, first, last);
	return n;
}
/* <<< cut */

static struct piece *
find_piece(const struct vfio_pages_range *pages)
{
	struct pci_ext_interval *at = pci_ext_interval_find_overlap(
		&pieces, pages->iova, pages->iova + (pages->len - 1));

	return at == NULL ? NULL : PCI_EXT_CONTAINER(at, struct piece, by_iova);
}

/* >>> get */
static int
create_piece(const struct vfio_pages_range *pages)
{
	struct piece *piece = calloc(1, sizeof(*piece));
	int ret;

	if (piece == NULL)
		return -ENOMEM;
	ret = vfio_pages_kernel_map(pages);
	if (ret != 0) {
		free(piece);
		return ret;
	}
	piece->pages = *pages;
	piece->count = 1;
	piece->by_iova.first = pages->iova;
	piece->by_iova.last = pages->iova + (pages->len - 1);
	pci_ext_interval_add(&pieces, &piece->by_iova);
	return 0;
}

static int
get_piece(const struct vfio_pages_range *pages)
{
	struct piece *piece = find_piece(pages);

	if (piece == NULL)
		return create_piece(pages);
	if (!is_same(&piece->pages, pages))
		return -EEXIST;
	piece->count++;
	return 0;
}

static int
put_piece(const struct vfio_pages_range *pages)
{
	struct piece *piece = find_piece(pages);
	int ret;

	/* It is not there if an unmap has failed, and what it had done could not be undone. */
	if (piece == NULL || !is_same(&piece->pages, pages))
		return 0;
	if (piece->count > 1) {
		piece->count--;
		return 0;
	}
	ret = vfio_pages_kernel_unmap(pages);
	if (ret != 0)
		return ret;
	pci_ext_interval_remove(&pieces, &piece->by_iova);
	free(piece);
	return 0;
}

/* All pieces of a range or none: change is one of the above, undo is the other. */
static int
change_pieces(const struct vfio_pages_range *range,
	int (*change)(const struct vfio_pages_range *pages),
	int (*undo)(const struct vfio_pages_range *pages))
{
	struct vfio_pages_range cuts[PIECES];
	const unsigned int n = cut(range, cuts);
	unsigned int i;
	int ret = 0;

	for (i = 0; i < n && ret == 0; i++)
		ret = change(&cuts[i]);
	if (ret == 0)
		return 0;
	for (i--; i > 0; i--)
		undo(&cuts[i - 1]);
	return ret;
}
/* <<< get */

static struct map *
find_map(struct vfio_pages_port *port, const struct vfio_pages_range *range)
{
	struct pci_ext_interval *at = pci_ext_interval_find_overlap(
		&port->maps, range->addr, range->addr + (range->len - 1));

	return at == NULL ? NULL : PCI_EXT_CONTAINER(at, struct map, by_addr);
}

static int
create_map(struct vfio_pages_port *port, const struct vfio_pages_range *range)
{
	struct map *map = calloc(1, sizeof(*map));
	int ret;

	if (map == NULL)
		return -ENOMEM;
	ret = change_pieces(range, get_piece, put_piece);
	if (ret != 0) {
		free(map);
		return ret;
	}
	map->range = *range;
	map->refs = 1;
	map->by_addr.first = range->addr;
	map->by_addr.last = range->addr + (range->len - 1);
	pci_ext_interval_add(&port->maps, &map->by_addr);
	return 0;
}

int
vfio_pages_map(struct vfio_pages_port *port, const struct vfio_pages_range *range)
{
	struct map *map = find_map(port, range);

	if (map == NULL)
		return create_map(port, range);
	if (!is_same(&map->range, range))
		return -EEXIST;
	map->refs++;
	return 0;
}

static void
destroy_map(struct vfio_pages_port *port, struct map *map)
{
	pci_ext_interval_remove(&port->maps, &map->by_addr);
	free(map);
}

int
vfio_pages_unmap(struct vfio_pages_port *port, const struct vfio_pages_range *range)
{
	struct map *map = find_map(port, range);
	int ret;

	if (map == NULL)
		return -ENOENT;
	if (!is_same(&map->range, range))
		return -EINVAL;
	if (map->refs > 1) {
		map->refs--;
		return 0;
	}
	/* A driver that knows what its queues own returns -EBUSY here. */
	ret = change_pieces(range, put_piece, get_piece);
	if (ret == 0)
		destroy_map(port, map);
	return ret;
}

void
vfio_pages_end(struct vfio_pages_port *port)
{
	struct vfio_pages_range cuts[PIECES];
	struct pci_ext_interval *at;
	unsigned int i, n;

	while ((at = pci_ext_interval_first(&port->maps)) != NULL) {
		struct map *map = PCI_EXT_CONTAINER(at, struct map, by_addr);

		/* As far as the kernel can: nobody is left to repeat it. */
		n = cut(&map->range, cuts);
		for (i = 0; i < n; i++)
			put_piece(&cuts[i]);
		destroy_map(port, map);
	}
}
