/* SPDX-License-Identifier: BSD-3-Clause */
/* promote.c with a fake dladdr() that maps each symbol to a file. */
#include <dlfcn.h>
#include <string.h>

#include "bus/promote.h"
#include "unit.h"

#define BUS_FILE "/usr/lib/librte_bus_pci.so.23.0"

static struct pci_ext_driver_list list;
static pci_ext_listed_driver drivers[4];
static const char *files[4]; /* of the drivers */
static int bus;

int
dladdr(const void *address, Dl_info *info)
{
	size_t i;

	info->dli_fname = BUS_FILE;
	for (i = 0; i < RTE_DIM(drivers); i++)
		if (address == &drivers[i])
			info->dli_fname = files[i];
	return info->dli_fname != NULL;
}

/* The made-up files exist. */
char *
realpath(const char *path, char *resolved)
{
	return strcpy(resolved, path);
}

static int
reset(void **state)
{
	size_t i;

	TAILQ_INIT(&list);
	for (i = 0; i < RTE_DIM(drivers); i++) {
		TAILQ_INSERT_TAIL(&list, &drivers[i], next);
		files[i] = "/usr/lib/librte_net_some.so.23.0";
	}
	return 0;
}

static void
check_order(int a, int b, int c, int d)
{
	const int order[] = {a, b, c, d};
	const pci_ext_listed_driver *driver = TAILQ_FIRST(&list);
	size_t i;

	for (i = 0; i < RTE_DIM(order); i++, driver = TAILQ_NEXT(driver, next))
		assert_ptr_equal(driver, &drivers[order[i]]);
	assert_null(driver);
}

static void
foreign_drivers_move_first_in_their_order(void **state)
{
	files[1] = "/plugins/librte_net_a.so";
	files[2] = "/elsewhere/librte_net_mlx5.so.23.0";
	files[3] = "/plugins/librte_net_b.so.1";
	pci_ext_promote_drivers(&list, &bus);
	check_order(1, 3, 0, 2);
	pci_ext_promote_drivers(&list, &bus);
	check_order(1, 3, 0, 2);
}

static void
foreign_drivers_in_front_stay(void **state)
{
	files[0] = files[1] = "/plugins/librte_net_a.so";
	pci_ext_promote_drivers(&list, &bus);
	check_order(0, 1, 2, 3);
	files[2] = files[3] = "/plugins/librte_net_a.so";
	pci_ext_promote_drivers(&list, &bus);
	check_order(0, 1, 2, 3);
}

static void
driver_of_an_unknown_file_stays(void **state)
{
	files[1] = NULL;
	pci_ext_promote_drivers(&list, &bus);
	check_order(0, 1, 2, 3);
}

static void
foreign_means_another_version_than_the_bus(void **state)
{
	static const char bus_file[] = "/usr/lib/librte_bus_pci.so.23.0";

	assert_false(pci_ext_promote_is_foreign("/usr/lib/librte_net_mlx5.so.23.0", bus_file));
	assert_false(pci_ext_promote_is_foreign("librte_net_mlx5.so.23.0", bus_file));
	assert_true(pci_ext_promote_is_foreign("/usr/lib/librte_net_mlx5_ext.so", bus_file));
	assert_true(pci_ext_promote_is_foreign("/usr/lib/librte_net_mlx5_ext.so.1", bus_file));
	assert_true(pci_ext_promote_is_foreign("/usr/lib/libvendor.so.23.0", bus_file));
	assert_true(pci_ext_promote_is_foreign("/usr/bin/application", bus_file));
	/* DPDK is linked into the program. */
	assert_false(pci_ext_promote_is_foreign("/usr/bin/testpmd", "/usr/bin/testpmd"));
	assert_true(
		pci_ext_promote_is_foreign("/usr/lib/librte_net_x.so.23.0", "/usr/bin/testpmd"));
	/* A folder with a version in its name is ignored. */
	assert_true(pci_ext_promote_is_foreign("/opt/x.so.23.0/librte_net_x.so", bus_file));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(foreign_drivers_move_first_in_their_order, reset),
		cmocka_unit_test_setup(foreign_drivers_in_front_stay, reset),
		cmocka_unit_test_setup(driver_of_an_unknown_file_stays, reset),
		cmocka_unit_test(foreign_means_another_version_than_the_bus),
	};

	return cmocka_run_group_tests_name("promote", tests, NULL, NULL);
}
