/* SPDX-License-Identifier: BSD-3-Clause */
/* The life cycle of a port: the order of its creation and release, and the death of its device. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <string.h>

#include <cmocka.h>
#include <ethdev_driver.h>

#include "common/counter.h"
#include "device/async.h"
#include "device/device.h"
#include "device/open.h"
#include "ethdev/lifecycle.h"
#include "ethdev/memory_events.h"
#include "queue/link.h"
#include "queue/pair.h"
#include "wire/wires.h"

int mlx5x_logtype;

/* The calls in order: a letter each. */
static char steps[32];
static int devargs_error, memory_error;
static bool named_peer, is_dead;
static const struct mlx5x_wire *chosen;

static struct mlx5x_mr_table table;
static struct mlx5x_device device;
static struct rte_eth_dev_data data;
static struct rte_eth_dev dev = {.data = &data};
static struct mlx5x_port port;

static void
step(const char *what)
{
	strcat(steps, what);
}

int
mlx5x_devargs_parse(const char *name, const char *args, struct mlx5x_devargs *out)
{
	assert_non_null(name);
	assert_string_equal(args, "wire=uc");
	out->named_peer = named_peer;
	out->implicit = MLX5X_IMPLICIT_EAL;
	out->mr_threads = 5;
	return devargs_error;
}

void
mlx5x_mr_set_threads(struct mlx5x_mr_table *mrs, unsigned int threads)
{
	mrs->cut.threads = threads;
}

const struct mlx5x_wire *
mlx5x_wires_choose(const struct mlx5x_port *of, const char *name)
{
	return chosen;
}

void
mlx5x_wires_add_port(struct mlx5x_port *of)
{
	step("w");
}

void
mlx5x_wires_remove_port(struct mlx5x_port *of)
{
	step("W");
}

void
mlx5x_wires_end_port(struct mlx5x_port *of)
{
	step("E");
}

int
mlx5x_memory_events_start(struct mlx5x_port *of)
{
	assert_ptr_equal(of->implicit.mrs, &table);
	assert_int_equal(table.cut.threads, 5);
	assert_int_equal(of->implicit.mode, MLX5X_IMPLICIT_EAL);
	step("m");
	return memory_error;
}

void
mlx5x_memory_events_stop(struct mlx5x_port *of)
{
	step("M");
}

void
mlx5x_memory_events_cover_pools(struct mlx5x_port *of)
{
	step("p");
}

bool
mlx5x_device_attach(struct mlx5x_device *to, struct mlx5x_port *of, struct mlx5x_hold *hold,
	uint16_t port_id)
{
	assert_ptr_equal(hold, &port.hold);
	assert_int_equal(port_id, 7);
	step("a");
	return is_dead;
}

void
mlx5x_device_detach(struct mlx5x_device *from)
{
	step("D");
}

void
mlx5x_device_detached(struct mlx5x_device *from)
{
	step("d");
}

void
mlx5x_device_leave(struct mlx5x_device *from)
{
	step("L");
}

void
mlx5x_link_settle(struct mlx5x_port *of)
{
	step("S");
}

void
mlx5x_link_changed(struct mlx5x_port *of)
{
	step("l");
}

void
mlx5x_pair_close_dead(struct mlx5x_port *of)
{
	step("c");
}

int
rte_eth_dev_callback_process(struct rte_eth_dev *of, enum rte_eth_event_type event, void *param)
{
	assert_int_equal(event, RTE_ETH_EVENT_INTR_RMV);
	step("r");
	return 0;
}

static const struct mlx5x_wire cable = {.name = "uc", .cable = true}, network = {.name = "raw"};

static int
set_up(void **state)
{
	steps[0] = '\0';
	devargs_error = memory_error = 0;
	named_peer = is_dead = false;
	chosen = &cable;
	device = (struct mlx5x_device){.name = "0000:03:00.0", .mrs = &table};
	data = (struct rte_eth_dev_data){.name = "port", .port_id = 7};
	port = (struct mlx5x_port){0};
	return 0;
}

static int
open_port(void)
{
	return mlx5x_port_open(&port, &dev, &device, "wire=uc");
}

static void
a_port_is_found_when_complete(void **state)
{
	assert_int_equal(open_port(), 0);
	assert_true(device.implicit);
	mlx5x_port_publish(&port);
	assert_string_equal(steps, "mwap");
	assert_false(mlx5x_flag_read(&port.dead));
}

/* The device stays until no call for the port is running. */
static void
it_ends_in_the_reverse_order(void **state)
{
	assert_int_equal(open_port(), 0);
	mlx5x_port_publish(&port);
	steps[0] = '\0';
	mlx5x_port_end(&port);
	assert_string_equal(steps, "WDSEMdL");
}

static void
each_step_of_opening_fails(void **state)
{
	devargs_error = -EINVAL;
	assert_int_equal(open_port(), -EINVAL);
	devargs_error = 0;
	chosen = NULL;
	assert_int_equal(open_port(), -ENOTSUP);
	chosen = &network;
	named_peer = true;
	assert_int_equal(open_port(), -EINVAL);
	assert_string_equal(steps, "");
	chosen = &cable;
	memory_error = -ENOMEM;
	assert_int_equal(open_port(), -ENOMEM);
	assert_string_equal(steps, "m");
}

static void
a_port_of_a_dead_device_is_dead(void **state)
{
	assert_int_equal(open_port(), 0);
	is_dead = true;
	mlx5x_port_publish(&port);
	assert_true(mlx5x_flag_read(&port.dead));
}

static void
die(bool held)
{
	struct mlx5x_holder holder = {0};

	assert_int_equal(open_port(), 0);
	steps[0] = '\0';
	holder.hold = held ? &port.hold : NULL;
	mlx5x_port_events.died(&port, &holder);
}

static void
a_death_is_reported_to_a_registered_callback(void **state)
{
	data.dev_conf.intr_conf.rmv = 1;
	die(true);
	assert_string_equal(steps, "clr");
	data.dev_conf.intr_conf.rmv = 0;
	die(true);
	assert_string_equal(steps, "cl");
}

/* The application closed it in the callback of the link event. */
static void
no_death_event_for_a_closed_port(void **state)
{
	data.dev_conf.intr_conf.rmv = 1;
	die(false);
	assert_string_equal(steps, "cl");
}

#define CASE(function) cmocka_unit_test_setup(function, set_up)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_port_is_found_when_complete),
		CASE(it_ends_in_the_reverse_order),
		CASE(each_step_of_opening_fails),
		CASE(a_port_of_a_dead_device_is_dead),
		CASE(a_death_is_reported_to_a_registered_callback),
		CASE(no_death_event_for_a_closed_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
