/* SPDX-License-Identifier: BSD-3-Clause */
/* standing.c: ranges of all devices, while devices come and go, refuse, or keep what they have. */
#include <errno.h>
#include <string.h>

#include "request/dispatch.h"
#include "failing_alloc.h"
#include "fake_backend.h"
#include "log_lines.h"
#include "registry/registry.h"
#include "standing/standing.h"
#include "standing_rig.h"
#include "unit.h"

static void
devices_to_come_are_mapped_too(void **state)
{
	standing_plug(0);
	standing_plug(1);
	assert_int_equal(standing_map_all(0), 0);
	assert_int_equal(standing_reports, 2);
	standing_count[0] = 1;
	standing_holds[0][0] = standing_holds[1][0] = true;
	standing_check_all();
	standing_plug(2);
	standing_check_all();
	standing_unplug(1);
	standing_check_all();
	standing_plug(1);
	standing_check_all();
	assert_int_equal(standing_map_all(0), 0);
	assert_int_equal(standing_unmap_all(0), 0);
	standing_check_all();
	assert_int_equal(standing_unmap_all(0), 0);
	assert_int_equal(standing_reports, 5);
	memset(standing_holds, 0, sizeof(standing_holds));
	standing_count[0] = 0;
	standing_plug(3);
	standing_check_all();
	assert_int_equal(standing_unmap_all(0), -ENOENT);
}

static void
without_a_device_the_range_waits(void **state)
{
	assert_int_equal(standing_map_all(0), 0);
	assert_int_equal(standing_reports, 0);
	standing_count[0] = 1;
	standing_plug(0);
	standing_check_all();
}

static void
devices_without_a_backend_do_not_count(void **state)
{
	standing_is_served[1] = false;
	standing_plug(0);
	standing_plug(1);
	assert_int_equal(standing_map_all(0), 0);
	assert_int_equal(standing_reports, 1);
	standing_count[0] = 1;
	standing_holds[0][0] = true;
	standing_check_all();
}

static void
one_that_refuses_leaves_nothing(void **state)
{
	int d, nth;

	for (d = 0; d < STANDING_DEVICES; d++)
		standing_plug(d);
	for (nth = 1; nth <= STANDING_DEVICES; nth++) {
		fake_fail_at = nth;
		assert_int_equal(standing_map_all(0), -ENOMEM);
		standing_check_all();
		assert_int_equal(standing_unmap_all(0), -ENOENT);
	}
	fake_fail_at = 0;
	assert_int_equal(standing_map_all(0), 0);
	for (d = 0; d < STANDING_DEVICES; d++)
		standing_holds[d][0] = true;
	standing_check_all();
}

/* Queues of a device standing_own buffers: it is still mapped there, and the call can be repeated.
 */
static void
one_that_keeps_it_is_asked_again(void **state)
{
	standing_plug(0);
	standing_plug(1);
	assert_int_equal(standing_map_all(0), 0);
	fake_fail_at = 2;
	assert_int_equal(standing_unmap_all(0), -EBUSY);
	standing_holds[1][0] = true;
	standing_check_all();
	assert_int_equal(standing_map_all(0), -EBUSY);
	standing_plug(2);
	standing_check_all();
	assert_int_equal(standing_unmap_all(0), 0);
	standing_holds[1][0] = false;
	standing_check_all();
	assert_int_equal(standing_map_all(0), 0);
	standing_holds[0][0] = standing_holds[1][0] = standing_holds[2][0] = true;
	standing_check_all();
}

static void
other_memory_there_is_mapped_anew(void **state)
{
	standing_plug(0);
	standing_plug(1);
	assert_int_equal(standing_map_all(0), 0);
	assert_int_equal(standing_map_all(0), 0);
	fake_register_anew(standing_addr_of(0));
	assert_int_equal(standing_map_all(0), 0);
	standing_holds[0][0] = standing_holds[1][0] = true;
	standing_check_all();
	assert_int_equal(standing_unmap_all(0), 0);
	memset(standing_holds, 0, sizeof(standing_holds));
	standing_check_all();
	assert_int_equal(standing_unmap_all(0), -ENOENT);
}

