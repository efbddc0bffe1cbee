/* SPDX-License-Identifier: BSD-3-Clause */
/* ranges.h - ranges of 64 KiB of the benchmark's own memory, to be mapped for one device. */
#ifndef BENCH_RANGES_H
#define BENCH_RANGES_H

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <rte_common.h>
#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_memory.h>

#define LEN 65536UL
#define MOST 65536u
#define PAGE (2UL << 20)

static struct rte_device *dev;
static uint8_t *memory;

static void
fail(const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what,
		rte_strerror(rte_errno != 0 ? rte_errno : errno));
	exit(1);
}

static void
map(unsigned int i)
{
	uint8_t *addr = memory + i * LEN;

	if (rte_dev_dma_map(dev, addr, (uintptr_t)addr, LEN) != 0)
		fail("map");
}

static void
unmap(unsigned int i)
{
	uint8_t *addr = memory + i * LEN;

	if (rte_dev_dma_unmap(dev, addr, (uintptr_t)addr, LEN) != 0)
		fail("unmap");
}

/* Memory for MOST of them, registered with EAL. */
static void
make_ranges(void)
{
	memory = mmap(NULL, MOST * LEN + PAGE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (memory == MAP_FAILED)
		fail("memory");
	memory = (uint8_t *)RTE_PTR_ALIGN(memory, PAGE);
	if (rte_extmem_register(memory, MOST * LEN, NULL, 0, PAGE) != 0)
		fail("rte_extmem_register");
}

#endif
