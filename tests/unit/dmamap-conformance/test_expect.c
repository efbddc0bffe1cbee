/* SPDX-License-Identifier: BSD-3-Clause */
/* Lists of expected failures, and the releases in them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "expect.h"
#include "suite.h"

static struct expect expect;
static char err[256];

static const struct suite_case cases[] = {{1, "basic", NULL, 0, NULL}, {2, "wrap", NULL, 0, NULL}};

const struct suite_case *
suite_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (strcmp(cases[i].name, name) == 0)
			return &cases[i];
	return NULL;
}

/* The result for a list of that text. */
static int
read_list(const char *text, unsigned int release)
{
	char path[] = "/tmp/test_expect.XXXXXX";
	const int fd = mkstemp(path);
	int ret;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	memset(&expect, 0, sizeof(expect));
	ret = expect_read(&expect, path, release, err, sizeof(err));
	unlink(path);
	return ret;
}

static void
names_have_reasons(void **state)
{
	assert_int_equal(read_list("# all\n\nbasic # why\n\twrap\n", 2211), 0);
	assert_int_equal(expect.n, 2);
	assert_string_equal(expect_reason(&expect, "basic"), "why");
	assert_string_equal(expect_reason(&expect, "wrap"), "");
	assert_null(expect_reason(&expect, "other"));
}

static void
names_need_no_file(void **state)
{
	memset(&expect, 0, sizeof(expect));
	assert_int_equal(expect_read(&expect, "basic,wrap", 2211, err, sizeof(err)), 0);
	assert_int_equal(expect.n, 2);
}

static void
other_releases_are_left_out(void **state)
{
	static const struct {
		const char *line;
		unsigned int release;
		unsigned int n;
	} tests[] = {
		{"basic 22.11-26.03 # why", 2211, 1}, {"basic\t22.11-26.03", 2603, 1},
		{"basic 22.11-26.03", 2607, 0},	      {"basic 23.11-26.03", 2211, 0},
		{"basic 26.07-", 2607, 1},	      {"basic 26.07-", 2711, 1},
		{"basic 26.07-", 2603, 0},	      {"basic -26.03", 2603, 1},
		{"basic -26.03", 2607, 0},	      {"basic 22.11", 2211, 1},
		{"basic 22.11", 2311, 0},
	};
	unsigned int i;

	for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		assert_int_equal(read_list(tests[i].line, tests[i].release), 0);
		assert_int_equal(expect.n, tests[i].n);
	}
}

static void
what_is_wrong_is_named(void **state)
{
	static const char *const wrong[] = {"basic wrap", "basic 22.11x", "basic 22.11-26.03 wrap",
		"basic 22-23", "basic 22.11 - 26.03", "basic 26.03-22.11"};
	unsigned int i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(read_list(wrong[i], 2211), -EINVAL);
		assert_non_null(strstr(err, "--expect-fail: basic: "));
	}
	assert_int_equal(read_list("other", 2211), -EINVAL);
	assert_string_equal(err, "--expect-fail: no case other");
	assert_int_equal(read_list("other 26.03", 2211), -EINVAL);
	assert_string_equal(err, "--expect-fail: no case other");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_have_reasons),
		cmocka_unit_test(names_need_no_file),
		cmocka_unit_test(other_releases_are_left_out),
		cmocka_unit_test(what_is_wrong_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
