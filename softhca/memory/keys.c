/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>

#include "memory/keys.h"

/* Key 0x100 ends a scatter list (MLX5_INVALID_LKEY), and 0 is what forgetful code writes. */
#define FIRST_INDEX 2
/* As many dead indexes rest before the oldest is used again. */
#define RESTING	    256
#define NONE	    UINT32_MAX

void
hca_keys_init(struct hca_keys *keys, uint32_t limit)
{
	*keys = (struct hca_keys){.free_first = NONE, .free_last = NONE, .limit = limit};
}

void
hca_keys_fini(struct hca_keys *keys)
{
	free(keys->slots);
	keys->slots = NULL;
}

static int
grow(struct hca_keys *keys)
{
	uint32_t size = keys->size != 0 ? keys->size * 2 : 1024;
	struct hca_key_slot *slots = reallocarray(keys->slots, size, sizeof(*slots));

	if (slots == NULL)
		return -ENOMEM;
	keys->slots = slots;
	keys->size = size;
	return 0;
}

static uint32_t
take_free(struct hca_keys *keys)
{
	uint32_t at = keys->free_first;

	keys->free_first = keys->slots[at].next_free;
	if (keys->free_first == NONE)
		keys->free_last = NONE;
	keys->free_count--;
	return at;
}

static int
take_slot(struct hca_keys *keys, uint32_t *at)
{
	if (keys->alive == keys->limit)
		return -ENOMEM;
	if (keys->free_count > RESTING) {
		*at = take_free(keys);
		return 0;
	}
	if (keys->used == keys->size && grow(keys) != 0)
		return -ENOMEM;
	*at = keys->used++;
	keys->slots[*at].issued = 0;
	return 0;
}

int
hca_keys_add(struct hca_keys *keys, const struct hca_region *region, uint32_t *key)
{
	struct hca_key_slot *slot;
	uint32_t at;
	int ret;

	ret = take_slot(keys, &at);
	if (ret != 0)
		return ret;
	slot = &keys->slots[at];
	slot->region = *region;
	slot->alive = true;
	*key = (at + FIRST_INDEX) << 8 | (slot->issued++ & 0xff);
	keys->alive++;
	return 0;
}

/* Of the slot's last generation. */
static uint8_t
generation(const struct hca_key_slot *slot)
{
	return slot->issued - 1;
}

static uint32_t
place(uint32_t key)
{
	return (key >> 8) - FIRST_INDEX;
}

void
hca_keys_remove(struct hca_keys *keys, uint32_t key)
{
	uint32_t at = place(key);
	struct hca_key_slot *slot = &keys->slots[at];

	slot->alive = false;
	slot->next_free = NONE;
	if (keys->free_last != NONE)
		keys->slots[keys->free_last].next_free = at;
	else
		keys->free_first = at;
	keys->free_last = at;
	keys->free_count++;
	keys->alive--;
}

void
hca_keys_change(struct hca_keys *keys, uint32_t key, const struct hca_region *region)
{
	keys->slots[place(key)].region = *region;
}

const struct hca_region *
hca_keys_region(const struct hca_keys *keys, uint32_t key)
{
	return &keys->slots[place(key)].region;
}

void *
hca_keys_memory(const struct hca_keys *keys, uint32_t key, uint64_t addr)
{
	const struct hca_region *region = &keys->slots[place(key)].region;

	return region->mem + (addr - region->addr);
}

static bool
is_inside(const struct hca_region *region, uint64_t addr, uint64_t len)
{
	uint64_t off = addr - region->addr;

	return off <= region->len && len <= region->len - off;
}

/* The region of a live key, in *region, of that domain and with all these bytes. */
static enum hca_check
find(const struct hca_keys *keys, uint32_t key, uint64_t addr, uint64_t len, const void *pd,
	const struct hca_region **region)
{
	const struct hca_key_slot *slot;
	uint32_t at = place(key);
	uint8_t age;

	if (at >= keys->used)
		return HCA_KEY_UNKNOWN;
	slot = &keys->slots[at];
	age = generation(slot) - (uint8_t)key;
	if (age >= slot->issued)
		return HCA_KEY_UNKNOWN;
	if (age != 0 || !slot->alive)
		return HCA_KEY_DEAD;
	if (slot->region.pd != pd)
		return HCA_KEY_PD;
	*region = &slot->region;
	return is_inside(&slot->region, addr, len) ? HCA_FINE : HCA_KEY_RANGE;
}

enum hca_check
hca_keys_check(const struct hca_keys *keys, uint32_t key, uint64_t addr, uint64_t len,
	const void *pd, bool write)
{
	const struct hca_region *region = NULL;
	enum hca_check check = find(keys, key, addr, len, pd, &region);

	if (check != HCA_FINE)
		return check;
	return write && !region->writable ? HCA_KEY_ACCESS : HCA_FINE;
}

enum hca_check
hca_keys_check_remote(const struct hca_keys *keys, uint32_t key, uint64_t addr, uint64_t len,
	const void *pd, unsigned int access)
{
	const struct hca_region *region = NULL;
	enum hca_check check = find(keys, key, addr, len, pd, &region);

	if (check != HCA_FINE)
		return check;
	return (region->remote & access) == 0 ? HCA_KEY_ACCESS : HCA_FINE;
}
