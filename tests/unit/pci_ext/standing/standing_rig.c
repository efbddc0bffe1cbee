/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rte_eal.h>

#include "request/dispatch.h"
#include "descriptors.h"
#include "fake_backend.h"
#include "common/memory.h"
#include "registry/registry.h"
#include "request/mp_ask.h"
#include "request/mp_message.h"
#include "standing/replay.h"
#include "standing/standing.h"
#include "standing_rig.h"
#include "unit.h"

const char *const standing_names[STANDING_DEVICES] = {"0a", "0b", "0c", "0d"};
static struct fake_space spaces[STANDING_DEVICES];
bool standing_is_served[STANDING_DEVICES];

void
pci_ext_memory_watch(void (*gone)(uint64_t addr, uint64_t len))
{
}

bool
pci_ext_memory_identify(uint64_t addr, uint64_t len, uint64_t *registration)
{
	*registration = fake_registration(addr);
	return addr < 0x10000;
}

static int
number_of(const char *name)
{
	int d;

	for (d = 0; strcmp(standing_names[d], name) != 0; d++)
		assert_true(d < STANDING_DEVICES);
	return d;
}

int
pci_ext_dispatch_range(
	const char *who, const struct pci_ext_memory *memory, struct pci_ext_range *range)
{
	const uint64_t addr = (uintptr_t)memory->addr;

	*range = (struct pci_ext_range){
		addr, memory->iova == 0 ? addr : memory->iova, memory->len, memory->access};
	return memory->len == 0 || memory->len - 1 > UINT64_MAX - addr ? -EINVAL : 0;
}

int
pci_ext_dispatch_open(
	const char *who, const struct pci_ext_memory *memory, struct pci_ext_dmabuf **dmabuf)
{
	*dmabuf = NULL;
	return memory->is_dmabuf
		       ? pci_ext_dmabuf_create(memory->fd, memory->offset, memory->len, dmabuf)
		       : 0;
}

int
pci_ext_dispatch_route(const struct pci_ext_target *target, const struct pci_ext_backend **backend)
{
	*backend = &fake_private;
	return standing_is_served[number_of(target->name)] ? 0 : -ENOTSUP;
}

int
pci_ext_dispatch_map(const struct pci_ext_target *target, const struct pci_ext_memory *memory)
{
	struct pci_ext_dmabuf *dmabuf;
	struct pci_ext_range range;
	struct pci_ext_conflict conflict;
	int ret;

	pci_ext_dispatch_range("", memory, &range);
	ret = pci_ext_dispatch_open("", memory, &dmabuf);
	return ret != 0 ? ret
			: pci_ext_registry_map(target, NULL, &range, fake_registration(range.addr),
				  dmabuf, &conflict);
}

int
pci_ext_dispatch_unmap(const struct pci_ext_target *target, const struct pci_ext_memory *memory)
{
	struct pci_ext_range range;
	struct pci_ext_conflict conflict;

	pci_ext_dispatch_range("", memory, &range);
	return pci_ext_registry_unmap(target->name, &range, &conflict);
}

bool standing_is_secondary;
char standing_asked;
struct pci_ext_memory standing_asked_memory;
int standing_answer;

enum rte_proc_type_t
rte_eal_process_type(void)
{
	return standing_is_secondary ? RTE_PROC_SECONDARY : RTE_PROC_PRIMARY;
}

static int
ask(char what, const struct pci_ext_target *target, const struct pci_ext_memory *memory)
{
	assert_string_equal(target->name, PCI_EXT_MP_ALL);
	assert_null(target->dev);
	standing_asked = what;
	standing_asked_memory = *memory;
	return standing_answer;
}

int
pci_ext_mp_ask_map(const struct pci_ext_target *target, const struct pci_ext_memory *memory)
{
	return ask('m', target, memory);
}

int
pci_ext_mp_ask_unmap(const struct pci_ext_target *target, const struct pci_ext_memory *memory)
{
	return ask('u', target, memory);
}

/* Linked with --wrap: no threads, as the faults of the fake backends are this one's. */
int __wrap_rte_thread_create_control(void);
int __wrap_rte_ctrl_thread_create(void);

