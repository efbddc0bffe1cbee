/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>

#include "request/dispatch.h"
#include "fake_backend.h"
#include "common/memory.h"
#include "registry/registry.h"
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
	uint64_t addr, uint64_t iova, uint64_t len, bool iova_is_va, struct pci_ext_range *range)
{
	*range = (struct pci_ext_range){addr, iova == 0 ? addr : iova, len};
	return len == 0 || len - 1 > UINT64_MAX - addr ? -EINVAL : 0;
}

int
pci_ext_dispatch_route(const struct pci_ext_target *target, const struct pci_ext_backend **backend)
{
	*backend = &fake_private;
	return standing_is_served[number_of(target->name)] ? 0 : -ENOTSUP;
}

int
pci_ext_dispatch_map(
	const struct pci_ext_target *target, uint64_t addr, uint64_t iova, uint64_t len)
{
	const struct pci_ext_range range = {addr, iova, len};
	struct pci_ext_conflict conflict;

	return pci_ext_registry_map(target, NULL, &range, fake_registration(addr), &conflict);
}

int
pci_ext_dispatch_unmap(
	const struct pci_ext_target *target, uint64_t addr, uint64_t iova, uint64_t len)
{
	const struct pci_ext_range range = {addr, iova, len};
	struct pci_ext_conflict conflict;

	return pci_ext_registry_unmap(target->name, &range, &conflict);
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

uint64_t
standing_addr_of(int r)
{
	return 0x1000 + r * 0x100;
}

void
standing_plug(int d)
{
	struct pci_ext_target target = fake_target(standing_names[d], &spaces[d]);
	int r;

	pci_ext_replay_attach(&target);
	standing_present[d] = true;
	for (r = 0; r < STANDING_RANGES; r++)
		standing_holds[d][r] |=
			standing_is_served[d] && standing_count[r] != 0 && !standing_is_ending[r];
}

void
standing_plug_and_map(int d, int r)
{
	const struct pci_ext_target target = fake_target(standing_names[d], &spaces[d]);
	const struct pci_ext_range range = {standing_addr_of(r), standing_addr_of(r), STANDING_LEN};
	struct pci_ext_conflict conflict;

	assert_int_equal(pci_ext_registry_map(&target, &fake_private, &range,
				 fake_registration(range.addr), &conflict),
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
standing_map_all(int r)
{
	int refused = 0;

	return pci_ext_standing_map(
		standing_addr_of(r), standing_addr_of(r), STANDING_LEN, note, &refused);
}

int
standing_unmap_all(int r)
{
	int refused = 0;

	return pci_ext_standing_unmap(
		standing_addr_of(r), standing_addr_of(r), STANDING_LEN, note, &refused);
}

/* The references of a device to a range, and whether it is mapped. */
unsigned int
standing_references(int d, int r, bool *is_mapped)
{
	struct pci_ext_mapping copies[STANDING_RANGES];
	size_t n = pci_ext_registry_copy_mappings(standing_names[d], copies, STANDING_RANGES), i;

	*is_mapped = false;
	for (i = 0; i < n; i++) {
		if (copies[i].addr != standing_addr_of(r))
			continue;
		*is_mapped = copies[i].state == PCI_EXT_ACTIVE;
		return copies[i].references;
	}
	return 0;
}

void
standing_check_all(void)
{
	unsigned int expected;
	bool is_mapped;
	int d, r;

	for (d = 0; d < STANDING_DEVICES; d++) {
		for (r = 0; r < STANDING_RANGES; r++) {
			expected = standing_own[d][r] + standing_holds[d][r];
			assert_int_equal(standing_references(d, r, &is_mapped), expected);
			assert_int_equal(is_mapped,
				expected != 0 && standing_present[d] && standing_is_served[d]);
			assert_int_equal(fake_holds(&spaces[d], standing_addr_of(r),
						 standing_addr_of(r), STANDING_LEN),
				is_mapped);
		}
		assert_int_equal(spaces[d].violations, 0);
	}
}

int
standing_reset(void **state)
{
	int d;

	fake_reset();
	memset(spaces, 0, sizeof(spaces));
	memset(standing_present, 0, sizeof(standing_present));
	memset(standing_holds, 0, sizeof(standing_holds));
	memset(standing_own, 0, sizeof(standing_own));
	memset(standing_count, 0, sizeof(standing_count));
	memset(standing_is_ending, 0, sizeof(standing_is_ending));
	for (d = 0; d < STANDING_DEVICES; d++)
		standing_is_served[d] = true;
	standing_reports = 0;
	return 0;
}

int
standing_cleanup(void **state)
{
	int d;

	fake_fail_at = 0;
	for (d = 0; d < STANDING_DEVICES; d++)
		pci_ext_replay_suspend(standing_names[d]);
	pci_ext_replay_clear();
	for (d = 0; d < STANDING_DEVICES; d++)
		assert_int_equal(spaces[d].n, 0);
	assert_int_equal(pci_ext_registry_copy_devices(NULL, NULL, 0), 0);
	assert_int_equal(standing_unmap_all(0), -ENOENT);
	return 0;
}
