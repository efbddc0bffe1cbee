/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cable_ends.h - three ports of one process that take the other's pairs for connected when told so:
 * the neighbours of cable_tcp.c, and the log. For one test program.
 */
#ifndef CABLE_ENDS_H_
#define CABLE_ENDS_H_

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <ethdev_driver.h>

#include "cable.h"
#include "link.h"
#include "queue.h"
#include "tcp.h"

#define PAIRS 3
#define SOON 2000	/* ms, for what takes no time */
#define LONG 8000	/* ms, where a limit of the driver's own has to pass first */

int mlx5x_logtype;

enum plug {
	PLUG_OUT,
	PLUG_CONNECTED,
	PLUG_IN,
};

struct end {
	struct mlx5x_port port;
	struct rte_eth_dev dev;
	struct rte_eth_dev_data data;
	struct mlx5x_pair pairs[PAIRS];
	struct ibv_qp qps[PAIRS];
	struct mlx5x_wire wire;
	struct mlx5x_remote remotes[PAIRS];
	enum plug plug;
	int events;
	int refuse;	/* connecting fails with this */
};

static struct end listener, caller, third;
static uint16_t tcp_port;
static FILE *log_file;

static void
set_plug(struct mlx5x_port *port, enum plug plug)
{
	__atomic_store_n(&container_of(port, struct end, port)->plug, plug, __ATOMIC_RELEASE);
}

static enum plug
get_plug(const struct end *end)
{
	return __atomic_load_n(&end->plug, __ATOMIC_ACQUIRE);
}

int
mlx5x_cable_connect(struct mlx5x_port *port, const struct mlx5x_remote *remotes, uint16_t mtu)
{
	struct end *end = container_of(port, struct end, port);

	if (end->refuse != 0)
		return end->refuse;
	memcpy(end->remotes, remotes, port->nb_pairs * sizeof(*remotes));
	set_plug(port, PLUG_CONNECTED);
	return 0;
}

void
mlx5x_cable_open(struct mlx5x_port *port)
{
	set_plug(port, PLUG_IN);
}

void
mlx5x_cable_cut(struct mlx5x_port *port)
{
	set_plug(port, PLUG_OUT);
}

void
mlx5x_cable_leave(struct mlx5x_port *port)
{
	set_plug(port, PLUG_OUT);
}

void
mlx5x_pair_publish(struct mlx5x_port *port, struct mlx5x_pair *pairs, uint16_t nb_pairs)
{
	port->pairs = pairs;
	port->nb_pairs = nb_pairs;
}

void
mlx5x_link_changed_later(struct mlx5x_port *port)
{
	__atomic_add_fetch(&container_of(port, struct end, port)->events, 1, __ATOMIC_RELAXED);
}

/* The log is a file without a buffer, since threads write to it while it is read. */
static bool
is_logged(const char *text)
{
	char log[1 << 16];
	ssize_t n = pread(fileno(log_file), log, sizeof(log) - 1, 0);

	log[n > 0 ? n : 0] = '\0';
	return strstr(log, text) != NULL;
}

static void
wait_for_log(const char *text)
{
	uint64_t end = mlx5x_tcp_now() + LONG;

	while (!is_logged(text)) {
		if (mlx5x_tcp_now() > end)
			fail_msg("not logged: %s", text);
		usleep(1000);
	}
}

static void
wait_for_plug(struct end *end, enum plug wanted, unsigned int ms)
{
	uint64_t limit = mlx5x_tcp_now() + ms;

	while (get_plug(end) != wanted) {
		if (mlx5x_tcp_now() > limit)
			fail_msg("%s: plug is %d, not %d", end->data.name, get_plug(end), wanted);
		usleep(1000);
	}
}

#endif
