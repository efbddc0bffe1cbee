/* SPDX-License-Identifier: BSD-3-Clause */
/* Two ports of one process, and in which order the steps at both ends of their cable come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <ethdev_driver.h>

#include "cable.h"
#include "cable_tcp.h"
#include "compat.h"
#include "link.h"
#include "peer.h"
#include "queue.h"

#define PAIRS 2

int mlx5x_logtype;

struct end {
	struct mlx5x_port port;
	struct rte_eth_dev dev;
	struct rte_eth_dev_data data;
	struct rte_pci_device pci;
	struct mlx5x_pair pairs[PAIRS];
	struct mlx5x_remote remotes[PAIRS];
};

static struct end ends[2];
static const struct mlx5x_wire uc = {.name = "uc"}, rc = {.name = "rc", .mutual = true};
static char steps[256];		/* "cA" connected, "oA" opened, "xA" cut, "lA" left, "rA" reset ... */
static const char *fail_at;	/* this step does not work */
static bool failed;

static int
step(const char *what, const struct mlx5x_port *port)
{
	char text[16];

	snprintf(text, sizeof(text), "%s%c", what, port == &ends[0].port ? 'A' : 'B');
	strcat(strcat(steps, steps[0] != '\0' ? " " : ""), text);
	return fail_at != NULL && strcmp(text, fail_at) == 0 ? -EIO : 0;
}

int
mlx5x_cable_connect(struct mlx5x_port *port, const struct mlx5x_remote *remotes, uint16_t mtu)
{
	memcpy(container_of(port, struct end, port)->remotes, remotes,
		port->nb_pairs * sizeof(*remotes));
	return step("c", port);
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

int
mlx5x_cable_reset_pair(struct mlx5x_port *port, uint16_t index)
{
	port->pairs[index].psn += 0x100;
	return step("r", port);
}

int
mlx5x_cable_connect_pair(struct mlx5x_port *port, uint16_t index,
	const struct mlx5x_remote *remote, uint16_t mtu)
{
	container_of(port, struct end, port)->remotes[index] = *remote;
	return step("cp", port);
}

void
mlx5x_cable_open_pair(struct mlx5x_port *port, uint16_t index)
{
	failed = false;
	step("op", port);
}

bool
mlx5x_cable_is_failed(struct mlx5x_port *port, uint16_t index)
{
	return failed;
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
mlx5x_cable_tcp_recover(struct mlx5x_port *port, uint16_t index)
{
	step("tcp-recover", port);
}

void
mlx5x_pair_publish(struct mlx5x_port *port, struct mlx5x_pair *pairs, uint16_t nb_pairs)
{
	port->pairs = pairs;
	port->nb_pairs = nb_pairs;
}

/* Whether each was held when it was last told of its link; -1: it was not told. */
static int held[2];

void
mlx5x_link_changed(struct mlx5x_port *port)
{
	held[port == &ends[1].port] = port->hold.word != 0;
}

static void
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
		.pci = {.addr = {.devid = devid}},
	};
	strcpy(end->data.name, name);
	for (i = 0; i < PAIRS; i++) {
		end->pairs[i].qpn = devid + i;
	}
	mlx5x_peer_add(&end->port);
}

static int
set_up(void **state)
{
	make_end(&ends[0], "A", 0x10, 0x11);
	make_end(&ends[1], "B", 0x11, 0x10);
	steps[0] = '\0';
	fail_at = NULL;
	failed = false;
	return 0;
}

static int
tear_down(void **state)
{
	mlx5x_peer_remove(&ends[0].port);
	mlx5x_peer_remove(&ends[1].port);
	return 0;
}

static int
up(int i, uint16_t nb_pairs)
{
	return mlx5x_peer_up(&ends[i].port, ends[i].pairs, nb_pairs);
}

static void
expect_steps(const char *wanted)
{
	assert_string_equal(steps, wanted);
	steps[0] = '\0';
}

static void
join(const struct mlx5x_wire *wire)
{
	ends[0].port.wire = wire;
	ends[1].port.wire = wire;
	assert_int_equal(up(0, PAIRS), 0);
	assert_int_equal(up(1, PAIRS), 0);
	steps[0] = '\0';
}

static void
both_receive_before_either_sends(void **state)
{
	assert_int_equal(up(0, PAIRS), 0);
	expect_steps("");
	assert_int_equal(up(1, PAIRS), 0);
	expect_steps("cB cA oA oB");
	assert_int_equal(ends[0].remotes[1].qpn, 0x12);
	assert_int_equal(ends[1].remotes[0].qpn, 0x10);
	assert_int_equal(ends[0].remotes[0].path_mtu, IBV_MTU_1024);
}

