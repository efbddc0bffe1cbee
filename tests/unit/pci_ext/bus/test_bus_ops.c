/* SPDX-License-Identifier: BSD-3-Clause */
/* bus_ops.c on a made-up PCI bus; with fakes, and a dladdr() that maps each symbol to a file. */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_errno.h>

#include "bus/bus_ops.h"
#include "compat_bus.h"
#include "request/dispatch.h"
#include "bus/groups.h"
#include "bus/promote.h"
#include "pci_ext_driver.h"
#include "standing/replay.h"
#include "unit.h"

static int fake_result, scans;
static struct pci_ext_target seen;
static uint64_t seen_addr, seen_iova, seen_len;

static int
remember(const struct pci_ext_target *target, uint64_t addr, uint64_t iova, uint64_t len)
{
	seen = *target;
	seen_addr = addr;
	seen_iova = iova;
	seen_len = len;
	return fake_result;
}

int
pci_ext_dispatch_map(const struct pci_ext_target *target, const struct pci_ext_memory *memory)
{
	assert_int_equal(memory->access, PCI_EXT_ACCESS_READ_WRITE);
	assert_false(memory->is_dmabuf);
	return remember(target, (uintptr_t)memory->addr, memory->iova, memory->len);
}

int
pci_ext_dispatch_unmap(const struct pci_ext_target *target, const struct pci_ext_memory *memory)
{
	return remember(target, (uintptr_t)memory->addr, memory->iova, memory->len);
}

/* The calls of replay, a letter and the device's name each. */
static char replayed[256];

static void
note(char what, const char *name)
{
	size_t used = strlen(replayed);

	snprintf(replayed + used, sizeof(replayed) - used, "%c %s;", what, name);
}

#include "fake_mp_serve.h"
#include "fake_pools.h"
void
pci_ext_replay_watch_memory(void)
{
	note('w', "");
}

void
pci_ext_replay_attach(const struct pci_ext_target *target)
{
	note('a', target->name);
}

void
pci_ext_replay_suspend(const char *name)
{
	note('p', name);
}

void
pci_ext_replay_detach(const char *name)
{
	note('d', name);
}

void
pci_ext_replay_clear(void)
{
	note('c', "");
}

static bool group_is_open;

bool
pci_ext_groups_is_open(const char *device)
{
	return group_is_open;
}

void
pci_ext_groups_enter(const char *device, bool was_open)
{
	note(was_open ? 'G' : 'g', device);
}

void
pci_ext_groups_leave(const char *device)
{
	note('l', device);
}

static bool is_apart;

bool
pci_ext_groups_is_apart(const char *device)
{
	return is_apart;
}

static int promotions;

void
pci_ext_promote_drivers(struct pci_ext_driver_list *list, const void *address)
{
	promotions++;
}

static enum rte_proc_type_t fake_process;

enum rte_proc_type_t
rte_eal_process_type(void)
{
	return fake_process;
}

/* The file of an address; addresses that are not in the table are in the bus's own file. */
static struct {
	const void *address;
	const char *file;
} loaded[4];

int
dladdr(const void *address, Dl_info *info)
{
	size_t i;

	info->dli_fname = "/lib/librte_bus_pci.so.23.0";
	for (i = 0; i < RTE_DIM(loaded); i++)
		if (loaded[i].address == address)
			info->dli_fname = loaded[i].file;
	info->dli_fbase = (void *)(uintptr_t)info->dli_fname;
	return 1;
}

static int
bus_scan(void)
{
	scans++;
	return 7;
}

static int
bus_dma(struct rte_device *dev, void *addr, uint64_t iova, size_t len)
{
	return -1;
}

static struct compat_bus bus;
static struct rte_pci_driver drivers[4];
static struct pci_ext_driver extended = {
	{.drv_flags = PCI_EXT_DRV_EXTENDED}, sizeof(extended), (void *)bus_dma};
static struct rte_pci_device device, other;
static int fake_bus_result;
static bool cleans_by_unplug; /* as from 26.07 on */

static int
bus_probe(PCI_EXT_BUS_PARAMS)
{
	note('P', "");
	return fake_bus_result;
}

static int
bus_cleanup(PCI_EXT_BUS_PARAMS)
{
	note('C', "");
	if (cleans_by_unplug)
		bus.bus.PCI_EXT_UNPLUG(&device.device);
	return fake_bus_result;
}

