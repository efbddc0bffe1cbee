/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * endpoint.h - where the other end of a cable is, when it is not in this process: text and its
 * parts. Pure; looks no name up.
 */
#ifndef MLX5X_ENDPOINT_H_
#define MLX5X_ENDPOINT_H_

#include <stdint.h>

/* TCP; perftest and ibv_*_pingpong take the one below. */
#define MLX5X_ENDPOINT_PORT 18516

struct mlx5x_endpoint {
	char host[256];		/* a name or a numeric address; empty: any address of ours */
	uint16_t port;		/* TCP, host order */
};

/*
 * "host", "host:port", "[v6 address]:port", or "port" alone. 0, or -EINVAL: it is none of these; a
 * text with several colons and no brackets has to be an IPv6 address.
 */
int mlx5x_endpoint_parse(const char *text, struct mlx5x_endpoint *out);

#endif
