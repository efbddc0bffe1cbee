/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mlx5_ext.c: the functions that the driver claims, and the objects that probe and removal create
 * and release. EAL's part is faked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <string.h>

#include <cmocka.h>
#include <ethdev_pci.h>
#include <rte_devargs.h>
#include <rte_malloc.h>

#include "common/compat.h"
#include "common/verbs.h"
#include "device/async.h"
#include "device/device.h"
#include "device/open.h"
#include "dma.h"
#include "ethdev/ethdev.h"
#include "ethdev/lifecycle.h"
#include "ethdev/mp.h"
#include "ethdev/secondary.h"
#include "ethdev/telemetry.h"
#include "pci_ext_driver.h"
#include "queue/port.h"
#include "compat_pci.h"
#include "log_lines.h"

#define MELLANOX 0x15b3
#define INTEL 0x8086

static struct rte_pci_driver *driver;
static struct rte_devargs devargs;
static struct rte_pci_device pci;
static struct mlx5x_device device;
static struct rte_eth_dev_data data;
static struct rte_eth_dev dev;
static struct mlx5x_port port;

void
rte_pci_register(struct rte_pci_driver *registered)
{
	driver = registered;
}

static bool has_verbs, has_telemetry;

void
mlx5x_verbs_init(void)
{
	has_verbs = true;
}

void
mlx5x_telemetry_register(void)
{
	has_telemetry = true;
}

static int serve_error;

int
mlx5x_mp_serve(void)
{
	return serve_error;
}

static unsigned int nb_attached;

int
mlx5x_secondary_attach(struct rte_pci_device *which)
{
	assert_ptr_equal(which, &pci);
	nb_attached++;
	return 0;
}

static enum rte_proc_type_t process;

enum rte_proc_type_t
rte_eal_process_type(void)
{
	return process;
}

/* The existing objects. */
static bool has_ethdev, has_device, has_port, is_published;

struct rte_eth_dev *
rte_eth_dev_allocate(const char *name)
{
	assert_string_equal(name, pci.name);
	has_ethdev = true;
	return &dev;
}

struct rte_eth_dev *
rte_eth_dev_allocated(const char *name)
{
	return has_ethdev ? &dev : NULL;
}

int
rte_eth_dev_release_port(struct rte_eth_dev *which)
{
	assert_ptr_equal(which, &dev);
	assert_false(has_port);
	has_ethdev = false;
	return 0;
}

void
rte_eth_dev_probing_finish(struct rte_eth_dev *which)
{
	assert_true(is_published);
}

void *
rte_zmalloc_socket(const char *type, size_t size, unsigned int align, int socket)
{
	assert_int_equal(size, sizeof(port));
	return &port;
}

static int discover_error, open_error, port_error, ethdev_error, close_error;
static bool is_software, names_us;

int
mlx5x_discover(const char *name, struct mlx5x_discovery *found)
{
	assert_string_equal(name, pci.name);
	*found = (struct mlx5x_discovery){.software = is_software};
	return discover_error;
}

bool
mlx5x_devargs_name_us(const char *args)
{
	assert_string_equal(args, "wire=uc");
	return names_us;
}

const struct mlx5x_async_handlers mlx5x_port_events;

int
mlx5x_device_open(const struct rte_pci_addr *addr, const char *name,
	const struct mlx5x_async_handlers *handlers, struct mlx5x_device **out)
{
	assert_ptr_equal(addr, &pci.addr);
	assert_string_equal(name, pci.name);
	assert_ptr_equal(handlers, &mlx5x_port_events);
	if (open_error != 0)
		return open_error;
	has_device = true;
	*out = &device;
	return 0;
}

/* It has no port any more. */
void
mlx5x_device_close(struct mlx5x_device *which)
{
	assert_ptr_equal(which, &device);
	assert_true(has_device);
	assert_false(has_port);
	has_device = false;
}

struct mlx5x_device *
mlx5x_device_at(const struct rte_pci_addr *addr)
{
	assert_ptr_equal(addr, &pci.addr);
	return has_device ? &device : NULL;
}

