/* SPDX-License-Identifier: BSD-3-Clause */
/* The results of calls. */
#include <errno.h>
#include <stddef.h>

#include "model.h"

#define IOMMU_END (UINT64_C(1) << 48)

static bool
is_aligned(const struct range *range)
{
	return (range->addr | range->iova | range->len) % ARENA_PAGE == 0;
}

static bool
is_registered(const struct model *model, const struct range *range)
{
	struct run run;
	unsigned int i;

	if (!arena_run(model->arena, range->addr, range->len, &run))
		return false;
	for (i = 0; i < run.n; i++)
		if (model->arena->pages[run.first + i].registration == 0)
			return false;
	return true;
}

/* EAL's own check in rte_dev_dma_map() and rte_dev_dma_unmap(). */
static bool
begins_registered(const struct model *model, const struct range *range)
{
	const struct range first = {range->addr, range->addr, 1};

	return is_registered(model, &first);
}

static bool
is_in_heap(const struct model *model, const struct range *range)
{
	struct run run;

	return arena_run(model->arena, range->addr, range->len, &run) &&
		arena_has_heap(model->arena, run);
}

static bool
is_backed(const struct model *model, const struct range *range)
{
	struct run run;

	return arena_run(model->arena, range->addr, range->len, &run) &&
		arena_is_whole(model->arena, run);
}

bool
model_eal_maps(const struct model *model, const struct range *range)
{
	unsigned int i;

	for (i = 0; i < ARENA_PAGES; i++) {
		const struct range page = range_of_run(model->arena, (struct run){i, 1});

		if (model->arena->pages[i].has_iova && range_overlaps_iova(&page, range))
			return true;
	}
	return false;
}

/* The range does not fit: nothing else is looked at. */
static struct errors
refuse_shape(const struct range *range)
{
	struct errors errors = {.must = error_bit(EINVAL)};

	if (range->len == 0)
		errors.must |= error_bit(ENOTSUP);
	return errors;
}

/* By another record of the device, which is not stale. */
static struct errors
conflict_with(const struct model *model, const struct record *other, const struct range *range)
{
	const bool addr = range_overlaps_addr(&other->range, range);
	const bool iova = range_overlaps_iova(&other->range, range);
	struct errors errors = {0};

	if (!model->present[other->device])
		*(addr ? &errors.must : &errors.may) = addr || iova ? error_bit(EEXIST) : 0;
	else if (other->mapping == NULL)
		errors.may = addr || iova ? error_bit(EEXIST) : 0;
	else if (!model->vfio)
		errors.must = addr ? error_bit(EEXIST) : 0;
	return errors;
}

/* By what is in the container, of any device or of EAL. *joins: it is the same mapping. */
static uint64_t
conflict_in_container(const struct model *model, const struct range *range, bool *joins)
{
	uint64_t must = model_eal_maps(model, range) ? error_bit(EEXIST) : 0;
	unsigned int i;

	for (i = 0; i < MODEL_RECORDS; i++) {
		const struct mapping *other = &model->mappings[i];

		if (other->holders == 0 || !range_overlaps_iova(&other->range, range) ||
				model_is_stale_mapping(model, other))
			continue;
		if (range_is_same(&other->range, range))
			*joins = true;
		else
			must |= error_bit(EEXIST);
	}
	return must;
}

/* A device that is there, for which the range is not mapped. */
static uint64_t
refuse_making(const struct model *model, const struct range *range)
{
	bool joins = false;
	uint64_t must = 0;

	if (model->vfio) {
		must = conflict_in_container(model, range, &joins);
		if (!is_aligned(range) || range->iova + range->len > IOMMU_END)
			must |= error_bit(EINVAL);
	} else if (is_in_heap(model, range)) {
		must = error_bit(EEXIST);
	}
	if (!joins && !is_backed(model, range))
		must |= error_bit(EFAULT);
	return must;
}

struct errors
model_expect_map(struct model *model, unsigned int device, const struct range *range)
{
	const struct record *exact = model_find(model, device, range), *other;
	struct errors errors = {0}, more;

	if (!range_fits(range))
		return refuse_shape(range);
	if (!is_registered(model, range))
		errors.must = error_bit(EINVAL);
	if (exact != NULL && !model_is_stale(model, exact) &&
			(exact->mapping != NULL || !model->present[device]))
		return errors; /* counted */
	for (other = model->records; other < &model->records[MODEL_RECORDS]; other++) {
		if (other->references == 0 || other->device != device || other == exact ||
				model_is_stale(model, other))
			continue;
		more = conflict_with(model, other, range);
		errors.must |= more.must;
		errors.may |= more.may;
	}
	if (model->present[device])
		errors.must |= refuse_making(model, range);
	return errors;
}

/* Of a range that is not exactly a mapping. */
static struct errors
refuse_unmap(const struct model *model, unsigned int device, const struct range *range)
{
	struct errors errors = {.must = error_bit(ENOENT)};
	const struct record *other;

	if (model->vfio && !is_aligned(range))
		errors.may = error_bit(EINVAL);
	for (other = model->records; other < &model->records[MODEL_RECORDS]; other++) {
		if (other->references == 0 || other->device != device)
			continue;
		if (range_overlaps_addr(&other->range, range))
			return (struct errors){
				.must = error_bit(EINVAL),
				.may = other->is_ended ? error_bit(ENOENT) : 0,
			};
		if (range_overlaps_iova(&other->range, range))
			errors.may = error_bit(EINVAL);
	}
	return errors;
}

struct errors
model_expect_unmap(struct model *model, unsigned int device, const struct range *range,
	bool by_name)
{
	const struct record *exact = model_find(model, device, range);
	struct errors errors = {0};

	if (!range_fits(range))
		return refuse_shape(range);
	if (exact == NULL)
		errors = refuse_unmap(model, device, range);
	else if (exact->is_ended)
		errors.may = error_bit(ENOENT);
	if (!by_name && !begins_registered(model, range))
		errors.must |= error_bit(EINVAL);
	return errors;
}