static int
bus_plug(PCI_EXT_PLUG_PARAMS)
{
	note('+', dev->name);
	return fake_bus_result;
}

/* As the real one: a removed device is gone. */
static int
bus_unplug(struct rte_device *dev)
{
	note('-', dev->name);
	if (fake_bus_result == 0)
		dev->name = NULL;
	return fake_bus_result;
}

static struct rte_device *
bus_find_device(PCI_EXT_FIND_PARAMS)
{
	if (start == NULL && cmp(&device.device, data) == 0)
		return &device.device;
	if (start == &device.device && cmp(&other.device, data) == 0)
		return &other.device;
	return NULL;
}

static int
reset(void **state)
{
	size_t i;

	memset(loaded, 0, sizeof(loaded));
	memset(drivers, 0, sizeof(drivers));
	memset(&device, 0, sizeof(device));
	bus.bus = (struct rte_bus){.name = "pci",
		.scan = bus_scan,
		.probe = bus_probe,
		.PCI_EXT_PLUG = bus_plug,
		.PCI_EXT_UNPLUG = bus_unplug,
		.cleanup = bus_cleanup,
		.find_device = bus_find_device,
		.dma_map = bus_dma,
		.dma_unmap = bus_dma};
	TAILQ_INIT(COMPAT_DRIVERS(&bus));
	for (i = 0; i < RTE_DIM(drivers); i++)
		TAILQ_INSERT_TAIL(COMPAT_DRIVERS(&bus), COMPAT_LISTED(&drivers[i]), next);
	memset(&other, 0, sizeof(other));
	device.device.name = "A";
	other.device.name = "B";
	scans = promotions = fake_result = fake_bus_result = 0;
	cleans_by_unplug = false;
	fake_process = RTE_PROC_PRIMARY;
	replayed[0] = '\0';
	return 0;
}

static int
restore(void **state)
{
	pci_ext_bus_ops_restore();
	return 0;
}

static void
restore_gives_back_what_install_took(void **state)
{
	assert_int_equal(pci_ext_bus_ops_install(&bus.bus), 0);
	assert_ptr_not_equal(bus.bus.dma_map, bus_dma);
	assert_ptr_not_equal(bus.bus.dma_unmap, bus_dma);
	pci_ext_bus_ops_restore();
	assert_ptr_equal(bus.bus.scan, bus_scan);
	assert_ptr_equal(bus.bus.probe, bus_probe);
	assert_ptr_equal(bus.bus.PCI_EXT_PLUG, bus_plug);
	assert_ptr_equal(bus.bus.PCI_EXT_UNPLUG, bus_unplug);
	assert_ptr_equal(bus.bus.cleanup, bus_cleanup);
	assert_ptr_equal(bus.bus.dma_map, bus_dma);
	assert_ptr_equal(bus.bus.dma_unmap, bus_dma);
	pci_ext_bus_ops_restore();
	assert_int_equal(pci_ext_bus_ops_install(&bus.bus), 0);
}

static void
second_install_is_rejected(void **state)
{
	rte_dev_dma_map_t ours;

	assert_int_equal(pci_ext_bus_ops_install(&bus.bus), 0);
	ours = bus.bus.dma_map;
	assert_int_equal(pci_ext_bus_ops_install(&bus.bus), -EALREADY);
	assert_ptr_equal(bus.bus.dma_map, ours);
}

static void
another_copy_is_left_in_place(void **state)
{
	loaded[0].address = (const void *)(uintptr_t)bus_dma;
	loaded[0].file = "/opt/librte_bus_pci_ext.so";
	assert_int_equal(pci_ext_bus_ops_install(&bus.bus), -EBUSY);
	assert_ptr_equal(bus.bus.dma_map, bus_dma);
	assert_ptr_equal(bus.bus.scan, bus_scan);
}

static void
ops_of_a_later_plugin_stay(void **state)
{
	assert_int_equal(pci_ext_bus_ops_install(&bus.bus), 0);
	rte_dev_dma_map_t ours = bus.bus.dma_map;

	bus.bus.dma_map = bus_dma; /* whose saved op is pci_ext's */
	pci_ext_bus_ops_restore();
	assert_ptr_not_equal(bus.bus.dma_unmap, bus_dma);
	assert_int_equal(bus.bus.scan(), 7);
	bus.bus.dma_map = ours;
}

