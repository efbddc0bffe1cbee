/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mapping.c - maps and unmaps some of N live ranges of 64 KiB, in functions of their own for
 * callgrind; and counts the memory of a live mapping, and of a bare MR. Prints JSON:
 *   mapping [EAL arguments] -- DEVICE RDMA-DEVICE N
 */
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <infiniband/verbs.h>
#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_memory.h>

#include "device.h"
#include "ranges.h"

#define PAIRS 8u	/* mappings that are ended, and made again */
#define ROUNDS 8u	/* of that */


/* The mappings to change, of n live ones: an odd step reaches all of them. */
static unsigned int
nth(unsigned int i, unsigned int n)
{
	return i * 40503u % n;
}

/* Of PAIRS mappings, or of all; a profiler finds them by their names. */
void mapping_unmap(unsigned int first, unsigned int n);
void mapping_map(unsigned int first, unsigned int n);

void __attribute__((noinline))
mapping_unmap(unsigned int first, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n && i < PAIRS; i++)
		unmap(nth(first + i, n));
}

void __attribute__((noinline))
mapping_map(unsigned int first, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n && i < PAIRS; i++)
		map(nth(first + i, n));
}

static size_t
allocated(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

/* In an order that is not that of addresses. Returns the memory that it takes, per mapping. */
static double
map_all(unsigned int n)
{
	size_t before = allocated();
	unsigned int i;

	for (i = 0; i < n; i++)
		map(nth(i, n));
	return (double)(allocated() - before) / n;
}

static void
unmap_all(unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		unmap(i);
}

static struct ibv_pd *
open_pd(const char *rdma)
{
	struct ibv_device **list = ibv_get_device_list(NULL);
	struct ibv_context *ctx = NULL;
	struct ibv_pd *pd;
	int i;

	for (i = 0; list != NULL && list[i] != NULL && ctx == NULL; i++)
		if (strcmp(ibv_get_device_name(list[i]), rdma) == 0)
			ctx = ibv_open_device(list[i]);
	pd = ctx != NULL ? ibv_alloc_pd(ctx) : NULL;
	if (pd == NULL)
		fail(rdma);
	return pd;
}

/* n MRs, so that the tables of the rdma device have grown. Returns the memory of one more. */
static size_t
mr_bytes(struct ibv_pd *pd, unsigned int n)
{
	struct ibv_mr **mrs = malloc((n + 1) * sizeof(*mrs));
	size_t before = 0;
	unsigned int i;

	for (i = 0; i <= n; i++) {
		if (i == n)
			before = allocated();
		mrs[i] = ibv_reg_mr(pd, memory, LEN, IBV_ACCESS_LOCAL_WRITE);
		if (mrs[i] == NULL)
			fail("ibv_reg_mr");
	}
	before = allocated() - before;
	for (i = 0; i <= n; i++)
		ibv_dereg_mr(mrs[i]);
	free(mrs);
	return before;
}

static void
measure(const char *rdma, unsigned int n)
{
	struct ibv_pd *pd = open_pd(rdma);
	size_t of_mr;
	double bytes;
	unsigned int i;

	/* What is allocated once is not a mapping's. */
	mr_bytes(pd, n);
	of_mr = mr_bytes(pd, n);
	map(0);
	unmap(0);
	bytes = map_all(n) - of_mr;
	for (i = 0; i < ROUNDS; i++) {
		mapping_unmap(i * PAIRS, n);
		mapping_map(i * PAIRS, n);
	}
	unmap_all(n);
	printf("{\"n\":%u,\"pairs\":%u,\"bytes\":%.0f}\n", n, ROUNDS * PAIRS, bytes);
}

int
main(int argc, char **argv)
{
	int skip = rte_eal_init(argc, argv);
	unsigned int n = skip > 0 && argc - skip == 4 ? strtoul(argv[skip + 3], NULL, 10) : 0;

	if (n == 0 || n > MOST) {
		fprintf(stderr, "usage: mapping [EAL arguments] -- DEVICE RDMA-DEVICE N\n");
		return 2;
	}
	dev = find_device(argv[skip + 1]);
	if (dev == NULL)
		fail("no such device");
	make_ranges();
	measure(argv[skip + 2], n);
	return rte_eal_cleanup() != 0;
}
