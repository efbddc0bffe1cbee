/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cable_ends.h - three ports of one process whose pairs count as connected when the fakes say so:
 * the neighbours of cable_tcp.c, its log, and an end that sends raw bytes. For one test program.
 */
#ifndef CABLE_ENDS_H_
#define CABLE_ENDS_H_

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <ethdev_driver.h>
#include <rte_eal.h>

#include "cable/cable.h"
#include "cable/cable_tcp.h"
#include "cable/message.h"
#include "cable/tcp.h"
#include "cable/wanted.h"
#include "queue/fold.h"
#include "queue/link.h"
#include "queue/pair.h"

#define PAIRS 3
#define SOON 20000	/* ms, limit for an immediate event */
#define LONG 30000	/* ms, limit for an event after a time limit of the driver */

int mlx5x_logtype;

enum plug {
	PLUG_OUT,
	PLUG_CONNECTING,
	PLUG_CONNECTED,
	PLUG_IN,
};

struct end {
	struct mlx5x_port port;
	struct rte_eth_dev dev;
	struct rte_eth_dev_data data;
	struct mlx5x_pair pairs[PAIRS];
	struct mlx5x_wire wire;
	struct mlx5x_remote remotes[PAIRS];
	enum plug plug;
	int events;
	int unfoldable;	/* result of folding */
	int refuse;	/* result of connecting */
	int obstacle;	/* connecting blocks until this is readable; or -1 */
	bool failed[PAIRS];
	unsigned int steps[PAIRS];	/* states of a repair: 1 reset, 2 connected */
	int repaired[PAIRS];
};

static struct end listener, caller, third;
static uint16_t tcp_port;
static FILE *log_file;

static inline void
set_plug(struct mlx5x_port *port, enum plug plug)
{
	__atomic_store_n(&container_of(port, struct end, port)->plug, plug, __ATOMIC_RELEASE);
}

static inline void
set_failed(struct end *end, uint16_t index, bool failed)
{
	__atomic_store_n(&end->failed[index], failed, __ATOMIC_RELEASE);
}

static inline int
get_repaired(const struct end *end, uint16_t index)
{
	return __atomic_load_n(&end->repaired[index], __ATOMIC_ACQUIRE);
}

static inline enum plug
get_plug(const struct end *end)
{
	return __atomic_load_n(&end->plug, __ATOMIC_ACQUIRE);
}

int
mlx5x_cable_connect(struct mlx5x_port *port, const struct mlx5x_remote *remotes, uint16_t mtu,
	const struct mlx5x_limit *limit)
{
	struct end *end = container_of(port, struct end, port);

	if (end->obstacle >= 0) {
		set_plug(port, PLUG_CONNECTING);
		if (mlx5x_limit_watch(&end->obstacle, 1, limit) < 0)
			return -ECANCELED;
	}
	if (end->refuse != 0)
		return end->refuse;
	memcpy(end->remotes, remotes, port->nb_joined * sizeof(*remotes));
	set_plug(port, PLUG_CONNECTED);
	return 0;
}