/* It may call again: no lock is held. */
static void
map_the_next(const char *device, int result, void *arg)
{
	assert_int_equal(result, 0);
	assert_int_equal(standing_map_all(1), 0);
}

static void
a_report_may_call(void **state)
{
	const struct pci_ext_memory memory = standing_memory(0, STANDING_PLAIN);

	standing_plug(0);
	assert_int_equal(pci_ext_standing_map(&memory, map_the_next, NULL), 0);
	standing_holds[0][0] = standing_holds[0][1] = true;
	standing_check_all();
	assert_int_equal(standing_unmap_all(0), 0);
	standing_holds[0][0] = false;
	standing_check_all();
}

/* Unregistered, without an unmap: a device that comes does not get what is there now. */
static void
other_memory_is_not_given(void **state)
{
	standing_plug(0);
	assert_int_equal(standing_map_all(0), 0);
	fake_register_anew(standing_addr_of(0));
	standing_plug(1);
	assert_int_equal(pci_ext_registry_copy_mappings(standing_names[1], NULL, 0), 0);
	assert_int_equal(standing_unmap_all(0), 0);
	standing_check_all();
}

/* Its driver has mapped something in its probe: it is there before it is attached. */
static void
one_that_has_mapped_already_is_no_exception(void **state)
{
	assert_int_equal(standing_map_all(0), 0);
	assert_int_equal(standing_map_all(1), 0);
	standing_count[0] = standing_count[1] = 1;
	standing_plug_and_map(0, 0);
	standing_check_all();
	standing_plug_and_map(1, 2);
	standing_check_all();
	assert_int_equal(standing_unmap_all(0), 0);
	standing_holds[0][0] = standing_holds[1][0] = false;
	standing_check_all();
}

/* EAL has freed the memory, and has other memory there that has no number of its own. */
static void
freed_memory_is_mapped_anew(void **state)
{
	standing_plug(0);
	assert_int_equal(standing_map_all(0), 0);
	pci_ext_registry_forget(standing_addr_of(0), 1);
	pci_ext_standing_forget(standing_addr_of(0), 1);
	standing_plug(1); /* nothing is there to map */
	assert_int_equal(pci_ext_registry_copy_mappings(standing_names[1], NULL, 0), 0);
	assert_int_equal(standing_map_all(0), 0);
	standing_holds[0][0] = standing_holds[1][0] = true;
	standing_check_all();
	assert_int_equal(standing_unmap_all(0), 0);
	memset(standing_holds, 0, sizeof(standing_holds));
	standing_check_all();
}

/* A stale mapping that another map has ended is none. */
static void
what_was_ended_as_stale_is_done(void **state)
{
	const struct pci_ext_target named = {.name = standing_names[0]};
	struct pci_ext_memory inner = standing_memory(0, STANDING_PLAIN);

	inner.addr = (uint8_t *)inner.addr + 0x10;
	inner.iova += 0x10;
	inner.len = 0x20;
	standing_plug(0);
	assert_int_equal(standing_map_all(0), 0);
	fake_register_anew(standing_addr_of(0));
	assert_int_equal(pci_ext_dispatch_map(&named, &inner), 0);
	assert_int_equal(standing_unmap_all(0), 0);
	assert_int_equal(standing_unmap_all(0), -ENOENT);
	assert_int_equal(pci_ext_dispatch_unmap(&named, &inner), 0);
	standing_check_all();
}

static int backend_calls;

/* Of three, the second refuses the map; the first the unmap that follows, twice. */
static void
refuse_some(const struct pci_ext_target *target, const struct pci_ext_range *range)
{
	backend_calls++;
	fake_map_error = backend_calls == 2 ? -ENOMEM : 0;
	fake_unmap_error = backend_calls == 4 || backend_calls == 6 ? -EBUSY : 0;
}

