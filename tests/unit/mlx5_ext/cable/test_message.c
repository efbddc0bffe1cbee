/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <string.h>

#include <cmocka.h>

#include "cable/message.h"

#define HELLO_LEN 34

static const struct mlx5x_hello hello = {
	.wire = "uc",
	.mtu = 1500,
	.lid = 0x1234,
	.path_mtu = 5,
	.nb_rx = 2,
	.nb_tx = 64,
	.gid = {0xfe, 0x80, [15] = 0x11},
};

static void
hello_is_encoded_and_decoded(void **state)
{
	uint8_t bytes[MLX5X_MESSAGE_HEADER + MLX5X_MESSAGE_BODY];
	struct mlx5x_message_header header;
	struct mlx5x_hello out;
	size_t len;

	len = mlx5x_message_put_hello(bytes, &hello);
	assert_int_equal(mlx5x_message_get_header(bytes, &header), 0);
	assert_int_equal(header.kind, MLX5X_MESSAGE_HELLO);
	assert_int_equal(header.length, len - MLX5X_MESSAGE_HEADER);
	assert_int_equal(mlx5x_message_get_hello(bytes + MLX5X_MESSAGE_HEADER, header.length, &out),
		0);
	assert_memory_equal(&hello, &out, sizeof(out));
}

static void
addresses_are_encoded_and_decoded(void **state)
{
	struct mlx5x_message_address in[MLX5X_MESSAGE_PAIRS], out[MLX5X_MESSAGE_PAIRS];
	uint8_t bytes[MLX5X_MESSAGE_HEADER + MLX5X_MESSAGE_BODY], *body;
	struct mlx5x_message_header header;
	uint16_t n;

	body = bytes + MLX5X_MESSAGE_HEADER;
	for (n = 1; n <= MLX5X_MESSAGE_PAIRS; n++) {
		in[n - 1].qpn = 0xabcd00 + n;
		in[n - 1].psn = 0x123400 + n;
		assert_int_equal(mlx5x_message_put_addresses(bytes, in, n),
			MLX5X_MESSAGE_HEADER + 8 * n);
		assert_int_equal(mlx5x_message_get_header(bytes, &header), 0);
		assert_int_equal(header.kind, MLX5X_MESSAGE_ADDRESSES);
		assert_int_equal(mlx5x_message_get_addresses(body, header.length, out, n), 0);
		assert_memory_equal(in, out, n * sizeof(in[0]));
		/* Neither more nor fewer. */
		assert_int_equal(mlx5x_message_get_addresses(body, header.length, out, n - 1),
			-EBADMSG);
		assert_int_equal(mlx5x_message_get_addresses(body, header.length - 1, out, n),
			-EBADMSG);
	}
	/* They have 24 bits. */
	body[8] = 1;
	assert_int_equal(mlx5x_message_get_addresses(body, 16, out, 2), -EBADMSG);
	body[8] = 0;
	body[12] = 1;
	assert_int_equal(mlx5x_message_get_addresses(body, 16, out, 2), -EBADMSG);
}

