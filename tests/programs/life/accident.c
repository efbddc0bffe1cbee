/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#include <rte_cycles.h>
#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_ethdev.h>

#include "accident.h"
#include "deadline.h"
#include "inject.h"
#include "life.h"
#include "side.h"
#include "trouble.h"

/* In EAL's interrupt thread, while the control thread waits for it. */
static int
on_removal(uint16_t port, enum rte_eth_event_type type, void *arg, void *unused)
{
	struct life *life = arg;
	struct side *side = &life->sides[0];

	/* Acquire; pairs with the release in accident_die(). */
	if (__atomic_load_n(&life->deaths, __ATOMIC_ACQUIRE) == 0)
		return 0;
	if (!side->has_port || side->id != port)
		side = &life->sides[1];
	if (side->close_in_callback)
		side->closed_in_callback = rte_eth_dev_stop(port) == 0 &&
			rte_eth_dev_close(port) == 0;
	__atomic_add_fetch(&side->removals, 1, __ATOMIC_RELEASE);
	return 0;
}

static int
on_link(uint16_t port, enum rte_eth_event_type type, void *arg, void *unused)
{
	return 0;
}

/*
 * For all ports, also later ones, since ethdev keeps a closed port's callbacks for the next port of
 * its number.
 */
int
accident_begin(struct life *life)
{
	int ret;

	ret = rte_eth_dev_callback_register(RTE_ETH_ALL, RTE_ETH_EVENT_INTR_RMV, on_removal, life);
	return ret == 0 ? rte_eth_dev_callback_register(RTE_ETH_ALL, RTE_ETH_EVENT_INTR_LSC, on_link,
		life) : ret;
}

#define AGAIN_MS 300

/*
 * Requested again if it has not happened after a while: on a busy machine the device may have
 * passed the point of the fault before the request was complete.
 */
struct accident {
	const char *order;
	struct deadline again;
	struct deadline end;	/* latest time of the event */
};

static struct accident
order(const char *order)
{
	/* For ThreadSanitizer: orders the event after this. */
	inject_order(NULL, 0);
	model.order_faults(order);
	return (struct accident){order, deadline_in_ms(AGAIN_MS), deadline_in_ms(LIFE_WAIT_MS)};
}

/* False: the time limit is reached. */
static bool
wait_a_moment(struct accident *accident)
{
	rte_delay_us_sleep(500);
	if (deadline_passed(accident->again)) {
		accident->again = deadline_in_ms(AGAIN_MS);
		model.order_faults(accident->order);
	}
	return !deadline_passed(accident->end);
}

static bool
wait_for_link(struct life *life, struct side *side, bool up, struct accident *accident)
{
	struct rte_eth_link link;

	do {
		if (rte_eth_link_get_nowait(side->id, &link) == 0 && (link.link_status != 0) == up)
			return true;
	} while (wait_a_moment(accident));
	life_complain(life, "%s: the link does not change to %s", side->name, up ? "up" : "down");
	return false;
}

/* Both links at once, by events: the port may be stopped and closed concurrently. */
void
accident_pull_cables(struct life *life, struct side *side)
{
	struct side *other = side == life->sides ? side + 1 : life->sides;
	struct accident accident;

	if (!side->started || !other->started || side->dead || other->dead || side->down || other->down)
		return;
	side->down = other->down = true;
	accident = order("port_down@1ms");
	if (dice_roll(&life->dice, 2) == 0) {
		rte_delay_us_sleep(dice_roll(&life->dice, 2000));
		side_stop(life, side);
		side_close(life, side);
	} else {
		wait_for_link(life, side, false, &accident);
	}
	wait_for_link(life, other, false, &accident);
}

void
accident_plug_cables_in(struct life *life, struct side *side)
{
	struct accident accident;
	unsigned int i;

	if (!side->down)
		return;
	accident = order("port_up@1ms");
	for (i = 0; i < LIFE_SIDES; i++) {
		if (!life->sides[i].started || life->sides[i].dead)
			continue;
		wait_for_link(life, &life->sides[i], true, &accident);
		life->sides[i].down = false;
	}
}

/* map for a function whose device died fails, with or without a port. */
static bool
has_died(struct life *life, const struct side *side)
{
	int ret = rte_dev_dma_map(side->dev, life->region.addr, (uintptr_t)life->region.addr, 4096);

	if (ret == 0)
		rte_dev_dma_unmap(side->dev, life->region.addr, (uintptr_t)life->region.addr, 4096);
	return ret != 0 && rte_errno == EIO;
}

static void
wait_for_death(struct life *life, struct side *side, struct accident *accident)
{
	bool told = side->has_port && side->configured;

	do {
		if (told ? __atomic_load_n(&side->removals, __ATOMIC_ACQUIRE) != 0 :
				has_died(life, side))
			return;
	} while (wait_a_moment(accident));
	life_complain(life, "%s: its device died without an RMV event", side->name);
}

/* Kills both devices, if present: after that only stop, close and remove are possible. */
void
accident_die(struct life *life, struct side *unused)
{
	struct accident accident;
	struct side *side;

	/* The software HCA stops while no device is open. */
	if (life->sides[0].dev == NULL || life->sides[1].dev == NULL || life->deadly)
		return;
	life->deadly = true;
	trouble_enter(life);
	for (side = life->sides; side < &life->sides[LIFE_SIDES]; side++) {
		side->dead = true;
		side->removals = 0;
		side->closed_in_callback = false;
		side->close_in_callback = side->configured && dice_roll(&life->dice, 2) == 0;
		if (side->close_in_callback)
			pthread_rwlock_wrlock(&side->port);
	}
	__atomic_add_fetch(&life->deaths, 1, __ATOMIC_RELEASE);
	accident = order("device_fatal@1ms");
	for (side = life->sides; side < &life->sides[LIFE_SIDES]; side++)
		wait_for_death(life, side, &accident);
	/* Both callbacks access both sides. */
	for (side = life->sides; side < &life->sides[LIFE_SIDES]; side++) {
		if (!side->close_in_callback)
			continue;
		if (!side->closed_in_callback)
			life_complain(life, "%s: cannot be closed in a callback", side->name);
		side_forget_port(side);
		side->close_in_callback = false;
		pthread_rwlock_unlock(&side->port);
	}
	model.order_faults("");
}
