/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "device/pmdinfo.h"

/* dpdk-pmdinfo cuts at the first NUL and passes the text after "= " to a JSON parser. */
static void
string_has_the_form_that_the_tool_reads(void **state)
{
	const char *text = MLX5X_PMDINFO;

	assert_int_equal(strncmp(text, "PMD_INFO_STRING= {", 18), 0);
	assert_int_equal(text[strlen(text) - 1], '}');
	assert_non_null(strstr(text, "\"name\" : \"net_mlx5_ext\""));
	assert_non_null(strstr(text, "peer=self|<PCI address>|listen[:<address>][:<port>]|<host>[:<port>]"));
	assert_non_null(strstr(text, "[5555, 4119, 65535, 65535]"));
	assert_null(strstr(text, "], ]"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(string_has_the_form_that_the_tool_reads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
