/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * See registry_model.h. One thread.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "fake_backend.h"
#include "common/memory.h"
#include "query/published.h"
#include "registry/registry.h"
#include "registry_model.h"
#include "requests.h"

enum presence {
	ABSENT,
	PRESENT,
	LEAVING,
};

static const char *const names[DEVICES] = {"0a", "0b", "12", "13"};
static struct fake_space spaces[2];
static enum presence presence[DEVICES];
static const struct pci_ext_backend *backend[DEVICES]; /* as last reported to the registry */
static int map_fault, unmap_fault;		       /* result of the backend in this step */
static unsigned int ended;			       /* stale ones in this step */
static enum request_source source;		       /* of what is mapped in this step */

/* The driver of one private device has none; for the shared backend they do not count. */
static bool
has_extensions(int d)
{
	return d == 0;
}

static struct pci_ext_target
make_target(int d)
{
	struct pci_ext_target target =
		fake_target(names[d], request_is_shared(d) ? &fake_shared_space : &spaces[d]);

	target.has_map_memory = has_extensions(d);
	return target;
}

static const struct pci_ext_backend *
own_backend(int d)
{
	return request_is_shared(d) ? &fake_shared : &fake_private;
}

/* The registry drops a device without records, and its backend with it. */
static void
forget_if_unused(int d)
{
	int i;

	for (i = 0; i < REQUESTS; i++)
		if (requests[i].device == d)
			return;
	if (presence[d] == ABSENT)
		backend[d] = NULL;
}

static int
end_shared(const struct pci_ext_range r)
{
	int i;

	if (unmap_fault == -EBUSY)
		return -EBUSY;
	for (i = 0; i < REQUESTS; i++)
		if (request_is_holder(&requests[i]) &&
			pci_ext_range_is_same(&requests[i].range, &r))
			requests[i].ended = true;
	return 0;
}

/* Ends a stale request, unless the backend fails. */
static int
end_request(struct request *w)
{
	int ret = 0;

	if (request_is_holder(w))
		ret = end_shared(w->range);
	else if (w->active && !request_is_shared(w->device) && unmap_fault == -EBUSY)
		ret = -EBUSY;
	if (ret == 0) {
		w->device = -1;
		ended++;
	}
	return ret;
}

static int
activate(int d, const struct pci_ext_range *r, enum request_source of)
{
	const struct request *other;

	if (backend[d] == NULL || (of != REQUEST_PROCESS && !has_extensions(d)) ||
		(!pci_ext_range_writes(r) && !backend[d]->shared && !has_extensions(d)))
		return -ENOTSUP;
	if (!backend[d]->shared)
		return map_fault;
	if ((r->addr | r->iova | r->len) % FAKE_PAGE != 0)
		return -EINVAL;
	while ((other = request_find_shared(r)) != NULL) {
		if (!request_is_stale(other))
			return pci_ext_range_is_same(&other->range, r) ? 0 : -EEXIST;
		if (end_shared(other->range) != 0)
			return -EBUSY;
		ended++;
	}
	return map_fault;
}

/* The conflicts of a device are by IOVA; those of an absent one are by address. */
static bool
is_by_iova(int d)
{
	return presence[d] == PRESENT && backend[d] != NULL && backend[d]->shared;
}

/* Whether a map of it, in this step, is one more of the request. */
static bool
is_same(const struct request *w, const struct pci_ext_range *r)
{
	return pci_ext_range_is_same(&w->range, r) && w->source == source;
}

/* Ends stale requests of the device that overlap. */
static int
clear_way(int d, const struct pci_ext_range *r)
{
	bool by_iova = is_by_iova(d);
	struct request *w = request_find(d, r);

	if (w == NULL)
		w = request_find_overlap(d, r, by_iova);
	while (w != NULL && request_is_stale(w)) {
		if (end_request(w) != 0)
			return -EBUSY;
		w = request_find_overlap(d, r, by_iova);
	}
	return w != NULL && !is_same(w, r) ? -EEXIST : 0;
}

static int
model_map(int d, const struct pci_ext_range *r)
{
	struct request *w;
	int ret = clear_way(d, r);

	if (ret != 0)
		return ret;
	w = request_find(d, r);
	if ((w == NULL || !w->active) && presence[d] == PRESENT)
		ret = activate(d, r, source);
	if (ret != 0)
		return ret;
	if (w == NULL)
		*request_find_free() = (struct request){
			d, *r, source, 0, fake_registration(r->addr), false, false};
	w = request_find(d, r);
	w->active = w->active || presence[d] == PRESENT;
	w->references++;
	return 0;
}

