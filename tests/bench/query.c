/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * query.c - what pci_ext_query() of a packet costs among N mappings of 64 KiB, beside a mutex that
 * nobody else wants, and rte_mem_virt2memseg_list(), by which EAL finds the same addresses; alone,
 * and with a thread that maps and unmaps as fast as it can. Prints a row of JSON for each:
 *   query [EAL arguments] -- DEVICE N...
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_memory.h>

#include "device.h"
#include "now.h"
#include "pci_ext.h"
#include "plugin.h"
#include "ranges.h"

#define PACKET 1500
#define CALLS 1000000u
#define ROUNDS 5

static plugin_query_t query;
static unsigned int mapped;
static _Atomic bool end;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

/* A packet in one of the mappings: an odd step reaches all of them. */
static uint8_t *
packet(unsigned int i)
{
	return memory + i * 40503u % mapped * LEN + 128;
}

static void
by_query(unsigned int i)
{
	struct pci_ext_answer answer;

	if (query(dev, packet(i), PACKET, &answer) != 0 || answer.state != PCI_EXT_IS_MAPPED)
		fail("a packet is not mapped");
}

static void
by_memseg_list(unsigned int i)
{
	if (rte_mem_virt2memseg_list(packet(i)) == NULL)
		fail("a packet is in no list");
}

static void
by_mutex(unsigned int i)
{
	pthread_mutex_lock(&mutex);
	pthread_mutex_unlock(&mutex);
}

/* Nanoseconds of a call, the shortest of some rounds. */
static double
measure(void (*call)(unsigned int i), unsigned int calls)
{
	double best = 1e12, began;
	unsigned int i, round;

	for (round = 0; round < ROUNDS; round++) {
		began = now_ns();
		for (i = 0; i < calls; i++)
			call(i);
		began = (now_ns() - began) / calls;
		best = began < best ? began : best;
	}
	return best;
}

static void *
churn(void *changes)
{
	while (!atomic_load(&end)) {
		map(mapped);
		unmap(mapped);
		*(unsigned long *)changes += 2;
	}
	return NULL;
}

static void
show(unsigned int n, unsigned long changes)
{
	double ours = measure(by_query, CALLS), reference = measure(by_mutex, CALLS);

	printf("{\"n\":%u,\"churn\":%d,\"query_ns\":%.1f,\"mutex_ns\":%.1f,\"ratio\":%.3f,"
		"\"memseg_list_ns\":%.1f}\n", n, changes != 0, ours, reference,
		ours / reference, measure(by_memseg_list, CALLS));
}

static void
show_all(unsigned int n)
{
	unsigned long changes = 0;
	pthread_t thread;

	for (; mapped < n; mapped++)
		map(mapped);
	by_query(0); /* the first call prepares */
	show(n, 0);
	atomic_store(&end, false);
	if (pthread_create(&thread, NULL, churn, &changes) != 0)
		fail("thread");
	show(n, 1);
	atomic_store(&end, true);
	pthread_join(thread, NULL);
	if (changes == 0)
		fail("no change");
}

int
main(int argc, char **argv)
{
	int skip = rte_eal_init(argc, argv), i;
	unsigned int n;

	if (skip < 0 || argc - skip < 3) {
		fprintf(stderr, "usage: query [EAL arguments] -- DEVICE N...\n");
		return 2;
	}
	dev = find_device(argv[skip + 1]);
	query = plugin_query();
	if (dev == NULL || query == NULL)
		fail("no such device, or pci_ext is not loaded");
	make_ranges();
	for (i = skip + 2; i < argc; i++) {
		n = strtoul(argv[i], NULL, 10);
		if (n < mapped || n == 0 || n > MOST - 1)
			fail("numbers of mappings ascend, up to 65535");
		show_all(n);
	}
	while (mapped != 0)
		unmap(--mapped);
	return rte_eal_cleanup() != 0;
}
