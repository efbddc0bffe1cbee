/* SPDX-License-Identifier: BSD-3-Clause */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "cable/message.h"

#define MAGIC "mlx5_ext"
#define MAGIC_LEN 8
#define HELLO_LEN 34
#define MAX_PATH_MTU 5 /* IBV_MTU_4096 */
#define PER_PAIR 8
#define MAX_NUMBER 0xffffff /* QPNs and PSNs have 24 bits */

static uint8_t *
put_16(uint8_t *out, uint16_t value)
{
	out[0] = value >> 8;
	out[1] = value;
	return out + 2;
}

static uint8_t *
put_32(uint8_t *out, uint32_t value)
{
	return put_16(put_16(out, value >> 16), value);
}

static uint8_t *
put_bytes(uint8_t *out, const void *bytes, size_t n)
{
	memcpy(out, bytes, n);
	return out + n;
}

static uint16_t
get_16(const uint8_t *in)
{
	return in[0] << 8 | in[1];
}

static uint32_t
get_32(const uint8_t *in)
{
	return (uint32_t)get_16(in) << 16 | get_16(in + 2);
}

static uint8_t *
put_header(uint8_t *out, enum mlx5x_message_kind kind, uint16_t length, uint16_t pair)
{
	out = put_bytes(out, MAGIC, MAGIC_LEN);
	out = put_16(out, MLX5X_MESSAGE_VERSION);
	out = put_16(out, kind);
	out = put_16(out, length);
	return put_16(out, pair);
}

size_t
mlx5x_message_put(uint8_t *out, enum mlx5x_message_kind kind, uint16_t pair)
{
	return put_header(out, kind, 0, pair) - out;
}

size_t
mlx5x_message_put_reset(uint8_t *out, uint16_t pair, uint32_t psn)
{
	return put_32(put_header(out, MLX5X_MESSAGE_RESET, 4, pair), psn) - out;
}

size_t
mlx5x_message_put_hello(uint8_t *out, const struct mlx5x_hello *hello)
{
	uint8_t *at = put_header(out, MLX5X_MESSAGE_HELLO, HELLO_LEN, 0);

	at = put_bytes(at, hello->wire, sizeof(hello->wire));
	at = put_16(at, hello->mtu);
	at = put_16(at, hello->lid);
	at = put_16(at, hello->path_mtu);
	at = put_16(at, hello->nb_rx);
	at = put_16(at, hello->nb_tx);
	at = put_bytes(at, hello->gid, sizeof(hello->gid));
	return at - out;
}

size_t
mlx5x_message_put_addresses(uint8_t *out, const struct mlx5x_message_address *list, uint16_t n)
{
	uint8_t *at = put_header(out, MLX5X_MESSAGE_ADDRESSES, PER_PAIR * n, 0);
	uint16_t i;

	for (i = 0; i < n; i++)
		at = put_32(put_32(at, list[i].qpn), list[i].psn);
	return at - out;
}

int
mlx5x_message_get_header(const uint8_t *in, struct mlx5x_message_header *header)
{
	if (memcmp(in, MAGIC, MAGIC_LEN) != 0)
		return -EBADMSG;
	header->version = get_16(in + 8);
	header->kind = get_16(in + 10);
	header->length = get_16(in + 12);
	header->pair = get_16(in + 14);
	if (header->version != MLX5X_MESSAGE_VERSION)
		return -EPROTONOSUPPORT;
	return header->length <= MLX5X_MESSAGE_BODY && header->pair < MLX5X_MESSAGE_PAIRS ?
		0 : -EBADMSG;
}

/* The log shows it to the user. */
static bool
is_word(const char *text, size_t size)
{
	size_t i;

	for (i = 0; i < size && text[i] != '\0'; i++)
		if (!isalnum((unsigned char)text[i]))
			return false;
	return i > 0 && i < size;
}

static bool
is_valid(const struct mlx5x_hello *hello)
{
	return is_word(hello->wire, sizeof(hello->wire)) && hello->path_mtu >= 1 &&
		hello->path_mtu <= MAX_PATH_MTU && hello->nb_rx <= MLX5X_MESSAGE_PAIRS &&
		hello->nb_tx <= MLX5X_MESSAGE_PAIRS && hello->nb_rx + hello->nb_tx != 0;
}

int
mlx5x_message_get_hello(const uint8_t *in, size_t len, struct mlx5x_hello *hello)
{
	*hello = (struct mlx5x_hello){0};
	if (len != HELLO_LEN)
		return -EBADMSG;
	memcpy(hello->wire, in, sizeof(hello->wire));
	hello->mtu = get_16(in + 8);
	hello->lid = get_16(in + 10);
	hello->path_mtu = get_16(in + 12);
	hello->nb_rx = get_16(in + 14);
	hello->nb_tx = get_16(in + 16);
	memcpy(hello->gid, in + 18, sizeof(hello->gid));
	return is_valid(hello) ? 0 : -EBADMSG;
}

int
mlx5x_message_get_addresses(const uint8_t *in, size_t len, struct mlx5x_message_address *list,
	uint16_t n)
{
	uint16_t i;

	if (len != (size_t)PER_PAIR * n)
		return -EBADMSG;
	for (i = 0; i < n; i++) {
		list[i].qpn = get_32(in + PER_PAIR * i);
		list[i].psn = get_32(in + PER_PAIR * i + 4);
		if (list[i].qpn > MAX_NUMBER || list[i].psn > MAX_NUMBER)
			return -EBADMSG;
	}
	return 0;
}

int
mlx5x_message_get_reset(const uint8_t *in, size_t len, uint32_t *psn)
{
	if (len != 4)
		return -EBADMSG;
	*psn = get_32(in);
	return *psn <= MAX_NUMBER ? 0 : -EBADMSG;
}
