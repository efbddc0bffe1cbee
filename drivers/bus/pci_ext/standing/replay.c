/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * replay: walks the records of one device, one transaction of registry for each, and logs the
 * results between them.
 *
 * Called by bus_ops from the hooks of the bus, under EAL's hotplug lock if EAL holds it. Holds no
 * lock and owns no state.
 */
#include <errno.h>
#include <inttypes.h>

#include <rte_errno.h>

#include "request/dispatch.h"
#include "common/log.h"
#include "common/memory.h"
#include "request/reason.h"
#include "registry/registry.h"
#include "standing/replay.h"
#include "standing/standing.h"

PCI_EXT_LOG_REGISTER(replay)

static void
log_dropped(const char *name, const struct pci_ext_range *range)
{
	PCI_EXT_LOG(replay, WARNING,
		"%s: dropped stale mapping " PCI_EXT_RANGE_FMT
		": its memory was unregistered or freed",
		name, PCI_EXT_RANGE_ARGS(range));
}

/* Returns whether the range is mapped now. */
static bool
replay_range(const char *name, const struct pci_ext_range *range)
{
	char reason[PCI_EXT_REASON_SIZE];
	struct pci_ext_conflict conflict;
	int ret;

	ret = pci_ext_registry_activate(name, range, &conflict);
	if (conflict.ended != 0)
		log_dropped(name, &conflict.last_ended);
	if (ret == 0)
		return true;
	if (ret == -ENOENT) /* dropped, or unmapped meanwhile by another thread */
		return false;
	pci_ext_reason_write(range, true, &conflict, ret, reason);
	PCI_EXT_LOG(replay, ERR, "%s: cannot map " PCI_EXT_RANGE_FMT " at probe: %s", name,
		PCI_EXT_RANGE_ARGS(range), reason);
	return false;
}

static void
forget(uint64_t addr, uint64_t len)
{
	pci_ext_registry_forget(addr, len);
	pci_ext_standing_forget(addr, len);
}

void
pci_ext_replay_watch_memory(void)
{
	pci_ext_memory_watch(forget);
}

/*
 * Before the standing ranges are added, under a lock that memory events take: else a map of one
 * might end a stale mapping there, and close its dma-buf, which may take its driver long.
 */
static void
drop_stale(const char *name)
{
	struct pci_ext_cursor cursor = {0};

	while (pci_ext_registry_next_pending(name, &cursor))
		if (pci_ext_registry_drop_stale(name, &cursor.at) == 0)
			log_dropped(name, &cursor.at);
}

void
pci_ext_replay_attach(const struct pci_ext_target *target)
{
	const struct pci_ext_backend *backend = NULL;
	struct pci_ext_cursor cursor = {0};
	unsigned int n = 0;

	if (pci_ext_dispatch_route(target, &backend) != 0)
		backend = NULL;
	drop_stale(target->name);
	if (pci_ext_standing_attach(target, backend) != 0) {
		PCI_EXT_LOG(replay, ERR, "%s: out of memory: its mappings are not restored",
			target->name);
		return;
	}
	while (pci_ext_registry_next_pending(target->name, &cursor))
		n += replay_range(target->name, &cursor.at);
	if (n != 0)
		PCI_EXT_LOG(replay, INFO, "%s: %u ranges mapped", target->name, n);
}

static void
suspend_all(const char *name, bool shared)
{
	struct pci_ext_cursor cursor = {0};
	unsigned int n = 0;
	int result;

	while (pci_ext_registry_suspend(name, shared, &cursor, &result)) {
		n++;
		if (result != 0)
			PCI_EXT_LOG(replay, WARNING,
				"%s: unmap " PCI_EXT_RANGE_FMT " on removal: %s", name,
				PCI_EXT_RANGE_ARGS(&cursor.at), rte_strerror(-result));
	}
	if (n != 0)
		PCI_EXT_LOG(replay, INFO, "%s: %u ranges unmapped, to be mapped again at probe",
			name, n);
}

void
pci_ext_replay_suspend(const char *name)
{
	pci_ext_registry_leave(name);
	suspend_all(name, false);
}

void
pci_ext_replay_detach(const char *name)
{
	suspend_all(name, true);
	pci_ext_registry_detach(name);
}

void
pci_ext_replay_clear(void)
{
	char name[PCI_EXT_NAME_SIZE] = "";

	while (pci_ext_registry_next_device(name))
		suspend_all(name, true);
	pci_ext_standing_clear();
	pci_ext_registry_clear();
}
