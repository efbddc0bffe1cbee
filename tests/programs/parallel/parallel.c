/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * parallel.c - maps for several devices at once, while registration is delayed:
 *	parallel [EAL arguments] --		TAP: they run concurrently, and independent calls do not
 *						wait for them. No result depends on a clock.
 *	parallel [EAL arguments] -- MS		JSON: the time for all if each takes MS milliseconds
 *
 * Requires ports of a driver that registers by ibv_reg_mr(), pci_ext, and telemetry.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_malloc.h>
#include <rte_mempool.h>

#include "job.h"
#include "observer.h"
#include "tap.h"
#include "verbs_gate.h"

#define LIMIT_S 20	/* for calls that are quick unless they wait for the gate */
#define ROUNDS 3	/* a query from before the gate was full may be among them */

/* Concurrent activity of other threads. */
struct other {
	const char *name;
	bool (*act)(void);
	pthread_t thread;
	bool good;
	bool done;	/* atomic */
};

/* Creates and frees a pool: memory events of EAL, which drivers handle. */
static bool
make_pool(void)
{
	struct rte_mempool *pool = rte_pktmbuf_pool_create("parallel", 63, 0, 0,
		RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	bool made = pool != NULL;

	rte_mempool_free(pool);
	return made;
}

static bool
allocate(void)
{
	void *memory = rte_malloc("parallel", 1 << 16, 0);
	bool got = memory != NULL;

	rte_free(memory);
	return got;
}

static bool
start_and_stop(void)
{
	return rte_eth_dev_start(0) == 0 && rte_eth_dev_stop(0) == 0;
}

static void *
run_other(void *arg)
{
	struct other *other = arg;

	other->good = other->act();
	__atomic_store_n(&other->done, true, __ATOMIC_RELEASE);
	return NULL;
}

static bool
is_done_in(struct other *other, unsigned int seconds)
{
	struct timespec ms = {.tv_nsec = 10000000};
	unsigned int i;

	for (i = 0; i < seconds * 100 && !__atomic_load_n(&other->done, __ATOMIC_ACQUIRE); i++)
		nanosleep(&ms, NULL);
	return __atomic_load_n(&other->done, __ATOMIC_ACQUIRE) && other->good;
}

static void
try_others(struct other *others, unsigned int n, const char *call)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		others[i].done = false;
		if (pthread_create(&others[i].thread, NULL, run_other, &others[i]) != 0)
			exit(1);
		tap_result(is_done_in(&others[i], LIMIT_S), "%s meanwhile: %s", call, others[i].name);
	}
}

/* They return when the gate is open, at the latest. */
static void
join_others(struct other *others, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		pthread_join(others[i].thread, NULL);
}

static void
try_call(struct jobs *jobs, enum job_call call, const char *name)
{
	struct other others[] = {
		{.name = "a port starts and stops", .act = start_and_stop},
		{.name = "EAL memory is allocated and freed", .act = allocate},
		{.name = "a pool is created and freed", .act = make_pool},
	};
	struct observer_times times;
	unsigned int inside;
	int ret;

	ret = observer_start();
	if (!tap_result(ret == 0, "%s: a thread queries pci_ext (%s)", name, rte_strerror(-ret)))
		return;
	verbs_gate_close();
	inside = jobs_start(jobs, jobs->n, call) == 0 ? verbs_gate_wait(jobs->n, LIMIT_S) : 0;
	tap_result(inside == jobs->n, "%s: of %u devices %u are inside concurrently", name, jobs->n,
		inside);
	tap_result(observer_wait(ROUNDS, LIMIT_S), "%s: iterate and telemetry do not wait", name);
	try_others(others, RTE_DIM(others), name);
	verbs_gate_open();
	join_others(others, RTE_DIM(others));
	tap_result(jobs_join(jobs) == 0, "%s: all return 0", name);
	ret = observer_stop(&times);
	tap_result(ret == 0, "%s: all queries were answered, %u rounds", name, times.rounds);
}

static double
seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Milliseconds of n concurrent calls, one per device. */
static double
time_call(struct jobs *jobs, unsigned int n, enum job_call call)
{
	double start = seconds();

	if (jobs_start(jobs, n, call) != 0 || jobs_join(jobs) != 0)
		exit(1);
	return (seconds() - start) * 1e3;
}

static void
measure(struct jobs *jobs, unsigned int ms)
{
	static const char *const names[] = {[JOB_MAP] = "map", [JOB_UNMAP] = "unmap"};
	double one[RTE_DIM(names)], all;
	struct observer_times times;
	enum job_call call;

	verbs_gate_delay(ms);
	for (call = JOB_MAP; call <= JOB_UNMAP; call++)
		one[call] = time_call(jobs, 1, call);
	for (call = JOB_MAP; call <= JOB_UNMAP; call++) {
		if (observer_start() != 0)
			exit(1);
		all = time_call(jobs, jobs->n, call);
		if (observer_stop(&times) != 0)
			exit(1);
		printf("{\"op\":\"%s\",\"registration_ms\":%u,\"devices\":%u,\"one_ms\":%.1f,"
			"\"all_ms\":%.1f,\"ratio\":%.2f,\"questions\":%u,\"iterate_ms\":%.2f,"
			"\"telemetry_ms\":%.2f}\n", names[call], ms, jobs->n, one[call], all,
			all / one[call], times.rounds, times.iterate_ms, times.telemetry_ms);
	}
}

/* Port 0 can be started: one queue pair. */
static int
set_up_port(void)
{
	struct rte_mempool *pool = rte_pktmbuf_pool_create("port", 1023, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE,
		SOCKET_ID_ANY);
	struct rte_eth_conf conf = {0};
	int ret = pool == NULL ? -rte_errno : rte_eth_dev_configure(0, 1, 1, &conf);

	if (ret == 0)
		ret = rte_eth_rx_queue_setup(0, 0, 64, SOCKET_ID_ANY, NULL, pool);
	if (ret == 0)
		ret = rte_eth_tx_queue_setup(0, 0, 64, SOCKET_ID_ANY, NULL);
	return ret;
}

int
main(int argc, char **argv)
{
	struct jobs jobs = {.n = 0};
	int skip = rte_eal_init(argc, argv), ret;

	if (skip < 0)
		return 2;
	ret = jobs_create(&jobs);
	if (ret == 0)
		ret = set_up_port();
	if (ret != 0) {
		fprintf(stderr, "parallel: the ports cannot be set up: %s\n", rte_strerror(-ret));
		return 2;
	}
	verbs_gate_watch(jobs.memory, jobs.len);
	if (argc - skip > 1) {
		measure(&jobs, (unsigned int)atoi(argv[skip + 1]));
	} else {
		try_call(&jobs, JOB_MAP, "map");
		try_call(&jobs, JOB_UNMAP, "unmap");
		tap_done();
	}
	return rte_eal_cleanup() != 0 || tap_failed != 0;
}
