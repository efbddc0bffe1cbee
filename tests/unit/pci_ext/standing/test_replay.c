/* SPDX-License-Identifier: BSD-3-Clause */
/* replay.c with the real registry, fake backends, and an EAL whose memory is set by the test. */
#include <errno.h>
#include <string.h>

#include "request/dispatch.h"
#include "fake_backend.h"
#include "log_lines.h"
#include "common/memory.h"
#include "registry/registry.h"
#include "standing/replay.h"
#include "standing/standing.h"
#include "unit.h"

static const struct pci_ext_backend *fake_route;

static void (*watcher)(uint64_t addr, uint64_t len);

void
pci_ext_memory_watch(void (*gone)(uint64_t addr, uint64_t len))
{
	watcher = gone;
}

int
pci_ext_dispatch_route(const struct pci_ext_target *target, const struct pci_ext_backend **backend)
{
	*backend = fake_route;
	return fake_route == NULL ? -ENOTSUP : 0;
}

static bool has_cleared;
static size_t before_standing; /* records, when the standing ranges are added */

int
pci_ext_standing_attach(
	const struct pci_ext_target *attached, const struct pci_ext_backend *backend)
{
	before_standing = pci_ext_registry_copy_mappings(NULL, NULL, 0);
	return pci_ext_registry_attach(attached, backend);
}

void
pci_ext_standing_clear(void)
{
	has_cleared = true;
}

static uint64_t forgotten;

void
pci_ext_standing_forget(uint64_t addr, uint64_t len)
{
	forgotten = addr;
}

static struct fake_space space;
static struct pci_ext_target target;
static struct pci_ext_conflict conflict;

static int
reset(void **state)
{
	fake_reset();
	memset(&space, 0, sizeof(space));
	target = fake_target("0000:00:0a.0", &space);
	fake_route = &fake_private;
	return 0;
}

static int
cleanup(void **state)
{
	fake_unmap_error = 0;
	pci_ext_replay_suspend(target.name);
	pci_ext_replay_detach(target.name);
	has_cleared = false;
	pci_ext_replay_clear();
	assert_true(has_cleared);
	assert_int_equal(space.n, 0);
	assert_int_equal(space.violations, 0);
	assert_int_equal(pci_ext_registry_copy_devices(NULL, NULL, 0), 0);
	return 0;
}

static int
request(uint64_t addr, uint64_t len)
{
	struct pci_ext_target named = {.name = target.name};
	struct pci_ext_range range = {addr, addr, len};

	return pci_ext_registry_map(
		&named, NULL, &range, fake_registration(range.addr), NULL, &conflict);
}

static size_t
count_state(enum pci_ext_state state)
{
	struct pci_ext_registry_totals totals;

	pci_ext_registry_count(&totals);
	return state == PCI_EXT_ACTIVE ? totals.active : totals.pending;
}

static void
requested_mappings_are_made_at_probe(void **state)
{
	assert_int_equal(request(0x100, 0x10), 0);
	assert_int_equal(request(0x200, 0x10), 0);
	pci_ext_replay_attach(&target);
	assert_int_equal(space.n, 2);
	pci_ext_replay_attach(&target);
	assert_int_equal(space.n, 2);
}

static void
exactly_the_live_set_is_restored(void **state)
{
	struct pci_ext_range gone = {0x200, 0x200, 0x10};

	pci_ext_replay_attach(&target);
	assert_int_equal(request(0x100, 0x10), 0);
	assert_int_equal(request(0x200, 0x10), 0);
	assert_int_equal(request(0x300, 0x10), 0);
	pci_ext_replay_suspend(target.name);
	assert_int_equal(space.n, 0);
	pci_ext_replay_detach(target.name);
	assert_int_equal(pci_ext_registry_unmap(target.name, &gone, &conflict), 0);
	assert_int_equal(request(0x400, 0x10), 0);
	pci_ext_replay_attach(&target);
	assert_int_equal(space.n, 3);
	assert_true(fake_holds(&space, 0x100, 0x100, 0x10));
	assert_true(fake_holds(&space, 0x300, 0x300, 0x10));
	assert_true(fake_holds(&space, 0x400, 0x400, 0x10));
}

static void
memory_unknown_to_eal_is_dropped(void **state)
{
	assert_int_equal(request(0x100, 0x10), 0);
	assert_int_equal(request(0x700, 0x10), 0);
	fake_register_anew(0x700);
	log_open();
	pci_ext_replay_attach(&target);
	assert_true(
		log_has("0000:00:0a.0: dropped stale mapping addr 0x700 iova 0x700 len 0x10: "));
	assert_int_equal(count_lines(), 1);
	log_close();
	assert_int_equal(before_standing, 1);
	assert_int_equal(space.n, 1);
	assert_int_equal(count_state(PCI_EXT_PENDING), 0);
}

