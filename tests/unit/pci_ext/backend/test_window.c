/* SPDX-License-Identifier: BSD-3-Clause */
/* window.c: pure functions. */
#include <string.h>

#include "unit.h"
#include "backend/window.h"

static const struct pci_ext_windows two = {2, {{0, 0xfedfffff}, {0xfef00000, 0x7fffffffff}}};

static bool
accepts(const struct pci_ext_windows *windows, uint64_t iova, uint64_t len)
{
	const struct pci_ext_range range = {0x1000, iova, len};

	return pci_ext_windows_accept(windows, &range);
}

static void
range_is_within_one_window(void **state)
{
	assert_true(accepts(&two, 0, 0xfee00000));
	assert_false(accepts(&two, 0, 0xfee00001));
	assert_false(accepts(&two, 0xfee00000, 0x1000));
	assert_true(accepts(&two, 0xfef00000, 0x1000));
	assert_true(accepts(&two, 0x7ffffff000, 0x1000));
	assert_false(accepts(&two, 0x7ffffff000, 0x1001));
	assert_false(accepts(&two, UINT64_MAX, 1));
}

static void
unknown_windows_accept_all(void **state)
{
	static const struct pci_ext_windows none = {0};
	struct pci_ext_windows many = {.nb = PCI_EXT_WINDOWS_MAX + 1};

	assert_true(accepts(&none, 0x1000, 1));
	assert_true(accepts(&many, 0x1000, 1));
	many.nb = PCI_EXT_WINDOWS_MAX;
	assert_false(accepts(&many, 0x1000, 1));
}

static void
windows_are_described(void **state)
{
	char text[512] = "";
	FILE *out = fmemopen(text, sizeof(text) - 1, "w");

	pci_ext_windows_describe(&two, out);
	fclose(out);
	assert_non_null(
		strstr(text, "IOVAs of 0x0 to 0xfedfffff, 0xfef00000 to 0x7fffffffff: map"));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(range_is_within_one_window),
		cmocka_unit_test(unknown_windows_accept_all),
		cmocka_unit_test(windows_are_described),
	};

	return cmocka_run_group_tests_name("window", tests, NULL, NULL);
}
