/* SPDX-License-Identifier: BSD-3-Clause */
/* telemetry.c: commands and their device, their answers, and the hold of the device meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "device/device.h"
#include "ethdev/telemetry.h"
#include "fake_telemetry.h"

#define PORT 3
#define MAX_REGIONS 100

int mlx5x_logtype;

static struct mlx5x_mr_table table;
static struct mlx5x_device device;
static struct mlx5x_hold hold;
static size_t nb_regions;
static unsigned int nb_ports, lookups;

unsigned int
mlx5x_device_list_ports(uint16_t *ids, unsigned int n)
{
	unsigned int i;

	assert_int_equal(n, RTE_MAX_ETHPORTS);
	for (i = 0; i < nb_ports; i++)
		ids[i] = 2 * i + 1;
	return nb_ports;
}

struct mlx5x_device *
mlx5x_device_of_port(uint16_t port_id, struct mlx5x_holder *holder)
{
	lookups++;
	*holder = (struct mlx5x_holder){0};
	if (port_id != PORT)
		return NULL;
	holder->hold = &hold;
	LIST_INSERT_HEAD(&hold.holders, holder, next);
	return &device;
}

void
mlx5x_hold_let_go(struct mlx5x_holder *holder)
{
	assert_ptr_equal(holder->hold, &hold);
	LIST_REMOVE(holder, next);
	holder->hold = NULL;
}

void
mlx5x_mr_get_usage(struct mlx5x_mr_table *of, struct mlx5x_mr_usage *usage)
{
	assert_ptr_equal(of, &table);
	assert_false(LIST_EMPTY(&hold.holders));
	*usage = (struct mlx5x_mr_usage){
		.mapped_regions = 1, .mapped_bytes = 2, .implicit_regions = 3, .implicit_bytes = 4,
		.device_mrs = 5, .pinned_bytes = 6,
	};
}

/* Every second one is implicit, and the third one of a dma-buf. */
size_t
mlx5x_mr_list(struct mlx5x_mr_table *of, struct mlx5x_mr_info *list, size_t n)
{
	size_t i;

	assert_ptr_equal(of, &table);
	assert_false(LIST_EMPTY(&hold.holders));
	for (i = 0; i < nb_regions && i < n; i++)
		list[i] = (struct mlx5x_mr_info){
			.range = {0x10000 * (i + 1), 4096}, .iova = 0xabc000 + i, .lkey = 0x1f + i,
			.nb_mrs = 2, .refs = 9, .implicit = i % 2 != 0, .of_dmabuf = i == 2,
		};
	return i;
}

static int
set_up(void **state)
{
	device = (struct mlx5x_device){.mrs = &table, .found.rdma = "mlx5_0", .caps.max_mr = 777};
	nb_regions = 2;
	nb_ports = 2;
	lookups = 0;
	tel_allocs_left = -1;
	return 0;
}

static int
tear_down(void **state)
{
	assert_true(LIST_EMPTY(&hold.holders));
	return 0;
}

static void
ports_are_listed(void **state)
{
	assert_int_equal(tel_ask("/mlx5_ext/list", NULL), 0);
	assert_string_equal(tel_answer(), "[1,3,]");
	nb_ports = 0;
	assert_int_equal(tel_ask("/mlx5_ext/list", ""), 0);
	assert_string_equal(tel_answer(), "[]");
}

static void
the_usage_of_a_device_is_reported(void **state)
{
	nb_regions = 0;
	assert_int_equal(tel_ask("/mlx5_ext/mr", "3"), 0);
	assert_string_equal(tel_answer(), "{rdma_device=mlx5_0,max_mr=777,device_mrs=5,"
		"mapped_regions=1,mapped_bytes=2,implicit_regions=3,implicit_bytes=4,pinned_bytes=6,"
		"regions={},}");
}

static void
its_regions_are_numbered(void **state)
{
	nb_regions = 3;
	assert_int_equal(tel_ask("/mlx5_ext/mr", "3"), 0);
	assert_true(tel_has(",regions={"
		"0={addr=0x10000,len=4096,iova=0xabc000,lkey=0x1f,mrs=2,references=9,kind=mapped,},"
		"1={addr=0x20000,len=4096,iova=0xabc001,lkey=0x20,mrs=2,references=9,kind=implicit,},"
		"2={addr=0x30000,len=4096,iova=0xabc002,lkey=0x21,mrs=2,references=9,kind=dma-buf,},"
		"},}"));
}

/* Telemetry would cut longer text in the middle of a word. */
static void
sixty_four_regions_are_reported_at_most(void **state)
{
	nb_regions = MAX_REGIONS;
	assert_int_equal(tel_ask("/mlx5_ext/mr", "3"), 0);
	assert_int_equal(tel_count("addr="), 64);
	assert_true(tel_has("63={"));
	assert_true(strlen(tel_answer()) < 16384);
}

static void
an_invalid_port_is_einval(void **state)
{
	static const char *const none[] = {
		NULL, "", "x", "3x", "3,1", "-1", "-65533", "65539", "4294967299", "32"};
	unsigned int i;

	assert_int_equal(RTE_MAX_ETHPORTS, 32);
	for (i = 0; i < RTE_DIM(none); i++)
		assert_int_equal(tel_ask("/mlx5_ext/mr", none[i]), -EINVAL);
	assert_int_equal(lookups, 0);
	assert_int_equal(tel_ask("/mlx5_ext/mr", "31"), -EINVAL);
	assert_int_equal(tel_ask("/mlx5_ext/mr", "0"), -EINVAL);
	assert_int_equal(lookups, 2);
}

/* An answer contains as much as memory allows. */
static void
without_memory_regions_are_left_out(void **state)
{
	tel_allocs_left = 0;
	assert_int_equal(tel_ask("/mlx5_ext/mr", "3"), 0);
	assert_true(tel_has("pinned_bytes=6"));
	assert_false(tel_has("regions={"));
	tel_allocs_left = 2;
	assert_int_equal(tel_ask("/mlx5_ext/mr", "3"), 0);
	assert_true(tel_has("regions={0={"));
	assert_int_equal(tel_count("addr="), 1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(ports_are_listed),
		CASE(the_usage_of_a_device_is_reported),
		CASE(its_regions_are_numbered),
		CASE(sixty_four_regions_are_reported_at_most),
		CASE(an_invalid_port_is_einval),
		CASE(without_memory_regions_are_left_out),
	};

	mlx5x_telemetry_register();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
