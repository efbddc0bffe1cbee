/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sequence.h - a number of random steps, each checked, after which nothing is left. One thread.
 *
 * sequence.c: from the first step to the last; steps.c: a step; choose.c: its ranges; look.c: what
 * pci_ext and the kernel say after it; reach.c: what the device can read.
 */
#ifndef SEQUENCES_SEQUENCE_H
#define SEQUENCES_SEQUENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "../life/dice.h"
#include "fleet.h"
#include "model.h"

#define SEQUENCE_STEPS 128	/* in the trail, at most */
#define SEQUENCE_TEXT 192

/* How often something has happened, in all sequences. */
struct tally {
	uint64_t steps;
	uint64_t maps;		/* successful */
	uint64_t unmaps;
	uint64_t counted;	/* maps of what was mapped */
	uint64_t renewed;	/* maps of what was mapped and stale */
	uint64_t refused[64];	/* by errno modulo 64 */
	uint64_t plugs;
	uint64_t replayed;	/* mapped again */
	uint64_t pending;	/* not mapped again */
	uint64_t heaps;
	uint64_t replaced;
	uint64_t moved;		/* reads of the device */
	uint64_t blocked;
};

struct sequence {
	struct fleet *fleet;
	struct arena *arena;
	struct model model;
	struct dice dice;
	struct tally *tally;
	unsigned int reach;	/* one of so many steps is followed by a read; 0: none */
	long pins;		/* KiB that are pinned without a mapping; -1: none are counted */
	unsigned int violations;
	unsigned int n;
	char trail[SEQUENCE_STEPS][SEQUENCE_TEXT];
};

/*
 * Returns the number of violations. They are printed, after the steps, and what they have left is
 * removed as far as possible.
 */
unsigned int sequence_run(struct sequence *sequence, uint64_t seed);

void sequence_violation(struct sequence *sequence, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Notes a step in the trail. */
void sequence_note(struct sequence *sequence, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static inline unsigned int
sequence_roll(struct sequence *sequence, unsigned int n)
{
	return dice_roll(&sequence->dice, n);
}

/* Some memory that can be mapped. */
void step_begin(struct sequence *sequence);
void step_take(struct sequence *sequence);
void step_plug(struct sequence *sequence, unsigned int device);
void step_unmap(struct sequence *sequence, unsigned int device, const struct range *range,
	bool by_name);

/* What is passed to the call; *range is what is meant. */
struct range choose_map(struct sequence *sequence, unsigned int device, struct range *range);
struct range choose_unmap(struct sequence *sequence, unsigned int *device, struct range *range);
struct run choose_run(struct sequence *sequence);

void look_at_all(struct sequence *sequence);
/* After a probe of the device: which of its records are active. */
void look_at_replay(struct sequence *sequence, unsigned int device);
/* KiB that are pinned now; -1 if nobody counts them. */
long look_at_pins(bool vfio);
/* Ends all that pci_ext lists. */
void look_and_unmap(struct sequence *sequence);

void reach_try(struct sequence *sequence);

#endif
