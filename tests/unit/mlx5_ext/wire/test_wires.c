/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <ethdev_driver.h>
#include <rte_log.h>

#include "queue/port.h"
#include "wire/wires.h"

int mlx5x_logtype;

/* Features that the device does not support, with the reason. */
static struct {
	const char *dv, *raw, *uc, *rc, *iwarp;
} cannot;

#define FAKE_CHECK(wire) \
	static const char * \
	check_##wire(const struct mlx5x_port *port) \
	{ \
		return cannot.wire; \
	}

FAKE_CHECK(dv)
FAKE_CHECK(raw)
FAKE_CHECK(uc)
FAKE_CHECK(rc)
FAKE_CHECK(iwarp)

const struct mlx5x_wire mlx5x_wire_dv = {.name = "dv", .check = check_dv};
const struct mlx5x_wire mlx5x_wire_raw = {.name = "raw", .check = check_raw};
const struct mlx5x_wire mlx5x_wire_uc = {.name = "uc", .check = check_uc};
const struct mlx5x_wire mlx5x_wire_rc = {.name = "rc", .check = check_rc};
const struct mlx5x_wire mlx5x_wire_iwarp = {.name = "iwarp", .iwarp = true, .check = check_iwarp};

const struct mlx5x_wire *const mlx5x_wires_soft[] = {
	&mlx5x_wire_uc, &mlx5x_wire_rc, &mlx5x_wire_iwarp, NULL,
};

static struct ibv_device device;
static struct ibv_context ctx = {.device = &device};
static struct rte_eth_dev_data data = {.name = "port"};
static struct rte_eth_dev dev = {.data = &data};
static struct mlx5x_port port = {.dev = &dev, .ctx = &ctx, .found.rdma = "siw0"};
static FILE *log_file;
static char *text;
static size_t text_len;

static int
set_up(void **state)
{
	memset(&cannot, 0, sizeof(cannot));
	device.transport_type = IBV_TRANSPORT_IB;
	log_file = open_memstream(&text, &text_len);
	return rte_openlog_stream(log_file);
}

static int
tear_down(void **state)
{
	rte_openlog_stream(NULL);
	fclose(log_file);
	free(text);
	return 0;
}

static void
expect(const char *name, const struct mlx5x_wire *wanted)
{
	const struct mlx5x_wire *wire = mlx5x_wires_choose(&port, name);

	assert_string_equal(wire != NULL ? wire->name : "none", wanted->name);
	fflush(log_file);
	assert_int_equal(text_len, 0);
}

static bool
is_told(const char *words)
{
	return memmem(text, text_len, words, strlen(words)) != NULL;
}

/* With these words. */
static void
expect_refusal(const char *name, const char *words)
{
	rewind(log_file);
	assert_null(mlx5x_wires_choose(&port, name));
	fflush(log_file);
	if (!is_told(words) || !is_told("siw0"))
		fail_msg("wire=%s: \"%s\" is not in: %.*s", name, words, (int)text_len, text);
}

static void
the_best_one_is_taken(void **state)
{
	expect("", &mlx5x_wire_dv);
	cannot.dv = "no mlx5";
	expect("", &mlx5x_wire_raw);
	cannot.raw = "no raw packets";
	expect("", &mlx5x_wire_uc);
	cannot.uc = "no uc";
	expect("", &mlx5x_wire_rc);
	cannot.rc = "no address";
	expect_refusal("", "no address");
}

static void
a_named_wire_is_used_or_none(void **state)
{
	expect("uc", &mlx5x_wire_uc);
	expect("rc", &mlx5x_wire_rc);
	cannot.uc = "no uc";
	expect_refusal("uc", "no uc");
	expect_refusal("ud", "this driver has no wire of that name");
	/* This name is only for messages to the other end of a cable. */
	expect_refusal("iwarp", "this driver has no wire of that name");
}

static void
on_iwarp_there_is_only_one(void **state)
{
	device.transport_type = IBV_TRANSPORT_IWARP;
	expect("", &mlx5x_wire_iwarp);
	expect("rc", &mlx5x_wire_iwarp);
	expect_refusal("uc", "the transport is iWARP, which supports only wire=rc");
	expect_refusal("dv", "the transport is iWARP, which supports only wire=rc");
	expect_refusal("iwarp", "the transport is iWARP, which supports only wire=rc");
	cannot.iwarp = "no address";
	expect_refusal("rc", "no address");
	expect_refusal("", "no address");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(the_best_one_is_taken),
		CASE(a_named_wire_is_used_or_none),
		CASE(on_iwarp_there_is_only_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