static int
model_unmap(int d, const struct pci_ext_range *r)
{
	struct request *w = request_find(d, r);

	if (w == NULL) {
		if (request_find_overlap(d, r, false) != NULL)
			return -EINVAL;
		return is_by_iova(d) && request_find_overlap(d, r, true) != NULL ? -EINVAL
										 : -ENOENT;
	}
	if (w->references > 1) {
		w->references--;
		return 0;
	}
	if (unmap_fault != 0 && w->active &&
		(!request_is_shared(d) ||
			(request_is_holder(w) && request_count_holders(&w->range) == 1)))
		return unmap_fault;
	w->device = -1;
	return 0;
}

/*
 * What check says of a map by name that then returns found: the same, unless the backend refuses,
 * which it calls only if check has named it; or a stale mapping was in the way.
 */
static bool
agrees(int checked, const struct pci_ext_backend *called, const struct pci_ext_conflict *conflict,
	int found)
{
	if (checked != 0)
		return checked == found && called == NULL;
	return found == 0 || found == -EBUSY || conflict->ended != 0 ||
	       (called != NULL && conflict->refused_by == called);
}

static int
step_map(int d, const struct pci_ext_range *r, bool by_name)
{
	struct pci_ext_target target = make_target(d);
	const struct pci_ext_backend *called;
	struct pci_ext_conflict conflict;
	struct pci_ext_dmabuf *dmabuf;
	int expected, found, checked;

	if (request_find_free() == NULL)
		return 0;
	dmabuf = request_open(source);
	checked = pci_ext_registry_check(
		names[d], r, fake_registration(r->addr), dmabuf, &called, &conflict);
	if (by_name)
		target = (struct pci_ext_target){.name = names[d]};
	found = pci_ext_registry_map(&target, by_name ? NULL : own_backend(d), r,
		fake_registration(r->addr), dmabuf, &conflict);
	if (!by_name && presence[d] == LEAVING) {
		expected = -EINVAL;
	} else {
		if (!by_name) {
			presence[d] = PRESENT;
			backend[d] = own_backend(d);
		}
		expected = model_map(d, r);
	}
	if (by_name && !agrees(checked, called, &conflict, found))
		return 1;
	return found != expected || conflict.ended != ended;
}

static int
step_unmap(int d, const struct pci_ext_range *r)
{
	struct pci_ext_conflict conflict;
	int found = pci_ext_registry_unmap(names[d], r, &conflict);

	return found != model_unmap(d, r);
}

static int
step_attach(int d, bool serves)
{
	struct pci_ext_target target = make_target(d);
	int i;

	/* A backend changes only while it has no mappings. */
	for (i = 0; i < REQUESTS; i++)
		if (requests[i].device == d && requests[i].active)
			serves = true;
	presence[d] = PRESENT;
	backend[d] = serves ? own_backend(d) : NULL;
	return pci_ext_registry_attach(&target, backend[d]) != 0;
}

static int
step_detach(int d)
{
	int result, i, suspended, active = 0;

	fake_map_error = fake_unmap_error = map_fault = unmap_fault = 0;
	for (i = 0; i < REQUESTS; i++) {
		if (requests[i].device == d && requests[i].active) {
			requests[i].active = requests[i].ended = false;
			active++;
		}
	}
	suspended = fake_suspend(names[d], &result);
	pci_ext_registry_detach(names[d]);
	presence[d] = ABSENT;
	return suspended != active || result != 0;
}

static int
step_activate(int d, const struct pci_ext_range *r)
{
	struct request *w = request_find(d, r);
	struct pci_ext_conflict conflict;
	int found = pci_ext_registry_activate(names[d], r, &conflict);
	int expected = -ENOENT;

	if (w != NULL && presence[d] == PRESENT) {
		if (!w->active && request_is_stale(w)) {
			end_request(w);
		} else {
			expected = w->active ? 0 : activate(d, &w->range, w->source);
			w->active = expected == 0;
		}
	}
	return found != expected || conflict.ended != ended;
}

/* The memory is replaced by other memory; or EAL frees some of its own. */
static void
step_memory(const struct pci_ext_range *r, bool registered)
{
	int i;

	if (registered) {
		fake_register_anew(r->addr);
		return;
	}
	pci_ext_registry_forget(r->addr, r->len);
	for (i = 0; i < REQUESTS; i++)
		if (request_touches(requests[i].range.addr, requests[i].range.len, r->addr, r->len))
			requests[i].registration = PCI_EXT_MEMORY_GONE;
}

static int
step_drop(int d, const struct pci_ext_range *r)
{
	struct request *w = request_find(d, r);
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

	for (i = 0; i < DEVICES; i++)
		step_detach(i);
	pci_ext_registry_clear();
	fake_reset();
	memset(spaces, 0, sizeof(spaces));
	memset(backend, 0, sizeof(backend));
	for (i = 0; i < REQUESTS; i++)
		requests[i] = (struct request){.device = -1};
	pci_ext_published_start();
}

