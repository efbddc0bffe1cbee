/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * standing: see standing.h. The side of devices and memory that come and go, called by replay from
 * the hooks of the bus and from memory events. Never waits for the calls of standing.c.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include <rte_errno.h>

#include "request/dispatch.h"
#include "common/log.h"
#include "common/memory.h"
#include "request/reason.h"
#include "registry/registry.h"
#include "standing/standing.h"
#include "standing/standing_list.h"

PCI_EXT_LOG_REGISTER(standing_attach)

/* A range that a device is to be mapped for when no lock is held: it was there already. */
struct late {
	struct pci_ext_standing_memory memory; /* of its own: the range may end */
	uint64_t id;
};

/* The ranges of one device that comes. */
struct arrival {
	const char *name;
	bool is_there;
	struct late *late;
	unsigned int n;
};

/* 0 or an error of pci_ext_dmabuf_create(). */
static int
copy_memory(const struct pci_ext_standing_memory *from, struct pci_ext_standing_memory *to)
{
	*to = (struct pci_ext_standing_memory){from->range, NULL};
	if (from->dmabuf == NULL)
		return 0;
	return pci_ext_dmabuf_create(
		from->dmabuf->fd, from->dmabuf->offset, from->range.len, &to->dmabuf);
}

static int
add_late(struct arrival *arrival, const struct pci_ext_standing *standing)
{
	struct late *more = realloc(arrival->late, (arrival->n + 1) * sizeof(*more));
	int ret;

	if (more == NULL)
		return -ENOMEM;
	arrival->late = more;
	ret = copy_memory(&standing->memory, &more[arrival->n].memory);
	if (ret == 0)
		more[arrival->n++].id = standing->id;
	return ret;
}

/* The device is a holder; 0, or it is not. */
static int
map_for(const struct pci_ext_standing *standing, struct arrival *arrival)
{
	const struct pci_ext_target target = {.name = arrival->name};
	const struct pci_ext_memory memory = pci_ext_standing_describe(&standing->memory);

	if (arrival->is_there)
		return add_late(arrival, standing);
	return pci_ext_dispatch_map(&target, &memory);
}

static void
add_to(struct pci_ext_standing *standing, struct arrival *arrival)
{
	const struct pci_ext_range *range = &standing->memory.range;
	int ret;

	if (standing->is_ending || pci_ext_standing_has_holder(standing, arrival->name))
		return;
	ret = pci_ext_memory_is_current(range->addr, range->len, standing->registration)
		      ? pci_ext_standing_add_holder(standing, arrival->name)
		      : -EINVAL;
	if (ret == 0) {
		ret = map_for(standing, arrival);
		standing->n -= ret != 0;
	}
	if (ret != 0)
		PCI_EXT_LOG(standing_attach, ERR,
			"%s: not mapped: " PCI_EXT_RANGE_FMT " of pci_ext_dma_map_all(): %s",
			arrival->name, PCI_EXT_RANGE_ARGS(range),
			ret == -EINVAL ? "its memory was unregistered before" : rte_strerror(-ret));
}

/* Calls the backend. Meanwhile the range may have ended, without this reference. */
static void
map_late(const char *name, struct late *late)
{
	const struct pci_ext_target target = {.name = name};
	const struct pci_ext_memory memory = pci_ext_standing_describe(&late->memory);
	struct pci_ext_standing *standing;
	int ret;

	ret = pci_ext_dispatch_map(&target, &memory);
	pci_ext_dmabuf_destroy(late->memory.dmabuf);
	pci_ext_standing_lock();
	standing = pci_ext_standing_find_held(late->id, name);
	if (standing != NULL && ret != 0)
		pci_ext_standing_remove_holder(standing, name);
	pci_ext_standing_unlock();
	if (standing == NULL && ret == 0)
		pci_ext_dispatch_unmap(&target, &memory);
}

int
pci_ext_standing_attach(const struct pci_ext_target *target, const struct pci_ext_backend *backend)
{
	struct arrival arrival = {.name = target->name};
	struct pci_ext_device device;
	struct pci_ext_standing *standing;
	unsigned int i;
	int ret;

	pci_ext_standing_lock();
	/* Its driver, or a callback, may have mapped something already. */
	arrival.is_there =
		pci_ext_registry_copy_devices(target->name, &device, 1) != 0 && device.present;
	LIST_FOREACH (standing, &pci_ext_standing_ranges, next)
		if (backend != NULL)
			add_to(standing, &arrival);
	ret = pci_ext_registry_attach(target, backend);
	pci_ext_standing_unlock();
	for (i = 0; i < arrival.n; i++)
		map_late(target->name, &arrival.late[i]);
	free(arrival.late);
	return ret;
}

/* Under EAL's memory lock: known is never held over what waits for that. */
void
pci_ext_standing_forget(uint64_t addr, uint64_t len)
{
	struct pci_ext_standing *standing;

	pci_ext_standing_lock();
	LIST_FOREACH (standing, &pci_ext_standing_ranges, next)
		if (standing->memory.range.addr <= addr + (len - 1) &&
			addr <= pci_ext_range_last_addr(&standing->memory.range))
			standing->registration = PCI_EXT_MEMORY_GONE;
	pci_ext_standing_unlock();
}