int
__wrap_rte_thread_create_control(void)
{
	return EAGAIN;
}

int
__wrap_rte_ctrl_thread_create(void)
{
	return -EAGAIN;
}

/* What should be. */
bool standing_present[STANDING_DEVICES];
bool standing_holds[STANDING_DEVICES][STANDING_RANGES];
unsigned int standing_own[STANDING_DEVICES][STANDING_RANGES];
unsigned int standing_count[STANDING_RANGES];
bool standing_is_ending[STANDING_RANGES];
bool standing_is_stale[STANDING_RANGES];
enum standing_kind standing_kind_of[STANDING_DEVICES][STANDING_RANGES];
enum standing_kind standing_kind_of_all[STANDING_RANGES];

uint64_t
standing_addr_of(int r)
{
	return 0x1000 + r * 0x100;
}

#define DMABUF "standing test" /* the name of its file */

static int dmabuf;

static bool
is_dmabuf(enum standing_kind kind)
{
	return kind == STANDING_DMABUF || kind == STANDING_BEHIND;
}

struct pci_ext_memory
standing_memory(int r, enum standing_kind kind)
{
	return (struct pci_ext_memory){
		.addr = (void *)(uintptr_t)standing_addr_of(r),
		.iova = standing_addr_of(r),
		.len = STANDING_LEN,
		.access = kind == STANDING_READ ? PCI_EXT_ACCESS_READ : PCI_EXT_ACCESS_READ_WRITE,
		.is_dmabuf = is_dmabuf(kind),
		.fd = dmabuf,
		.offset = kind == STANDING_BEHIND ? STANDING_LEN : 0,
	};
}

/* A range of all devices that comes to this one, unless it has other memory there. */
static void
give(int d, int r)
{
	const bool has_some = standing_own[d][r] != 0 || standing_holds[d][r];

	if (standing_is_stale[r]) {
		standing_holds[d][r] = false; /* dropped */
		return;
	}
	if (standing_count[r] == 0 || standing_is_ending[r] ||
		(has_some && standing_kind_of[d][r] != standing_kind_of_all[r]))
		return;
	standing_holds[d][r] = true;
	standing_kind_of[d][r] = standing_kind_of_all[r];
}

void
standing_plug(int d)
{
	struct pci_ext_target target = fake_target(standing_names[d], &spaces[d]);
	int r;

	pci_ext_replay_attach(&target);
	standing_present[d] = true;
	for (r = 0; r < STANDING_RANGES && standing_is_served[d]; r++)
		give(d, r);
}

void
standing_plug_and_map(int d, int r)
{
	const struct pci_ext_target target = fake_target(standing_names[d], &spaces[d]);
	const struct pci_ext_range range = {standing_addr_of(r), standing_addr_of(r), STANDING_LEN};
	struct pci_ext_conflict conflict;

	assert_int_equal(pci_ext_registry_map(&target, &fake_private, &range,
				 fake_registration(range.addr), NULL, &conflict),
		0);
	standing_own[d][r]++;
	standing_plug(d);
}

void
standing_unplug(int d)
{
	pci_ext_replay_suspend(standing_names[d]);
	pci_ext_replay_detach(standing_names[d]);
	standing_present[d] = false;
}

_Atomic int standing_reports;

static void
note(const char *device, int result, void *arg)
{
	number_of(device);
	standing_reports++;
	*(int *)arg += result != 0;
}

int
standing_map_all_as(int r, enum standing_kind kind)
{
	const struct pci_ext_memory memory = standing_memory(r, kind);
	int refused = 0;

	return pci_ext_standing_map(&memory, note, &refused);
}

int
standing_map_all(int r)
{
	return standing_map_all_as(r, STANDING_PLAIN);
}

int
standing_unmap_all(int r)
{
	const struct pci_ext_memory memory = standing_memory(r, STANDING_PLAIN);
	int refused = 0;

	return pci_ext_standing_unmap(&memory, note, &refused);
}

