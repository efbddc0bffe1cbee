/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * keys.h - the memory keys of a device: which region a key is of, and whether an access is allowed.
 * A key is index << 8 | generation. The index of a dead key rests for a long time, and then comes
 * back with another generation, so that a key kept too long is found out.
 *
 * No locks: the caller holds the device's.
 */
#ifndef SOFTHCA_KEYS_H_
#define SOFTHCA_KEYS_H_

#include <stdbool.h>
#include <stdint.h>

#include "common/checks.h"

struct hca_region {
	uint64_t addr, len;	/* as work requests name them */
	const void *pd;
	bool writable;		/* IBV_ACCESS_LOCAL_WRITE */
	uint8_t *mem;		/* what is at addr */
	unsigned int remote;	/* IBV_ACCESS_REMOTE_* */
};

struct hca_key_slot {
	struct hca_region region;
	uint32_t issued;	/* generations so far; the last one is issued - 1, modulo 256 */
	uint32_t next_free;	/* in the queue of free slots */
	bool alive;
};

struct hca_keys {
	struct hca_key_slot *slots;
	uint32_t used, size;	/* slots that were ever given out; that there is room for */
	uint32_t free_first, free_last, free_count;
	uint32_t alive, limit;
};

/* At most limit regions at a time. */
void hca_keys_init(struct hca_keys *keys, uint32_t limit);
void hca_keys_fini(struct hca_keys *keys);

/* 0, -ENOMEM: out of memory, or limit regions are alive. */
int hca_keys_add(struct hca_keys *keys, const struct hca_region *region, uint32_t *key);
void hca_keys_remove(struct hca_keys *keys, uint32_t key);
/* The key of a live region is that of another one from now on. */
void hca_keys_change(struct hca_keys *keys, uint32_t key, const struct hca_region *region);
/* What a live key is of. */
const struct hca_region *hca_keys_region(const struct hca_keys *keys, uint32_t key);

/* May a queue of pd reach [addr, addr + len), to write or to read? HCA_FINE, or the broken rule. */
enum hca_check hca_keys_check(const struct hca_keys *keys, uint32_t key, uint64_t addr,
	uint64_t len, const void *pd, bool write);

/* May a peer of a queue of pd do so, by access, which is one of IBV_ACCESS_REMOTE_*? */
enum hca_check hca_keys_check_remote(const struct hca_keys *keys, uint32_t key, uint64_t addr,
	uint64_t len, const void *pd, unsigned int access);

/* What is at addr, once that was found to be fine. */
void *hca_keys_memory(const struct hca_keys *keys, uint32_t key, uint64_t addr);

#endif
