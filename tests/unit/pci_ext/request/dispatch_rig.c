/* SPDX-License-Identifier: BSD-3-Clause */
/* See dispatch_rig.h. */
#include <errno.h>
#include <string.h>

#include "common/dmabuf.h"
#include "common/memory.h"
#include "dispatch_rig.h"
#include "request/mp_ask.h"
#include "registry/registry.h"
#include "unit.h"

#define REGISTRATION 300

enum rte_iova_mode fake_iova_mode;
enum rte_proc_type_t fake_process;

static uint64_t known_from = 0x100000, known_to = 0x200000;

bool
pci_ext_memory_identify(uint64_t addr, uint64_t len, uint64_t *registration)
{
	*registration = REGISTRATION;
	return addr >= known_from && addr < known_to && len <= known_to - addr;
}

enum rte_iova_mode
rte_eal_iova_mode(void)
{
	return fake_iova_mode;
}

enum rte_proc_type_t
rte_eal_process_type(void)
{
	return fake_process;
}

struct pci_ext_range seen;
const struct pci_ext_backend *seen_backend;
int calls_of_map, calls_of_unmap, fake_result;
uint64_t fake_granule;

uint64_t seen_offset;
int calls_of_map_dmabuf;

int
pci_ext_registry_map(const struct pci_ext_target *target, const struct pci_ext_backend *backend,
	const struct pci_ext_range *range, uint64_t registration, struct pci_ext_dmabuf *dmabuf,
	struct pci_ext_conflict *conflict)
{
	calls_of_map++;
	if (dmabuf != NULL) {
		calls_of_map_dmabuf++;
		seen_offset = dmabuf->offset;
		pci_ext_dmabuf_destroy(dmabuf);
	}
	assert_int_equal(registration, REGISTRATION);
	seen = *range;
	seen_backend = backend;
	*conflict = (struct pci_ext_conflict){.found = fake_result == -EEXIST, .range = *range};
	return fake_result;
}

int
pci_ext_registry_unmap(
	const char *name, const struct pci_ext_range *range, struct pci_ext_conflict *conflict)
{
	calls_of_unmap++;
	seen = *range;
	*conflict = (struct pci_ext_conflict){.found = false};
	return fake_result;
}

const struct pci_ext_backend *fake_called;
bool checked_dmabuf;

int
pci_ext_registry_check(const char *name, const struct pci_ext_range *range, uint64_t registration,
	const struct pci_ext_dmabuf *dmabuf, const struct pci_ext_backend **backend,
	struct pci_ext_conflict *conflict)
{
	checked_dmabuf = dmabuf != NULL;
	assert_int_equal(registration, REGISTRATION);
	seen = *range;
	*backend = fake_called;
	*conflict = (struct pci_ext_conflict){.found = fake_result == -EEXIST, .range = *range};
	return fake_result;
}

int asked;

struct pci_ext_memory asked_memory;

int
pci_ext_mp_ask_map(const struct pci_ext_target *target, const struct pci_ext_memory *memory)
{
	asked++;
	asked_memory = *memory;
	return fake_result;
}

int
pci_ext_mp_ask_unmap(const struct pci_ext_target *target, const struct pci_ext_memory *memory)
{
	return pci_ext_mp_ask_map(target, memory);
}

static bool
match_callbacks(const struct pci_ext_target *target)
{
	return target->driver != NULL && target->has_callbacks;
}

static bool
match_vfio(const struct pci_ext_target *target)
{
	return target->driver != NULL && target->on_vfio;
}

static uint64_t
granule(void)
{
	return fake_granule;
}

int fake_check;
struct pci_ext_range checked;

static int
check(const struct pci_ext_range *range)
{
	checked = *range;
	return fake_check;
}

static void
explain(const struct pci_ext_range *range, int error, FILE *out)
{
	fputs("explained", out);
}

const struct pci_ext_backend fake_driver = {.name = "driver",
	.match = match_callbacks,
	.granule = granule,
	.check = check,
	.explain = explain};
const struct pci_ext_backend fake_vfio = {.name = "vfio", .match = match_vfio, .granule = granule};
static const struct pci_ext_backend *const fake_backends[] = {&fake_driver, &fake_vfio, NULL};

const struct pci_ext_target with_callbacks = {
	.dev = (struct rte_device *)&fake_granule, /* only inspected */
	.name = "0000:00:10.0",
	.driver = "some",
	.has_callbacks = true};

struct pci_ext_memory
at(uint64_t addr, uint64_t iova, uint64_t len)
{
	return (struct pci_ext_memory){(void *)(uintptr_t)addr, iova, len};
}

int
map(const struct pci_ext_target *target, uint64_t addr, uint64_t iova, uint64_t len)
{
	const struct pci_ext_memory memory = at(addr, iova, len);

	return pci_ext_dispatch_map(target, &memory);
}

int
unmap(const struct pci_ext_target *target, uint64_t addr, uint64_t iova, uint64_t len)
{
	const struct pci_ext_memory memory = at(addr, iova, len);

	return pci_ext_dispatch_unmap(target, &memory);
}

int
reset(void **state)
{
	fake_iova_mode = RTE_IOVA_VA;
	fake_process = RTE_PROC_PRIMARY;
	fake_granule = 1;
	fake_result = 0;
	fake_check = 0;
	fake_called = NULL;
	memset(&checked, 0, sizeof(checked));
	calls_of_map = calls_of_map_dmabuf = calls_of_unmap = asked = 0;
	memset(&seen, 0, sizeof(seen));
	pci_ext_dispatch_init(fake_backends);
	return 0;
}
