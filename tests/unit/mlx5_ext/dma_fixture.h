/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dma_fixture.h - the neighbours of dma.c: one device, whose MR table has one mapping, of any
 * range. For one test program.
 */
#ifndef DMA_FIXTURE_H_
#define DMA_FIXTURE_H_

#include <errno.h>
#include <string.h>

#include <cmocka.h>

#include <rte_eal.h>
#include <rte_errno.h>

#include "common/compat.h"
#include "device/device.h"
#include "dma.h"
#include "log_lines.h"
#include "mr/heap.h"
#include "queue/port.h"
#include "queue/recover.h"

int mlx5x_logtype;

static struct mlx5x_device device = {.name = "0000:03:00.0"};
static struct rte_pci_device pci;
static bool in_heap;
static uint64_t registration, mapped_of;
static bool still_there;	/* the mapped memory, whatever its registration */
static unsigned int maps, holds, ended;
static int end_error, recoveries;
static enum rte_proc_type_t process;
static enum rte_iova_mode iova_mode;
static int find_error, map_error, unmap_error;
static uint64_t last_iova;
static const struct mlx5x_range other = {0x4000, 0x2000};
static char line[400];

enum rte_proc_type_t
rte_eal_process_type(void)
{
	return process;
}

enum rte_iova_mode
rte_eal_iova_mode(void)
{
	return iova_mode;
}

int
mlx5x_device_find(const struct rte_pci_addr *addr, struct mlx5x_holder *holder,
	struct mlx5x_device **found)
{
	assert_ptr_equal(addr, &pci.addr);
	if (find_error != 0)
		return find_error;
	*found = &device;
	holds++;
	return 0;
}

void
mlx5x_hold_let_go(struct mlx5x_holder *holder)
{
	holds--;
}

static uint16_t inlined; /* bytes, by a device argument of the port */

/* While a queue is to be recovered, or with that argument; then it is closed. */
struct mlx5x_port *
mlx5x_device_port(struct mlx5x_device *of, struct mlx5x_holder *holder)
{
	static struct mlx5x_port port;

	port.devargs.tx_inline = inlined;
	if (recoveries == 0 && inlined == 0)
		return NULL;
	holds++;
	return &port;
}

bool
mlx5x_recover_marked(struct mlx5x_port *port)
{
	recoveries--;
	end_error = unmap_error = 0;
	return true;
}

bool
mlx5x_heap_touches(const struct mlx5x_range *range)
{
	return in_heap;
}

uint64_t
mlx5x_heap_registration(const struct mlx5x_range *range)
{
	return registration;
}

int
mlx5x_mr_map(struct mlx5x_mr_table *table, const struct mlx5x_range *range, uint64_t iova,
	uint64_t memory, struct mlx5x_range *conflict)
{
	last_iova = iova;
	*conflict = other;
	if (map_error != 0)
		return map_error;
	if (maps != 0 && memory != mapped_of)
		return -ESTALE;
	mapped_of = memory;
	maps++;
	return 0;
}

static struct mlx5x_source last_source;

int
mlx5x_mr_map_source(struct mlx5x_mr_table *table, const struct mlx5x_range *range, uint64_t iova,
	uint64_t memory, const struct mlx5x_source *source, struct mlx5x_range *conflict)
{
	last_source = *source;
	return mlx5x_mr_map(table, range, iova, memory, conflict);
}

bool
mlx5x_heap_is_current(const struct mlx5x_range *range, uint64_t number)
{
	assert_int_equal(number, mapped_of);
	return still_there;
}

uint64_t
mlx5x_mr_memory(struct mlx5x_mr_table *table, const struct mlx5x_range *range)
{
	return mapped_of;
}

int
mlx5x_mr_end_mapping(struct mlx5x_mr_table *table, const struct mlx5x_range *range, uint64_t iova,
	uint64_t memory)
{
	assert_int_equal(memory, mapped_of);
	if (end_error != 0)
		return end_error;
	maps = 0;
	ended++;
	return 0;
}

int
mlx5x_mr_unmap(struct mlx5x_mr_table *table, const struct mlx5x_range *range, uint64_t iova,
	struct mlx5x_range *conflict)
{
	last_iova = iova;
	*conflict = other;
	if (unmap_error != 0)
		return unmap_error;
	maps--;
	return 0;
}

uint32_t
mlx5x_mr_refs(struct mlx5x_mr_table *table, const struct mlx5x_range *range)
{
	return 0;
}

static inline int
set_up(void **state)
{
	device.implicit = true;
	in_heap = false;
	maps = holds = ended = 0;
	end_error = recoveries = 0;
	still_there = false;
	device.busy = (struct mlx5x_repeat){0};
	device.dead = false;
	device.caps.max_mr = 77;
	strcpy(pci.name, device.name);
	process = RTE_PROC_PRIMARY;
	iova_mode = RTE_IOVA_VA;
	find_error = map_error = unmap_error = 0;
	registration = 7;
	log_open();
	return 0;
}

static inline int
tear_down(void **state)
{
	log_close();
	assert_int_equal(holds, 0);
	return 0;
}

/* The next line of the log, or an empty one. */
static inline const char *
read_line(void)
{
	rewind(log_stream);
	line[0] = '\0';
	return fgets(line, sizeof(line), log_stream) != NULL ? line : "";
}

static inline int
map(void)
{
	return mlx5x_dma_map(&pci, (void *)0x5000, 0, 0x1000);
}

static inline int
unmap(void)
{
	return mlx5x_dma_unmap(&pci, (void *)0x5000, 0, 0x1000);
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

#endif
