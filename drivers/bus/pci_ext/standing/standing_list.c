/* SPDX-License-Identifier: BSD-3-Clause */
/* standing_list: see standing_list.h. Owns the list and its lock. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "registry/snapshot.h"
#include "standing/standing_list.h"

static pthread_mutex_t known = PTHREAD_MUTEX_INITIALIZER;
struct pci_ext_standing_list pci_ext_standing_ranges =
	LIST_HEAD_INITIALIZER(pci_ext_standing_ranges);

void
pci_ext_standing_lock(void)
{
	pthread_mutex_lock(&known);
}

void
pci_ext_standing_unlock(void)
{
	pthread_mutex_unlock(&known);
}

struct pci_ext_memory
pci_ext_standing_describe(const struct pci_ext_standing_memory *memory)
{
	const struct pci_ext_dmabuf *dmabuf = memory->dmabuf;

	return (struct pci_ext_memory){
		.addr = (void *)(uintptr_t)memory->range.addr,
		.iova = memory->range.iova,
		.len = memory->range.len,
		.access = memory->range.access,
		.is_dmabuf = dmabuf != NULL,
		.fd = dmabuf != NULL ? dmabuf->fd : -1,
		.offset = dmabuf != NULL ? dmabuf->offset : 0,
	};
}

static bool
is_same_place(const struct pci_ext_range *a, const struct pci_ext_range *b)
{
	return a->addr == b->addr && a->iova == b->iova && a->len == b->len;
}

struct pci_ext_standing *
pci_ext_standing_find(const struct pci_ext_range *range)
{
	struct pci_ext_standing *standing;

	LIST_FOREACH (standing, &pci_ext_standing_ranges, next)
		if (is_same_place(&standing->memory.range, range))
			return standing;
	return NULL;
}

bool
pci_ext_standing_has_holder(const struct pci_ext_standing *standing, const char *name)
{
	unsigned int i;

	for (i = 0; i < standing->n; i++)
		if (strcmp(standing->holders[i].name, name) == 0)
			return true;
	return false;
}

int
pci_ext_standing_add_holder(struct pci_ext_standing *standing, const char *name)
{
	const unsigned int room = standing->room == 0 ? 8 : 2 * standing->room;
	struct pci_ext_batch_item *more;

	if (standing->n == standing->room) {
		more = realloc(standing->holders, room * sizeof(*more));
		if (more == NULL)
			return -ENOMEM;
		standing->holders = more;
		standing->room = room;
	}
	standing->holders[standing->n] = (struct pci_ext_batch_item){.result = 0};
	snprintf(standing->holders[standing->n].name, PCI_EXT_NAME_SIZE, "%s", name);
	standing->n++;
	return 0;
}

static int
add_present(struct pci_ext_standing *standing)
{
	struct pci_ext_device *devices;
	size_t n, i;
	int ret;

	ret = pci_ext_snapshot_devices(&devices, &n);
	if (ret != 0)
		return ret;
	for (i = 0; i < n && ret == 0; i++)
		if (devices[i].present && devices[i].backend[0] != '\0' &&
			!pci_ext_standing_has_holder(standing, devices[i].name))
			ret = pci_ext_standing_add_holder(standing, devices[i].name);
	free(devices);
	return ret;
}

static void
drop(struct pci_ext_standing *standing)
{
	pci_ext_dmabuf_destroy(standing->memory.dmabuf);
	free(standing->holders);
	free(standing);
}

/* The lock is held. 0 or -ENOMEM. */
static int
copy_holders(const struct pci_ext_standing *standing, struct pci_ext_standing_copy *copy)
{
	copy->n = standing->n;
	copy->items = calloc(copy->n + 1, sizeof(*copy->items));
	if (copy->items == NULL)
		return -ENOMEM;
	if (copy->n != 0)
		memcpy(copy->items, standing->holders, copy->n * sizeof(*copy->items));
	return 0;
}

/* The same, with the devices that are present. */
static int
copy_with_present(struct pci_ext_standing *standing, struct pci_ext_standing_copy *copy)
{
	int ret = add_present(standing);

	return ret == 0 ? copy_holders(standing, copy) : ret;
}

int
pci_ext_standing_copy_holders(
	const struct pci_ext_standing *standing, struct pci_ext_standing_copy *copy)
{
	int ret;

	pci_ext_standing_lock();
	ret = copy_holders(standing, copy);
	pci_ext_standing_unlock();
	return ret;
}

int
pci_ext_standing_renew(struct pci_ext_standing *standing, struct pci_ext_standing_memory *memory,
	uint64_t registration, struct pci_ext_standing_copy *copy)
{
	const struct pci_ext_standing_memory before = standing->memory;
	int ret;

	pci_ext_standing_lock();
	ret = copy_with_present(standing, copy);
	if (ret == 0) {
		standing->registration = registration;
		standing->memory = *memory;
		*memory = before;
	}
	pci_ext_standing_unlock();
	return ret;
}

struct pci_ext_standing *
pci_ext_standing_begin(struct pci_ext_standing_memory *memory, uint64_t registration,
	struct pci_ext_standing_copy *copy)
{
	static uint64_t last_id;
	struct pci_ext_standing *standing = calloc(1, sizeof(*standing));
	int ret;

	if (standing == NULL)
		return NULL;
	standing->memory = *memory;
	standing->id = ++last_id;
	standing->registration = registration;
	pci_ext_standing_lock();
	ret = copy_with_present(standing, copy);
	if (ret == 0)
		LIST_INSERT_HEAD(&pci_ext_standing_ranges, standing, next);
	pci_ext_standing_unlock();
	if (ret == 0) {
		memory->dmabuf = NULL;
		return standing;
	}
	standing->memory.dmabuf = NULL;
	drop(standing);
	return NULL;
}

uint64_t
pci_ext_standing_get_registration(const struct pci_ext_standing *standing)
{
	uint64_t registration;

	pci_ext_standing_lock(); /* forget may set it */
	registration = standing->registration;
	pci_ext_standing_unlock();
	return registration;
}

void
pci_ext_standing_set_ending(struct pci_ext_standing *standing)
{
	pci_ext_standing_lock();
	standing->is_ending = true;
	pci_ext_standing_unlock();
}

void
pci_ext_standing_revive(struct pci_ext_standing *standing)
{
	pci_ext_standing_lock();
	standing->registration = PCI_EXT_MEMORY_GONE;
	standing->is_ending = false;
	pci_ext_standing_unlock();
}

void
pci_ext_standing_end(struct pci_ext_standing *standing)
{
	pci_ext_standing_lock();
	LIST_REMOVE(standing, next);
	pci_ext_standing_unlock();
	drop(standing);
}

struct pci_ext_standing *
pci_ext_standing_find_held(uint64_t id, const char *name)
{
	struct pci_ext_standing *standing;

	LIST_FOREACH (standing, &pci_ext_standing_ranges, next)
		if (standing->id == id)
			return !standing->is_ending && pci_ext_standing_has_holder(standing, name)
				       ? standing
				       : NULL;
	return NULL;
}

void
pci_ext_standing_remove_holder(struct pci_ext_standing *standing, const char *name)
{
	unsigned int i;

	for (i = 0; i < standing->n; i++)
		if (strcmp(standing->holders[i].name, name) == 0)
			standing->holders[i--] = standing->holders[--standing->n];
}
