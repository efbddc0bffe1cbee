/* SPDX-License-Identifier: BSD-3-Clause */
/* wishes: state of the model of registry: an array of requested mappings, searched linearly. */
#ifndef WISHES_H
#define WISHES_H

#include <stdbool.h>

#include "range.h"

#define DEVICES 4 /* the last two share a space */
#define WISHES	96

struct wish {
	int device; /* -1: free */
	struct pci_ext_range range;
	uint32_t references;
	uint64_t registration;
	bool active;
	bool ended; /* the shared mapping has ended, for another device */
};

extern struct wish wishes[WISHES];

bool wish_is_shared(int d);
bool wish_touches(uint64_t a, uint64_t a_len, uint64_t b, uint64_t b_len);
bool wish_is_same(const struct pci_ext_range *a, const struct pci_ext_range *b);
bool wish_is_stale(const struct wish *w);
/* Whether it holds a mapping of the shared space; number of holders of exactly this range. */
bool wish_is_holder(const struct wish *w);
int wish_count_holders(const struct pci_ext_range *r);

/* The wish of a device with exactly this range; a free entry. Or NULL. */
struct wish *wish_find(int d, const struct pci_ext_range *r);
struct wish *wish_find_free(void);
/* The lowest wish of a device that overlaps the range, in the order of the registry. Or NULL. */
struct wish *wish_find_overlap(int d, const struct pci_ext_range *r, bool by_iova);
/* A holder of the lowest mapping of the shared space that overlaps the range. Or NULL. */
struct wish *wish_find_shared(const struct pci_ext_range *r);

#endif /* WISHES_H */
