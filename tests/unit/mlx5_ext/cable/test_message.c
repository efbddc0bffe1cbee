/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <string.h>

#include <cmocka.h>

#include "cable/message.h"

static struct mlx5x_hello
make_hello(uint16_t nb_pairs)
{
	struct mlx5x_hello hello = {
		.wire = "uc",
		.mtu = 1500,
		.lid = 0x1234,
		.path_mtu = 5,
		.nb_pairs = nb_pairs,
		.gid = {0xfe, 0x80, [15] = 0x11},
	};
	uint16_t i;

	for (i = 0; i < nb_pairs; i++) {
		hello.pairs[i].qpn = 0xabcd00 + i;
		hello.pairs[i].psn = 0x123400 + i;
	}
	return hello;
}

static void
hello_is_encoded_and_decoded(void **state)
{
	uint8_t bytes[MLX5X_MESSAGE_HEADER + MLX5X_MESSAGE_BODY];
	struct mlx5x_message_header header;
	struct mlx5x_hello in, out;
	uint16_t n;
	size_t len;

	for (n = 1; n <= MLX5X_MESSAGE_PAIRS; n++) {
		in = make_hello(n);
		len = mlx5x_message_put_hello(bytes, &in);
		assert_int_equal(mlx5x_message_get_header(bytes, &header), 0);
		assert_int_equal(header.kind, MLX5X_MESSAGE_HELLO);
		assert_int_equal(header.length, len - MLX5X_MESSAGE_HEADER);
		assert_int_equal(mlx5x_message_get_hello(bytes + MLX5X_MESSAGE_HEADER, header.length,
			&out), 0);
		assert_memory_equal(&in, &out, sizeof(in));
	}
}

/* Later releases have to accept this. */
static void
bytes_are_as_documented(void **state)
{
	static const uint8_t wanted[] = {
		'm', 'l', 'x', '5', '_', 'e', 'x', 't', 0, 1, 0, 1, 0, 40, 0, 0,
		'u', 'c', 0, 0, 0, 0, 0, 0, 0x05, 0xdc, 0x12, 0x34, 0, 5, 0, 1,
		0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x11,
		0, 0xab, 0xcd, 0, 0, 0x12, 0x34, 0,
	};
	uint8_t bytes[MLX5X_MESSAGE_HEADER + MLX5X_MESSAGE_BODY];
	struct mlx5x_hello hello = make_hello(1);

	assert_int_equal(mlx5x_message_put_hello(bytes, &hello), sizeof(wanted));
	assert_memory_equal(bytes, wanted, sizeof(wanted));
}

static void
reset_is_encoded_and_decoded(void **state)
{
	uint8_t bytes[MLX5X_MESSAGE_HEADER + 4];
	struct mlx5x_message_header header;
	uint32_t psn;

	assert_int_equal(mlx5x_message_put_reset(bytes, 63, 0x123456), sizeof(bytes));
	assert_int_equal(mlx5x_message_get_header(bytes, &header), 0);
	assert_int_equal(header.kind, MLX5X_MESSAGE_RESET);
	assert_int_equal(header.pair, 63);
	assert_int_equal(header.length, 4);
	assert_int_equal(mlx5x_message_get_reset(bytes + MLX5X_MESSAGE_HEADER, 4, &psn), 0);
	assert_int_equal(psn, 0x123456);
	assert_int_equal(mlx5x_message_get_reset(bytes + MLX5X_MESSAGE_HEADER, 3, &psn), -EBADMSG);
	bytes[MLX5X_MESSAGE_HEADER] = 1;
	assert_int_equal(mlx5x_message_get_reset(bytes + MLX5X_MESSAGE_HEADER, 4, &psn), -EBADMSG);
}

static void
an_impossible_pair_is_rejected(void **state)
{
	struct mlx5x_message_header header;
	uint8_t bytes[MLX5X_MESSAGE_HEADER];

	mlx5x_message_put(bytes, MLX5X_MESSAGE_READY, MLX5X_MESSAGE_PAIRS);
	assert_int_equal(mlx5x_message_get_header(bytes, &header), -EBADMSG);
}

