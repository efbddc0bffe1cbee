/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * nth_failure: a scenario with each of its allocations failing, and with each of its calls of a
 * backend. Returned is the first n that the scenario does not reach, with which it succeeds; check
 * is called after each failure.
 */
#ifndef NTH_FAILURE_H
#define NTH_FAILURE_H

#include <errno.h>

#include "failing_alloc.h"
#include "fake_backend.h"
#include "unit.h"

#define NTH_FAILURE_MAX 100

static inline int
fail_each_allocation(int (*scenario)(void), void (*check)(void))
{
	int n, ret;

	for (n = 1; n < NTH_FAILURE_MAX; n++) {
		allocations_until_failure = n;
		ret = scenario();
		if (allocations_until_failure != 0)
			break;
		assert_int_equal(ret, -ENOMEM);
		check();
	}
	allocations_until_failure = 0;
	assert_int_equal(ret, 0);
	return n;
}

static inline int
fail_each_backend_call(int (*scenario)(void), void (*check)(void))
{
	int n, ret;

	for (n = 1; n < NTH_FAILURE_MAX; n++) {
		fake_fail_at = n;
		ret = scenario();
		if (fake_fail_at != 0)
			break;
		assert_true(ret == -ENOMEM || ret == -EBUSY);
		check();
	}
	fake_fail_at = 0;
	assert_int_equal(ret, 0);
	return n;
}

#endif /* NTH_FAILURE_H */
