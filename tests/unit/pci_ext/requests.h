/* SPDX-License-Identifier: BSD-3-Clause */
/* requests: state of the model of registry: an array of requested mappings, searched linearly. */
#ifndef REQUESTS_H
#define REQUESTS_H

#include <stdbool.h>

#include "common/range.h"

#define DEVICES	 4 /* the last two share a space */
#define REQUESTS 96

struct request {
	int device; /* -1: free */
	struct pci_ext_range range;
	uint32_t references;
	uint64_t registration;
	bool active;
	bool ended; /* the shared mapping has ended, for another device */
};

extern struct request requests[REQUESTS];

bool request_is_shared(int d);
bool request_touches(uint64_t a, uint64_t a_len, uint64_t b, uint64_t b_len);
bool request_is_stale(const struct request *w);
/* Whether it holds a mapping of the shared space; number of holders of exactly this range. */
bool request_is_holder(const struct request *w);
int request_count_holders(const struct pci_ext_range *r);

/* The request of a device with exactly this range; a free entry. Or NULL. */
struct request *request_find(int d, const struct pci_ext_range *r);
struct request *request_find_free(void);
/* The lowest request of a device that overlaps the range, in the order of the registry. Or NULL. */
struct request *request_find_overlap(int d, const struct pci_ext_range *r, bool by_iova);
/* A holder of the lowest mapping of the shared space that overlaps the range. Or NULL. */
struct request *request_find_shared(const struct pci_ext_range *r);

#endif /* REQUESTS_H */
