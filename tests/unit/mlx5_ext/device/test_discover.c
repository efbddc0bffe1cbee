/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>

#include <cmocka.h>
#include <infiniband/verbs.h>

#include "device/discover.h"
#include "device/netdev.h"
#include "device/nldev.h"
#include "sysfs_tree.h"

#define BEHIND_BRIDGE "devices/pci0000:00/0000:00:1c.0/0000:05:00.0"

/* libibverbs. */
#define MAX_DEVICES 4

static struct ibv_device devices[MAX_DEVICES];
static struct ibv_device *list[MAX_DEVICES + 1];
static int nb_devices;

struct ibv_device **
ibv_get_device_list(int *n)
{
	*n = nb_devices;
	return nb_devices >= 0 ? list : NULL;
}

void
ibv_free_device_list(struct ibv_device **l)
{
	assert_ptr_equal(l, list);
}

const char *
ibv_get_device_name(struct ibv_device *device)
{
	return device->name;
}

/* The kernel: the netdev of each rdma device, and its function. NULL: none. */
static struct {
	const char *netdev;
	const char *function;
} kernel[MAX_DEVICES];

int
ibv_get_device_index(struct ibv_device *device)
{
	return device - devices;
}

int
mlx5x_nldev_netdev(uint32_t index, char *netdev, size_t size)
{
	assert_uint_in_range(index, 0, MAX_DEVICES - 1);
	snprintf(netdev, size, "%s", kernel[index].netdev != NULL ? kernel[index].netdev : "");
	return kernel[index].netdev != NULL ? 0 : -ENOENT;
}

int
mlx5x_netdev_function(const char *netdev, char function[MLX5X_NETDEV_FUNCTION_SIZE])
{
	int i = 0;

	while (kernel[i].netdev == NULL || strcmp(kernel[i].netdev, netdev) != 0)
		assert_uint_in_range(++i, 0, MAX_DEVICES - 1);
	if (kernel[i].function == NULL)
		return -EOPNOTSUPP;
	snprintf(function, MLX5X_NETDEV_FUNCTION_SIZE, "%s", kernel[i].function);
	return 0;
}

static void
add_rdma(const char *name)
{
	struct ibv_device *device = &devices[nb_devices];

	snprintf(device->name, sizeof(device->name), "%s", name);
	snprintf(device->ibdev_path, sizeof(device->ibdev_path), "%s/class/infiniband/%s",
		sysfs_root, name);
	list[nb_devices++] = device;
}

static int
create(void **state)
{
	nb_devices = 0;
	memset(kernel, 0, sizeof(kernel));
	return sysfs_create(state);
}

static void
add_software(const char *rdma, const char *netdev, const char *function)
{
	kernel[nb_devices].netdev = netdev;
	kernel[nb_devices].function = function;
	add_rdma(rdma);
}

static void
no_mapping_is_enoent(void **state)
{
	struct mlx5x_discovery found;

	assert_int_equal(mlx5x_discover("0000:00:10.0", &found), -ENOENT);
	nb_devices = -1;
	assert_int_equal(mlx5x_discover("0000:00:10.0", &found), -ENOENT);
}

static void
software_is_found_by_its_netdev(void **state)
{
	struct mlx5x_discovery found;

	add_software("rxe0", "eth0", "0000:00:10.0");
	assert_int_equal(mlx5x_discover("0000:00:10.0", &found), 0);
	assert_string_equal(found.rdma, "rxe0");
	assert_string_equal(found.netdev, "eth0");
	assert_true(found.software);
}

static void
each_function_gets_its_own(void **state)
{
	struct mlx5x_discovery found;

	add_software("rxe0", "eth0", "0000:00:10.0");
	add_software("siw1", "eth5", "0000:05:00.0");
	assert_int_equal(mlx5x_discover("0000:00:10.0", &found), 0);
	assert_string_equal(found.rdma, "rxe0");
	assert_int_equal(mlx5x_discover("0000:05:00.0", &found), 0);
	assert_string_equal(found.rdma, "siw1");
	assert_string_equal(found.netdev, "eth5");
	assert_int_equal(mlx5x_discover("0000:05:00.1", &found), -ENOENT);
}

static void
hardware_is_found_by_its_device_link(void **state)
{
	struct mlx5x_discovery found;

	add_rdma("mlx5_0");
	sysfs_folder(BEHIND_BRIDGE "/net/ens5");
	sysfs_link("class/infiniband/mlx5_0/device", BEHIND_BRIDGE);
	assert_int_equal(mlx5x_discover("0000:05:00.0", &found), 0);
	assert_string_equal(found.rdma, "mlx5_0");
	assert_string_equal(found.netdev, "ens5");
	assert_false(found.software);
}

static void
the_bridge_above_is_not_the_function(void **state)
{
	struct mlx5x_discovery found;

	add_rdma("mlx5_0");
	sysfs_folder(BEHIND_BRIDGE);
	sysfs_link("class/infiniband/mlx5_0/device", BEHIND_BRIDGE);
	assert_int_equal(mlx5x_discover("0000:00:1c.0", &found), -ENOENT);
	assert_int_equal(mlx5x_discover("0000:05:00.0", &found), 0);
	assert_string_equal(found.netdev, "");
}

static void
a_device_without_netdev_or_function_is_ignored(void **state)
{
	struct mlx5x_discovery found;

	add_software("rxe0", NULL, NULL);
	add_software("rxe1", "lo", NULL);
	add_software("rxe2", "usb0", "usb-0000:00:14.0-1");
	assert_int_equal(mlx5x_discover("0000:00:14.0", &found), -ENOENT);
	add_software("rxe3", "eth0", "0000:00:14.0");
	assert_int_equal(mlx5x_discover("0000:00:14.0", &found), 0);
	assert_string_equal(found.rdma, "rxe3");
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, create, sysfs_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(no_mapping_is_enoent),
		CASE(software_is_found_by_its_netdev),
		CASE(each_function_gets_its_own),
		CASE(hardware_is_found_by_its_device_link),
		CASE(the_bridge_above_is_not_the_function),
		CASE(a_device_without_netdev_or_function_is_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
