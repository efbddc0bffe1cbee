/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>

#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_ethdev.h>

#include "life.h"
#include "side.h"
#include "trouble.h"

#define RING 64

/* Result of the step, which is 0 unless the step may fail. */
static void
check(struct life *life, const struct side *side, const char *step, int ret, bool may_fail)
{
	if (ret != 0 && !may_fail)
		life_complain(life, "%s: %s: %s", side->name, step, rte_strerror(-ret));
	life->failures += ret != 0 && may_fail;
}

static void
lock_all(struct side *side)
{
	pthread_rwlock_wrlock(&side->device);
	pthread_rwlock_wrlock(&side->port);
}

static void
unlock_all(struct side *side)
{
	pthread_rwlock_unlock(&side->port);
	pthread_rwlock_unlock(&side->device);
}

/* The port has no queues any more. */
static void
forget_queues(struct side *side)
{
	side->configured = false;
	side->nb_rx = side->nb_tx = 0;
	memset(side->rx, 0, sizeof(side->rx));
	memset(side->tx, 0, sizeof(side->tx));
}

void
side_forget_port(struct side *side)
{
	side->has_port = false;
	side->started = false;
	forget_queues(side);
}

static int
find_port(struct side *side)
{
	struct rte_eth_dev_info info;
	int ret;

	ret = rte_eth_dev_get_port_by_name(side->name, &side->id);
	if (ret == 0)
		ret = rte_eth_dev_info_get(side->id, &info);
	if (ret != 0)
		return ret;
	side->dev = info.device;
	side->has_port = true;
	return 0;
}

void
side_probe(struct life *life, struct side *side)
{
	bool faults;
	int ret;

	if (side->dev != NULL)
		return;
	faults = trouble_order(life);
	lock_all(side);
	ret = rte_eal_hotplug_add("pci", side->name, side->args);
	if (ret == 0)
		ret = find_port(side);
	unlock_all(side);
	trouble_end(life, faults);
	check(life, side, "probe", ret, faults);
}

void
side_remove(struct life *life, struct side *side)
{
	int ret;

	if (side->dev == NULL)
		return;
	lock_all(side);
	ret = rte_eal_hotplug_remove("pci", side->name);
	side->dev = NULL;
	side->dead = false;
	side_forget_port(side);
	unlock_all(side);
	if (life->deadly && !life->sides[0].dead && !life->sides[1].dead) {
		life->deadly = false;
		trouble_leave(life);
	}
	check(life, side, "remove", ret, false);
}

void
side_close(struct life *life, struct side *side)
{
	int ret;

	if (!side->has_port || side->started)
		return;
	pthread_rwlock_wrlock(&side->port);
	ret = rte_eth_dev_close(side->id);
	side_forget_port(side);
	pthread_rwlock_unlock(&side->port);
	check(life, side, "close", ret, false);
}

void
side_configure(struct life *life, struct side *side)
{
	const struct rte_eth_conf conf = {.intr_conf = {.lsc = 1, .rmv = 1}};
	uint16_t rx = dice_roll(&life->dice, LIFE_QUEUES + 1), tx = rx, i;
	int ret;

	if (!side->has_port || side->started || side->dead)
		return;
	if (rx == 0 || dice_roll(&life->dice, 4) == 0)
		tx = 1 + dice_roll(&life->dice, LIFE_QUEUES);
	pthread_rwlock_wrlock(&side->port);
	ret = rte_eth_dev_configure(side->id, rx, tx, &conf);
	side->nb_rx = rx;
	side->nb_tx = tx;
	side->configured = ret == 0;
	for (i = 0; i < LIFE_QUEUES; i++) {
		side->rx[i] &= i < rx;
		side->tx[i] &= i < tx;
	}
	pthread_rwlock_unlock(&side->port);
	check(life, side, "configure", ret, false);
}

static int
set_up_queue(struct life *life, struct side *side, bool rx, uint16_t queue)
{
	int ret;

	ret = rx ? rte_eth_rx_queue_setup(side->id, queue, RING, SOCKET_ID_ANY, NULL, life->native) :
		rte_eth_tx_queue_setup(side->id, queue, RING, SOCKET_ID_ANY, NULL);
	/* ethdev has released the previous one by then. */
	if (rx)
		side->rx[queue] = ret == 0;
	else
		side->tx[queue] = ret == 0;
	return ret;
}

/* Sets up one queue or all, with a fault or without. */
void
side_set_up(struct life *life, struct side *side)
{
	bool all = dice_roll(&life->dice, 2) == 0, faults;
	uint16_t i;
	int ret = 0;

	if (!side->configured || side->started || side->dead)
		return;
	faults = trouble_order(life);
	pthread_rwlock_wrlock(&side->port);
	for (i = 0; i < side->nb_rx && ret == 0; i++)
		if (all || dice_roll(&life->dice, 2) == 0)
			ret = set_up_queue(life, side, true, i);
	for (i = 0; i < side->nb_tx && ret == 0; i++)
		if (all || dice_roll(&life->dice, 2) == 0)
			ret = set_up_queue(life, side, false, i);
	pthread_rwlock_unlock(&side->port);
	trouble_end(life, faults);
	check(life, side, "set up queues", ret, faults);
}

bool
side_has_all_queues(const struct side *side)
{
	uint16_t i;

	for (i = 0; i < side->nb_rx; i++)
		if (!side->rx[i])
			return false;
	for (i = 0; i < side->nb_tx; i++)
		if (!side->tx[i])
			return false;
	return true;
}

void
side_start(struct life *life, struct side *side)
{
	bool whole = side->configured && side_has_all_queues(side), faults;
	int ret;

	if (!side->has_port || side->started)
		return;
	faults = trouble_order(life);
	ret = rte_eth_dev_start(side->id);
	trouble_end(life, faults);
	side->started = ret == 0;
	if (ret == 0 && !whole)
		life_complain(life, "%s: started without all of its queues", side->name);
	/* Wires of raw packets require a receiver. */
	check(life, side, "start", ret, faults || !whole || side->dead || side->nb_rx == 0);
}

void
side_stop(struct life *life, struct side *side)
{
	if (!side->started)
		return;
	side->started = false;
	check(life, side, "stop", rte_eth_dev_stop(side->id), false);
}

void
side_reset(struct life *life, struct side *side)
{
	int ret;

	if (!side->has_port)
		return;
	pthread_rwlock_wrlock(&side->port);
	ret = rte_eth_dev_reset(side->id);
	side->started = false;
	memset(side->rx, 0, sizeof(side->rx));
	memset(side->tx, 0, sizeof(side->tx));
	pthread_rwlock_unlock(&side->port);
	check(life, side, "reset", ret, false);
}

void
side_set_all(struct life *life, struct side *side)
{
	struct rte_ether_addr mac = {{0x02, 0, 0, 0, 0, 0x42}};
	int ret;

	if (!side->has_port || side->dead)
		return;
	ret = rte_eth_promiscuous_enable(side->id);
	if (ret == 0)
		ret = rte_eth_dev_mac_addr_add(side->id, &mac, 0);
	if (ret == 0)
		ret = rte_eth_dev_mac_addr_remove(side->id, &mac);
	if (ret == 0)
		ret = rte_eth_promiscuous_disable(side->id);
	check(life, side, "set", ret, false);
}
