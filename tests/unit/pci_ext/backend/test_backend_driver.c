/* SPDX-License-Identifier: BSD-3-Clause */
/* backend_driver.c with a driver that reports errors in every known style. */
#include <errno.h>
#include <string.h>

#include <rte_errno.h>

#include "backend/backend.h"
#include "backend/extension.h"
#include "explained.h"
#include "compat_bus.h"
#include "unit.h"

static int fake_return, fake_rte_errno;
static void *seen_addr;
static uint64_t seen_iova;
static size_t seen_len;

static int
report(struct rte_pci_device *pci, void *addr, uint64_t iova, size_t len)
{
	seen_addr = addr;
	seen_iova = iova;
	seen_len = len;
	if (fake_rte_errno != 0)
		rte_errno = fake_rte_errno;
	return fake_return;
}

static struct rte_pci_driver driver = {.dma_map = report, .dma_unmap = report};
static struct rte_pci_device device;
static const struct pci_ext_target target = {
	.dev = &device.device, .name = "x", .driver = "d", .has_callbacks = true};
static const struct pci_ext_range range = {0x1234, 0x5678, 99};

static int
map(const struct pci_ext_range *of, const struct pci_ext_dmabuf *dmabuf)
{
	return pci_ext_backend_driver.map(&target, of, dmabuf);
}

static void
check(int returned, int reported, int expected)
{
	fake_return = returned;
	fake_rte_errno = reported;
	rte_errno = ENOENT; /* stale: must never be used as the driver's */
	assert_int_equal(map(&range, NULL), expected);
	rte_errno = ENOENT;
	assert_int_equal(pci_ext_backend_driver.unmap(&target, &range), expected);
}

static void
success_is_zero_whatever_rte_errno_says(void **state)
{
	check(0, 0, 0);
	check(0, EINVAL, 0);
}

static void
minus_one_means_rte_errno(void **state)
{
	check(-1, ENOMEM, -ENOMEM);
	check(-1, -ENOMEM, -ENOMEM); /* in-tree mlx5 */
	check(-1, 0, -EIO);
	check(-1, 100000, -EIO);
}

static void
an_errno_in_the_return_value_counts(void **state)
{
	check(-EFAULT, 0, -EFAULT);
	check(-EFAULT, EINVAL, -EFAULT);
	check(EFAULT, 0, -EFAULT);
	check(-100000, 0, -EIO);
	check(100000, 0, -EIO);
}

static void
driver_sees_the_range(void **state)
{
	check(0, 0, 0);
	assert_ptr_equal(seen_addr, (void *)0x1234);
	assert_int_equal(seen_iova, 0x5678);
	assert_int_equal(seen_len, 99);
}

static struct pci_ext_memory seen_memory;

static int
report_memory(struct rte_pci_device *pci, const struct pci_ext_memory *memory)
{
	seen_memory = *memory;
	return report(pci, memory->addr, memory->iova, memory->len);
}

static struct pci_ext_driver extended = {
	.pci = {.dma_map = report, .dma_unmap = report, .drv_flags = PCI_EXT_DRV_EXTENDED},
	.size = sizeof(extended),
	.dma_map_memory = report_memory,
};

static void
an_extended_driver_sees_the_dmabuf(void **state)
{
	static const struct pci_ext_dmabuf dmabuf = {.fd = 5, .offset = 0x7000};

	compat_claim(&device, &extended.pci);
	fake_return = 0;
	fake_rte_errno = 0;
	assert_int_equal(map(&range, &dmabuf), 0);
	assert_int_equal(seen_memory.is_dmabuf, 1);
	assert_int_equal(seen_memory.fd, 5);
	assert_int_equal(seen_memory.offset, 0x7000);
	assert_int_equal(seen_memory.access, PCI_EXT_ACCESS_READ_WRITE);
	assert_ptr_equal(seen_addr, (void *)0x1234);
	assert_int_equal(seen_iova, 0x5678);
	assert_int_equal(seen_len, 99);
	fake_return = -1;
	fake_rte_errno = ENOTSUP;
	assert_int_equal(map(&range, &dmabuf), -ENOTSUP);
	compat_claim(&device, NULL);
	assert_int_equal(map(&range, &dmabuf), -EINVAL);
	compat_claim(&device, &driver);
	assert_int_equal(map(&range, &dmabuf), -EINVAL);
}

