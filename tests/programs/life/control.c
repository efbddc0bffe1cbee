/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>

#include <rte_common.h>

#include "accident.h"
#include "control.h"
#include "life.h"
#include "side.h"
#include "traffic.h"

static void
use(struct life *life, struct side *side)
{
	static const char *const faults[] = {"tx_error", "rx_error", "partial_post"};

	if (!side->started || side->dead || side->nb_rx == 0 || side->nb_tx == 0)
		return;
	accident_plug_cables_in(life, side);
	if (dice_roll(&life->dice, 3) != 0) {
		traffic_exact(life, side);
		return;
	}
	traffic_with(life, side, faults[dice_roll(&life->dice, RTE_DIM(faults))]);
	/* Packets under way would be counted for the next ones. */
	side_stop(life, side);
}

/* The next call on a port's way to a started one: otherwise few ports would get there. */
static void
advance(struct life *life, struct side *side)
{
	if (side->dev == NULL)
		side_probe(life, side);
	else if (!side->has_port || side->dead)
		side_remove(life, side);
	else if (!side->configured)
		side_configure(life, side);
	else if (!side_has_all_queues(side))
		side_set_up(life, side);
	else if (!side->started)
		side_start(life, side);
	else
		use(life, side);
}

/* Relative frequencies. */
static const struct {
	const char *name;
	void (*take)(struct life *life, struct side *side);
	unsigned int share;
} steps[] = {
	{"advance", advance, 60}, {"probe", side_probe, 2}, {"remove", side_remove, 2},
	{"close", side_close, 2}, {"configure", side_configure, 3}, {"set up", side_set_up, 4},
	{"start", side_start, 4}, {"use", use, 6}, {"stop", side_stop, 4}, {"reset", side_reset, 2},
	{"set", side_set_all, 4}, {"pull the cables", accident_pull_cables, 6}, {"die", accident_die, 1},
};

void
control_step(struct life *life)
{
	struct side *side = &life->sides[dice_roll(&life->dice, LIFE_SIDES)];
	unsigned int i, all = 0, at;

	for (i = 0; i < RTE_DIM(steps); i++)
		all += steps[i].share;
	at = dice_roll(&life->dice, all);
	for (i = 0; at >= steps[i].share; i++)
		at -= steps[i].share;
	steps[i].take(life, side);
	snprintf(life->trail[life->steps++ % LIFE_TRAIL], sizeof(life->trail[0]),
		"%s: %s:%s%s%s%s, %u + %u queues", side->name, steps[i].name,
		side->dev != NULL ? " probed" : "", side->has_port ? " port" : "",
		side->started ? " started" : "", side->dead ? " dead" : "", side->nb_rx, side->nb_tx);
}

void
control_end(struct life *life)
{
	unsigned int i;

	for (i = 0; i < LIFE_SIDES; i++)
		side_remove(life, &life->sides[i]);
}
