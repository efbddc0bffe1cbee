/* SPDX-License-Identifier: BSD-3-Clause */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

#include <rte_common.h>
#include <rte_kvargs.h>

#define LOG_COMPONENT "devargs"
#include "common/log.h"
#include "device/devargs.h"

/* The device's name, for the log, and the result. */
struct parse {
	const char *name;
	struct mlx5x_devargs *out;
};

static int
bad_value(const struct parse *parse, const char *key, const char *value, const char *wanted)
{
	MLX5X_LOG(ERR, "%s: device argument %s=%s: must be %s", parse->name, key,
		value != NULL ? value : "", wanted);
	return -EINVAL;
}

static int
parse_driver(const struct parse *parse, const char *value)
{
	if (value == NULL || strcmp(value, "mlx5_ext") != 0)
		return bad_value(parse, MLX5X_DEVARG_DRIVER, value, "mlx5_ext");
	parse->out->named_driver = true;
	return 0;
}

/* 0; -EINVAL: not a peer. */
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
parse_peer(const struct parse *parse, const char *value)
{
	parse->out->named_peer = true;
	if (value != NULL && read_peer(value, parse->out) == 0)
		return 0;
	return bad_value(parse, MLX5X_DEVARG_PEER, value, "self, a PCI address such as "
		"0000:03:00.1, listen, listen:PORT, listen:ADDRESS:PORT, HOST or HOST:PORT");
}

static int
parse_wire(const struct parse *parse, const char *value)
{
	static const char *const wires[] = {"dv", "raw", "uc", "rc"};
	unsigned int i;

	for (i = 0; value != NULL && i < RTE_DIM(wires); i++) {
		if (strcmp(value, wires[i]) != 0)
			continue;
		strlcpy(parse->out->wire, value, sizeof(parse->out->wire));
		return 0;
	}
	return bad_value(parse, MLX5X_DEVARG_WIRE, value, "dv, raw, uc or rc");
}

static int
parse_number(const struct parse *parse, const char *key, const char *value, unsigned long min,
	unsigned long max, uint16_t *out)
{
	unsigned long number;
	char wanted[64], *end;

	snprintf(wanted, sizeof(wanted), "a number from %lu to %lu", min, max);
	errno = 0;
	number = value != NULL ? strtoul(value, &end, 10) : 0;
	if (value == NULL || !isdigit((unsigned char)value[0]) || *end != '\0' || errno != 0 ||
	    number < min || number > max)
		return bad_value(parse, key, value, wanted);
	*out = number;
	return 0;
}

static int
parse_mpw(const struct parse *parse, const char *value)
{
	uint16_t on = 0;
	int ret;

	ret = parse_number(parse, MLX5X_DEVARG_MPW, value, 0, 1, &on);
	parse->out->tx_mpw = on;
	return ret;
}

static int
parse_implicit(const struct parse *parse, const char *value)
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
		parse->out->implicit = i;
		return 0;
	}
	return bad_value(parse, MLX5X_DEVARG_IMPLICIT, value, "mempool, eal or none");
}

static int
parse_pair(const struct parse *parse, const char *key, const char *value)
{
	if (strcmp(key, MLX5X_DEVARG_DRIVER) == 0)
		return parse_driver(parse, value);
	if (strcmp(key, MLX5X_DEVARG_IMPLICIT) == 0)
		return parse_implicit(parse, value);
	if (strcmp(key, MLX5X_DEVARG_THREADS) == 0)
		return parse_number(parse, key, value, 1, MLX5X_DEVARGS_THREADS_MAX,
			&parse->out->mr_threads);
	if (strcmp(key, MLX5X_DEVARG_PEER) == 0)
		return parse_peer(parse, value);
	if (strcmp(key, MLX5X_DEVARG_INLINE) == 0)
		return parse_number(parse, key, value, 0, MLX5X_DEVARGS_INLINE_MAX,
			&parse->out->tx_inline);
	if (strcmp(key, MLX5X_DEVARG_MPW) == 0)
		return parse_mpw(parse, value);
	if (strcmp(key, MLX5X_DEVARG_WIRE) == 0)
		return parse_wire(parse, value);
	MLX5X_LOG(ERR, "%s: unknown device argument '%s'; supported: %s", parse->name, key,
		MLX5X_DEVARGS_HELP);
	return -EINVAL;
}

/* All pairs in their order, so that the log line names the first invalid one. */
static int
parse_all(const struct parse *parse, const struct rte_kvargs *kvlist)
{
	unsigned int i, j;
	int ret;

	for (i = 0; i < kvlist->count; i++) {
		for (j = 0; j < i; j++) {
			if (strcmp(kvlist->pairs[i].key, kvlist->pairs[j].key) != 0)
				continue;
			MLX5X_LOG(ERR, "%s: device argument '%s' is given twice", parse->name,
				kvlist->pairs[i].key);
			return -EINVAL;
		}
		ret = parse_pair(parse, kvlist->pairs[i].key, kvlist->pairs[i].value);
		if (ret != 0)
			return ret;
	}
	return 0;
}

int
mlx5x_devargs_parse(const char *name, const char *args, struct mlx5x_devargs *out)
{
	const struct parse parse = {name, out};
	struct rte_kvargs *kvlist;
	int ret;

	*out = (struct mlx5x_devargs){.tx_mpw = true, .mr_threads = 1};
	if (args == NULL || args[0] == '\0')
		return 0;
	kvlist = rte_kvargs_parse(args, NULL);
	if (kvlist == NULL) {
		MLX5X_LOG(ERR, "%s: device arguments '%s': must be key=value[,key=value]", name,
			args);
		return -EINVAL;
	}
	ret = parse_all(&parse, kvlist);
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
