/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <string.h>

#include <cmocka.h>

#include "device/endpoint.h"

static void
take(const char *text, const char *host, uint16_t port)
{
	struct mlx5x_endpoint at;

	assert_int_equal(mlx5x_endpoint_parse(text, &at), 0);
	assert_string_equal(at.host, host);
	assert_int_equal(at.port, port);
}

static void
each_form_is_taken(void **state)
{
	take("lab-2.example.net", "lab-2.example.net", MLX5X_ENDPOINT_PORT);
	take("lab-2:7000", "lab-2", 7000);
	take("10.0.0.2", "10.0.0.2", MLX5X_ENDPOINT_PORT);
	take("10.0.0.2:1", "10.0.0.2", 1);
	take("::1", "::1", MLX5X_ENDPOINT_PORT);
	take("fe80::5054:ff:fe00:11%eth0", "fe80::5054:ff:fe00:11%eth0", MLX5X_ENDPOINT_PORT);
	take("[::1]", "::1", MLX5X_ENDPOINT_PORT);
	take("[fe80::1%eth0]:65535", "fe80::1%eth0", 65535);
	take("7000", "", 7000);
}

static void
all_others_are_rejected(void **state)
{
	static const char *const texts[] = {
		"", ":", ":7000", "host:", "host:0", "host:65536", "host:70000000000000000000", "host:+1",
		"host:7x", "host: 7", "a b", "-host", "a/b", "a:b:c", "0000:03:00", "[::1", "[::1]7000",
		"[::1]:", "[::1]:0", "[host]:7000", "[]", "1:2:3:4:5:6:7:8:9", "0", "65536", "host:7000:1",
	};
	struct mlx5x_endpoint at;
	unsigned int i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (mlx5x_endpoint_parse(texts[i], &at) != -EINVAL)
			fail_msg("'%s' is taken as %s port %u", texts[i], at.host, at.port);
}

static void
a_long_name_is_rejected(void **state)
{
	struct mlx5x_endpoint at;
	char text[400];

	memset(text, 'a', sizeof(text));
	text[sizeof(at.host)] = '\0';
	assert_int_equal(mlx5x_endpoint_parse(text, &at), -EINVAL);
	text[sizeof(at.host) - 1] = '\0';
	assert_int_equal(mlx5x_endpoint_parse(text, &at), 0);
	memset(text, ':', 300);
	text[300] = '\0';
	assert_int_equal(mlx5x_endpoint_parse(text, &at), -EINVAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_form_is_taken),
		cmocka_unit_test(all_others_are_rejected),
		cmocka_unit_test(a_long_name_is_rejected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
