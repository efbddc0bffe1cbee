/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * registry.c and record.c where something else ends a mapping of the shared address space, as an
 * application can in VFIO's container.
 */
#include <errno.h>

#include "fake_backend.h"
#include "registry/registry.h"
#include "unit.h"

static struct pci_ext_target v, w;
static struct pci_ext_conflict conflict;

static int
reset(void **state)
{
	fake_reset();
	v = fake_target("0000:00:12.0", &fake_shared_space);
	w = fake_target("0000:00:13.0", &fake_shared_space);
	return 0;
}

static int
cleanup(void **state)
{
	fake_remove(v.name);
	fake_remove(w.name);
	pci_ext_registry_clear();
	assert_int_equal(pci_ext_registry_copy_devices(NULL, NULL, 0), 0);
	assert_int_equal(fake_shared_space.n, 0);
	return 0;
}

static int
map(const struct pci_ext_target *target, uint64_t addr, uint64_t iova, uint64_t len)
{
	const struct pci_ext_range range = {addr, iova, len};

	return pci_ext_registry_map(
		target, &fake_shared, &range, fake_registration(addr), NULL, &conflict);
}

static int
unmap(const struct pci_ext_target *target, uint64_t addr, uint64_t iova, uint64_t len)
{
	const struct pci_ext_range range = {addr, iova, len};

	return pci_ext_registry_unmap(target->name, &range, &conflict);
}

/* rte_vfio_container_dma_unmap() of an application, for instance. */
static void
end_by_something_else(void)
{
	fake_shared_space.n = 0;
}

static void
mapping_that_is_gone_is_made_again(void **state)
{
	assert_int_equal(map(&v, 0x100, 0x100, 0x40), 0);
	assert_int_equal(map(&v, 0x100, 0x100, 0x40), 0);
	assert_false(conflict.was_gone);
	end_by_something_else();
	assert_int_equal(map(&v, 0x100, 0x100, 0x40), 0);
	assert_true(conflict.was_gone);
	assert_true(fake_holds(&fake_shared_space, 0x100, 0x100, 0x40));
	end_by_something_else();
	assert_int_equal(map(&w, 0x100, 0x100, 0x40), 0);
	assert_true(conflict.was_gone);
	assert_true(fake_holds(&fake_shared_space, 0x100, 0x100, 0x40));
	assert_int_equal(unmap(&v, 0x100, 0x100, 0x40), 0);
	assert_int_equal(unmap(&v, 0x100, 0x100, 0x40), 0);
	assert_int_equal(unmap(&v, 0x100, 0x100, 0x40), 0);
	assert_int_equal(unmap(&v, 0x100, 0x100, 0x40), -ENOENT);
	assert_int_equal(fake_shared_space.n, 1);
	assert_int_equal(unmap(&w, 0x100, 0x100, 0x40), 0);
	assert_int_equal(fake_shared_space.n, 0);
}

/* No reference is taken to what is not there. */
static void
mapping_that_cannot_be_made_again_is_refused(void **state)
{
	assert_int_equal(map(&v, 0x100, 0x100, 0x40), 0);
	end_by_something_else();
	fake_map_error = -EFAULT;
	assert_int_equal(map(&v, 0x100, 0x100, 0x40), -EFAULT);
	assert_ptr_equal(conflict.refused_by, &fake_shared);
	assert_int_equal(map(&w, 0x100, 0x100, 0x40), -EFAULT);
	fake_map_error = 0;
	assert_int_equal(map(&w, 0x100, 0x100, 0x40), 0);
	assert_int_equal(unmap(&w, 0x100, 0x100, 0x40), 0);
	assert_int_equal(unmap(&w, 0x100, 0x100, 0x40), -ENOENT);
	assert_int_equal(unmap(&v, 0x100, 0x100, 0x40), 0);
	assert_int_equal(unmap(&v, 0x100, 0x100, 0x40), -ENOENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, reset, cleanup)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(mapping_that_is_gone_is_made_again),
		TEST(mapping_that_cannot_be_made_again_is_refused),
	};

	return cmocka_run_group_tests_name("registry_confirm", tests, NULL, NULL);
}
