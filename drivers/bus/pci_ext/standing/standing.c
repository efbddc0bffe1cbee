/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * standing: see standing.h. What maps and unmaps, called by the public API.
 *
 * Owns the lock of these calls, held from begin to end, also while backends are called; it is first
 * in the order.
 */
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <rte_eal.h>

#include "request/dispatch.h"
#include "common/log.h"
#include "common/memory.h"
#include "request/mp_ask.h"
#include "request/mp_message.h"
#include "request/reason.h"
#include "registry/registry.h"
#include "standing/standing.h"
#include "standing/standing_list.h"

PCI_EXT_LOG_REGISTER(standing)

#define WHO PCI_EXT_MP_ALL /* of a refusal, in the log */

static pthread_mutex_t calls = PTHREAD_MUTEX_INITIALIZER;

static void
report_all(struct pci_ext_standing_copy *answers, pci_ext_report_t report, void *arg)
{
	unsigned int i;

	for (i = 0; answers->items != NULL && report != NULL && i < answers->n; i++)
		report(answers->items[i].name, answers->items[i].result, arg);
	free(answers->items);
}

/* Keep those that have refused an unmap, and have the mapping still. Returns the first error. */
static int
keep_refused(struct pci_ext_standing *standing)
{
	struct pci_ext_batch_item *holder;
	unsigned int i, n = 0;

	for (i = 0; i < standing->n; i++) {
		holder = &standing->holders[i];
		/* It may have been ended by its name, or as stale. */
		if (holder->result != 0 &&
			pci_ext_registry_has(holder->name, &standing->memory.range))
			standing->holders[n++] = *holder;
	}
	standing->n = n;
	return n == 0 ? 0 : standing->holders[0].result;
}

/* Of a range that is ending, whose holders nobody else changes. Those that refuse are left. */
static int
unmap_holders(struct pci_ext_standing *standing, struct pci_ext_standing_copy *answers)
{
	const struct pci_ext_memory memory = pci_ext_standing_describe(&standing->memory);

	pci_ext_batch_unmap(standing->holders, standing->n, &memory);
	if (answers != NULL)
		pci_ext_standing_copy_holders(standing, answers); /* no memory: no report */
	return keep_refused(standing);
}

static const struct pci_ext_batch_item *
find_answer(const struct pci_ext_standing_copy *answers, const char *name)
{
	unsigned int i;

	for (i = 0; i < answers->n; i++)
		if (strcmp(answers->items[i].name, name) == 0)
			return &answers->items[i];
	return NULL;
}

/*
 * The devices of answers have been mapped, and unmapped but for those that did not let go. Those
 * that have come meanwhile have it. is_anew: those that refused may have what was there before.
 */
static bool
has_reference(const struct pci_ext_standing *standing, const struct pci_ext_batch_item *holder,
	const struct pci_ext_standing_copy *answers, bool is_anew)
{
	const struct pci_ext_batch_item *answer = find_answer(answers, holder->name);

	if (answer == NULL || answer->is_left)
		return true;
	return is_anew && answer->result != 0 &&
	       pci_ext_registry_has_stale(holder->name, &standing->memory.range);
}

/* Returns whether no device has it. Else the range is ending, and can be unmapped again. */
static bool
undo(struct pci_ext_standing *standing, const struct pci_ext_standing_copy *answers, bool is_anew)
{
	unsigned int i, n = 0;

	pci_ext_standing_set_ending(standing);
	for (i = 0; i < standing->n; i++)
		if (has_reference(standing, &standing->holders[i], answers, is_anew))
			standing->holders[n++] = standing->holders[i];
	standing->n = n;
	return n == 0 || unmap_holders(standing, NULL) == 0;
}

/* Whether all that is left is what was there before. */
static bool
is_all_stale(const struct pci_ext_standing *standing)
{
	unsigned int i;

	for (i = 0; i < standing->n; i++)
		if (!pci_ext_registry_has_stale(standing->holders[i].name, &standing->memory.range))
			return false;
	return true;
}

static int
map_items(const struct pci_ext_standing *standing, struct pci_ext_standing_copy *answers)
{
	const struct pci_ext_memory memory = pci_ext_standing_describe(&standing->memory);

	return pci_ext_batch_map(answers->items, answers->n, &memory);
}

/* Of a range that does not stand yet. */
static int
map_first(struct pci_ext_standing_memory *memory, uint64_t registration,
	struct pci_ext_standing_copy *answers)
{
	struct pci_ext_standing *standing = pci_ext_standing_begin(memory, registration, answers);
	int ret;

	if (standing == NULL)
		return -ENOMEM;
	ret = map_items(standing, answers);
	if (ret == 0)
		standing->references = 1;
	else if (undo(standing, answers, false))
		pci_ext_standing_end(standing);
	return ret;
}

/*
 * Other memory is registered there now: a map ends the stale mapping of each device. If one keeps
 * it, for a queue that owns buffers there, the next call tries again.
 */