static void
header_of_another_protocol_is_rejected(void **state)
{
	struct mlx5x_message_header header;

	assert_int_equal(mlx5x_message_get_header((const uint8_t *)"GET / HTTP/1.1\r\n", &header),
		-EBADMSG);
}

static void
another_version_is_logged(void **state)
{
	struct mlx5x_message_header header;
	uint8_t bytes[MLX5X_MESSAGE_HEADER];

	mlx5x_message_put(bytes, MLX5X_MESSAGE_READY, 0);
	bytes[8] = 0x12;
	/* Its lengths are not checked here. */
	memset(bytes + 12, 0xff, 4);
	assert_int_equal(mlx5x_message_get_header(bytes, &header), -EPROTONOSUPPORT);
	assert_int_equal(header.version, 0x1201);
}

static void
body_too_long_is_rejected(void **state)
{
	struct mlx5x_message_header header;
	uint8_t bytes[MLX5X_MESSAGE_HEADER];

	mlx5x_message_put(bytes, MLX5X_MESSAGE_READY, 0);
	bytes[12] = (MLX5X_MESSAGE_BODY + 1) >> 8;
	bytes[13] = (MLX5X_MESSAGE_BODY + 1) & 0xff;
	assert_int_equal(mlx5x_message_get_header(bytes, &header), -EBADMSG);
}

/* Changes one byte of a valid body of two pairs. */
static int
get_changed(size_t at, uint8_t value, size_t len)
{
	uint8_t bytes[MLX5X_MESSAGE_HEADER + MLX5X_MESSAGE_BODY];
	struct mlx5x_hello hello = make_hello(2), out;

	mlx5x_message_put_hello(bytes, &hello);
	bytes[MLX5X_MESSAGE_HEADER + at] = value;
	return mlx5x_message_get_hello(bytes + MLX5X_MESSAGE_HEADER, len, &out);
}

static void
invalid_bodies_are_rejected(void **state)
{
	size_t len;

	assert_int_equal(get_changed(0, 'u', 48), 0);
	for (len = 0; len < 100; len++)
		assert_int_equal(get_changed(0, 'u', len), len == 48 ? 0 : -EBADMSG);
	assert_int_equal(get_changed(0, '\0', 48), -EBADMSG);
	assert_int_equal(get_changed(1, '\n', 48), -EBADMSG);
	assert_int_equal(get_changed(1, '%', 48), -EBADMSG);
	assert_int_equal(get_changed(13, 0, 48), -EBADMSG);
	assert_int_equal(get_changed(13, 6, 48), -EBADMSG);
	assert_int_equal(get_changed(15, 0, 48), -EBADMSG);
	assert_int_equal(get_changed(15, 3, 48), -EBADMSG);
	assert_int_equal(get_changed(14, 1, 48), -EBADMSG);
	assert_int_equal(get_changed(32, 1, 48), -EBADMSG);
	assert_int_equal(get_changed(36, 1, 48), -EBADMSG);
}

static void
a_wire_without_an_end_is_rejected(void **state)
{
	uint8_t bytes[MLX5X_MESSAGE_HEADER + MLX5X_MESSAGE_BODY];
	struct mlx5x_hello hello = make_hello(1), out;

	mlx5x_message_put_hello(bytes, &hello);
	memset(bytes + MLX5X_MESSAGE_HEADER, 'u', 8);
	assert_int_equal(mlx5x_message_get_hello(bytes + MLX5X_MESSAGE_HEADER, 40, &out), -EBADMSG);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hello_is_encoded_and_decoded),
		cmocka_unit_test(bytes_are_as_documented),
		cmocka_unit_test(reset_is_encoded_and_decoded),
		cmocka_unit_test(an_impossible_pair_is_rejected),
		cmocka_unit_test(header_of_another_protocol_is_rejected),
		cmocka_unit_test(another_version_is_logged),
		cmocka_unit_test(body_too_long_is_rejected),
		cmocka_unit_test(invalid_bodies_are_rejected),
		cmocka_unit_test(a_wire_without_an_end_is_rejected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
