/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * See registry_model.h. One thread.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "fake_backend.h"
#include "registry.h"
#include "registry_model.h"

#define DEVICES 4
#define WISHES	96

enum presence {
	ABSENT,
	PRESENT,
	LEAVING,
};

struct wish {
	int device; /* -1: free */
	struct pci_ext_range range;
	uint32_t references;
	bool active;
};

static const char *const names[DEVICES] = {"0a", "0b", "12", "13"};
static struct fake_space spaces[2];
static struct wish wishes[WISHES];
static enum presence presence[DEVICES];
static const struct pci_ext_backend *backend[DEVICES]; /* as registry was last told */
static int fault; /* what the backend answers in this step, or 0 */

static bool
is_shared(int d)
{
	return d >= 2;
}

static struct pci_ext_target
make_target(int d)
{
	return fake_target(names[d], is_shared(d) ? &fake_shared_space : &spaces[d]);
}

static const struct pci_ext_backend *
own_backend(int d)
{
	return is_shared(d) ? &fake_shared : &fake_private;
}

static bool
touch(uint64_t a, uint64_t a_len, uint64_t b, uint64_t b_len)
{
	return a < b ? b - a < a_len : a - b < b_len;
}

static bool
is_same(const struct pci_ext_range *a, const struct pci_ext_range *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static struct wish *
find(int d, const struct pci_ext_range *r)
{
	int i;

	for (i = 0; i < WISHES; i++)
		if (wishes[i].device == d && is_same(&wishes[i].range, r))
			return &wishes[i];
	return NULL;
}

static struct wish *
find_free(void)
{
	int i;

	for (i = 0; i < WISHES; i++)
		if (wishes[i].device < 0)
			return &wishes[i];
	return NULL;
}

static bool
overlaps(int d, const struct pci_ext_range *r, bool by_iova)
{
	const struct pci_ext_range *w;
	int i;

	for (i = 0; i < WISHES; i++) {
		w = &wishes[i].range;
		if (wishes[i].device == d && (by_iova ? touch(w->iova, w->len, r->iova, r->len)
						      : touch(w->addr, w->len, r->addr, r->len)))
			return true;
	}
	return false;
}

/* The registry forgets a device that it has nothing to say about, and with it its backend. */
static void
forget_if_unused(int d)
{
	int i;

	for (i = 0; i < WISHES; i++)
		if (wishes[i].device == d)
			return;
	if (presence[d] == ABSENT)
		backend[d] = NULL;
}

/* How many ACTIVE wishes share exactly this range; *in_the_way: another one overlaps it. */
static int
count_holders(const struct pci_ext_range *r, bool *in_the_way)
{
	const struct wish *w;
	int i, n = 0;

	*in_the_way = false;
	for (i = 0; i < WISHES; i++) {
		w = &wishes[i];
		if (w->device < 0 || !is_shared(w->device) || !w->active)
			continue;
		if (is_same(&w->range, r))
			n++;
		else if (touch(w->range.iova, w->range.len, r->iova, r->len))
			*in_the_way = true;
	}
	return n;
}

static int
activate(int d, const struct pci_ext_range *r)
{
	bool in_the_way;

	if (backend[d] == NULL)
		return -ENOTSUP;
	if (!backend[d]->shared)
		return fault;
	if ((r->addr | r->iova | r->len) % FAKE_PAGE != 0)
		return -EINVAL;
	if (count_holders(r, &in_the_way) != 0)
		return 0;
	return in_the_way ? -EEXIST : fault;
}

static int
model_map(int d, const struct pci_ext_range *r)
{
	struct wish *w = find(d, r);
	int ret = 0;

	if (w != NULL) {
		if (!w->active && presence[d] == PRESENT) {
			ret = activate(d, r);
			w->active = ret == 0;
		}
		w->references += ret == 0;
		return ret;
	}
	if (overlaps(d, r, backend[d] != NULL && backend[d]->shared))
		return -EEXIST;
	if (presence[d] == PRESENT)
		ret = activate(d, r);
	if (ret == 0)
		*find_free() = (struct wish){d, *r, 1, presence[d] == PRESENT};
	return ret;
}

static int
model_unmap(int d, const struct pci_ext_range *r)
{
	struct wish *w = find(d, r);
	bool in_the_way;

	if (w == NULL) {
		if (overlaps(d, r, false))
			return -EINVAL;
		return backend[d] != NULL && backend[d]->shared && overlaps(d, r, true) ? -EINVAL
											: -ENOENT;
	}
	if (w->references > 1) {
		w->references--;
		return 0;
	}
	if (w->active && fault != 0 && (!is_shared(d) || count_holders(r, &in_the_way) == 1))
		return fault;
	w->device = -1;
	return 0;
}

static int
step_map(int d, const struct pci_ext_range *r, bool by_name)
{
	struct pci_ext_target target = make_target(d);
	struct pci_ext_clash clash;
	int expected, found;

	if (find_free() == NULL)
		return 0;
	if (by_name)
		target = (struct pci_ext_target){.name = names[d]};
	found = pci_ext_registry_map(&target, by_name ? NULL : own_backend(d), r, &clash);
	if (!by_name && presence[d] == LEAVING) {
		expected = -EINVAL;
	} else {
		if (!by_name) {
			presence[d] = PRESENT;
			backend[d] = own_backend(d);
		}
		expected = model_map(d, r);
	}
	return found != expected;
}

static int
step_unmap(int d, const struct pci_ext_range *r)
{
	struct pci_ext_clash clash;
	int found = pci_ext_registry_unmap(names[d], r, &clash);

	return found != model_unmap(d, r);
}

static int
step_attach(int d, bool serves)
{
	struct pci_ext_target target = make_target(d);
	int i;

	/* A backend changes only while nothing is mapped by it. */
	for (i = 0; i < WISHES; i++)
		if (wishes[i].device == d && wishes[i].active)
			serves = true;
	presence[d] = PRESENT;
	backend[d] = serves ? own_backend(d) : NULL;
	return pci_ext_registry_attach(&target, backend[d]) != 0;
}

static int
step_detach(int d)
{
	struct pci_ext_cursor cursor = {0};
	int result, i, parked = 0, active = 0;

	fake_map_error = fake_unmap_error = fault = 0;
	for (i = 0; i < WISHES; i++) {
		if (wishes[i].device == d && wishes[i].active) {
			wishes[i].active = false;
			active++;
		}
	}
	pci_ext_registry_leave(names[d]);
	while (pci_ext_registry_park(names[d], &cursor, &result))
		parked += result == 0 ? 1 : 1000;
	pci_ext_registry_detach(names[d]);
	presence[d] = ABSENT;
	return parked != active;
}

static int
step_activate(int d, const struct pci_ext_range *r)
{
	struct wish *w = find(d, r);
	struct pci_ext_clash clash;
	int found = pci_ext_registry_activate(names[d], r, &clash);
	int expected = -ENOENT;

	if (w != NULL && presence[d] == PRESENT) {
		expected = w->active ? 0 : activate(d, r);
		w->active = expected == 0;
	}
	return found != expected;
}

static int
step_drop(int d, const struct pci_ext_range *r)
{
	struct wish *w = find(d, r);
	int found = pci_ext_registry_drop(names[d], r);

	if (w == NULL || w->active)
		return found != -ENOENT;
	w->device = -1;
	return found != 0;
}

void
model_reset(void)
{
	int i;

	fault = 0;
	fake_map_error = fake_unmap_error = 0;
	for (i = 0; i < DEVICES; i++)
		step_detach(i);
	pci_ext_registry_clear();
	fake_reset();
	memset(spaces, 0, sizeof(spaces));
	memset(backend, 0, sizeof(backend));
	for (i = 0; i < WISHES; i++)
		wishes[i] = (struct wish){.device = -1};
}

/* Small ranges close together, so that most things touch; some at the end of the address space. */
static struct pci_ext_range
make_range(const uint8_t b[4])
{
	uint64_t unit = (b[3] & 0x70) == 0 ? 1 : FAKE_PAGE;
	uint64_t base = (b[3] & 0x0f) == 0 ? UINT64_MAX - 64 * FAKE_PAGE + 1 : 0x1000;
	struct pci_ext_range r;

	r.addr = base + b[0] % 32 * unit;
	r.len = (1 + b[1] % 6) * unit;
	r.iova = (b[2] & 0xc0) == 0 ? base + b[2] % 32 * unit : r.addr;
	return r;
}

const char *
model_step(const uint8_t bytes[MODEL_STEP_SIZE])
{
	struct pci_ext_range range = make_range(&bytes[2]);
	int d = bytes[1] % DEVICES;
	const struct wish *w = &wishes[bytes[6] % WISHES];

	fault = bytes[7] % 16 == 0 ? -EIO : 0;
	fake_map_error = fake_unmap_error = fault;
	/* Half of the time something that is there. */
	if (bytes[6] >= 128 && w->device >= 0) {
		d = w->device;
		range = w->range;
	}
	switch (bytes[0] % 16) {
	case 0:
		return step_attach(d, bytes[7] % 4 != 1) ? "attach" : NULL;
	case 1:
		return step_detach(d) ? "detach" : (forget_if_unused(d), NULL);
	case 2:
		pci_ext_registry_leave(names[d]);
		if (presence[d] == PRESENT)
			presence[d] = LEAVING;
		return NULL;
	case 3:
		return step_activate(d, &range) ? "activate" : NULL;
	case 4:
		return step_drop(d, &range) ? "drop" : (forget_if_unused(d), NULL);
	case 5:
	case 6:
		return step_map(d, &range, true) ? "map by name" : NULL;
	case 7:
	case 8:
	case 9:
	case 10:
		return step_unmap(d, &range) ? "unmap" : (forget_if_unused(d), NULL);
	default:
		return step_map(d, &range, false) ? "map" : NULL;
	}
}

static const char *
compare_spaces(void)
{
	const struct wish *w;
	int i, held[3] = {0}, before;

	for (i = 0; i < WISHES; i++) {
		w = &wishes[i];
		if (w->device < 0 || !w->active)
			continue;
		if (!is_shared(w->device)) {
			held[w->device]++;
			continue;
		}
		for (before = 0; before < i; before++)
			if (wishes[before].device >= 2 && wishes[before].active &&
				is_same(&wishes[before].range, &w->range))
				break;
		held[2] += before == i;
	}
	if (spaces[0].n != held[0] || spaces[1].n != held[1] || fake_shared_space.n != held[2])
		return "the backends hold something else";
	if (spaces[0].violations + spaces[1].violations + fake_shared_space.violations != 0)
		return "a backend was asked for what makes no sense";
	return NULL;
}

const char *
model_compare(void)
{
	static struct pci_ext_mapping copies[WISHES];
	const struct wish *w;
	size_t n, i, expected = 0;
	int d;

	n = pci_ext_registry_copy_mappings(NULL, copies, WISHES);
	for (i = 0; i < WISHES; i++)
		expected += wishes[i].device >= 0;
	if (n != expected)
		return "number of records";
	for (i = 0; i < n; i++) {
		const struct pci_ext_range range = {copies[i].addr, copies[i].iova, copies[i].len};

		for (d = 0; strcmp(names[d], copies[i].device) != 0; d++)
			;
		w = find(d, &range);
		if (w == NULL || w->references != copies[i].references ||
			w->active != (copies[i].state == PCI_EXT_ACTIVE))
			return "a record";
	}
	return compare_spaces();
}