static void
an_extended_driver_sees_the_access(void **state)
{
	static const struct pci_ext_dmabuf dmabuf = {.fd = 5};
	struct pci_ext_range to_read = range;

	to_read.access = PCI_EXT_ACCESS_READ;
	compat_claim(&device, &extended.pci);
	fake_return = 0;
	fake_rte_errno = 0;
	seen_addr = NULL;
	assert_int_equal(map(&to_read, NULL), 0);
	assert_int_equal(seen_memory.access, PCI_EXT_ACCESS_READ);
	assert_int_equal(seen_memory.is_dmabuf, 0);
	assert_ptr_equal(seen_addr, (void *)0x1234);
	assert_int_equal(seen_iova, 0x5678);
	assert_int_equal(seen_len, 99);
	fake_return = -1;
	fake_rte_errno = ENOTSUP;
	assert_int_equal(map(&to_read, NULL), -ENOTSUP);
	fake_return = 0;
	fake_rte_errno = 0;
	assert_int_equal(map(&to_read, &dmabuf), 0);
	assert_int_equal(seen_memory.access, PCI_EXT_ACCESS_READ);
	assert_int_equal(seen_memory.fd, 5);
	memset(&seen_memory, 0, sizeof(seen_memory));
	assert_int_equal(map(&range, NULL), 0);
	assert_null(seen_memory.addr); /* by dma_map */
	compat_claim(&device, NULL);
	assert_int_equal(map(&to_read, NULL), -EINVAL);
	compat_claim(&device, &driver);
	assert_int_equal(map(&to_read, NULL), -EINVAL);
}

/* Of a driver that was built for an older pci_ext_driver.h, nothing beyond its end is read. */
static void
a_driver_without_it_is_recognised(void **state)
{
	struct pci_ext_driver other = extended;

	assert_ptr_equal(pci_ext_extension(&other.pci), &other);
	other.size = offsetof(struct pci_ext_driver, dma_map_memory);
	assert_null(pci_ext_extension(&other.pci));
	other.size = sizeof(other) + 8; /* a newer one */
	assert_ptr_equal(pci_ext_extension(&other.pci), &other);
	other.dma_map_memory = NULL;
	assert_null(pci_ext_extension(&other.pci));
	assert_null(pci_ext_extension(pci_ext_compat_driver(&device)));
	assert_null(pci_ext_extension(NULL));
}

static void
any_byte_range_is_accepted(void **state)
{
	assert_int_equal(pci_ext_backend_driver.granule(), 1);
}

static void
serves_claimed_devices_with_callbacks(void **state)
{
	static const struct pci_ext_target unclaimed = {.has_callbacks = true};
	static const struct pci_ext_target without = {.driver = "d", .on_vfio = true};

	assert_true(pci_ext_backend_driver.match(&target));
	assert_false(pci_ext_backend_driver.match(&unclaimed));
	assert_false(pci_ext_backend_driver.match(&without));
}

static void
device_without_its_driver_is_rejected(void **state)
{
	compat_claim(&device, NULL);
	assert_int_equal(map(&range, NULL), -EINVAL);
	assert_int_equal(pci_ext_backend_driver.unmap(&target, &range), -EINVAL);
	compat_claim(&device, &driver);
}

static void
refusals_are_explained(void **state)
{
	static const struct pci_ext_range hole = {0xffffffffffff0000, 0, 0x1000};
	char byte;
	const struct pci_ext_range good = {(uintptr_t)&byte, 0, 1};

	assert_non_null(strstr(explained(&pci_ext_backend_driver, &range, -ENOMEM),
		"by its driver; RLIMIT_MEMLOCK (ulimit -l) is "));
	assert_string_equal(explained(&pci_ext_backend_driver, &hole, -EFAULT),
		"by its driver: 0xffffffffffff0000-0xffffffffffff1000 is not mapped");
	assert_string_equal(explained(&pci_ext_backend_driver, &good, -EFAULT), "by its driver");
	assert_string_equal(explained(&pci_ext_backend_driver, &range, -EPERM), "by its driver");
}

static void
check_finds_bad_memory(void **state)
{
	static const struct pci_ext_range hole = {0xffffffffffff0000, 0, 0x1000};
	char byte;
	const struct pci_ext_range good = {(uintptr_t)&byte, 0, 1};

	assert_int_equal(pci_ext_backend_driver.check(&good), 0);
	assert_int_equal(pci_ext_backend_driver.check(&hole), -EFAULT);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(success_is_zero_whatever_rte_errno_says),
		cmocka_unit_test(minus_one_means_rte_errno),
		cmocka_unit_test(an_errno_in_the_return_value_counts),
		cmocka_unit_test(driver_sees_the_range),
		cmocka_unit_test(an_extended_driver_sees_the_dmabuf),
		cmocka_unit_test(a_driver_without_it_is_recognised),
		cmocka_unit_test(an_extended_driver_sees_the_access),
		cmocka_unit_test(any_byte_range_is_accepted),
		cmocka_unit_test(serves_claimed_devices_with_callbacks),
		cmocka_unit_test(device_without_its_driver_is_rejected),
		cmocka_unit_test(refusals_are_explained),
		cmocka_unit_test(check_finds_bad_memory),
	};

	compat_claim(&device, &driver);
	return cmocka_run_group_tests_name("backend_driver", tests, NULL, NULL);
}