int
mlx5x_fold(struct mlx5x_port *port, uint16_t tx_there)
{
	struct end *end = container_of(port, struct end, port);

	port->nb_joined = RTE_MIN(RTE_MAX(end->data.nb_tx_queues, tx_there), PAIRS);
	return end->unfoldable;
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

int
mlx5x_cable_reset_pair(struct mlx5x_port *port, uint16_t index)
{
	struct end *end = container_of(port, struct end, port);

	end->pairs[index].psn += 0x100;
	end->steps[index] |= 1;
	set_failed(end, index, false);
	return 0;
}

int
mlx5x_cable_connect_pair(struct mlx5x_port *port, uint16_t index,
	const struct mlx5x_remote *remote, uint16_t mtu, const struct mlx5x_limit *limit)
{
	struct end *end = container_of(port, struct end, port);

	assert_true(limit->wake >= 0);
	end->remotes[index] = *remote;
	end->steps[index] |= end->steps[index] == 1 ? 2 : 0x80;
	return 0;
}

/* Counts repairs that went through all three steps, in order. */
void
mlx5x_cable_open_pair(struct mlx5x_port *port, uint16_t index)
{
	struct end *end = container_of(port, struct end, port);

	if (end->steps[index] == 3)
		__atomic_add_fetch(&end->repaired[index], 1, __ATOMIC_RELEASE);
	end->steps[index] = 0;
}

bool
mlx5x_cable_is_failed(struct mlx5x_port *port, uint16_t index)
{
	return __atomic_load_n(&container_of(port, struct end, port)->failed[index], __ATOMIC_ACQUIRE);
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

/* The log is an unbuffered file, since threads write to it while it is read. */
static inline bool
is_logged(const char *text)
{
	char log[1 << 16];
	ssize_t n = pread(fileno(log_file), log, sizeof(log) - 1, 0);

	log[n > 0 ? n : 0] = '\0';
	return strstr(log, text) != NULL;
}

static inline void
wait_for_log(const char *text)
{
	uint64_t end = mlx5x_limit_now() + LONG;

	while (!is_logged(text)) {
		if (mlx5x_limit_now() > end)
			fail_msg("not logged: %s", text);
		usleep(1000);
	}
}

static inline void
wait_for_plug(struct end *end, enum plug wanted, unsigned int ms)
{
	uint64_t limit = mlx5x_limit_now() + ms;

	while (get_plug(end) != wanted) {
		if (mlx5x_limit_now() > limit)
			fail_msg("%s: plug is %d, not %d", end->data.name, get_plug(end), wanted);
		usleep(1000);
	}
}

static inline uint16_t
find_free_port(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	socklen_t len = sizeof(at);

	assert_int_equal(bind(fd, (struct sockaddr *)&at, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	close(fd);
	return ntohs(at.sin_port);
}

static inline void
make_end(struct end *end, const char *name, enum mlx5x_peer_kind kind, uint32_t qpn)
{
	int i;

	*end = (struct end){
		.port = {
			.dev = &end->dev,
			.devargs = {.peer_kind = kind, .endpoint = {.host = "127.0.0.1", .port = tcp_port}},
			.caps = {.path_mtu = IBV_MTU_4096, .lid = qpn + 1},
			.wire = &end->wire,
		},
		.obstacle = -1,
		.dev = {.data = &end->data},
		.data = {.mtu = 1500},
		.wire = {.name = "uc"},
	};
	strcpy(end->data.name, name);
	memset(end->port.caps.gid.raw, qpn, 16);
	for (i = 0; i < PAIRS; i++) {
		end->pairs[i].qpn = qpn + i;
	}
}

static inline int
set_up(void **state)
{
	tcp_port = find_free_port();
	make_end(&listener, "listener", MLX5X_PEER_LISTEN, 0x10);
	make_end(&caller, "caller", MLX5X_PEER_HOST, 0x20);
	make_end(&third, "third", MLX5X_PEER_HOST, 0x30);
	assert_int_equal(mlx5x_wanted_create(&listener.port.wanted), 0);
	assert_int_equal(mlx5x_wanted_create(&caller.port.wanted), 0);
	rewind(log_file);
	return ftruncate(fileno(log_file), 0);
}

/* With as many queues of both kinds, unless they are set already. */
static inline void
up(struct end *end, uint16_t nb_pairs)
{
	if (end->data.nb_rx_queues + end->data.nb_tx_queues == 0)
		end->data.nb_rx_queues = end->data.nb_tx_queues = nb_pairs;
	assert_int_equal(mlx5x_cable_tcp_up(&end->port, end->pairs, nb_pairs), 0);
}

static inline void
set_queues(struct end *end, uint16_t nb_rx, uint16_t nb_tx)
{
	end->data.nb_rx_queues = nb_rx;
	end->data.nb_tx_queues = nb_tx;
}

static inline void
down(struct end *end)
{
	mlx5x_cable_tcp_down(&end->port);
	assert_null(end->port.pairs);
	assert_int_equal(get_plug(end), PLUG_OUT);
}

static inline int
tear_down(void **state)
{
	down(&third);
	down(&caller);
	down(&listener);
	mlx5x_wanted_destroy(caller.port.wanted);
	mlx5x_wanted_destroy(listener.port.wanted);
	return 0;
}

/* An end of the test, which sends raw bytes. */
static inline int
knock(void)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET,
		.sin_port = htons(tcp_port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	return fd;
}

/* It has sent what an end with one queue sends first. */
static inline int
pretend(void)
{
	uint8_t bytes[MLX5X_MESSAGE_HEADER + MLX5X_MESSAGE_BODY];
	const struct mlx5x_hello hello = {
		.wire = "uc", .mtu = 1500, .path_mtu = 1, .nb_rx = 1, .nb_tx = 1};
	const struct mlx5x_message_address address = {.qpn = 1};
	size_t len = mlx5x_message_put_hello(bytes, &hello);
	int fd = knock();

	assert_int_equal(write(fd, bytes, len), len);
	len = mlx5x_message_put_addresses(bytes, &address, 1);
	assert_int_equal(write(fd, bytes, len), len);
	return fd;
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

	log_file = fdopen(memfd_create("log", 0), "w+");
	setvbuf(log_file, NULL, _IONBF, 0);
	if (rte_eal_init(RTE_DIM(argv), argv) < 0)
		return -1;
	mlx5x_logtype = rte_log_register_type_and_pick_level("mlx5x-test", RTE_LOG_NOTICE);
	rte_log_set_level(mlx5x_logtype, RTE_LOG_NOTICE);
	rte_log_set_global_level(RTE_LOG_NOTICE);
	return rte_openlog_stream(log_file);
}

static inline int
tear_down_group(void **state)
{
	rte_openlog_stream(NULL);
	fclose(log_file);
	return 0;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
