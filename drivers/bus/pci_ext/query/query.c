/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * query: see query.h. Goes through a range piece by piece: what the device's mappings cover, and
 * what EAL maps. Called by the public API and telemetry, from any thread.
 */
#include <errno.h>
#include <stddef.h>

#include "common/memory.h"
#include "query/query.h"

/* What is known of the bytes from an address on. */
struct piece {
	enum pci_ext_answer_state state; /* MAPPED, STALE, UNKNOWN or UNMAPPED */
	enum pci_ext_maker by;
	enum pci_ext_access access; /* if it is MAPPED */
	uint64_t iova;
	uint64_t last; /* the last address of which it is true, or a later one */
};

static bool
find_mapping(const struct pci_ext_published *device, uint64_t addr, struct piece *piece)
{
	struct pci_ext_lookup_entry entry;
	bool is_current;

	if (!pci_ext_lookup_find(&device->ranges, addr, &entry))
		return false;
	is_current = pci_ext_memory_is_current(
		entry.first, entry.last - entry.first + 1, entry.registration);
	*piece = (struct piece){
		.state = is_current ? PCI_EXT_IS_MAPPED : PCI_EXT_IS_STALE,
		.by = PCI_EXT_BY_CALL,
		.access = entry.to_read ? PCI_EXT_ACCESS_READ : PCI_EXT_ACCESS_READ_WRITE,
		.iova = entry.iova + (addr - entry.first),
		.last = entry.last,
	};
	return true;
}

/* What EAL maps by itself: for a device on VFIO. Other drivers do as they like with it. */
static void
find_eal(const struct pci_ext_backend *backend, uint64_t addr, struct piece *piece)
{
	uint64_t iova, len = 0;

	*piece = (struct piece){.state = PCI_EXT_IS_UNMAPPED};
	if (backend == NULL)
		return;
	if (!backend->shared && pci_ext_memory_is_eal(addr))
		piece->state = PCI_EXT_IS_UNKNOWN;
	if (backend->shared)
		len = pci_ext_memory_eal_run(addr, &iova);
	if (len != 0)
		*piece = (struct piece){
			.state = PCI_EXT_IS_MAPPED,
			.by = PCI_EXT_BY_EAL,
			.iova = iova,
			.last = addr + (len - 1),
		};
}

static void
find_piece(const struct pci_ext_published *device, uint64_t addr, struct piece *piece)
{
	if (!find_mapping(device, addr, piece))
		find_eal(atomic_load_explicit(&device->backend, memory_order_acquire), addr, piece);
}

/* The state of a range of which the first len bytes are mapped, and then comes the piece. */
static enum pci_ext_answer_state
state_of(uint64_t len, const struct piece *piece)
{
	return len == 0 || piece->state == PCI_EXT_IS_STALE ? piece->state : PCI_EXT_IS_PARTLY;
}

int
pci_ext_query_range(const struct pci_ext_published *device, uint64_t addr, uint64_t len,
	struct pci_ext_answer *answer)
{
	const struct pci_ext_backend *backend;
	const uint64_t last = addr + (len - 1);
	struct piece piece;
	uint64_t at = addr;

	if (atomic_load_explicit(&device->is_incomplete, memory_order_acquire))
		return -ENOMEM;
	backend = atomic_load_explicit(&device->backend, memory_order_acquire);
	find_piece(device, at, &piece);
	*answer = (struct pci_ext_answer){
		.by = piece.by,
		.backend = backend == NULL ? "" : backend->name,
		.iova = piece.iova,
	};
	while (piece.state == PCI_EXT_IS_MAPPED) {
		if (piece.access == PCI_EXT_ACCESS_READ)
			answer->access = PCI_EXT_ACCESS_READ;
		if (piece.last >= last)
			break;
		at = piece.last + 1;
		find_piece(device, at, &piece);
	}
	if (piece.state == PCI_EXT_IS_MAPPED) {
		answer->state = PCI_EXT_IS_MAPPED;
		answer->len = len;
	} else {
		answer->len = at - addr;
		answer->state = state_of(answer->len, &piece);
	}
	return 0;
}