static void
a_loopback_plug_is_joined_at_once(void **state)
{
	ends[0].port.devargs.peer_kind = MLX5X_PEER_SELF;
	assert_int_equal(up(0, PAIRS), 0);
	expect_steps("cA oA");
	mlx5x_peer_down(&ends[0].port);
	expect_steps("lA");
}

/* Its own thread may close it meanwhile, which waits then. */
static void
the_other_end_is_held_while_it_is_told(void **state)
{
	join(&uc);
	assert_true(held[0] == 1 && held[1] == 0);
	held[0] = held[1] = -1;
	mlx5x_peer_down(&ends[1].port);
	assert_true(held[0] == 1 && held[1] == -1);
	assert_int_equal(ends[0].port.hold.word | ends[1].port.hold.word, 0);
}

static void
an_end_that_is_not_named_back_waits(void **state)
{
	ends[0].port.devargs.peer_kind = MLX5X_PEER_SELF;
	assert_int_equal(up(1, PAIRS), 0);
	assert_int_equal(up(0, PAIRS), 0);
	expect_steps("cA oA");
	assert_false(ends[1].port.joined);
}

static void
the_other_end_waits_when_one_stops(void **state)
{
	join(&uc);
	mlx5x_peer_down(&ends[0].port);
	expect_steps("lA xB");
	assert_null(ends[0].port.pairs);
	assert_int_equal(up(0, PAIRS), 0);
	expect_steps("cA cB oB oA");
}

static void
ends_that_do_not_fit_are_refused(void **state)
{
	assert_int_equal(up(0, PAIRS), 0);
	assert_int_equal(up(1, PAIRS - 1), -EINVAL);
	ends[1].port.wire = &rc;
	assert_int_equal(up(1, PAIRS), -EINVAL);
	expect_steps("");
	assert_null(ends[1].port.pairs);
	assert_non_null(ends[0].port.pairs);
	ends[1].port.wire = &uc;
	assert_int_equal(up(1, PAIRS), 0);
}

static void
a_failure_leaves_nobody_joined(void **state)
{
	assert_int_equal(up(0, PAIRS), 0);
	fail_at = "cB";
	assert_int_equal(up(1, PAIRS), -EIO);
	/* Some of A's inlets may have been reached before. */
	expect_steps("cB xA");
	assert_non_null(ends[0].port.pairs);
	fail_at = "cA";
	assert_int_equal(up(1, PAIRS), -EIO);
	expect_steps("cB cA xB");
	assert_false(ends[0].port.joined || ends[1].port.joined);
}

static void
a_recovery_resets_both_before_it_connects(void **state)
{
	join(&rc);
	failed = true;
	mlx5x_peer_recover(&ends[1].port, 1);
	expect_steps("rB rA cpB cpA opA opB");
	assert_int_equal(ends[0].remotes[1].psn, 0x100);
	assert_int_equal(ends[1].remotes[1].psn, 0x100);
	mlx5x_peer_recover(&ends[0].port, 1);
	expect_steps("");
}

static void
a_loopback_plug_recovers_alone(void **state)
{
	ends[0].port.devargs.peer_kind = MLX5X_PEER_SELF;
	ends[0].port.wire = &rc;
	assert_int_equal(up(0, PAIRS), 0);
	steps[0] = '\0';
	failed = true;
	mlx5x_peer_recover(&ends[0].port, 0);
	expect_steps("rA cpA opA");
}

static void
nothing_is_recovered_that_is_not_joined(void **state)
{
	ends[0].port.wire = &rc;
	assert_int_equal(up(0, PAIRS), 0);
	failed = true;
	mlx5x_peer_recover(&ends[0].port, 0);
	mlx5x_peer_recover(&ends[0].port, PAIRS);
	expect_steps("");
}

static void
other_processes_are_reached_by_tcp(void **state)
{
	ends[0].port.devargs.peer_kind = MLX5X_PEER_LISTEN;
	ends[1].port.devargs.peer_kind = MLX5X_PEER_HOST;
	assert_int_equal(up(0, PAIRS), 0);
	assert_int_equal(up(1, PAIRS), 0);
	mlx5x_peer_recover(&ends[1].port, 0);
	mlx5x_peer_down(&ends[0].port);
	expect_steps("tcp-upA tcp-upB tcp-recoverB tcp-downA");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(both_receive_before_either_sends),
		CASE(a_loopback_plug_is_joined_at_once),
		CASE(an_end_that_is_not_named_back_waits),
		CASE(the_other_end_is_held_while_it_is_told),
		CASE(the_other_end_waits_when_one_stops),
		CASE(ends_that_do_not_fit_are_refused),
		CASE(a_failure_leaves_nobody_joined),
		CASE(a_recovery_resets_both_before_it_connects),
		CASE(a_loopback_plug_recovers_alone),
		CASE(nothing_is_recovered_that_is_not_joined),
		CASE(other_processes_are_reached_by_tcp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
