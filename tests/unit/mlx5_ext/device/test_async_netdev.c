/* SPDX-License-Identifier: BSD-3-Clause */
/* A software device, whose netdev the kernel removes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "async_fixture.h"

/* In the place of that of set_up(). */
static void
start_software(void)
{
	mlx5x_async_stop(&device);
	synced = 0;
	device.found.software = true;
	strcpy(device.found.netdev, "eth9");
	context.async_fd = eventfd(0, EFD_NONBLOCK);
	assert_int_equal(mlx5x_async_start(&device, &handlers), 0);
}

static void
stop_software(void)
{
	if (device.async != NULL)
		mlx5x_async_stop(&device);
	assert_int_equal(device.netwatch, -1);
	assert_int_equal(device.async_set, -1);
	assert_int_not_equal(close(netwatch), 0);
	close(context.async_fd);
}

static bool
is_readable(int fd)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};

	return poll(&poll_fd, 1, 0) == 1;
}

static void
a_software_device_is_watched_with_its_netdev(void **state)
{
	start_software();
	assert_false(is_readable(watched_fd));
	eventfd_write(context.async_fd, 1);
	assert_true(is_readable(watched_fd));
	stop_software();
}

/* Messages about other netdevs come all the time. */
static void
only_the_loss_of_its_netdev_is_its_death(void **state)
{
	start_software();
	eventfd_write(netwatch, 1);
	assert_true(is_readable(watched_fd));
	come(IBV_EVENT_PORT_ERR);
	interrupt();
	assert_false(is_readable(watched_fd));
	assert_int_equal(links, 1);
	assert_int_equal(deaths, 0);
	is_gone = true;
	eventfd_write(netwatch, 1);
	interrupt();
	assert_int_equal(deaths, 1);
	assert_int_equal(removals, 1);
	assert_int_equal(pending, 1);
	assert_true(mlx5x_flag_read(&device.dead));
	assert_int_equal(count_lines(), 1);
	assert_true(log_has("0000:03:00.0: the kernel has removed the netdev eth9, and waits for the "
		"end of its rdma device: detach the port"));
	stop_software();
}

static void
a_netdev_lost_without_a_port_releases_the_device(void **state)
{
	start_software();
	has_port = false;
	is_gone = true;
	interrupt();
	assert_int_equal(left, 1);
	stop_software();
}

static void
without_its_netdev_a_device_does_not_start(void **state)
{
	mlx5x_async_stop(&device);
	device.found.software = true;
	netdev_index = 0;
	assert_int_equal(mlx5x_async_start(&device, &handlers), -ENODEV);
	assert_int_not_equal(close(netwatch), 0);
	netwatch_error = -EMFILE;
	assert_int_equal(mlx5x_async_start(&device, &handlers), -EMFILE);
	netwatch_error = 0;
	netdev_index = 9;
	/* Not a descriptor of this process. */
	context.async_fd = 1 << 20;
	assert_int_equal(mlx5x_async_start(&device, &handlers), -EBADF);
	assert_int_not_equal(close(netwatch), 0);
	assert_int_equal(instances, 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, log_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_software_device_is_watched_with_its_netdev),
		CASE(only_the_loss_of_its_netdev_is_its_death),
		CASE(a_netdev_lost_without_a_port_releases_the_device),
		CASE(without_its_netdev_a_device_does_not_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
