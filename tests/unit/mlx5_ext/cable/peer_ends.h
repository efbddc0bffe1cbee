/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * peer_ends.h - four ports of one process, which are two cables: the neighbours of peer.c, which
 * record each step that they are called for, and can fail or block at it. For one test program.
 */
#ifndef PEER_ENDS_H_
#define PEER_ENDS_H_

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>
#include <ethdev_driver.h>
#include <rte_eal.h>

#include "cable/cable.h"
#include "cable/cable_tcp.h"
#include "cable/peer.h"
#include "cable/wanted.h"
#include "common/compat.h"
#include "common/limit.h"
#include "queue/fold.h"
#include "queue/link.h"
#include "queue/pair.h"

#define PAIRS 2
#define ENDS 4		/* A and B are a cable, C and D another */
#define SOON 20000	/* ms, limit for an immediate event */

int mlx5x_logtype;

struct end {
	struct mlx5x_port port;
	struct rte_eth_dev dev;
	struct rte_eth_dev_data data;
	struct rte_pci_device pci;
	struct mlx5x_pair pairs[PAIRS];
	struct mlx5x_remote remotes[PAIRS];
};

static struct end ends[ENDS];
static const struct mlx5x_wire uc = {.name = "uc"}, rc = {.name = "rc", .mutual = true};
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;	/* of the steps */
/* "cA" connected, "oA" opened, "xA" cut, "lA" left, "rA" reset, "eA" got an event ... */
static char steps[256];
static const char *fail_at;	/* this step fails */
static bool failed[ENDS];
static struct mlx5x_port *stops_when_told;
static const char *stuck_at;	/* this step blocks until the obstacle is readable */
static int obstacle;
static sem_t is_stuck;

static inline char
name_of(const struct mlx5x_port *port)
{
	int i = 0;

	while (&ends[i].port != port)
		i++;
	return 'A' + i;
}

/* The step named in *where, if it is not NULL. */
static inline bool
is_at(const char *what, const struct mlx5x_port *port, const char *const *where)
{
	char text[16];
	bool is;

	snprintf(text, sizeof(text), "%s%c", what, name_of(port));
	pthread_mutex_lock(&lock);
	is = *where != NULL && strcmp(text, *where) == 0;
	pthread_mutex_unlock(&lock);
	return is;
}

static inline int
step(const char *what, const struct mlx5x_port *port)
{
	char text[16];

	snprintf(text, sizeof(text), "%s%c", what, name_of(port));
	pthread_mutex_lock(&lock);
	strcat(strcat(steps, steps[0] != '\0' ? " " : ""), text);
	pthread_mutex_unlock(&lock);
	return is_at(what, port, &fail_at) ? -EIO : 0;
}

/* A step that waits for the other end. */
static inline int
long_step(const char *what, const struct mlx5x_port *port, const struct mlx5x_limit *limit)
{
	int ret = step(what, port);

	assert_true(limit->wake >= 0);
	assert_uint_in_range(limit->deadline - mlx5x_limit_now(), 0, MLX5X_CABLE_CONNECT_MS);
	if (!is_at(what, port, &stuck_at))
		return ret;
	sem_post(&is_stuck);
	return mlx5x_limit_watch(&obstacle, 1, limit);
}

static inline void
forget_steps(void)
{
	pthread_mutex_lock(&lock);
	steps[0] = '\0';
	pthread_mutex_unlock(&lock);
}

static inline void
set(const char **where, const char *name)
{
	pthread_mutex_lock(&lock);
	*where = name;
	pthread_mutex_unlock(&lock);
}

int
mlx5x_cable_connect(struct mlx5x_port *port, const struct mlx5x_remote *remotes, uint16_t mtu,
	const struct mlx5x_limit *limit)
{
	memcpy(container_of(port, struct end, port)->remotes, remotes,
		port->nb_joined * sizeof(*remotes));
	return long_step("c", port, limit);
}

int
mlx5x_fold(struct mlx5x_port *port, uint16_t tx_there)
{
	port->nb_joined = RTE_MAX(port->dev->data->nb_tx_queues, tx_there);
	assert_uint_in_range(port->nb_joined, 1, PAIRS);
	return is_at("f", port, &fail_at) ? -EIO : 0;
}

void
mlx5x_cable_open(struct mlx5x_port *port)
{
	port->joined = true;
	step("o", port);
}

void
mlx5x_cable_cut(struct mlx5x_port *port)
{
	port->joined = false;
	step("x", port);
}

void
mlx5x_cable_leave(struct mlx5x_port *port)
{
	port->joined = false;
	step("l", port);
}

static inline void
set_failed(int i, bool has)
{
	__atomic_store_n(&failed[i], has, __ATOMIC_RELEASE);
}

int
mlx5x_cable_reset_pair(struct mlx5x_port *port, uint16_t index)
{
	port->pairs[index].psn += 0x100;
	return step("r", port);
}

int
mlx5x_cable_connect_pair(struct mlx5x_port *port, uint16_t index,
	const struct mlx5x_remote *remote, uint16_t mtu, const struct mlx5x_limit *limit)
{
	container_of(port, struct end, port)->remotes[index] = *remote;
	return long_step("cp", port, limit);
}

void
mlx5x_cable_open_pair(struct mlx5x_port *port, uint16_t index)
{
	set_failed(name_of(port) - 'A', false);
	step("op", port);
}