/* Later releases have to accept this. */
static void
bytes_are_as_documented(void **state)
{
	static const uint8_t wanted[] = {
		'm', 'l', 'x', '5', '_', 'e', 'x', 't', 0, 2, 0, 1, 0, 34, 0, 0,
		'u', 'c', 0, 0, 0, 0, 0, 0, 0x05, 0xdc, 0x12, 0x34, 0, 5, 0, 2, 0, 64,
		0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x11,
	};
	static const uint8_t addresses[] = {
		'm', 'l', 'x', '5', '_', 'e', 'x', 't', 0, 2, 0, 5, 0, 8, 0, 0,
		0, 0xab, 0xcd, 0, 0, 0x12, 0x34, 0,
	};
	const struct mlx5x_message_address address = {.qpn = 0xabcd00, .psn = 0x123400};
	uint8_t bytes[MLX5X_MESSAGE_HEADER + MLX5X_MESSAGE_BODY];

	assert_int_equal(mlx5x_message_put_hello(bytes, &hello), sizeof(wanted));
	assert_memory_equal(bytes, wanted, sizeof(wanted));
	assert_int_equal(mlx5x_message_put_addresses(bytes, &address, 1), sizeof(addresses));
	assert_memory_equal(bytes, addresses, sizeof(addresses));
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
	assert_int_equal(header.version, 0x1202);
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

/* Changes one byte of a valid body. */
static int
get_changed(size_t at, uint8_t value, size_t len)
{
	uint8_t bytes[MLX5X_MESSAGE_HEADER + MLX5X_MESSAGE_BODY];
	struct mlx5x_hello out;

	mlx5x_message_put_hello(bytes, &hello);
	bytes[MLX5X_MESSAGE_HEADER + at] = value;
	return mlx5x_message_get_hello(bytes + MLX5X_MESSAGE_HEADER, len, &out);
}

static void
invalid_bodies_are_rejected(void **state)
{
	size_t len;

	assert_int_equal(get_changed(0, 'u', HELLO_LEN), 0);
	for (len = 0; len < 100; len++)
		assert_int_equal(get_changed(0, 'u', len), len == HELLO_LEN ? 0 : -EBADMSG);
	assert_int_equal(get_changed(0, '\0', HELLO_LEN), -EBADMSG);
	assert_int_equal(get_changed(1, '\n', HELLO_LEN), -EBADMSG);
	assert_int_equal(get_changed(1, '%', HELLO_LEN), -EBADMSG);
	assert_int_equal(get_changed(13, 0, HELLO_LEN), -EBADMSG);
	assert_int_equal(get_changed(13, 6, HELLO_LEN), -EBADMSG);
	assert_int_equal(get_changed(15, 64, HELLO_LEN), 0);
	assert_int_equal(get_changed(15, 65, HELLO_LEN), -EBADMSG);
	assert_int_equal(get_changed(14, 1, HELLO_LEN), -EBADMSG);
	assert_int_equal(get_changed(17, 65, HELLO_LEN), -EBADMSG);
	assert_int_equal(get_changed(16, 1, HELLO_LEN), -EBADMSG);
}

static void
an_end_without_queues_is_rejected(void **state)
{
	uint8_t bytes[MLX5X_MESSAGE_HEADER + MLX5X_MESSAGE_BODY];
	struct mlx5x_hello none = hello, out;

	none.nb_rx = 0;
	mlx5x_message_put_hello(bytes, &none);
	assert_int_equal(mlx5x_message_get_hello(bytes + MLX5X_MESSAGE_HEADER, HELLO_LEN, &out), 0);
	none.nb_tx = 0;
	mlx5x_message_put_hello(bytes, &none);
	assert_int_equal(mlx5x_message_get_hello(bytes + MLX5X_MESSAGE_HEADER, HELLO_LEN, &out),
		-EBADMSG);
}

static void
a_wire_without_an_end_is_rejected(void **state)
{
	uint8_t bytes[MLX5X_MESSAGE_HEADER + MLX5X_MESSAGE_BODY];
	struct mlx5x_hello out;

	mlx5x_message_put_hello(bytes, &hello);
	memset(bytes + MLX5X_MESSAGE_HEADER, 'u', 8);
	assert_int_equal(mlx5x_message_get_hello(bytes + MLX5X_MESSAGE_HEADER, HELLO_LEN, &out),
		-EBADMSG);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hello_is_encoded_and_decoded),
		cmocka_unit_test(addresses_are_encoded_and_decoded),
		cmocka_unit_test(bytes_are_as_documented),
		cmocka_unit_test(reset_is_encoded_and_decoded),
		cmocka_unit_test(an_impossible_pair_is_rejected),
		cmocka_unit_test(header_of_another_protocol_is_rejected),
		cmocka_unit_test(another_version_is_logged),
		cmocka_unit_test(body_too_long_is_rejected),
		cmocka_unit_test(invalid_bodies_are_rejected),
		cmocka_unit_test(an_end_without_queues_is_rejected),
		cmocka_unit_test(a_wire_without_an_end_is_rejected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
