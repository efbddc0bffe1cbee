/* SPDX-License-Identifier: BSD-3-Clause */
/* groups.c in a made-up /sys and with made-up open files: readlink() is replaced. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/compat.h"
#include "bus/groups.h"
#include "unit.h"

static int open_group; /* 0: the file of none is open */

const char *
rte_pci_get_sysfs_path(void)
{
	return "/made-up";
}

/* The group of 0000:00:NN.F is NN; those of 0000:01 have none. stdin is the file of open_group. */
ssize_t
readlink(const char *path, char *target, size_t size)
{
	int n;

	if (strcmp(path, "/proc/self/fd/0") == 0)
		n = snprintf(
			target, size, open_group == 0 ? "/dev/null" : "/dev/vfio/%d", open_group);
	else if (strncmp(path, "/made-up/0000:00:", 17) == 0)
		n = snprintf(target, size, "../../../../kernel/iommu_groups/%d", atoi(path + 17));
	else
		return -1;
	return n;
}

static int
reset(void **state)
{
	open_group = 0;
	pci_ext_groups_leave("0000:00:12.0");
	pci_ext_groups_leave("0000:00:12.1");
	pci_ext_groups_leave("0000:00:13.0");
	return 0;
}

/* As a plug does. */
static void
enter(const char *device)
{
	pci_ext_groups_enter(device, pci_ext_groups_is_open(device));
}

static void
open_file_is_found(void **state)
{
	assert_false(pci_ext_groups_is_open("0000:00:12.0"));
	open_group = 12;
	assert_true(pci_ext_groups_is_open("0000:00:12.0"));
	assert_true(pci_ext_groups_is_open("0000:00:12.1"));
	assert_false(pci_ext_groups_is_open("0000:00:13.0"));
	assert_false(pci_ext_groups_is_open("0000:01:12.0"));
}

static void
group_that_was_bound_is_apart(void **state)
{
	enter("0000:00:13.0");
	open_group = 12;
	enter("0000:00:12.0");
	assert_true(pci_ext_groups_is_apart("0000:00:12.0"));
	assert_false(pci_ext_groups_is_apart("0000:00:13.0"));
	assert_false(pci_ext_groups_is_apart("0000:00:14.0"));
	pci_ext_groups_leave("0000:00:12.0");
	assert_false(pci_ext_groups_is_apart("0000:00:12.0"));
}

/* EAL has opened the file for the first one; and if the application had, it has for both. */
static void
devices_of_a_group_are_together(void **state)
{
	enter("0000:00:12.0");
	open_group = 12;
	enter("0000:00:12.1");
	assert_false(pci_ext_groups_is_apart("0000:00:12.1"));
	reset(NULL);
	open_group = 12;
	enter("0000:00:12.0");
	open_group = 0;
	enter("0000:00:12.1");
	assert_true(pci_ext_groups_is_apart("0000:00:12.1"));
}

static void
second_probe_changes_nothing(void **state)
{
	enter("0000:00:12.0");
	open_group = 12;
	enter("0000:00:12.0");
	assert_false(pci_ext_groups_is_apart("0000:00:12.0"));
	pci_ext_groups_leave("0000:00:12.0");
	pci_ext_groups_leave("0000:00:12.0");
	enter("0000:00:12.0");
	assert_true(pci_ext_groups_is_apart("0000:00:12.0"));
}

static void
device_without_a_group_is_not_apart(void **state)
{
	pci_ext_groups_enter("0000:01:00.0", true);
	assert_false(pci_ext_groups_is_apart("0000:01:00.0"));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(open_file_is_found, reset),
		cmocka_unit_test_setup(group_that_was_bound_is_apart, reset),
		cmocka_unit_test_setup(devices_of_a_group_are_together, reset),
		cmocka_unit_test_setup(second_probe_changes_nothing, reset),
		cmocka_unit_test_setup(device_without_a_group_is_not_apart, reset),
	};

	return cmocka_run_group_tests_name("groups", tests, reset, reset);
}