void
mlx5x_cable_cut_pair(struct mlx5x_port *port, uint16_t index)
{
	set_failed(name_of(port) - 'A', false);
	step("xp", port);
}

bool
mlx5x_cable_is_failed(struct mlx5x_port *port, uint16_t index)
{
	return __atomic_load_n(&failed[name_of(port) - 'A'], __ATOMIC_ACQUIRE);
}

int
mlx5x_cable_tcp_up(struct mlx5x_port *port, struct mlx5x_pair *pairs, uint16_t nb_pairs)
{
	return step("tcp-up", port);
}

void
mlx5x_cable_tcp_down(struct mlx5x_port *port)
{
	step("tcp-down", port);
}

void
mlx5x_pair_publish(struct mlx5x_port *port, struct mlx5x_pair *pairs, uint16_t nb_pairs)
{
	port->pairs = pairs;
	port->nb_pairs = nb_pairs;
}

/* Whether the device of each was held at the last event of its link; of one thread, if it asks. */
static bool asks_who_holds, held[2];

/* The application may stop the port that has the event. */
void
mlx5x_link_changed(struct mlx5x_port *port)
{
	step("e", port);
	if (asks_who_holds)
		held[port == &ends[1].port] = !LIST_EMPTY(&port->hold.holders);
	if (port == stops_when_told)
		mlx5x_peer_down(port);
}

static inline void
make_end(struct end *end, const char *name, uint8_t devid, uint8_t peer)
{
	int i;

	*end = (struct end){
		.port = {
			.dev = &end->dev,
			.devargs = {.peer_kind = MLX5X_PEER_PORT, .peer = {.devid = peer}},
			.caps = {.path_mtu = devid == 0x10 ? IBV_MTU_4096 : IBV_MTU_1024},
			.wire = &uc,
		},
		.dev = {.data = &end->data, .device = &end->pci.device},
		.data = {.nb_rx_queues = PAIRS, .nb_tx_queues = PAIRS},
		.pci = {.addr = {.devid = devid}},
	};
	strcpy(end->data.name, name);
	for (i = 0; i < PAIRS; i++) {
		end->pairs[i].qpn = devid + i;
	}
	mlx5x_peer_add(&end->port);
}

static inline int
set_up(void **state)
{
	make_end(&ends[0], "A", 0x10, 0x11);
	make_end(&ends[1], "B", 0x11, 0x10);
	make_end(&ends[2], "C", 0x12, 0x13);
	make_end(&ends[3], "D", 0x13, 0x12);
	forget_steps();
	fail_at = stuck_at = NULL;
	memset(failed, 0, sizeof(failed));
	stops_when_told = NULL;
	asks_who_holds = false;
	obstacle = eventfd(0, 0);
	sem_init(&is_stuck, 0, 0);
	return 0;
}

static inline int
tear_down(void **state)
{
	int i;

	for (i = 0; i < ENDS; i++) {
		mlx5x_peer_down(&ends[i].port);
		mlx5x_peer_remove(&ends[i].port);
		mlx5x_wanted_destroy(ends[i].port.wanted);
		assert_null(ends[i].port.pairs);
		assert_null(ends[i].port.plug);
		assert_null(ends[i].port.worker);
	}
	close(obstacle);
	return 0;
}

static inline int
up(int i, uint16_t nb_pairs)
{
	return mlx5x_peer_up(&ends[i].port, ends[i].pairs, nb_pairs);
}

static inline void
down(int i)
{
	mlx5x_peer_down(&ends[i].port);
}

static inline void
expect_steps(const char *wanted)
{
	pthread_mutex_lock(&lock);
	assert_string_equal(steps, wanted);
	steps[0] = '\0';
	pthread_mutex_unlock(&lock);
}

/* A thread runs the steps. */
static inline void
wait_for_steps(const char *wanted)
{
	uint64_t limit = mlx5x_limit_now() + SOON;
	bool done = false;

	while (!done && mlx5x_limit_now() < limit) {
		pthread_mutex_lock(&lock);
		done = strlen(steps) >= strlen(wanted);
		pthread_mutex_unlock(&lock);
		usleep(200);
	}
	expect_steps(wanted);
}

static inline void
join(int i, const struct mlx5x_wire *wire)
{
	ends[i].port.wire = wire;
	ends[i + 1].port.wire = wire;
	assert_int_equal(up(i, PAIRS), 0);
	assert_int_equal(up(i + 1, PAIRS), 0);
	assert_true(ends[i].port.joined && ends[i + 1].port.joined);
	forget_steps();
}

static inline void
fail_pair(int i, uint16_t index)
{
	set_failed(i, true);
	mlx5x_peer_recover(&ends[i].port, index);
}

/* A thread works at the cable, and has reached this step. */
static inline void
wait_until_stuck(void)
{
	while (sem_wait(&is_stuck) != 0)
		;
}

static inline void
clear_the_way(void)
{
	eventfd_write(obstacle, 1);
}

static inline int
set_up_group(void **state)
{
	char args[][16] = {"test", "--no-pci", "--no-huge", "--no-shconf", "--no-telemetry", "-m",
		"32", "-l", "0", "--log-level=4"};
	char *argv[RTE_DIM(args)];
	unsigned int i;

	for (i = 0; i < RTE_DIM(args); i++)
		argv[i] = args[i];
	return rte_eal_init(RTE_DIM(argv), argv) < 0 ? -1 : 0;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
