/* SPDX-License-Identifier: BSD-3-Clause */
/* link.c: conditions for an active link, and its events, with their threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>

#include <cmocka.h>
#include <ethdev_driver.h>
#include <rte_alarm.h>

#include "common/counter.h"
#include "device/netdev.h"
#include "queue/link.h"
#include "queue/port.h"
#include "log_lines.h"

int mlx5x_logtype;

static struct rte_eth_dev_data data;
static struct rte_eth_dev dev = {.data = &data};
static struct mlx5x_port port;
static bool carrier;
static unsigned int events;
static enum rte_eth_event_type last_event;

bool
mlx5x_netdev_carrier(const char *netdev)
{
	assert_string_equal(netdev, "eth0");
	return carrier;
}

uint32_t
mlx5x_netdev_speed(const char *netdev)
{
	assert_string_equal(netdev, "eth0");
	return 25000;
}

int
rte_eth_dev_callback_process(struct rte_eth_dev *which, enum rte_eth_event_type event, void *param)
{
	assert_ptr_equal(which, &dev);
	last_event = event;
	events++;
	return 0;
}

/* EAL's alarms: one. */
static rte_eal_alarm_callback alarm_function;
static void *alarm_arg;
static uint64_t alarm_us;
static int alarm_error;

int
rte_eal_alarm_set(uint64_t us, rte_eal_alarm_callback function, void *arg)
{
	alarm_us = us;
	if (alarm_error != 0)
		return alarm_error;
	alarm_function = function;
	alarm_arg = arg;
	return 0;
}

/* As EAL's: it requires the same function and argument. */
int
rte_eal_alarm_cancel(rte_eal_alarm_callback function, void *arg)
{
	if (function != alarm_function || arg != alarm_arg)
		return 0;
	alarm_function = NULL;
	return 1;
}

/* Up. */
static int
set_up(void **state)
{
	data = (struct rte_eth_dev_data){
		.name = "port", .dev_private = &port, .dev_conf.intr_conf.lsc = 1};
	port = (struct mlx5x_port){.dev = &dev, .found.netdev = "eth0", .joined = true};
	carrier = true;
	events = 0;
	alarm_function = NULL;
	alarm_error = 0;
	log_open();
	return 0;
}

static bool
is_up(void)
{
	mlx5x_link_update(&dev, 0);
	return data.dev_link.link_status == RTE_ETH_LINK_UP;
}

static void
it_is_up_with_cable_carrier_and_device(void **state)
{
	assert_true(is_up());
	assert_int_equal(data.dev_link.link_speed, 25000);
	assert_int_equal(data.dev_link.link_duplex, RTE_ETH_LINK_FULL_DUPLEX);
	carrier = false;
	assert_false(is_up());
	assert_int_equal(data.dev_link.link_speed, RTE_ETH_SPEED_NUM_NONE);
	carrier = true;
	mlx5x_port_set_joined(&port, false);
	assert_false(is_up());
	mlx5x_port_set_joined(&port, true);
	assert_true(is_up());
	mlx5x_flag_set(&port.dead, true);
	assert_false(is_up());
}

static void
a_change_is_detected(void **state)
{
	assert_int_equal(mlx5x_link_update(&dev, 0), 0);
	assert_int_equal(mlx5x_link_update(&dev, 0), -1);
	carrier = false;
	assert_int_equal(mlx5x_link_update(&dev, 1), 0);
	assert_int_equal(mlx5x_link_update(&dev, 1), -1);
	/* The op is the application's call, which needs no event. */
	assert_int_equal(events, 0);
}

static void
an_event_reports_a_change(void **state)
{
	mlx5x_link_changed(&port);
	assert_int_equal(events, 1);
	assert_int_equal(last_event, RTE_ETH_EVENT_INTR_LSC);
	mlx5x_link_changed(&port);
	assert_int_equal(events, 1);
	carrier = false;
	mlx5x_link_changed(&port);
	assert_int_equal(events, 2);
}

static void
without_lsc_there_is_a_state_and_no_event(void **state)
{
	data.dev_conf.intr_conf.lsc = 0;
	mlx5x_link_changed(&port);
	assert_int_equal(data.dev_link.link_status, RTE_ETH_LINK_UP);
	assert_int_equal(events, 0);
}

static void
later_eal_s_thread_reports(void **state)
{
	mlx5x_link_changed_later(&port);
	assert_int_equal(events, 0);
	assert_int_equal(data.dev_link.link_status, RTE_ETH_LINK_DOWN);
	/* EAL rejects 0; the shortest time is used. */
	assert_uint_in_range(alarm_us, 1, 1000);
	assert_non_null(alarm_function);
	alarm_function(alarm_arg);
	assert_int_equal(events, 1);
	assert_int_equal(count_lines(), 0);
}

static void
a_closed_port_has_no_events(void **state)
{
	mlx5x_link_settle(&port);
	mlx5x_link_changed_later(&port);
	mlx5x_link_settle(&port);
	assert_null(alarm_function);
}

static void
a_lost_event_is_logged(void **state)
{
	alarm_error = -ENOMEM;
	mlx5x_link_changed_later(&port);
	assert_int_equal(events, 0);
	assert_int_equal(count_lines(), 1);
	assert_true(log_has("port: cannot set an alarm: no LSC event is raised"));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, log_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(it_is_up_with_cable_carrier_and_device),
		CASE(a_change_is_detected),
		CASE(an_event_reports_a_change),
		CASE(without_lsc_there_is_a_state_and_no_event),
		CASE(later_eal_s_thread_reports),
		CASE(a_closed_port_has_no_events),
		CASE(a_lost_event_is_logged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