const char *
model_step(const uint8_t bytes[MODEL_STEP_SIZE])
{
	struct pci_ext_range range = request_make_range(&bytes[2]);
	int d = bytes[1] % DEVICES;
	const struct request *w = &requests[bytes[6] % REQUESTS];

	map_fault = bytes[7] % 32 < 2 ? -EIO : 0;
	unmap_fault = bytes[7] % 32 == 1 || bytes[7] % 32 == 2 ? -EBUSY : 0;
	fake_map_error = map_fault;
	fake_unmap_error = unmap_fault;
	ended = 0;
	source = request_make_kind(bytes[7] >> 5, &range);
	/* Half of the time an existing one, and then mostly of what it is. */
	if (bytes[6] >= 128 && w->device >= 0) {
		d = w->device;
		range = w->range;
		source = w->source;
		if (bytes[5] >= 224)
			source = request_make_kind(bytes[7] >> 5, &range);
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
		return step_activate(d, &range) ? "activate" : (forget_if_unused(d), NULL);
	case 4:
		return step_drop(d, &range) ? "drop" : (forget_if_unused(d), NULL);
	case 5:
		if (bytes[7] % 8 < 3)
			step_memory(&range, bytes[7] % 8 != 0);
		return NULL;
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
	const struct request *w;
	int i, held[3] = {0}, before;

	for (i = 0; i < REQUESTS; i++) {
		w = &requests[i];
		if (w->device < 0 || !w->active || w->ended)
			continue;
		if (!request_is_shared(w->device)) {
			held[w->device]++;
			continue;
		}
		for (before = 0; before < i; before++)
			if (request_is_holder(&requests[before]) &&
				pci_ext_range_is_same(&requests[before].range, &w->range))
				break;
		held[2] += before == i;
	}
	if (spaces[0].n != held[0] || spaces[1].n != held[1] || fake_shared_space.n != held[2])
		return "the backends have other mappings";
	if (spaces[0].violations + spaces[1].violations + fake_shared_space.violations != 0)
		return "an invalid call of a backend";
	return NULL;
}

/* Published is what is ACTIVE, in copies[n] of the registry. */
static const char *
compare_published(const struct pci_ext_mapping *copies, size_t n)
{
	static struct pci_ext_lookup_entry found[REQUESTS];
	const struct pci_ext_published *device;
	size_t i, k, all, active = 0, published = 0;

	for (k = 0; k < DEVICES; k++) {
		device = pci_ext_published_name(names[k]);
		if (device != NULL)
			published += pci_ext_lookup_copy(
				&device->ranges, 0, UINT64_MAX, found, REQUESTS);
	}
	for (i = 0; i < n; i++) {
		if (copies[i].state != PCI_EXT_ACTIVE)
			continue;
		active++;
		device = pci_ext_published_name(copies[i].device);
		if (device == NULL || atomic_load(&device->is_incomplete))
			return "a published device";
		all = pci_ext_lookup_copy(&device->ranges, 0, UINT64_MAX, found, REQUESTS);
		for (k = 0; k < all; k++)
			if (found[k].first == copies[i].addr && found[k].iova == copies[i].iova &&
				found[k].last == copies[i].addr + (copies[i].len - 1) &&
				found[k].to_read == (copies[i].access == PCI_EXT_ACCESS_READ))
				break;
		if (k == all)
			return "a published range";
	}
	return active == published ? NULL : "number of published ranges";
}

const char *
model_compare(void)
{
	static struct pci_ext_mapping copies[REQUESTS];
	const struct request *w;
	const char *wrong;
	size_t n, i, expected = 0;
	int d, dmabufs = 0;

	n = pci_ext_registry_copy_mappings(NULL, copies, REQUESTS);
	for (i = 0; i < REQUESTS; i++)
		expected += requests[i].device >= 0;
	if (n != expected)
		return "number of records";
	for (i = 0; i < n; i++) {
		const struct pci_ext_range range = {copies[i].addr, copies[i].iova, copies[i].len};

		for (d = 0; strcmp(names[d], copies[i].device) != 0; d++)
			;
		w = request_find(d, &range);
		if (w == NULL || w->references != copies[i].references ||
			w->active != (copies[i].state == PCI_EXT_ACTIVE) ||
			w->range.access != copies[i].access ||
			(w->source != REQUEST_PROCESS) != copies[i].is_dmabuf)
			return "a record";
		dmabufs += copies[i].is_dmabuf;
	}
	if (request_count_open() != dmabufs)
		return "number of descriptors";
	wrong = compare_published(copies, n);
	return wrong != NULL ? wrong : compare_spaces();
}