static void
one_that_keeps_what_is_undone_is_remembered(void **state)
{
	int d;

	for (d = 0; d < 3; d++)
		standing_plug(d);
	backend_calls = 0;
	fake_hook = refuse_some;
	assert_int_equal(standing_map_all(0), -ENOMEM);
	standing_holds[0][0] = true;
	standing_check_all();
	assert_int_equal(standing_map_all(0), -EBUSY);
	fake_hook = NULL;
	fake_map_error = fake_unmap_error = 0;
	assert_int_equal(standing_unmap_all(0), 0);
	standing_holds[0][0] = false;
	standing_check_all();
	assert_int_equal(standing_unmap_all(0), -ENOENT);
}

/* In a driver's own dma_map, which another call for all may wait for. */
static void
call_for_all(const struct pci_ext_target *target, const struct pci_ext_range *range)
{
	fake_hook = NULL;
	assert_int_equal(standing_map_all(1), -EDEADLK);
	assert_int_equal(standing_unmap_all(0), -EDEADLK);
}

static void
from_a_drivers_call_it_is_refused(void **state)
{
	standing_plug(0);
	fake_hook = call_for_all;
	assert_int_equal(standing_map_all(0), 0);
	assert_null(fake_hook);
	standing_holds[0][0] = true;
	standing_check_all();
}

/* The first n devices have the range, and those that come will have it. */
static void
stands(int r, enum standing_kind kind, int n)
{
	int d;

	standing_count[r] = 1;
	standing_kind_of_all[r] = kind;
	for (d = 0; d < n; d++) {
		standing_holds[d][r] = true;
		standing_kind_of[d][r] = kind;
	}
	standing_check_all();
}

static void
end(int r)
{
	int d;

	assert_int_equal(standing_unmap_all(r), 0);
	standing_count[r] = 0;
	for (d = 0; d < STANDING_DEVICES; d++)
		standing_holds[d][r] = false;
	standing_check_all();
}

/* Those that come and those that come back have the same memory, whatever it is. */
static void
memory_of_each_kind_stands(void **state)
{
	int kind;

	for (kind = 0; kind < STANDING_KINDS; kind++) {
		standing_plug(0);
		assert_int_equal(standing_map_all_as(0, kind), 0);
		stands(0, kind, 1);
		standing_plug(1);
		standing_check_all();
		standing_unplug(0);
		standing_check_all();
		standing_plug(0);
		standing_check_all();
		standing_unplug(0);
		standing_unplug(1);
		end(0);
	}
}

/* Unlike a mapping of the same memory, which is counted. */
static void
memory_of_another_kind_is_in_the_way(void **state)
{
	int kind, other;

	standing_plug(0);
	for (kind = 0; kind < STANDING_KINDS; kind++) {
		assert_int_equal(standing_map_all_as(0, kind), 0);
		stands(0, kind, 1);
		log_open();
		for (other = 0; other < STANDING_KINDS; other++)
			assert_int_equal(
				standing_map_all_as(0, other), other == kind ? 0 : -EEXIST);
		assert_true(log_has("is mapped for all devices with another access, or of another "
				    "dma-buf"));
		assert_int_equal(count_lines(), STANDING_KINDS - 1);
		log_close();
		standing_check_all();
		assert_int_equal(standing_unmap_all(0), 0);
		end(0);
	}
}

/* Of a device that has mapped on its way, as above: it gets it without a lock. */
static void
one_that_has_mapped_already_gets_a_dmabuf(void **state)
{
	assert_int_equal(standing_map_all_as(0, STANDING_BEHIND), 0);
	stands(0, STANDING_BEHIND, 0);
	standing_plug_and_map(0, 1);
	standing_check_all();
	standing_plug_and_map(1, 0); /* other memory is there */
	standing_check_all();
	end(0);
}

/* With what it is mapped anew as, and not with what was there. */
static void
other_memory_may_be_of_another_kind(void **state)
{
	int kind;

	standing_plug(0);
	assert_int_equal(standing_map_all(0), 0);
	for (kind = STANDING_KINDS - 1; kind >= 0; kind--) {
		fake_register_anew(standing_addr_of(0));
		assert_int_equal(standing_map_all_as(0, kind), 0);
		stands(0, kind, 1);
	}
	end(0);
}

