/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>

#include <cmocka.h>

#include "memory/keys.h"

static int pd, other_pd;

static uint32_t
add(struct hca_keys *keys, uint64_t addr, uint64_t len, bool writable)
{
	struct hca_region region = {addr, len, &pd, writable};
	uint32_t key;

	assert_int_equal(hca_keys_add(keys, &region, &key), 0);
	return key;
}

static void
bounds_are_exact(void **state)
{
	struct hca_keys keys;
	uint32_t key;

	hca_keys_init(&keys, 100);
	key = add(&keys, 1000, 10, true);
	assert_int_equal(hca_keys_check(&keys, key, 1000, 10, &pd, true), HCA_FINE);
	assert_int_equal(hca_keys_check(&keys, key, 1009, 1, &pd, true), HCA_FINE);
	assert_int_equal(hca_keys_check(&keys, key, 999, 1, &pd, true), HCA_KEY_RANGE);
	assert_int_equal(hca_keys_check(&keys, key, 1000, 11, &pd, true), HCA_KEY_RANGE);
	assert_int_equal(hca_keys_check(&keys, key, 1010, 1, &pd, true), HCA_KEY_RANGE);
	assert_int_equal(hca_keys_check(&keys, key, 1005, UINT64_MAX, &pd, true), HCA_KEY_RANGE);
	key = add(&keys, UINT64_MAX - 9, 10, true);
	assert_int_equal(hca_keys_check(&keys, key, UINT64_MAX, 1, &pd, true), HCA_FINE);
	assert_int_equal(hca_keys_check(&keys, key, UINT64_MAX, 2, &pd, true), HCA_KEY_RANGE);
	hca_keys_fini(&keys);
}

static void
domain_and_access(void **state)
{
	struct hca_keys keys;
	uint32_t key;

	hca_keys_init(&keys, 100);
	key = add(&keys, 1000, 10, false);
	assert_int_equal(hca_keys_check(&keys, key, 1000, 10, &pd, false), HCA_FINE);
	assert_int_equal(hca_keys_check(&keys, key, 1000, 10, &pd, true), HCA_KEY_ACCESS);
	assert_int_equal(hca_keys_check(&keys, key, 1000, 10, &other_pd, false), HCA_KEY_PD);
	hca_keys_fini(&keys);
}

static void
a_dead_device_stays_dead(void **state)
{
	uint32_t first, key, i, reused = 0;
	struct hca_keys keys;

	hca_keys_init(&keys, 100);
	first = add(&keys, 0, 10, true);
	hca_keys_remove(&keys, first);
	assert_int_equal(hca_keys_check(&keys, first, 0, 1, &pd, true), HCA_KEY_DEAD);
	for (i = 0; i < 40000; i++) {
		key = add(&keys, 0, 10, true);
		assert_int_not_equal(key, first);
		reused += key >> 8 == first >> 8;
		assert_int_equal(hca_keys_check(&keys, first, 0, 1, &pd, true), HCA_KEY_DEAD);
		hca_keys_remove(&keys, key);
		assert_int_equal(hca_keys_check(&keys, key, 0, 1, &pd, true), HCA_KEY_DEAD);
	}
	/* Its place is used again, with another generation. */
	assert_true(reused > 100);
	hca_keys_fini(&keys);
}

static void
invented_keys(void **state)
{
	struct hca_keys keys;
	uint32_t key;

	hca_keys_init(&keys, 100);
	key = add(&keys, 0, 10, true);
	assert_int_equal(hca_keys_check(&keys, 0, 0, 1, &pd, true), HCA_KEY_UNKNOWN);
	assert_int_equal(hca_keys_check(&keys, 0x100, 0, 1, &pd, true), HCA_KEY_UNKNOWN);
	assert_int_equal(hca_keys_check(&keys, key + 1, 0, 1, &pd, true), HCA_KEY_UNKNOWN);
	assert_int_equal(hca_keys_check(&keys, key + 0x100, 0, 1, &pd, true), HCA_KEY_UNKNOWN);
	assert_int_equal(hca_keys_check(&keys, UINT32_MAX, 0, 1, &pd, true), HCA_KEY_UNKNOWN);
	hca_keys_fini(&keys);
}

static void
the_limit_holds(void **state)
{
	struct hca_region region = {0, 1, &pd, true};
	static uint32_t given[5000];
	struct hca_keys keys;
	uint32_t key, i;

	hca_keys_init(&keys, 5000);
	for (i = 0; i < 5000; i++)
		given[i] = add(&keys, i * 16, 16, true);
	assert_int_equal(hca_keys_add(&keys, &region, &key), -ENOMEM);
	for (i = 0; i < 5000; i++)
		assert_int_equal(hca_keys_check(&keys, given[i], i * 16, 16, &pd, true), HCA_FINE);
	hca_keys_remove(&keys, given[77]);
	assert_int_equal(hca_keys_add(&keys, &region, &key), 0);
	assert_int_equal(hca_keys_add(&keys, &region, &key), -ENOMEM);
	hca_keys_fini(&keys);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bounds_are_exact),
		cmocka_unit_test(domain_and_access),
		cmocka_unit_test(a_dead_device_stays_dead),
		cmocka_unit_test(invented_keys),
		cmocka_unit_test(the_limit_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