/* With the reason of the backend, as a map has it. */
static void
failure_leaves_it_pending(void **state)
{
	assert_int_equal(request(0x100, 0x10), 0);
	assert_int_equal(request(0x200, 0x10), 0);
	fake_fail_at = 1;
	log_open();
	pci_ext_replay_attach(&target);
	assert_true(log_has("0000:00:0a.0: cannot map addr 0x100 iova 0x100 len 0x10 at probe: "
			    "Cannot allocate memory: by the fake"));
	assert_int_equal(count_lines(), 1);
	log_close();
	assert_int_equal(space.n, 1);
	assert_int_equal(count_state(PCI_EXT_PENDING), 1);
	pci_ext_replay_attach(&target);
	assert_int_equal(space.n, 2);
}

static void
device_without_a_backend_keeps_its_requests(void **state)
{
	fake_route = NULL;
	assert_int_equal(request(0x100, 0x10), 0);
	pci_ext_replay_attach(&target);
	assert_int_equal(space.n, 0);
	assert_int_equal(count_state(PCI_EXT_PENDING), 1);
}

static void
driver_that_fails_is_overruled(void **state)
{
	pci_ext_replay_attach(&target);
	assert_int_equal(request(0x100, 0x10), 0);
	fake_unmap_error = -EBUSY;
	pci_ext_replay_suspend(target.name);
	assert_int_equal(count_state(PCI_EXT_ACTIVE), 0);
	assert_int_equal(count_state(PCI_EXT_PENDING), 1);
	space.n = 0; /* freed with the device */
}

static int
end_request(uint64_t addr, uint64_t len)
{
	struct pci_ext_range range = {addr, addr, len};

	return pci_ext_registry_unmap(target.name, &range, &conflict);
}

/* The driver failed to unmap one, and then to be removed: it still has that mapping. */
static void
remaining_device_is_unchanged(void **state)
{
	pci_ext_replay_attach(&target);
	assert_int_equal(request(0x100, 0x10), 0);
	assert_int_equal(request(0x200, 0x10), 0);
	fake_fail_at = 1;
	pci_ext_replay_suspend(target.name);
	assert_int_equal(space.n, 1);
	pci_ext_replay_attach(&target);
	assert_int_equal(count_state(PCI_EXT_ACTIVE), 2);
	assert_int_equal(space.n, 2);
	assert_int_equal(space.violations, 0);
	assert_int_equal(end_request(0x100, 0x10), 0);
	assert_int_equal(space.n, 1);
	/* An unmap before it is mapped again. */
	fake_fail_at = 1;
	pci_ext_replay_suspend(target.name);
	assert_int_equal(space.n, 1);
	assert_int_equal(pci_ext_registry_attach(&target, &fake_private), 0);
	assert_int_equal(end_request(0x200, 0x10), 0);
	assert_int_equal(space.n, 0);
	assert_int_equal(request(0x200, 0x10), 0);
	/* A removed device has no mappings. */
	fake_fail_at = 1;
	pci_ext_replay_suspend(target.name);
	pci_ext_replay_detach(target.name);
	space.n = 0;
	pci_ext_replay_attach(&target);
	assert_true(fake_holds(&space, 0x200, 0x200, 0x10));
}

/*
 * The driver's mappings end before the driver, those of the space when no device uses it any more.
 */
static void
shared_ones_outlast_the_driver(void **state)
{
	struct pci_ext_target vfio = fake_target("0000:00:12.0", &fake_shared_space);
	struct pci_ext_range range = {0x100, 0x100, 0x10};
	int round;

	fake_route = &fake_shared;
	for (round = 0; round < 2; round++) {
		pci_ext_replay_attach(&vfio);
		assert_int_equal(pci_ext_registry_map(&vfio, &fake_shared, &range,
					 fake_registration(range.addr), NULL, &conflict),
			0);
		assert_int_equal(fake_shared_space.n, 1);
		pci_ext_replay_suspend(vfio.name);
		assert_int_equal(fake_shared_space.n, 1);
		if (round == 0) {
			pci_ext_replay_detach(vfio.name);
			assert_int_equal(fake_shared_space.n, 0);
			assert_int_equal(count_state(PCI_EXT_PENDING), 1);
		}
	}
	pci_ext_replay_clear(); /* the bus does not report each detach */
	assert_int_equal(fake_shared_space.n, 0);
	assert_int_equal(fake_shared_space.violations, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, reset, cleanup)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(requested_mappings_are_made_at_probe),
		TEST(exactly_the_live_set_is_restored),
		TEST(memory_unknown_to_eal_is_dropped),
		TEST(failure_leaves_it_pending),
		TEST(device_without_a_backend_keeps_its_requests),
		TEST(driver_that_fails_is_overruled),
		TEST(remaining_device_is_unchanged),
		TEST(shared_ones_outlast_the_driver),
	};

	return cmocka_run_group_tests_name("replay", tests, NULL, NULL);
}