int
mlx5x_port_open(struct mlx5x_port *which, struct rte_eth_dev *of, struct mlx5x_device *on,
	const char *args)
{
	assert_ptr_equal(which, &port);
	assert_ptr_equal(of, &dev);
	assert_ptr_equal(on, &device);
	assert_string_equal(args, "wire=uc");
	has_port = port_error == 0;
	return port_error;
}

void
mlx5x_port_close(struct mlx5x_port *which)
{
	assert_false(is_published);
	has_port = false;
}

/* The last step of probe: from here on others find it. */
void
mlx5x_port_publish(struct mlx5x_port *which)
{
	assert_non_null(dev.dev_ops);
	is_published = true;
}

static int
dev_close(struct rte_eth_dev *of)
{
	if (close_error == 0)
		has_port = false;
	return close_error;
}

static const struct eth_dev_ops ops = {.dev_close = dev_close};

int
mlx5x_ethdev_init(struct rte_eth_dev *of)
{
	of->dev_ops = &ops;
	return ethdev_error;
}

int
mlx5x_dma_map(struct rte_pci_device *of, void *addr, uint64_t iova, size_t len)
{
	return 0;
}

int
mlx5x_dma_map_memory(struct rte_pci_device *of, const struct pci_ext_memory *memory)
{
	return 0;
}

int
mlx5x_dma_unmap(struct rte_pci_device *of, void *addr, uint64_t iova, size_t len)
{
	return 0;
}

/* A function that was allowed by -a, with a software rdma device on it. */
static int
set_up(void **state)
{
	devargs = (struct rte_devargs){.policy = RTE_DEV_ALLOWED, .args = "wire=uc"};
	pci = (struct rte_pci_device){
		.name = "0000:03:00.0", .id.vendor_id = INTEL,
		.device = {.name = pci.name, .devargs = &devargs}};
	compat_claim(&pci, driver);
	data = (struct rte_eth_dev_data){.dev_private = NULL};
	dev = (struct rte_eth_dev){.data = &data};
	port = (struct mlx5x_port){.found = {.rdma = "rxe0", .netdev = "eth0"}};
	process = RTE_PROC_PRIMARY;
	has_ethdev = has_device = has_port = is_published = false;
	discover_error = open_error = port_error = ethdev_error = close_error = 0;
	is_software = true;
	names_us = false;
	log_open();
	return 0;
}

static int
probe(void)
{
	return driver->probe(driver, &pci);
}

static bool
is_nothing_left(void)
{
	return !has_ethdev && !has_device && !has_port;
}

static void
a_function_becomes_a_port(void **state)
{
	assert_int_equal(probe(), 0);
	assert_true(has_ethdev && has_device && has_port && is_published);
	assert_int_equal(driver->remove(&pci), 0);
	assert_true(is_nothing_left());
	assert_int_equal(count_lines(), 0);
}

static void
only_named_devices_are_claimed(void **state)
{
	devargs.policy = RTE_DEV_BLOCKED;
	assert_int_equal(probe(), 1);
	pci.device.devargs = NULL;
	assert_int_equal(probe(), 1);
	assert_true(is_nothing_left());
}

/* The in-tree driver stays the default there. */
static void
hardware_is_claimed_by_the_driver_s_name(void **state)
{
	is_software = false;
	pci.id.vendor_id = MELLANOX;
	assert_int_equal(probe(), 1);
	names_us = true;
	assert_int_equal(probe(), 0);
	assert_int_equal(driver->remove(&pci), 0);
	/* A software device on a NIC of the same vendor is no exception. */
	is_software = true;
	names_us = false;
	assert_int_equal(probe(), 1);
}

static void
named_driver_without_an_rdma_device_is_logged(void **state)
{
	discover_error = -ENOENT;
	assert_int_equal(probe(), 1);
	assert_int_equal(count_lines(), 0);
	names_us = true;
	assert_int_equal(probe(), 1);
	assert_true(log_has("0000:03:00.0: driver=mlx5_ext, but it has no rdma device"));
}

