/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * endpoint.h - the address of a peer in another process, as text and in parts. Pure functions;
 * names are not resolved here.
 */
#ifndef MLX5X_ENDPOINT_H_
#define MLX5X_ENDPOINT_H_

#include <stdint.h>

/* TCP. One above 18515, the port of perftest and ibv_*_pingpong. */
#define MLX5X_ENDPOINT_PORT 18516

struct mlx5x_endpoint {
	char host[256];		/* a name or a numeric address; empty: any local address */
	uint16_t port;		/* TCP, host order */
};

/*
 * "host", "host:port", "[v6 address]:port", or "port" alone. 0; -EINVAL: none of these. Text with
 * several colons and no brackets must be an IPv6 address.
 */
int mlx5x_endpoint_parse(const char *text, struct mlx5x_endpoint *out);

#endif
