/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_lcore.h>

#include "churn.h"
#include "device.h"

/* Each mapping is one page of a ring of pages; some are mapped at any time. */
#define SLOTS 64u
#define LIVE 16u
#define SLOT_LEN 4096u

static void *
slot_of(const struct churn *churn, uint64_t i)
{
	return RTE_PTR_ADD(churn->region.addr, (size_t)(i % SLOTS) * SLOT_LEN);
}

static void
note(struct churn *churn, const char *what, int ret)
{
	if (ret == 0)
		return;
	if (churn->errors++ == 0)
		fprintf(stderr, "soak: %s: %s\n", what, rte_strerror(rte_errno));
}

static void
one_pair(struct churn *churn, uint64_t i)
{
	void *addr = slot_of(churn, i);

	note(churn, "map", rte_dev_dma_map(churn->dev, addr, (uintptr_t)addr, SLOT_LEN));
	if (i < LIVE)
		return;
	addr = slot_of(churn, i - LIVE);
	note(churn, "unmap", rte_dev_dma_unmap(churn->dev, addr, (uintptr_t)addr, SLOT_LEN));
}

static MLX5X_THREAD_RESULT
run(void *arg)
{
	uint64_t start = rte_get_timer_cycles(), hz = rte_get_timer_hz(), due;
	struct churn *churn = arg;

	while (!__atomic_load_n(&churn->stop, __ATOMIC_ACQUIRE)) {
		one_pair(churn, churn->pairs);
		__atomic_add_fetch(&churn->pairs, 1, __ATOMIC_RELAXED);
		if (churn->race != NULL)
			rte_eth_tx_done_cleanup(*churn->race, 0, 0);
		due = start + churn->pairs * hz / churn->rate;
		while (rte_get_timer_cycles() < due && !__atomic_load_n(&churn->stop, __ATOMIC_ACQUIRE))
			rte_delay_us_sleep(50);
	}
	churn->seconds = (double)(rte_get_timer_cycles() - start) / hz;
	return 0;
}

int
churn_start(struct churn *churn, const char *device, uint32_t rate, const uint16_t *race)
{
	char err[256];
	int ret;

	*churn = (struct churn){.dev = find_device(device), .rate = rate, .race = race};
	if (churn->dev == NULL) {
		fprintf(stderr, "soak: there is no device %s\n", device);
		return -ENODEV;
	}
	ret = region_create(&churn->region, MEMKIND_ANON, SLOTS * SLOT_LEN, err, sizeof(err));
	if (ret != 0) {
		fprintf(stderr, "soak: %s\n", err);
		return ret;
	}
	/* Not on the CPU of the bursts, if there is another. */
	return mlx5x_compat_thread_create(&churn->thread, "soak-churn", run, churn);
}

uint64_t
churn_pairs(const struct churn *churn)
{
	return __atomic_load_n(&churn->pairs, __ATOMIC_RELAXED);
}

void
churn_stop(struct churn *churn)
{
	uint64_t i;
	void *addr;

	__atomic_store_n(&churn->stop, true, __ATOMIC_RELEASE);
	mlx5x_compat_thread_join(churn->thread);
	for (i = churn->pairs > LIVE ? churn->pairs - LIVE : 0; i < churn->pairs; i++) {
		addr = slot_of(churn, i);
		note(churn, "last unmap",
			rte_dev_dma_unmap(churn->dev, addr, (uintptr_t)addr, SLOT_LEN));
	}
	region_destroy(&churn->region);
}
