/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>

#include <cmocka.h>
#include <infiniband/verbs.h>

#include "discover.h"
#include "sysfs_tree.h"

#define VIRTIO "devices/pci0000:00/0000:00:10.0/virtio3"
#define BEHIND_BRIDGE "devices/pci0000:00/0000:00:1c.0/0000:05:00.0"

/* libibverbs, which knows what the tree has below class/infiniband. */
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
	return sysfs_create(state);
}

static void
add_rxe(const char *rdma, const char *netdev, const char *device)
{
	char path[PATH_MAX], text[64];

	add_rdma(rdma);
	snprintf(path, sizeof(path), "class/infiniband/%s/parent", rdma);
	snprintf(text, sizeof(text), "%s\n", netdev);
	sysfs_file(path, text);
	sysfs_folder(device);
	snprintf(path, sizeof(path), "class/net/%s/device", netdev);
	sysfs_link(path, device);
}

static void
nothing_there_is_enoent(void **state)
{
	struct mlx5x_discovery found;

	assert_int_equal(mlx5x_discover(sysfs_root, "0000:00:10.0", &found), -ENOENT);
	nb_devices = -1;
	assert_int_equal(mlx5x_discover(sysfs_root, "0000:00:10.0", &found), -ENOENT);
	nb_devices = 0;
	add_rdma("rxe0");
	assert_int_equal(mlx5x_discover("/no such root", "0000:00:10.0", &found), -ENOENT);
}

static void
rxe_on_virtio_is_found_one_level_up(void **state)
{
	struct mlx5x_discovery found;

	add_rxe("rxe0", "eth0", VIRTIO);
	assert_int_equal(mlx5x_discover(sysfs_root, "0000:00:10.0", &found), 0);
	assert_string_equal(found.rdma, "rxe0");
	assert_string_equal(found.netdev, "eth0");
	assert_true(found.software);
}

static void
the_bridge_above_is_not_the_function(void **state)
{
	struct mlx5x_discovery found;

	add_rxe("rxe1", "eth5", BEHIND_BRIDGE);
	assert_int_equal(mlx5x_discover(sysfs_root, "0000:05:00.0", &found), 0);
	assert_int_equal(mlx5x_discover(sysfs_root, "0000:00:1c.0", &found), -ENOENT);
}

static void
each_function_gets_its_own(void **state)
{
	struct mlx5x_discovery found;

	add_rxe("rxe0", "eth0", VIRTIO);
	add_rxe("rxe1", "eth5", BEHIND_BRIDGE);
	assert_int_equal(mlx5x_discover(sysfs_root, "0000:00:10.0", &found), 0);
	assert_string_equal(found.rdma, "rxe0");
	assert_int_equal(mlx5x_discover(sysfs_root, "0000:05:00.0", &found), 0);
	assert_string_equal(found.rdma, "rxe1");
}

static void
siw_is_found_by_its_gid(void **state)
{
	struct mlx5x_discovery found;

	add_rdma("siw0");
	sysfs_file("class/infiniband/siw0/ports/1/gid_attrs/ndevs/0", "eth0\n");
	sysfs_folder(VIRTIO);
	sysfs_link("class/net/eth0/device", VIRTIO);
	assert_int_equal(mlx5x_discover(sysfs_root, "0000:00:10.0", &found), 0);
	assert_string_equal(found.rdma, "siw0");
	assert_true(found.software);
}

static void
hardware_is_found_by_its_device_link(void **state)
{
	struct mlx5x_discovery found;

	add_rdma("mlx5_0");
	sysfs_folder(BEHIND_BRIDGE "/net/ens5");
	sysfs_link("class/infiniband/mlx5_0/device", BEHIND_BRIDGE);
	assert_int_equal(mlx5x_discover(sysfs_root, "0000:05:00.0", &found), 0);
	assert_string_equal(found.rdma, "mlx5_0");
	assert_string_equal(found.netdev, "ens5");
	assert_false(found.software);
}

static void
a_netdev_without_device_or_an_empty_parent_is_passed_over(void **state)
{
	struct mlx5x_discovery found;

	add_rdma("rxe0");
	add_rdma("rxe1");
	sysfs_file("class/infiniband/rxe0/parent", "lo\n");
	sysfs_folder("class/net/lo");
	sysfs_file("class/infiniband/rxe1/parent", "");
	assert_int_equal(mlx5x_discover(sysfs_root, "0000:00:10.0", &found), -ENOENT);
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, create, sysfs_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(nothing_there_is_enoent),
		CASE(rxe_on_virtio_is_found_one_level_up),
		CASE(the_bridge_above_is_not_the_function),
		CASE(each_function_gets_its_own),
		CASE(siw_is_found_by_its_gid),
		CASE(hardware_is_found_by_its_device_link),
		CASE(a_netdev_without_device_or_an_empty_parent_is_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
