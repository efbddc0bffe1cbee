/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * See requests.h.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/dmabuf.h"
#include "descriptors.h"
#include "fake_backend.h"
#include "requests.h"

#define DMABUF "registry model" /* the name of its file */
#define BEHIND 0x1000

struct request requests[REQUESTS];

bool
request_is_shared(int d)
{
	return d >= 2;
}

bool
request_touches(uint64_t a, uint64_t a_len, uint64_t b, uint64_t b_len)
{
	return a < b ? b - a < a_len : a - b < b_len;
}

struct request *
request_find(int d, const struct pci_ext_range *r)
{
	int i;

	for (i = 0; i < REQUESTS; i++)
		if (requests[i].device == d && requests[i].range.addr == r->addr &&
			requests[i].range.iova == r->iova && requests[i].range.len == r->len)
			return &requests[i];
	return NULL;
}

struct request *
request_find_free(void)
{
	int i;

	for (i = 0; i < REQUESTS; i++)
		if (requests[i].device < 0)
			return &requests[i];
	return NULL;
}

bool
request_is_stale(const struct request *w)
{
	return w->registration != fake_registration(w->range.addr);
}

/* In the order of the registry. */
static bool
is_before(const struct pci_ext_range *a, const struct pci_ext_range *b, bool by_iova)
{
	uint64_t a_first = by_iova ? a->iova : a->addr, b_first = by_iova ? b->iova : b->addr;
	uint64_t a_tie = by_iova ? a->addr : a->iova, b_tie = by_iova ? b->addr : b->iova;

	if (a_first != b_first)
		return a_first < b_first;
	return a->len != b->len ? a->len < b->len : a_tie < b_tie;
}

struct request *
request_find_overlap(int d, const struct pci_ext_range *r, bool by_iova)
{
	struct request *lowest = NULL;
	const struct pci_ext_range *w;
	int i;

	for (i = 0; i < REQUESTS; i++) {
		w = &requests[i].range;
		if (requests[i].device != d ||
			!(by_iova ? request_touches(w->iova, w->len, r->iova, r->len)
				  : request_touches(w->addr, w->len, r->addr, r->len)))
			continue;
		if (lowest == NULL || is_before(w, &lowest->range, by_iova))
			lowest = &requests[i];
	}
	return lowest;
}

bool
request_is_holder(const struct request *w)
{
	return w->device >= 0 && request_is_shared(w->device) && w->active && !w->ended;
}

int
request_count_holders(const struct pci_ext_range *r)
{
	int i, n = 0;

	for (i = 0; i < REQUESTS; i++)
		n += request_is_holder(&requests[i]) &&
		     pci_ext_range_is_same(&requests[i].range, r);
	return n;
}

struct request *
request_find_shared(const struct pci_ext_range *r)
{
	struct request *lowest = NULL;
	int i;

	for (i = 0; i < REQUESTS; i++) {
		const struct pci_ext_range *w = &requests[i].range;

		if (request_is_holder(&requests[i]) &&
			request_touches(w->iova, w->len, r->iova, r->len) &&
			(lowest == NULL || w->iova < lowest->range.iova))
			lowest = &requests[i];
	}
	return lowest;
}

struct pci_ext_range
request_make_range(const uint8_t b[4])
{
	uint64_t unit = (b[3] & 0x70) == 0 ? 1 : FAKE_PAGE;
	uint64_t base = (b[3] & 0x0f) == 0 ? UINT64_MAX - 64 * FAKE_PAGE + 1 : 0x1000;
	struct pci_ext_range r = {0};

	r.addr = base + b[0] % 32 * unit;
	r.len = (1 + b[1] % 6) * unit;
	r.iova = (b[2] & 0xc0) == 0 ? base + b[2] % 32 * unit : r.addr;
	return r;
}

enum request_source
request_make_kind(uint8_t bits, struct pci_ext_range *r)
{
	r->access = bits == 4 || bits == 5 ? PCI_EXT_ACCESS_READ : PCI_EXT_ACCESS_READ_WRITE;
	if (bits == 7)
		return REQUEST_BEHIND;
	return bits == 4 || bits == 6 ? REQUEST_DMABUF : REQUEST_PROCESS;
}

struct pci_ext_dmabuf *
request_open(enum request_source source)
{
	static int fd = -1;
	struct pci_ext_dmabuf *dmabuf;

	if (source == REQUEST_PROCESS)
		return NULL;
	if (fd < 0)
		fd = memfd_create(DMABUF, 0);
	if (ftruncate(fd, 2 * BEHIND) != 0 ||
		pci_ext_dmabuf_create(fd, source == REQUEST_BEHIND ? BEHIND : 0, 1, &dmabuf) != 0)
		abort();
	return dmabuf;
}

int
request_count_open(void)
{
	const int n = count_descriptors(DMABUF);

	return n == 0 ? 0 : n - 1;
}
