/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * message.c with arbitrary bytes from the other end of a cable: an accepted message must be within
 * bounds, and encode to the same bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "cable/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(int truth)
{
	if (!truth)
		abort();
}

/* On the heap, so that a read past the end is detected. */
static uint8_t *
copy(const uint8_t *data, size_t size)
{
	uint8_t *bytes = malloc(size > 0 ? size : 1);

	check(bytes != NULL);
	memcpy(bytes, data, size);
	return bytes;
}

static void
read_header(const uint8_t *data)
{
	struct mlx5x_message_header header;
	uint8_t *bytes = copy(data, MLX5X_MESSAGE_HEADER);

	if (mlx5x_message_get_header(bytes, &header) == 0)
		check(header.length <= MLX5X_MESSAGE_BODY && header.version == MLX5X_MESSAGE_VERSION &&
			header.pair < MLX5X_MESSAGE_PAIRS);
	free(bytes);
}

static void
read_hello(const uint8_t *data, size_t size)
{
	uint8_t again[MLX5X_MESSAGE_HEADER + MLX5X_MESSAGE_BODY];
	struct mlx5x_hello hello, once_more;
	uint8_t *bytes = copy(data, size);

	if (mlx5x_message_get_hello(bytes, size, &hello) == 0) {
		check(hello.nb_rx <= MLX5X_MESSAGE_PAIRS && hello.nb_tx <= MLX5X_MESSAGE_PAIRS);
		check(hello.nb_rx + hello.nb_tx != 0);
		check(memchr(hello.wire, '\0', sizeof(hello.wire)) != NULL);
		check(mlx5x_message_put_hello(again, &hello) == MLX5X_MESSAGE_HEADER + size);
		check(mlx5x_message_get_hello(again + MLX5X_MESSAGE_HEADER, size, &once_more) == 0);
		check(memcmp(&hello, &once_more, sizeof(hello)) == 0);
	}
	free(bytes);
}

static void
read_addresses(const uint8_t *data, size_t size)
{
	uint8_t again[MLX5X_MESSAGE_HEADER + MLX5X_MESSAGE_BODY];
	struct mlx5x_message_address list[MLX5X_MESSAGE_PAIRS];
	uint16_t n = size / 8 <= MLX5X_MESSAGE_PAIRS ? size / 8 : MLX5X_MESSAGE_PAIRS;
	uint8_t *bytes = copy(data, size);

	if (mlx5x_message_get_addresses(bytes, size, list, n) == 0) {
		check(mlx5x_message_put_addresses(again, list, n) == MLX5X_MESSAGE_HEADER + size);
		check(memcmp(bytes, again + MLX5X_MESSAGE_HEADER, size) == 0);
	}
	free(bytes);
}

/* The first byte selects one of the three. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1 + MLX5X_MESSAGE_HEADER)
		return 0;
	if (data[0] & 1)
		read_header(data + 1);
	else if (data[0] & 2)
		read_addresses(data + 1, size - 1);
	else
		read_hello(data + 1, size - 1);
	return 0;
}
