/* SPDX-License-Identifier: BSD-3-Clause */
/* See fake_backend.h. Called with the lock of a device, so a space needs no lock of its own. */
#include <errno.h>
#include <string.h>

#include "fake_backend.h"
#include "common/memory.h"
#include "registry/registry.h"

struct fake_space fake_shared_space;
_Thread_local int fake_map_error, fake_unmap_error, fake_fail_at;
void (*fake_hook)(const struct pci_ext_target *target, const struct pci_ext_range *range);

_Atomic uint64_t fake_registrations[8];

static _Atomic uint64_t *
find_registration(uint64_t addr)
{
	return &fake_registrations[addr >> 8 & 7];
}

uint64_t
fake_registration(uint64_t addr)
{
	return *find_registration(addr);
}

void
fake_register_anew(uint64_t addr)
{
	(*find_registration(addr))++;
}

bool
pci_ext_memory_is_current(uint64_t addr, uint64_t len, uint64_t registration)
{
	return registration == fake_registration(addr);
}

void
fake_reset(void)
{
	memset(&fake_shared_space, 0, sizeof(fake_shared_space));
	fake_map_error = fake_unmap_error = fake_fail_at = 0;
	fake_hook = NULL;
}

static void
run_hook(const struct pci_ext_target *target, const struct pci_ext_range *range)
{
	if (fake_hook != NULL)
		fake_hook(target, range);
}

struct pci_ext_target
fake_target(const char *name, struct fake_space *space)
{
	return (struct pci_ext_target){
		.dev = (struct rte_device *)space,
		.name = name,
		.driver = "fake",
		.has_map_memory = true,
	};
}

static int
find(const struct fake_space *space, const struct pci_ext_range *range)
{
	int i;

	for (i = 0; i < space->n; i++)
		if (pci_ext_range_is_same(&space->held[i], range))
			return i;
	return -1;
}

int
fake_holds(const struct fake_space *space, uint64_t addr, uint64_t iova, uint64_t len)
{
	struct pci_ext_range range = {.addr = addr, .iova = iova, .len = len};

	return fake_has(space, &range);
}

int
fake_has(const struct fake_space *space, const struct pci_ext_range *range)
{
	return find(space, range) >= 0;
}

static bool
overlap(uint64_t a, uint64_t a_len, uint64_t b, uint64_t b_len)
{
	return a < b ? b - a < a_len : a - b < b_len;
}

static bool
is_time_to_fail(void)
{
	return fake_fail_at != 0 && --fake_fail_at == 0;
}

static int
hold(struct fake_space *space, const struct pci_ext_range *range, bool by_iova)
{
	const struct pci_ext_range *h;
	int i;

	for (i = 0; i < space->n; i++) {
		h = &space->held[i];
		if (by_iova ? overlap(h->iova, h->len, range->iova, range->len)
			    : overlap(h->addr, h->len, range->addr, range->len)) {
			space->violations++;
			return -EEXIST;
		}
	}
	if (is_time_to_fail())
		return -ENOMEM;
	if (fake_map_error != 0)
		return fake_map_error;
	if (space->n == FAKE_MAX)
		return -ENOMEM;
	space->held[space->n++] = *range;
	return 0;
}

static int
let_go(struct fake_space *space, const struct pci_ext_range *range)
{
	int i = find(space, range);

	if (i < 0) {
		space->violations++;
		return -ENOENT;
	}
	if (is_time_to_fail())
		return -EBUSY;
	if (fake_unmap_error != 0)
		return fake_unmap_error;
	space->held[i] = space->held[--space->n];
	return 0;
}

struct pci_ext_dmabuf fake_seen_dmabuf;

static int
map_private(const struct pci_ext_target *target, const struct pci_ext_range *range,
	const struct pci_ext_dmabuf *dmabuf)
{
	if (dmabuf != NULL)
		fake_seen_dmabuf = *dmabuf;
	run_hook(target, range);
	return hold((struct fake_space *)target->dev, range, false);
}

static int
unmap_private(const struct pci_ext_target *target, const struct pci_ext_range *range)
{
	run_hook(target, range);
	return let_go((struct fake_space *)target->dev, range);
}

static int
map_shared(const struct pci_ext_target *target, const struct pci_ext_range *range,
	const struct pci_ext_dmabuf *dmabuf)
{
	run_hook(target, range);
	return hold(&fake_shared_space, range, true);
}

static int
unmap_shared(const struct pci_ext_target *target, const struct pci_ext_range *range)
{
	run_hook(target, range);
	return let_go(&fake_shared_space, range);
}

static bool
match(const struct pci_ext_target *target)
{
	return true;
}

static uint64_t
byte(void)
{
	return 1;
}

static uint64_t
page(void)
{
	return FAKE_PAGE;
}

/* As VFIO's: a map of what is there is refused. */
static int
confirm_shared(const struct pci_ext_target *target, const struct pci_ext_range *range)
{
	int ret;

	run_hook(target, range);
	if (find(&fake_shared_space, range) >= 0)
		return 0;
	ret = hold(&fake_shared_space, range, true);
	return ret == 0 ? 1 : ret;
}

static void
explain(const struct pci_ext_range *range, int error, FILE *out)
{
	fputs("by the fake", out);
}

const struct pci_ext_backend fake_private = {
	"driver", false, match, byte, map_private, unmap_private, NULL, NULL, explain};
const struct pci_ext_backend fake_shared = {
	"vfio", true, match, page, map_shared, unmap_shared, confirm_shared, NULL, explain};

int
fake_suspend(const char *name, int *result)
{
	int shared, ret, n = 0;

	*result = 0;
	pci_ext_registry_leave(name);
	for (shared = 0; shared < 2; shared++) {
		struct pci_ext_cursor cursor = {0};

		for (; pci_ext_registry_suspend(name, shared, &cursor, &ret); n++)
			if (ret != 0)
				*result = ret;
	}
	return n;
}

int
fake_remove(const char *name)
{
	int result, n = fake_suspend(name, &result);

	pci_ext_registry_detach(name);
	return n;
}
