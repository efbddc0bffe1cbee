/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Each rule of softhca/rules refuses a call, by its errno: a rule without a call that it refuses is a
 * failure.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "provoke.h"

#define RULE(id, name, error, by) {HCA_RULE_##id, name, error},

static const struct {
	enum hca_rule rule;
	const char *name;
	int error;
} rules[] = {HCA_RULES(RULE)};

static const struct provocation *const lists[] = {provoke_cq, provoke_mr, provoke_qp, provoke_rss,
	provoke_state, provoke_wq, provoke_flow, provoke_post, provoke_wr, provoke_context,
	provoke_domain, provoke_transport, provoke_srq};

static const struct provocation *
find(enum hca_rule rule)
{
	const struct provocation *at;
	size_t i;

	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		for (at = lists[i]; at->rule != HCA_RULE_NONE; at++)
			if (at->rule == rule)
				return at;
	return NULL;
}

static int
provoke(struct rig *rig, size_t i)
{
	const struct provocation *at = find(rules[i].rule);
	uint64_t of_name = softhca_refusals(rules[i].name), all = softhca_refusals(NULL);
	int error;

	if (at == NULL) {
		print_error("%s: nothing provokes it\n", rules[i].name);
		return 1;
	}
	error = at->call(rig);
	if (abs(error) == rules[i].error && error != NOT_REFUSED &&
	    softhca_refusals(rules[i].name) == of_name + 1 && softhca_refusals(NULL) == all + 1)
		return 0;
	print_error("%s: error %d, not %d; counted %d times, and %d times others\n", rules[i].name,
		error, rules[i].error, (int)(softhca_refusals(rules[i].name) - of_name),
		(int)(softhca_refusals(NULL) - all - (softhca_refusals(rules[i].name) - of_name)));
	return 1;
}

static void
each_rule_refuses_a_call(void **state)
{
	int failed = 0;
	size_t i;

	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		assert_int_equal(rig_set_up(state), 0);
		failed += provoke(*state, i);
		assert_int_equal(rig_tear_down(state), 0);
	}
	assert_int_equal(failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_rule_refuses_a_call),
	};

	rig_environment(2);
	rig_model(1, "0x1013");
	/* So that there is a limit to what is registered. */
	setenv("SOFTHCA_PIN", "1", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
