/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dma.c: what is refused before the table of regions is asked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
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
static bool still_there;	/* what is mapped, whatever number it has */
static unsigned int maps, holds, ended;
static int end_error, recoveries;
static char line[400];

enum rte_proc_type_t
rte_eal_process_type(void)
{
	return RTE_PROC_PRIMARY;
}

enum rte_iova_mode
rte_eal_iova_mode(void)
{
	return RTE_IOVA_VA;
}

int
mlx5x_device_find(const struct rte_pci_addr *addr, struct mlx5x_holder *holder,
	struct mlx5x_device **found)
{
	*found = &device;
	holds++;
	return 0;
}

void
mlx5x_hold_let_go(struct mlx5x_holder *holder)
{
	holds--;
}

/* While a queue is to be recovered; then it is closed. */
struct mlx5x_port *
mlx5x_device_port(struct mlx5x_device *of, struct mlx5x_holder *holder)
{
	static struct mlx5x_port port;

	holds += recoveries;
	return recoveries != 0 ? &port : NULL;
}

bool
mlx5x_recover_marked(struct mlx5x_port *port)
{
	recoveries--;
	end_error = 0;
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
	if (maps != 0 && memory != mapped_of)
		return -ESTALE;
	mapped_of = memory;
	maps++;
	return 0;
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
	maps--;
	return 0;
}

uint32_t
mlx5x_mr_refs(struct mlx5x_mr_table *table, const struct mlx5x_range *range)
{
	return 0;
}

static int
set_up(void **state)
{
	device.implicit = true;
	in_heap = false;
	maps = holds = ended = 0;
	end_error = recoveries = 0;
	still_there = false;
	device.busy = (struct mlx5x_repeat){0};
	registration = 7;
	log_open();
	return 0;
}

static int
tear_down(void **state)
{
	log_close();
	assert_int_equal(holds, 0);
	return 0;
}

/* The next one of the log, or an empty one. */
static const char *
read_line(void)
{
	rewind(log_stream);
	line[0] = '\0';
	return fgets(line, sizeof(line), log_stream) != NULL ? line : "";
}

static int
map(void)
{
	return mlx5x_dma_map(&pci, (void *)0x5000, 0, 0x1000);
}

static void
memory_of_the_application_is_mapped(void **state)
{
	assert_int_equal(map(), 0);
	assert_int_equal(maps, 1);
	assert_string_equal(read_line(), "");
}

static void
other_memory_is_mapped_anew(void **state)
{
	assert_int_equal(map(), 0);
	assert_int_equal(map(), 0);
	assert_int_equal(ended, 0);
	registration = 8;
	assert_int_equal(map(), 0);
	assert_int_equal(maps, 1);
	assert_int_equal(ended, 1);
	assert_int_equal(mapped_of, 8);
	assert_non_null(strstr(read_line(), "registered with EAL anew"));
}

static void
the_same_memory_by_another_number_is_counted(void **state)
{
	assert_int_equal(map(), 0);
	registration = 8;
	still_there = true;
	assert_int_equal(map(), 0);
	assert_int_equal(maps, 2);
	assert_int_equal(mapped_of, 7);
	assert_int_equal(ended, 0);
	assert_string_equal(read_line(), "");
}

/* Nothing that is posted loses its key; but what a recovery brings back is free. */
static void
what_a_queue_owns_is_not_ended(void **state)
{
	assert_int_equal(map(), 0);
	registration = 8;
	end_error = -EBUSY;
	assert_int_equal(map(), -EBUSY);
	assert_int_equal(rte_errno, EBUSY);
	assert_int_equal(maps, 1);
	assert_int_equal(mapped_of, 7);
	assert_non_null(strstr(read_line(), "stop the port"));
	recoveries = 1;
	assert_int_equal(map(), 0);
	assert_int_equal(ended, 1);
	assert_int_equal(mapped_of, 8);
}

static void
what_gets_its_keys_by_itself_is_eexist(void **state)
{
	in_heap = true;
	assert_int_equal(map(), -EEXIST);
	assert_int_equal(rte_errno, EEXIST);
	assert_int_equal(maps, 0);
	assert_non_null(strstr(read_line(), "needs no map"));
	assert_non_null(strstr(line, "4096 bytes at 0x5000"));
	assert_non_null(strstr(line, "mr_implicit=none"));
}

static void
with_none_it_is_mapped(void **state)
{
	device.implicit = false;
	in_heap = true;
	assert_int_equal(map(), 0);
	assert_int_equal(maps, 1);
}

/* A mapping may have become a heap's, and ends all the same. */
static void
an_unmap_asks_no_heap(void **state)
{
	assert_int_equal(map(), 0);
	in_heap = true;
	assert_int_equal(mlx5x_dma_unmap(&pci, (void *)0x5000, 0, 0x1000), 0);
	assert_int_equal(maps, 0);
}

static void
a_range_that_wraps_is_einval(void **state)
{
	assert_int_equal(mlx5x_dma_map(&pci, (void *)0x5000, 0, 0), -EINVAL);
	assert_int_equal(mlx5x_dma_map(&pci, (void *)0x5000, 0, SIZE_MAX), -EINVAL);
	assert_int_equal(maps, 0);
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(memory_of_the_application_is_mapped),
		CASE(other_memory_is_mapped_anew),
		CASE(the_same_memory_by_another_number_is_counted),
		CASE(what_a_queue_owns_is_not_ended),
		CASE(what_gets_its_keys_by_itself_is_eexist),
		CASE(with_none_it_is_mapped),
		CASE(an_unmap_asks_no_heap),
		CASE(a_range_that_wraps_is_einval),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