static void
a_wrong_dmabuf_does_not_stand(void **state)
{
	struct pci_ext_memory memory = standing_memory(0, STANDING_DMABUF);

	memory.offset = 2 * STANDING_LEN;
	assert_int_equal(pci_ext_standing_map(&memory, NULL, NULL), -EINVAL);
	memory.fd = -1;
	assert_int_equal(pci_ext_standing_map(&memory, NULL, NULL), -EBADF);
	assert_int_equal(pci_ext_standing_unmap(&memory, NULL, NULL), -ENOENT);
}

static int
map_bad(uint64_t addr, uint64_t len)
{
	const struct pci_ext_memory memory = {(void *)(uintptr_t)addr, 0, len};

	return pci_ext_standing_map(&memory, NULL, NULL);
}

static void
bad_ranges_are_refused(void **state)
{
	const struct pci_ext_memory empty = {(void *)0x1000};

	assert_int_equal(pci_ext_standing_unmap(&empty, NULL, NULL), -EINVAL);
	assert_int_equal(map_bad(0x20000, STANDING_LEN), -EINVAL);
	assert_int_equal(map_bad(0x1000, 0), -EINVAL);
	assert_int_equal(map_bad(UINT64_MAX, 2), -EINVAL);
}

/* Whose devices they are; nothing is looked at here. */
static void
a_secondary_process_asks_the_primary(void **state)
{
	const struct pci_ext_memory memory = standing_memory(0, STANDING_READ);

	standing_plug(0);
	standing_is_secondary = true;
	assert_int_equal(standing_map_all_as(0, STANDING_READ), 0);
	assert_int_equal(standing_asked, 'm');
	assert_int_equal(standing_asked_memory.access, PCI_EXT_ACCESS_READ);
	assert_ptr_equal(standing_asked_memory.addr, memory.addr);
	standing_answer = -EBUSY;
	assert_int_equal(standing_unmap_all(0), -EBUSY);
	assert_int_equal(standing_asked, 'u');
	assert_ptr_equal(standing_asked_memory.addr, memory.addr);
	standing_asked = '\0';
	assert_int_equal(map_bad(0x1000, 0), -EINVAL);
	assert_int_equal(standing_asked, '\0');
	assert_int_equal(standing_reports, 0);
	standing_is_secondary = false;
	standing_check_all();
}

static void
each_failed_allocation_leaves_nothing(void **state)
{
	int nth, ret = -ENOMEM;

	standing_plug(0);
	standing_plug(1);
	for (nth = 1; ret == -ENOMEM; nth++) {
		allocations_until_failure = nth;
		ret = standing_map_all_as(0, STANDING_DMABUF);
		allocations_until_failure = 0;
		if (ret == 0)
			stands(0, STANDING_DMABUF, 2);
		standing_check_all();
	}
	assert_int_equal(ret, 0);
	assert_true(nth > 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, standing_reset, standing_cleanup)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(devices_to_come_are_mapped_too),
		TEST(without_a_device_the_range_waits),
		TEST(devices_without_a_backend_do_not_count),
		TEST(one_that_refuses_leaves_nothing),
		TEST(one_that_keeps_it_is_asked_again),
		TEST(other_memory_there_is_mapped_anew),
		TEST(a_report_may_call),
		TEST(other_memory_is_not_given),
		TEST(one_that_has_mapped_already_is_no_exception),
		TEST(freed_memory_is_mapped_anew),
		TEST(what_was_ended_as_stale_is_done),
		TEST(one_that_keeps_what_is_undone_is_remembered),
		TEST(from_a_drivers_call_it_is_refused),
		TEST(memory_of_each_kind_stands),
		TEST(memory_of_another_kind_is_in_the_way),
		TEST(one_that_has_mapped_already_gets_a_dmabuf),
		TEST(other_memory_may_be_of_another_kind),
		TEST(a_wrong_dmabuf_does_not_stand),
		TEST(bad_ranges_are_refused),
		TEST(a_secondary_process_asks_the_primary),
		TEST(each_failed_allocation_leaves_nothing),
	};

	return cmocka_run_group_tests_name("standing", tests, NULL, NULL);
}