/* Whatever its arguments; the primary process has the device. */
static void
a_secondary_process_attaches_to_the_port(void **state)
{
	process = RTE_PROC_SECONDARY;
	devargs.policy = RTE_DEV_BLOCKED;
	assert_int_equal(probe(), 0);
	assert_int_equal(nb_attached, 1);
	assert_false(has_device);
	/* Without an rdma device it is a port of another driver. */
	discover_error = -ENODEV;
	assert_int_equal(probe(), 1);
	assert_int_equal(nb_attached, 1);
}

static void
each_step_of_a_probe_fails_and_leaves_nothing(void **state)
{
	open_error = -ENOMEM;
	assert_int_equal(probe(), -ENOMEM);
	assert_true(is_nothing_left());
	open_error = 0;
	port_error = -ENOTSUP;
	assert_int_equal(probe(), -ENOTSUP);
	assert_true(is_nothing_left());
	/* Each of these has logged its own error. */
	assert_int_equal(count_lines(), 0);
	port_error = 0;
	ethdev_error = -EINVAL;
	assert_int_equal(probe(), -EINVAL);
	assert_true(is_nothing_left());
	assert_true(log_has("0000:03:00.0: "));
	assert_true(log_has("Invalid argument"));
	assert_false(is_published);
}

/* By rte_eth_dev_close() before the removal. */
static void
the_device_ends_without_a_port(void **state)
{
	assert_int_equal(probe(), 0);
	has_ethdev = has_port = false;
	assert_int_equal(driver->remove(&pci), 0);
	assert_true(is_nothing_left());
	assert_int_equal(driver->remove(&pci), 0);
}

static void
a_failed_close_keeps_the_device(void **state)
{
	assert_int_equal(probe(), 0);
	close_error = -EBUSY;
	assert_int_equal(driver->remove(&pci), -EBUSY);
	assert_true(has_ethdev && has_device && has_port);
}

static bool
has_id(uint16_t vendor, uint16_t id)
{
	const struct rte_pci_id *entry = driver->id_table;

	while (entry->vendor_id != 0 && (entry->vendor_id != vendor || entry->device_id != id))
		entry++;
	return entry->vendor_id != 0;
}

static void
the_bus_reports_its_capabilities(void **state)
{
	assert_string_equal(driver->driver.name, "net_mlx5_ext");
	assert_ptr_equal(driver->dma_map, mlx5x_dma_map);
	assert_ptr_equal(driver->dma_unmap, mlx5x_dma_unmap);
	assert_true(driver->drv_flags & RTE_PCI_DRV_INTR_LSC);
	assert_true(driver->drv_flags & RTE_PCI_DRV_INTR_RMV);
	assert_true(driver->drv_flags & PCI_EXT_DRV_LOGS_REFUSALS);
	assert_true(driver->drv_flags & PCI_EXT_DRV_EXTENDED);
	assert_int_equal(((struct pci_ext_driver *)driver)->size, sizeof(struct pci_ext_driver));
	assert_ptr_equal(((struct pci_ext_driver *)driver)->dma_map_memory, mlx5x_dma_map_memory);
	/* For bifurcated functions, whose kernel driver stays. */
	assert_false(driver->drv_flags & RTE_PCI_DRV_NEED_MAPPING);
	assert_true(has_id(MELLANOX, 4119));
	assert_true(has_id(RTE_PCI_ANY_ID, RTE_PCI_ANY_ID));
}

static void
the_plugin_has_set_up_its_parts(void **state)
{
	assert_true(has_verbs);
	assert_true(has_telemetry);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, log_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_function_becomes_a_port),
		CASE(only_named_devices_are_claimed),
		CASE(hardware_is_claimed_by_the_driver_s_name),
		CASE(named_driver_without_an_rdma_device_is_logged),
		CASE(a_secondary_process_attaches_to_the_port),
		CASE(each_step_of_a_probe_fails_and_leaves_nothing),
		CASE(the_device_ends_without_a_port),
		CASE(a_failed_close_keeps_the_device),
		CASE(the_bus_reports_its_capabilities),
		CASE(the_plugin_has_set_up_its_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
