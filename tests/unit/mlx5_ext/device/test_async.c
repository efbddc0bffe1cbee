/* SPDX-License-Identifier: BSD-3-Clause */
/* Events of a device, the holds meanwhile, and applications that close all in a callback. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>

#include <cmocka.h>

#include "async_fixture.h"

static void
a_change_of_a_port_is_reported(void **state)
{
	come(IBV_EVENT_PORT_ERR);
	come(IBV_EVENT_LID_CHANGE);
	come(IBV_EVENT_PORT_ACTIVE);
	interrupt();
	assert_int_equal(links, 2);
	assert_true(LIST_EMPTY(&device.hold.holders) && LIST_EMPTY(&port.hold.holders));
	mlx5x_async_stop(&device);
	assert_int_equal(synced, 1);
	assert_int_equal(instances, 0);
	assert_int_equal(count_lines(), 0);
}

static void
events_without_a_port_are_handled(void **state)
{
	has_port = false;
	come(IBV_EVENT_PORT_ERR);
	come(IBV_EVENT_PORT_ACTIVE);
	interrupt();
	assert_int_equal(next_event, 2);
	assert_int_equal(links, 0);
}

static void
a_removed_device_has_no_events(void **state)
{
	there = false;
	come(IBV_EVENT_PORT_ERR);
	interrupt();
	assert_int_equal(next_event, 0);
}

static void
a_death_is_reported_once(void **state)
{
	come(IBV_EVENT_DEVICE_FATAL);
	come(IBV_EVENT_DEVICE_FATAL);
	interrupt();
	assert_int_equal(next_event, 1);
	assert_int_equal(deaths + links + removals, 3);
	assert_int_equal(pending, 1);
	assert_int_equal(left, 0);
	assert_true(mlx5x_flag_read(&device.dead));
	assert_int_equal(count_lines(), 1);
	assert_true(log_has("0000:03:00.0: the rdma device rxe0 is dead: detach the port"));
}

static void
a_death_without_a_port_releases_the_device(void **state)
{
	has_port = false;
	come(IBV_EVENT_DEVICE_FATAL);
	interrupt();
	assert_int_equal(left, 1);
	/* But it must not wait for itself. */
	assert_int_equal(synced, 0);
	assert_null(device.async);
}

/* rte_eth_dev_close(), for a device that died. */
static void
close_port(void)
{
	application = NULL;
	has_port = false;
	mlx5x_hold_end(&port.hold);
	leave(&device);
}

static void
the_port_is_closed_in_the_removal_callback(void **state)
{
	application = close_port;
	come(IBV_EVENT_DEVICE_FATAL);
	interrupt();
	/* In the link event, which is first: then there is no port for the removal event. */
	assert_int_equal(links, 1);
	assert_int_equal(removals, 0);
	assert_int_equal(left, 1);
	assert_int_equal(synced, 0);
}

/* rte_dev_remove(), for a live device. */
static void
remove_device(void)
{
	application = NULL;
	has_port = there = false;
	mlx5x_hold_end(&port.hold);
	mlx5x_hold_end(&device.hold);
	mlx5x_async_stop(&device);
}

static void
the_device_is_removed_in_the_link_callback(void **state)
{
	application = remove_device;
	come(IBV_EVENT_PORT_ERR);
	come(IBV_EVENT_PORT_ACTIVE);
	interrupt();
	assert_int_equal(next_event, 1);
	assert_int_equal(pending, 1);
	assert_int_equal(synced, 0);
}

/* As for another thread, which waits until the event has been handled. */
static void
stop_from_elsewhere(void)
{
	application = NULL;
	in_interrupt_thread = false;
	mlx5x_async_stop(&device);
	in_interrupt_thread = true;
	there = false;
}

static struct mlx5x_device second;

static void
stop_the_second(void)
{
	application = NULL;
	mlx5x_async_stop(&second);
}

static void
only_an_event_does_not_wait_for_itself(void **state)
{
	application = stop_from_elsewhere;
	come(IBV_EVENT_PORT_ERR);
	interrupt();
	assert_int_equal(synced, 1);
	assert_int_equal(pending, 0);
	/* An event of another device. */
	there = true;
	second = (struct mlx5x_device){.name = "0000:04:00.0", .serial = SERIAL + 1, .ctx = &context};
	assert_int_equal(mlx5x_async_start(&second, &handlers), 0);
	assert_int_equal(mlx5x_async_start(&device, &handlers), 0);
	application = stop_the_second;
	come(IBV_EVENT_PORT_ERR);
	interrupt();
	assert_int_equal(synced, 2);
	assert_int_equal(pending, 0);
	/* And other work of EAL's interrupt thread without an event. */
	in_interrupt_thread = true;
	mlx5x_async_stop(&device);
	in_interrupt_thread = false;
	assert_int_equal(synced, 3);
	assert_int_equal(pending, 0);
}

static void
a_failed_start_leaves_nothing(void **state)
{
	mlx5x_async_stop(&device);
	assert_int_equal(instances, 0);
	register_error = -EPERM;
	assert_int_equal(mlx5x_async_start(&device, &handlers), -EPERM);
	assert_null(device.async);
	assert_int_equal(instances, 0);
	no_memory = true;
	assert_int_equal(mlx5x_async_start(&device, &handlers), -ENOMEM);
	assert_null(device.async);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, log_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_change_of_a_port_is_reported),
		CASE(events_without_a_port_are_handled),
		CASE(a_removed_device_has_no_events),
		CASE(a_death_is_reported_once),
		CASE(a_death_without_a_port_releases_the_device),
		CASE(the_port_is_closed_in_the_removal_callback),
		CASE(the_device_is_removed_in_the_link_callback),
		CASE(only_an_event_does_not_wait_for_itself),
		CASE(a_failed_start_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