static void
device_is_described(void **state)
{
	drivers[0].driver.name = "net_some";
	device.device.name = "0000:00:12.0";
	device.kdrv = RTE_PCI_KDRV_VFIO;
	assert_int_equal(pci_ext_bus_ops_install(&bus.bus), 0);

	bus.bus.dma_map(&device.device, (void *)0x1000, 0x2000, 0x3000);
	assert_null(seen.driver);
	assert_true(seen.on_vfio);
	assert_false(seen.has_callbacks);
	assert_string_equal(seen.name, "0000:00:12.0");
	assert_ptr_equal(seen.dev, &device.device);
	assert_int_equal(seen_addr, 0x1000);
	assert_int_equal(seen_iova, 0x2000);
	assert_int_equal(seen_len, 0x3000);
	compat_claim(&device, &drivers[0]);
	device.kdrv = RTE_PCI_KDRV_UNKNOWN;
	drivers[0].dma_map = (pci_dma_map_t *)(uintptr_t)bus_dma;
	bus.bus.dma_unmap(&device.device, NULL, 0, 0);
	assert_string_equal(seen.driver, "net_some");
	assert_false(seen.on_vfio);
	assert_false(seen.has_callbacks); /* half a pair */
	drivers[0].dma_unmap = (pci_dma_unmap_t *)(uintptr_t)bus_dma;
	bus.bus.dma_unmap(&device.device, NULL, 0, 0);
	assert_true(seen.has_callbacks);
	assert_false(seen.has_map_memory);
	compat_claim(&device, &extended.pci);
	bus.bus.dma_unmap(&device.device, NULL, 0, 0);
	assert_true(seen.has_map_memory);
	assert_non_null(seen.driver); /* claimed, though it has no name */
}

static void
errors_set_rte_errno_positive(void **state)
{
	assert_int_equal(pci_ext_bus_ops_install(&bus.bus), 0);
	fake_result = -EFAULT;
	rte_errno = 0;
	assert_int_equal(bus.bus.dma_map(&device.device, NULL, 0, 1), -EFAULT);
	assert_int_equal(rte_errno, EFAULT);
	fake_result = -ENOENT;
	assert_int_equal(bus.bus.dma_unmap(&device.device, NULL, 0, 1), -ENOENT);
	assert_int_equal(rte_errno, ENOENT);
	assert_int_equal(bus.bus.dma_map(NULL, NULL, 0, 1), -EINVAL);
	assert_int_equal(rte_errno, EINVAL);
	rte_errno = 0;
	assert_int_equal(bus.bus.dma_unmap(NULL, NULL, 0, 1), -EINVAL);
	assert_int_equal(rte_errno, EINVAL);
}

static void
probe_attaches_what_is_claimed(void **state)
{
	compat_claim(&device, &drivers[0]);
	assert_int_equal(pci_ext_bus_ops_install(&bus.bus), 0);
	fake_bus_result = -1; /* all but one failed */
	assert_int_equal(COMPAT_CALL(probe, &bus), -1);
	assert_string_equal(replayed, "w ;s ;P ;a A;p B;d B;l B;");
}

static void
plug_attaches_when_claimed(void **state)
{
	compat_claim(&device, &drivers[0]);
	assert_int_equal(pci_ext_bus_ops_install(&bus.bus), 0);
	assert_int_equal(COMPAT_CALL_PLUG(&bus, &device.device), 0);
	fake_bus_result = -EEXIST; /* plugged before */
	assert_int_equal(COMPAT_CALL_PLUG(&bus, &device.device), -EEXIST);
	fake_bus_result = -EIO;
	assert_int_equal(COMPAT_CALL_PLUG(&bus, &other.device), -EIO);
	assert_string_equal(replayed, "+ A;a A;+ A;a A;+ B;p B;d B;l B;");
}

/* Before a plug, but not at start, the application may have bound a group. */
static void
groups_on_vfio_are_noted(void **state)
{
	compat_claim(&device, &drivers[0]);
	device.kdrv = RTE_PCI_KDRV_VFIO;
	group_is_open = true;
	assert_int_equal(pci_ext_bus_ops_install(&bus.bus), 0);
	assert_int_equal(COMPAT_CALL(probe, &bus), 0);
	assert_int_equal(COMPAT_CALL_PLUG(&bus, &device.device), 0);
	group_is_open = false;
	assert_string_equal(replayed, "w ;s ;P ;g A;a A;m ;p B;d B;l B;+ A;G A;a A;m ;");
	device.kdrv = RTE_PCI_KDRV_UNKNOWN;
	is_apart = true;
	assert_int_equal(bus.bus.dma_map(&device.device, NULL, 0, 1), 0);
	is_apart = false;
	assert_true(seen.is_apart);
}

