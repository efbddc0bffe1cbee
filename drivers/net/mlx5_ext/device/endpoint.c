/* SPDX-License-Identifier: BSD-3-Clause */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "device/endpoint.h"

static int
parse_port(const char *text, uint16_t *port)
{
	unsigned long value;
	char *end;

	if (!isdigit((unsigned char)text[0]) || strlen(text) > 5)
		return -EINVAL;
	value = strtoul(text, &end, 10);
	if (*end != '\0' || value == 0 || value > UINT16_MAX)
		return -EINVAL;
	*port = value;
	return 0;
}

static bool
is_ipv6(const char *host)
{
	char address[INET6_ADDRSTRLEN];
	size_t len = strcspn(host, "%");
	struct in6_addr ignored;

	if (len >= sizeof(address))
		return false;
	memcpy(address, host, len);
	address[len] = '\0';
	return inet_pton(AF_INET6, address, &ignored) == 1;
}

static bool
is_name(const char *host)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789.-_";

	return host[0] != '\0' && host[0] != '-' && host[strspn(host, allowed)] == '\0';
}

/* The first len characters of text. */
static int
take_host(struct mlx5x_endpoint *out, const char *text, size_t len)
{
	if (len >= sizeof(out->host))
		return -EINVAL;
	memcpy(out->host, text, len);
	out->host[len] = '\0';
	return 0;
}

static int
parse_bracketed(const char *text, struct mlx5x_endpoint *out)
{
	const char *close = strchr(text, ']');

	if (close == NULL || take_host(out, text + 1, close - text - 1) != 0 || !is_ipv6(out->host))
		return -EINVAL;
	if (close[1] == '\0')
		return 0;
	return close[1] == ':' ? parse_port(close + 2, &out->port) : -EINVAL;
}

int
mlx5x_endpoint_parse(const char *text, struct mlx5x_endpoint *out)
{
	const char *colon = strchr(text, ':');

	*out = (struct mlx5x_endpoint){.port = MLX5X_ENDPOINT_PORT};
	if (text[0] == '[')
		return parse_bracketed(text, out);
	if (colon != NULL && strchr(colon + 1, ':') != NULL)
		return take_host(out, text, strlen(text)) == 0 && is_ipv6(out->host) ? 0 : -EINVAL;
	if (colon == NULL && text[strspn(text, "0123456789")] == '\0')
		return parse_port(text, &out->port);
	if (take_host(out, text, colon != NULL ? (size_t)(colon - text) : strlen(text)) != 0 ||
	    !is_name(out->host))
		return -EINVAL;
	return colon != NULL ? parse_port(colon + 1, &out->port) : 0;
}