/* The record of a device, if there is one. */
static bool
find_record(int d, int r, struct pci_ext_mapping *record)
{
	struct pci_ext_mapping copies[STANDING_RANGES];
	size_t n = pci_ext_registry_copy_mappings(standing_names[d], copies, STANDING_RANGES), i;

	for (i = 0; i < n; i++) {
		if (copies[i].addr != standing_addr_of(r))
			continue;
		*record = copies[i];
		return true;
	}
	return false;
}

unsigned int
standing_references(int d, int r, bool *is_mapped)
{
	struct pci_ext_mapping record = {.references = 0, .state = PCI_EXT_PENDING};

	find_record(d, r, &record);
	*is_mapped = record.state == PCI_EXT_ACTIVE;
	return record.references;
}

static void
check_one(int d, int r)
{
	const unsigned int expected = standing_own[d][r] + standing_holds[d][r];
	const struct pci_ext_memory memory = standing_memory(r, standing_kind_of[d][r]);
	const struct pci_ext_range range = {
		standing_addr_of(r), standing_addr_of(r), STANDING_LEN, memory.access};
	struct pci_ext_mapping record;
	bool is_mapped;

	assert_int_equal(standing_references(d, r, &is_mapped), expected);
	assert_int_equal(is_mapped, expected != 0 && standing_present[d] && standing_is_served[d]);
	assert_int_equal(fake_has(&spaces[d], &range), is_mapped);
	if (expected == 0)
		return;
	assert_true(find_record(d, r, &record));
	assert_int_equal(record.access, memory.access);
	assert_int_equal(record.is_dmabuf, memory.is_dmabuf);
}

/* One for each mapping, and one for each range of all devices. */
static int
count_dmabufs(void)
{
	int d, r, n = 0;

	for (r = 0; r < STANDING_RANGES; r++) {
		n += standing_count[r] != 0 && is_dmabuf(standing_kind_of_all[r]);
		for (d = 0; d < STANDING_DEVICES; d++)
			n += standing_own[d][r] + standing_holds[d][r] != 0 &&
			     is_dmabuf(standing_kind_of[d][r]);
	}
	return n;
}

void
standing_check_all(void)
{
	int d, r;

	for (d = 0; d < STANDING_DEVICES; d++) {
		for (r = 0; r < STANDING_RANGES; r++)
			check_one(d, r);
		assert_int_equal(spaces[d].violations, 0);
	}
	assert_int_equal(count_descriptors(DMABUF) - 1, count_dmabufs());
}

int
standing_reset(void **state)
{
	int d;

	fake_reset();
	dmabuf = memfd_create(DMABUF, 0);
	assert_int_equal(ftruncate(dmabuf, 2 * STANDING_LEN), 0);
	memset(spaces, 0, sizeof(spaces));
	memset(standing_present, 0, sizeof(standing_present));
	memset(standing_holds, 0, sizeof(standing_holds));
	memset(standing_own, 0, sizeof(standing_own));
	memset(standing_count, 0, sizeof(standing_count));
	memset(standing_is_ending, 0, sizeof(standing_is_ending));
	memset(standing_is_stale, 0, sizeof(standing_is_stale));
	memset(standing_kind_of, 0, sizeof(standing_kind_of));
	memset(standing_kind_of_all, 0, sizeof(standing_kind_of_all));
	for (d = 0; d < STANDING_DEVICES; d++)
		standing_is_served[d] = true;
	standing_reports = 0;
	standing_is_secondary = false;
	standing_asked = '\0';
	standing_answer = 0;
	return 0;
}

int
standing_cleanup(void **state)
{
	int d;

	standing_is_secondary = false;
	fake_fail_at = 0;
	for (d = 0; d < STANDING_DEVICES; d++)
		pci_ext_replay_suspend(standing_names[d]);
	pci_ext_replay_clear();
	for (d = 0; d < STANDING_DEVICES; d++)
		assert_int_equal(spaces[d].n, 0);
	assert_int_equal(pci_ext_registry_copy_devices(NULL, NULL, 0), 0);
	assert_int_equal(standing_unmap_all(0), -ENOENT);
	assert_int_equal(count_descriptors(DMABUF), 1);
	close(dmabuf);
	return 0;
}