static void
unplug_suspends_before_the_driver_s_removal(void **state)
{
	compat_claim(&device, &drivers[0]);
	assert_int_equal(pci_ext_bus_ops_install(&bus.bus), 0);
	assert_int_equal(bus.bus.PCI_EXT_UNPLUG(&device.device), 0);
	assert_string_equal(replayed, "p A;- A;d A;l A;");
}

static void
unplug_that_fails_attaches_again(void **state)
{
	compat_claim(&device, &drivers[0]);
	fake_bus_result = -EBUSY;
	assert_int_equal(pci_ext_bus_ops_install(&bus.bus), 0);
	assert_int_equal(bus.bus.PCI_EXT_UNPLUG(&device.device), -EBUSY);
	assert_string_equal(replayed, "p A;- A;a A;");
}

static void
cleanup_suspends_all_and_forgets(void **state)
{
	assert_int_equal(pci_ext_bus_ops_install(&bus.bus), 0);
	fake_bus_result = 3;
	assert_int_equal(COMPAT_CALL(cleanup, &bus), 3);
	assert_string_equal(replayed, "S ;p A;p B;C ;c ;");
}

static void
unplug_of_a_cleanup_attaches_nothing(void **state)
{
	compat_claim(&device, &drivers[0]);
	assert_int_equal(pci_ext_bus_ops_install(&bus.bus), 0);
	cleans_by_unplug = true;
	fake_bus_result = -EBUSY;
	assert_int_equal(COMPAT_CALL(cleanup, &bus), -EBUSY);
	assert_string_equal(replayed, "S ;p A;p B;C ;- A;c ;");
	replayed[0] = '\0';
	assert_int_equal(bus.bus.PCI_EXT_UNPLUG(&device.device), -EBUSY);
	assert_string_equal(replayed, "p A;- A;a A;");
}

static void
secondary_only_passes_through(void **state)
{
	fake_process = RTE_PROC_SECONDARY;
	compat_claim(&device, &drivers[0]);
	assert_int_equal(pci_ext_bus_ops_install(&bus.bus), 0);
	assert_int_equal(COMPAT_CALL(probe, &bus), 0);
	assert_int_equal(COMPAT_CALL_PLUG(&bus, &device.device), 0);
	assert_int_equal(bus.bus.PCI_EXT_UNPLUG(&device.device), 0);
	assert_int_equal(COMPAT_CALL(cleanup, &bus), 0);
	assert_string_equal(replayed, "P ;+ A;- A;C ;");
}

static void
scan_promotes_drivers_first(void **state)
{
	assert_int_equal(pci_ext_bus_ops_install(&bus.bus), 0);
	assert_int_equal(bus.bus.scan(), 7);
	assert_int_equal(bus.bus.scan(), 7); /* hotplug scans again */
	assert_int_equal(scans, 2);
	assert_int_equal(promotions, 2);
}

static void
unknown_layout_of_the_list_is_not_changed(void **state)
{
	assert_int_equal(pci_ext_bus_ops_install(&bus.bus), 0);
	COMPAT_LISTED(&drivers[0])->next.tqe_prev = NULL;
	assert_int_equal(bus.bus.scan(), 7);
	TAILQ_INIT(COMPAT_DRIVERS(&bus));
	assert_int_equal(bus.bus.scan(), 7);
	assert_int_equal(promotions, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, reset, restore)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(restore_gives_back_what_install_took),
		TEST(second_install_is_rejected),
		TEST(another_copy_is_left_in_place),
		TEST(ops_of_a_later_plugin_stay),
		TEST(device_is_described),
		TEST(errors_set_rte_errno_positive),
		TEST(scan_promotes_drivers_first),
		TEST(probe_attaches_what_is_claimed),
		TEST(plug_attaches_when_claimed),
		TEST(groups_on_vfio_are_noted),
		TEST(unplug_suspends_before_the_driver_s_removal),
		TEST(unplug_that_fails_attaches_again),
		TEST(cleanup_suspends_all_and_forgets),
		TEST(unplug_of_a_cleanup_attaches_nothing),
		TEST(secondary_only_passes_through),
		TEST(unknown_layout_of_the_list_is_not_changed),
	};
	return cmocka_run_group_tests_name("bus_ops", tests, NULL, NULL);
}
