/* SPDX-License-Identifier: BSD-3-Clause */
/* requests: state of the model of registry: an array of requested mappings, searched linearly. */
#ifndef REQUESTS_H
#define REQUESTS_H

#include <stdbool.h>

#include "common/range.h"

#define DEVICES	 4 /* the last two share a space */
#define REQUESTS 96

/* What a range is of: memory of the process, or a dma-buf from one of two offsets on. */
enum request_source {
	REQUEST_PROCESS,
	REQUEST_DMABUF,
	REQUEST_BEHIND,
};

struct request {
	int device; /* -1: free */
	struct pci_ext_range range;
	enum request_source source;
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

/* The request of a device with exactly these addresses; a free entry. Or NULL. */
struct request *request_find(int d, const struct pci_ext_range *r);
struct request *request_find_free(void);
/* The lowest request of a device that overlaps the range, in the order of the registry. Or NULL. */
struct request *request_find_overlap(int d, const struct pci_ext_range *r, bool by_iova);
/* A holder of the lowest mapping of the shared space that overlaps the range. Or NULL. */
struct request *request_find_shared(const struct pci_ext_range *r);

/*
 * Small ranges close together, so that most are adjacent or overlap; some at the end of the address
 * space. Their access and source, of three bits: mostly memory of the process, to be read and
 * written.
 */
struct pci_ext_range request_make_range(const uint8_t bytes[4]);
enum request_source request_make_kind(uint8_t bits, struct pci_ext_range *r);

/* The dma-buf of a source, which is its user's; NULL for memory of the process. */
struct pci_ext_dmabuf *request_open(enum request_source source);
/* How many of these there are. */
int request_count_open(void);

#endif /* REQUESTS_H */
