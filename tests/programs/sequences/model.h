/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * model.h - what pci_ext.h says of maps and unmaps, written as plainly as possible: records in an
 * array, searched from end to end. It predicts the result of each call and what is there after it.
 *
 * Where the contract leaves a choice, so does the model: an error that may be, and records that may
 * be gone, which the list of pci_ext then decides.
 */
#ifndef SEQUENCES_MODEL_H
#define SEQUENCES_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "arena.h"

#define MODEL_DEVICES 8u
#define MODEL_RECORDS 64u

struct range {
	uint64_t addr;
	uint64_t iova;
	uint64_t len;
};

/* What a device accesses. On VFIO records of several devices hold one. */
struct mapping {
	unsigned int holders;			/* 0: the place is free */
	struct range range;
	uint32_t registrations[ARENA_PAGES];	/* of its pages when it was made */
	uint32_t memory[ARENA_PAGES];
	bool is_doubtful;	/* stale, and a call that failed may have ended it */
};

/* What a device has been asked for. */
struct record {
	unsigned int references;		/* 0: the place is free */
	unsigned int device;
	struct range range;
	uint32_t registrations[ARENA_PAGES];
	struct mapping *mapping;		/* NULL: pending, or ended */
	bool is_ended;				/* stale, and ended by a map for another device */
	bool may_be_gone;
};

struct model {
	struct arena *arena;
	bool vfio;				/* all devices are, or none is */
	unsigned int n_devices;
	bool present[MODEL_DEVICES];
	struct record records[MODEL_RECORDS];
	struct mapping mappings[MODEL_RECORDS];
};

/* Sets of errno, by error_bit(). None has to be returned if must is empty. */
struct errors {
	uint64_t must;	/* reasons of a refusal: one of them is returned, or one of may */
	uint64_t may;
};

static inline uint64_t
error_bit(int error)
{
	return UINT64_C(1) << (error % 64);
}

static inline bool
errors_allow(const struct errors *errors, int error)
{
	return error == 0 ? errors->must == 0 :
		((errors->must | errors->may) & error_bit(error)) != 0;
}

/* Pages at their own addresses. */
struct range range_of_run(const struct arena *arena, struct run run);
bool range_fits(const struct range *range);
bool range_is_same(const struct range *a, const struct range *b);
bool range_overlaps_addr(const struct range *a, const struct range *b);
bool range_overlaps_iova(const struct range *a, const struct range *b);

/* The record with exactly this range, or NULL. */
struct record *model_find(struct model *model, unsigned int device, const struct range *range);
bool model_is_stale(const struct model *model, const struct record *record);
bool model_is_stale_mapping(const struct model *model, const struct mapping *mapping);
/* For the list of pci_ext: not pending. */
bool model_is_active(const struct record *record);
/* VFIO: an IOVA that EAL maps by itself, of memory in the heap. */
bool model_eal_maps(const struct model *model, const struct range *range);

/* by_name: by pci_ext_dma_unmap(), without EAL's own check. */
struct errors model_expect_map(struct model *model, unsigned int device,
	const struct range *range);
struct errors model_expect_unmap(struct model *model, unsigned int device,
	const struct range *range, bool by_name);

/* What has happened. */
void model_mapped(struct model *model, unsigned int device, const struct range *range);
void model_not_mapped(struct model *model, unsigned int device, const struct range *range);
void model_unmapped(struct model *model, unsigned int device, const struct range *range);
void model_unplugged(struct model *model, unsigned int device);
/* Then model_replay() for each record that is left, in the order of pci_ext's list. */
void model_plugged(struct model *model, unsigned int device);
/* Whether the record may have been mapped again, or not (is_active); if so, it is noted. */
bool model_replay(struct model *model, struct record *record, bool is_active);
/* A record that could be gone is. */
void model_gone(struct model *model, struct record *record);

/* Pages that are pinned; false if that cannot be said. */
bool model_pins(const struct model *model, unsigned int *pages);

#endif
