/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * main.c - on the software HCA: two functions are probed, configured, started, used, stopped,
 * closed, reset and removed in random order, with some queues not set up and random failures of
 * steps, beside threads that map, unmap and query. There must be no crash and no leak, each call
 * has to return its required result, and each packet has to be counted.
 *
 * life [EAL arguments] -- ARGUMENTS SEED STEPS SECONDS
 *
 * ARGUMENTS: of both devices; SEED: 0 for one from the clock; ends after STEPS or SECONDS,
 * whichever is first; 0 is no limit. Prints TAP.
 */
#include <dlfcn.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "accident.h"
#include "control.h"
#include "deadline.h"
#include "descriptors.h"
#include "life.h"
#include "pci_ext.h"
#include "pool.h"
#include "tap.h"
#include "threads.h"

#define MEMORY (1u << 20)
#define BUFFERS 2047
#define FOREIGN 255
#define FRAME 1500
#define FOREVER_S 86400
#define SURE 1000	/* steps that must include failures */

struct model model;

void
life_complain(struct life *life, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	__atomic_store_n(&life->stop, true, __ATOMIC_RELEASE);
	if (__atomic_fetch_add(&life->errors, 1, __ATOMIC_RELAXED) < 10)
		printf("# %s\n", text);
}

static bool
find_model(void)
{
	*(void **)&model.order_faults = dlsym(RTLD_DEFAULT, "softhca_order_faults");
	*(void **)&model.violations = dlsym(RTLD_DEFAULT, "softhca_violations");
	if (model.order_faults != NULL && model.violations != NULL)
		return true;
	fprintf(stderr, "life: requires the software HCA (softhca/soft)\n");
	return false;
}

/* Prefers writers, which readers would otherwise starve. */
static void
init_lock(pthread_rwlock_t *lock)
{
	pthread_rwlockattr_t attr;

	pthread_rwlockattr_init(&attr);
	pthread_rwlockattr_setkind_np(&attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	pthread_rwlock_init(lock, &attr);
	pthread_rwlockattr_destroy(&attr);
}

static bool
set_up(struct life *life, const char *args, const char *seed)
{
	static const char *const names[LIFE_SIDES] = {"0000:aa:00.0", "0000:aa:00.1"};
	char err[256] = "no memory";
	unsigned int i;

	life->seed = strtoull(seed, NULL, 10);
	if (life->seed == 0)
		life->seed = time(NULL) * UINT64_C(1000) + getpid() % 1000;
	life->dice.state = life->seed;
	for (i = 0; i < LIFE_SIDES; i++) {
		life->sides[i].name = names[i];
		snprintf(life->sides[i].args, sizeof(life->sides[i].args), "%s", args);
		init_lock(&life->sides[i].device);
		init_lock(&life->sides[i].port);
	}
	if (region_create(&life->region, MEMKIND_ANON, MEMORY, err, sizeof(err)) == 0) {
		life->native = pool_create_native("native", BUFFERS, FRAME, err, sizeof(err));
		life->foreign = pool_create_on(&life->region, "foreign", FOREIGN, FRAME, err,
			sizeof(err));
	}
	if (life->native == NULL || life->foreign == NULL)
		fprintf(stderr, "life: %s\n", err);
	return life->native != NULL && life->foreign != NULL;
}

static void
tear_down(struct life *life)
{
	rte_mempool_free(life->foreign);
	rte_mempool_free(life->native);
	region_destroy(&life->region);
}

static int
complain_of(const struct pci_ext_mapping *mapping, void *arg)
{
	life_complain(arg, "%s: a mapping is left", mapping->device);
	return 0;
}

static void
look_for_leaks(struct life *life)
{
	unsigned int buffers = rte_mempool_in_use_count(life->native) +
		rte_mempool_in_use_count(life->foreign);

	pci_ext_mapping_iterate(NULL, complain_of, life);
	if (buffers != 0)
		life_complain(life, "%u buffers are missing", buffers);
	if (count_descriptors(SOFT_DEVICE) != 0)
		life_complain(life, "%d rdma devices are left open", count_descriptors(SOFT_DEVICE));
	if (rte_eth_dev_count_avail() != 0)
		life_complain(life, "a port is left");
}

static void
show_trail(const struct life *life)
{
	uint64_t i = life->steps > LIFE_TRAIL ? life->steps - LIFE_TRAIL : 0;

	for (; i < life->steps; i++)
		printf("# step %" PRIu64 ": %s\n", i, life->trail[i % LIFE_TRAIL]);
}

static bool
run(struct life *life, uint64_t steps, uint64_t seconds)
{
	struct deadline end = deadline_in_ms((seconds != 0 ? seconds : FOREVER_S) * 1000);

	printf("# seed %" PRIu64 "\n", life->seed);
	fflush(stdout);
	if (threads_start(life))
		while (!life_is_over(life) && (steps == 0 || life->steps < steps) &&
		       !deadline_passed(end))
			control_step(life);
	__atomic_store_n(&life->stop, true, __ATOMIC_RELEASE);
	if (life->errors != 0)
		show_trail(life);
	control_end(life);
	threads_join(life);
	tap_result(life->errors == 0, "each call has its required result, each packet is counted");
	life->errors = 0;
	look_for_leaks(life);
	tap_result(life->errors == 0, "no leaks");
	tap_result(model.violations(NULL) == 0, "no violation of a rule");
	printf("# %" PRIu64 " steps, %" PRIu64 " failed as required; %" PRIu64 " maps, %" PRIu64
		" questions, %" PRIu64 " packets\n", life->steps, life->failures, life->maps,
		life->questions, life->packets);
	tap_result((life->failures != 0 || life->steps < SURE) && life->maps != 0 && life->questions != 0 && life->packets != 0,
		"each kind of activity occurred");
	return tap_done();
}

int
main(int argc, char **argv)
{
	static struct life life;
	bool good;
	int used = rte_eal_init(argc, argv);

	if (used < 0 || argc - used != 5) {
		fprintf(stderr, "usage: life [EAL arguments] -- ARGUMENTS SEED STEPS SECONDS\n");
		return 2;
	}
	argv += used;
	if (!find_model() || !set_up(&life, argv[1], argv[2]) || accident_begin(&life) != 0)
		return 2;
	good = run(&life, strtoull(argv[3], NULL, 10), strtoull(argv[4], NULL, 10));
	tear_down(&life);
	return rte_eal_cleanup() != 0 || !good;
}