static int
map_anew(struct pci_ext_standing *standing, struct pci_ext_standing_memory *memory,
	uint64_t registration, struct pci_ext_standing_copy *answers)
{
	int ret = pci_ext_standing_renew(standing, memory, registration, answers);

	if (ret != 0)
		return ret;
	standing->references = 1;
	ret = map_items(standing, answers);
	if (ret == 0)
		return 0;
	if (undo(standing, answers, true))
		pci_ext_standing_end(standing);
	else if (is_all_stale(standing))
		pci_ext_standing_revive(standing);
	return ret;
}

/* One reference more of a range that stands, if it is that. */
static int
count_reference(struct pci_ext_standing *standing, const struct pci_ext_standing_memory *memory)
{
	const struct pci_ext_standing_memory *there = &standing->memory;

	if (there->range.access != memory->range.access ||
		!pci_ext_dmabuf_is_same(there->dmabuf, memory->dmabuf)) {
		PCI_EXT_LOG(standing, WARNING,
			PCI_EXT_RANGE_FMT " is mapped for all devices with another access, or of "
					  "another dma-buf",
			PCI_EXT_RANGE_ARGS(&memory->range));
		return -EEXIST;
	}
	standing->references++;
	return 0;
}

static int
map(struct pci_ext_standing_memory *memory, struct pci_ext_standing_copy *answers)
{
	const struct pci_ext_range *range = &memory->range;
	struct pci_ext_standing *standing = pci_ext_standing_find(range);
	uint64_t registration;

	if (!pci_ext_memory_identify(range->addr, range->len, &registration)) {
		PCI_EXT_LOG(standing, WARNING,
			PCI_EXT_RANGE_FMT
			" is not completely registered with EAL (rte_extmem_register)",
			PCI_EXT_RANGE_ARGS(range));
		return -EINVAL;
	}
	if (standing == NULL)
		return map_first(memory, registration, answers);
	if (standing->is_ending)
		return -EBUSY;
	if (pci_ext_standing_get_registration(standing) != registration)
		return map_anew(standing, memory, registration, answers);
	return count_reference(standing, memory);
}

static int
unmap(struct pci_ext_standing_memory *memory, struct pci_ext_standing_copy *answers)
{
	struct pci_ext_standing *standing = pci_ext_standing_find(&memory->range);
	int ret;

	if (standing == NULL)
		return -ENOENT;
	if (standing->references > 1) {
		standing->references--;
		return 0;
	}
	pci_ext_standing_set_ending(standing);
	ret = unmap_holders(standing, answers);
	if (ret == 0)
		pci_ext_standing_end(standing);
	return ret;
}

typedef int (*call_t)(
	struct pci_ext_standing_memory *memory, struct pci_ext_standing_copy *answers);

/*
 * map or unmap, one at a time; what the devices have answered is reported without a lock. Before
 * any lock: a thread that a driver's call waits for must not wait for calls of others.
 */
static int
run(call_t call, const struct pci_ext_memory *request, pci_ext_report_t report, void *arg)
{
	struct pci_ext_standing_copy answers = {NULL, 0};
	struct pci_ext_standing_memory memory;
	int ret;

	if (pci_ext_registry_is_calling())
		return -EDEADLK;
	ret = pci_ext_dispatch_range(WHO, request, &memory.range);
	if (ret == 0)
		ret = pci_ext_dispatch_open(WHO, request, &memory.dmabuf);
	if (ret != 0)
		return ret;
	pthread_mutex_lock(&calls);
	ret = call(&memory, &answers);
	pthread_mutex_unlock(&calls);
	pci_ext_dmabuf_destroy(memory.dmabuf);
	report_all(&answers, report, arg);
	return ret;
}

typedef int (*ask_t)(const struct pci_ext_target *target, const struct pci_ext_memory *memory);

/* The devices are the primary process's, and so is what is told of them: it logs it. */
static int
run_in_primary(ask_t ask, const struct pci_ext_memory *memory)
{
	const struct pci_ext_target all = {.name = PCI_EXT_MP_ALL};
	struct pci_ext_range range;
	int ret;

	ret = pci_ext_dispatch_range(WHO, memory, &range);
	return ret != 0 ? ret : ask(&all, memory);
}

int
pci_ext_standing_map(const struct pci_ext_memory *memory, pci_ext_report_t report, void *arg)
{
	if (rte_eal_process_type() == RTE_PROC_SECONDARY)
		return run_in_primary(pci_ext_mp_ask_map, memory);
	return run(map, memory, report, arg);
}

int
pci_ext_standing_unmap(const struct pci_ext_memory *memory, pci_ext_report_t report, void *arg)
{
	const struct pci_ext_memory place = {memory->addr, memory->iova, memory->len};

	if (rte_eal_process_type() == RTE_PROC_SECONDARY)
		return run_in_primary(pci_ext_mp_ask_unmap, &place);
	return run(unmap, &place, report, arg);
}

/* After a call that is in progress, which devices that have gone do not keep. */
void
pci_ext_standing_clear(void)
{
	struct pci_ext_standing *standing;

	pthread_mutex_lock(&calls);
	while ((standing = LIST_FIRST(&pci_ext_standing_ranges)) != NULL)
		pci_ext_standing_end(standing);
	pthread_mutex_unlock(&calls);
}
