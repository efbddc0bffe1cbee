/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * reg_cost.c - rte_dev_dma_map() and rte_dev_dma_unmap() of one device beside bare ibv_reg_mr() and
 * ibv_dereg_mr() of its rdma device, in one run and in turns, from 4 KiB to 256 MiB; or of so many
 * MiB, in pages of 4 KiB or, where the kernel has them, of 2 MiB. Prints rows of JSON:
 *   reg_cost [EAL arguments] -- DEVICE RDMA-DEVICE [MIB 4k|2m]
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <infiniband/verbs.h>
#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_memory.h>

#include "device.h"
#include "now.h"

#define SMALLEST (4UL << 10)
#define LARGEST (256UL << 20)
#define BUDGET_US 3e6	/* samples of one size */
#define MIN_ROUNDS 5
#define MAX_ROUNDS 400

struct times {
	double map[MAX_ROUNDS], unmap[MAX_ROUNDS], reg[MAX_ROUNDS], dereg[MAX_ROUNDS];
	unsigned int n;
};

static void
fail(const char *what)
{
	fprintf(stderr, "reg_cost: %s: %s\n", what, rte_strerror(rte_errno != 0 ? rte_errno : errno));
	exit(1);
}

static struct ibv_pd *
open_pd(const char *name)
{
	struct ibv_device **list = ibv_get_device_list(NULL);
	struct ibv_context *ctx = NULL;
	int i;

	for (i = 0; list != NULL && list[i] != NULL && ctx == NULL; i++)
		if (strcmp(ibv_get_device_name(list[i]), name) == 0)
			ctx = ibv_open_device(list[i]);
	return ctx != NULL ? ibv_alloc_pd(ctx) : NULL;
}

static void
one_round(struct rte_device *dev, struct ibv_pd *pd, void *addr, size_t len, struct times *times)
{
	double t[6];
	struct ibv_mr *mr;

	t[0] = now_us();
	if (rte_dev_dma_map(dev, addr, (uintptr_t)addr, len) != 0)
		fail("map");
	t[1] = now_us();
	if (rte_dev_dma_unmap(dev, addr, (uintptr_t)addr, len) != 0)
		fail("unmap");
	t[2] = now_us();
	t[3] = now_us();
	mr = ibv_reg_mr(pd, addr, len, IBV_ACCESS_LOCAL_WRITE);
	if (mr == NULL)
		fail("ibv_reg_mr");
	t[4] = now_us();
	ibv_dereg_mr(mr);
	t[5] = now_us();
	times->map[times->n] = t[1] - t[0];
	times->unmap[times->n] = t[2] - t[1];
	times->reg[times->n] = t[4] - t[3];
	times->dereg[times->n++] = t[5] - t[4];
}

/* Populated, and known to EAL. */
static uint8_t *
make_memory(size_t len, bool small)
{
	uint8_t *memory;

	memory = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		fail("memory");
	if (small)
		madvise(memory, len, MADV_NOHUGEPAGE);
	memset(memory, 1, len);
	if (rte_extmem_register(memory, len, NULL, 0, 4096) != 0)
		fail("memory");
	return memory;
}

static int
compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The lower quartile: the cost without interference. */
static double
quartile(double *values, unsigned int n)
{
	qsort(values, n, sizeof(*values), compare);
	return values[n / 4];
}

static void
measure(struct rte_device *dev, struct ibv_pd *pd, uint8_t *memory, size_t len)
{
	static struct times times;
	double start = now_us(), map, unmap, reg, dereg;

	times.n = 0;
	while (times.n < MIN_ROUNDS || (times.n < MAX_ROUNDS && now_us() - start < BUDGET_US))
		one_round(dev, pd, memory, len, &times);
	map = quartile(times.map, times.n);
	unmap = quartile(times.unmap, times.n);
	reg = quartile(times.reg, times.n);
	dereg = quartile(times.dereg, times.n);
	printf("{\"bytes\":%zu,\"map_us\":%.1f,\"reg_us\":%.1f,\"unmap_us\":%.1f,"
		"\"dereg_us\":%.1f,\"ratio\":%.3f}\n", len, map, reg, unmap, dereg,
		(map + unmap) / (reg + dereg));
	fflush(stdout);
}

int
main(int argc, char **argv)
{
	int skip = rte_eal_init(argc, argv);
	struct rte_device *dev;
	struct ibv_pd *pd;
	uint8_t *memory;
	size_t len;

	if (skip < 0 || argc - skip < 3) {
		fprintf(stderr, "usage: reg_cost [EAL arguments] -- DEVICE RDMA-DEVICE "
			"[MIB 4k|2m]\n");
		return 2;
	}
	dev = find_device(argv[skip + 1]);
	pd = open_pd(argv[skip + 2]);
	if (dev == NULL || pd == NULL)
		fail("no such device");
	if (argc - skip == 5) {
		len = strtoul(argv[skip + 3], NULL, 10) << 20;
		measure(dev, pd, make_memory(len, strcmp(argv[skip + 4], "4k") == 0), len);
		return rte_eal_cleanup() != 0;
	}
	memory = make_memory(LARGEST, false);
	for (len = SMALLEST; len <= LARGEST; len *= 4)
		measure(dev, pd, memory, len);
	return rte_eal_cleanup() != 0;
}
