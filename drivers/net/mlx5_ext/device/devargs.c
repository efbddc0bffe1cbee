/* SPDX-License-Identifier: BSD-3-Clause */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

#include <rte_common.h>
#include <rte_kvargs.h>

#define LOG_ROOM "devargs"
#include "common/log.h"
#include "device/devargs.h"

static int
bad_value(const char *key, const char *value, const char *wanted)
{
	MLX5X_LOG(ERR, "%s=%s: wants %s", key, value != NULL ? value : "", wanted);
	return -EINVAL;
}

static int
parse_driver(const char *value, struct mlx5x_devargs *out)
{
	if (value == NULL || strcmp(value, "mlx5_ext") != 0)
		return bad_value(MLX5X_DEVARG_DRIVER, value, "mlx5_ext");
	out->named_driver = true;
	return 0;
}

/* -EINVAL: none of the kinds. */
static int
read_peer(const char *value, struct mlx5x_devargs *out)
{
	if (strcmp(value, "self") == 0) {
		out->peer_kind = MLX5X_PEER_SELF;
		return 0;
	}
	if (rte_pci_addr_parse(value, &out->peer) == 0) {
		out->peer_kind = MLX5X_PEER_PORT;
		return 0;
	}
	if (strcmp(value, "listen") == 0 || strncmp(value, "listen:", 7) == 0) {
		out->peer_kind = MLX5X_PEER_LISTEN;
		if (value[6] == ':')
			return mlx5x_endpoint_parse(value + 7, &out->endpoint);
		out->endpoint.port = MLX5X_ENDPOINT_PORT;
		return 0;
	}
	out->peer_kind = MLX5X_PEER_HOST;
	if (mlx5x_endpoint_parse(value, &out->endpoint) != 0 || out->endpoint.host[0] == '\0')
		return -EINVAL;
	return 0;
}

static int
parse_peer(const char *value, struct mlx5x_devargs *out)
{
	out->named_peer = true;
	if (value != NULL && read_peer(value, out) == 0)
		return 0;
	return bad_value(MLX5X_DEVARG_PEER, value, "self, a PCI address such as 0000:03:00.1, "
		"listen, listen:PORT, listen:ADDRESS:PORT, HOST or HOST:PORT");
}

static int
parse_wire(const char *value, struct mlx5x_devargs *out)
{
	static const char *const wires[] = {"dv", "raw", "uc", "rc"};
	unsigned int i;

	for (i = 0; value != NULL && i < RTE_DIM(wires); i++) {
		if (strcmp(value, wires[i]) != 0)
			continue;
		strlcpy(out->wire, value, sizeof(out->wire));
		return 0;
	}
	return bad_value(MLX5X_DEVARG_WIRE, value, "dv, raw, uc or rc");
}

static int
parse_number(const char *key, const char *value, unsigned long max, unsigned long *out)
{
	char wanted[32], *end;

	snprintf(wanted, sizeof(wanted), "a number from 0 to %lu", max);
	errno = 0;
	*out = value != NULL ? strtoul(value, &end, 10) : 0;
	if (value == NULL || !isdigit((unsigned char)value[0]) || *end != '\0' || errno != 0 ||
	    *out > max)
		return bad_value(key, value, wanted);
	return 0;
}

static int
parse_inline(const char *value, struct mlx5x_devargs *out)
{
	unsigned long bytes;
	int ret;

	ret = parse_number(MLX5X_DEVARG_INLINE, value, MLX5X_DEVARGS_INLINE_MAX, &bytes);
	out->tx_inline = bytes;
	return ret;
}

static int
parse_mpw(const char *value, struct mlx5x_devargs *out)
{
	unsigned long on;
	int ret;

	ret = parse_number(MLX5X_DEVARG_MPW, value, 1, &on);
	out->tx_mpw = on;
	return ret;
}

static int
parse_implicit(const char *value, struct mlx5x_devargs *out)
{
	static const char *const modes[] = {
		[MLX5X_IMPLICIT_MEMPOOL] = "mempool",
		[MLX5X_IMPLICIT_EAL] = "eal",
		[MLX5X_IMPLICIT_NONE] = "none",
	};
	unsigned int i;

	for (i = 0; value != NULL && i < RTE_DIM(modes); i++) {
		if (strcmp(value, modes[i]) != 0)
			continue;
		out->implicit = i;
		return 0;
	}
	return bad_value(MLX5X_DEVARG_IMPLICIT, value, "mempool, eal or none");
}

static int
parse_pair(const char *key, const char *value, void *opaque)
{
	struct mlx5x_devargs *out = opaque;

	if (strcmp(key, MLX5X_DEVARG_DRIVER) == 0)
		return parse_driver(value, out);
	if (strcmp(key, MLX5X_DEVARG_IMPLICIT) == 0)
		return parse_implicit(value, out);
	if (strcmp(key, MLX5X_DEVARG_PEER) == 0)
		return parse_peer(value, out);
	if (strcmp(key, MLX5X_DEVARG_INLINE) == 0)
		return parse_inline(value, out);
	if (strcmp(key, MLX5X_DEVARG_MPW) == 0)
		return parse_mpw(value, out);
	if (strcmp(key, MLX5X_DEVARG_WIRE) == 0)
		return parse_wire(value, out);
	MLX5X_LOG(ERR, "unknown device argument '%s'; known are: %s", key, MLX5X_DEVARGS_HELP);
	return -EINVAL;
}

/* Each pair in the order given, so that the message names the first one at fault. */
static int
parse_all(const struct rte_kvargs *kvlist, struct mlx5x_devargs *out)
{
	unsigned int i, j;
	int ret;

	for (i = 0; i < kvlist->count; i++) {
		for (j = 0; j < i; j++) {
			if (strcmp(kvlist->pairs[i].key, kvlist->pairs[j].key) != 0)
				continue;
			MLX5X_LOG(ERR, "device argument '%s' is given twice", kvlist->pairs[i].key);
			return -EINVAL;
		}
		ret = parse_pair(kvlist->pairs[i].key, kvlist->pairs[i].value, out);
		if (ret != 0)
			return ret;
	}
	return 0;
}

int
mlx5x_devargs_parse(const char *args, struct mlx5x_devargs *out)
{
	struct rte_kvargs *kvlist;
	int ret;

	*out = (struct mlx5x_devargs){.tx_mpw = true};
	if (args == NULL || args[0] == '\0')
		return 0;
	kvlist = rte_kvargs_parse(args, NULL);
	if (kvlist == NULL) {
		MLX5X_LOG(ERR, "device arguments '%s': want key=value[,key=value]", args);
		return -EINVAL;
	}
	ret = parse_all(kvlist, out);
	rte_kvargs_free(kvlist);
	return ret;
}

bool
mlx5x_devargs_name_us(const char *args)
{
	struct rte_kvargs *kvlist;
	const char *value;
	bool named;

	kvlist = args != NULL ? rte_kvargs_parse(args, NULL) : NULL;
	if (kvlist == NULL)
		return false;
	value = rte_kvargs_get(kvlist, MLX5X_DEVARG_DRIVER);
	named = value != NULL && strcmp(value, "mlx5_ext") == 0;
	rte_kvargs_free(kvlist);
	return named;
}
