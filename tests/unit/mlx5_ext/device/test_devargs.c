/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <rte_log.h>

#include "device/devargs.h"

int mlx5x_logtype;

/* The device. */
#define NAME "0000:03:00.0"

static FILE *log_file;
static char *log_text;
static size_t log_size;

/* The log since the last call. */
static const char *
logged(void)
{
	fflush(log_file);
	rewind(log_file);
	return log_text;
}

static int
capture_log(void **state)
{
	log_file = open_memstream(&log_text, &log_size);
	return rte_openlog_stream(log_file);
}

static int
release_log(void **state)
{
	rte_openlog_stream(NULL);
	fclose(log_file);
	free(log_text);
	return 0;
}

static void
none_is_a_loopback_over_the_best_wire(void **state)
{
	struct mlx5x_devargs args;

	assert_int_equal(mlx5x_devargs_parse(NAME, NULL, &args), 0);
	assert_int_equal(args.peer_kind, MLX5X_PEER_SELF);
	assert_false(args.named_driver);
	assert_string_equal(args.wire, "");
	assert_false(args.named_peer);
	assert_int_equal(args.implicit, MLX5X_IMPLICIT_MEMPOOL);
	assert_int_equal(mlx5x_devargs_parse(NAME, "", &args), 0);
	assert_int_equal(args.peer_kind, MLX5X_PEER_SELF);
}

static void
all_keys_are_taken(void **state)
{
	struct mlx5x_devargs args;

	assert_int_equal(mlx5x_devargs_parse(NAME,
		"driver=mlx5_ext,peer=0000:03:00.1,wire=uc,mr_implicit=none", &args), 0);
	assert_int_equal(args.implicit, MLX5X_IMPLICIT_NONE);
	assert_true(args.named_driver);
	assert_true(args.named_peer);
	assert_int_equal(args.peer_kind, MLX5X_PEER_PORT);
	assert_string_equal(args.wire, "uc");
	assert_int_equal(args.peer.bus, 3);
	assert_int_equal(args.peer.function, 1);
}

static void
short_peer_address_means_domain_0(void **state)
{
	struct mlx5x_devargs args;

	assert_int_equal(mlx5x_devargs_parse(NAME, "peer=00:11.0", &args), 0);
	assert_int_equal(args.peer.domain, 0);
	assert_int_equal(args.peer.devid, 0x11);
}

static void
other_processes_are_distinguished_from_pci_addresses(void **state)
{
	struct mlx5x_devargs args;

	assert_int_equal(mlx5x_devargs_parse(NAME, "peer=listen", &args), 0);
	assert_int_equal(args.peer_kind, MLX5X_PEER_LISTEN);
	assert_string_equal(args.endpoint.host, "");
	assert_int_equal(args.endpoint.port, MLX5X_ENDPOINT_PORT);
	assert_int_equal(mlx5x_devargs_parse(NAME, "wire=uc,peer=listen:[::1]:7000", &args), 0);
	assert_int_equal(args.peer_kind, MLX5X_PEER_LISTEN);
	assert_string_equal(args.endpoint.host, "::1");
	assert_int_equal(args.endpoint.port, 7000);
	assert_int_equal(mlx5x_devargs_parse(NAME, "peer=listener.example:7000", &args), 0);
	assert_int_equal(args.peer_kind, MLX5X_PEER_HOST);
	assert_string_equal(args.endpoint.host, "listener.example");
	assert_int_equal(mlx5x_devargs_parse(NAME, "peer=10.0.0.2", &args), 0);
	assert_int_equal(args.peer_kind, MLX5X_PEER_HOST);
}

static void
refuse(const char *text, const char *named)
{
	struct mlx5x_devargs args;

	assert_int_equal(mlx5x_devargs_parse(NAME, text, &args), -EINVAL);
	if (strstr(logged(), named) == NULL)
		fail_msg("'%s' is not named in: %s", named, log_text);
	if (strstr(log_text, NAME ": ") == NULL)
		fail_msg("the device is not named in: %s", log_text);
}

static void
numbers_are_accepted_up_to_their_limits(void **state)
{
	struct mlx5x_devargs args;

	assert_int_equal(mlx5x_devargs_parse(NAME, "wire=dv", &args), 0);
	assert_string_equal(args.wire, "dv");
	assert_int_equal(args.tx_inline, 0);
	assert_true(args.tx_mpw);
	assert_int_equal(args.mr_threads, 1);
	assert_int_equal(mlx5x_devargs_parse(NAME, "mr_threads=16", &args), 0);
	assert_int_equal(args.mr_threads, MLX5X_DEVARGS_THREADS_MAX);
	assert_int_equal(mlx5x_devargs_parse(NAME, "txq_inline=512,txq_mpw_en=0", &args), 0);
	assert_int_equal(args.tx_inline, MLX5X_DEVARGS_INLINE_MAX);
	assert_false(args.tx_mpw);
	assert_int_equal(mlx5x_devargs_parse(NAME, "txq_mpw_en=1", &args), 0);
	assert_true(args.tx_mpw);
}

static void
errors_are_named(void **state)
{
	refuse("pear=self", "pear");
	refuse("peer=", "peer");
	refuse("peer=some where", "some where");
	refuse("peer=0000:03:00", "0000:03:00");
	refuse("peer=7000", "7000");
	refuse("peer=listen:", "listen:");
	refuse("peer=listen:a:b:c", "listen:a:b:c");
	refuse("wire=rope", "rope");
	refuse("txq_inline=513", "513");
	refuse("txq_inline=64b", "64b");
	refuse("txq_inline=", "txq_inline");
	refuse("txq_inline=-1", "-1");
	refuse("txq_mpw_en=2", "2");
	refuse("mr_threads=17", "from 1 to 16");
	refuse("mr_threads=0", "from 1 to 16");
	refuse("driver=mlx4", "mlx4");
	refuse("mr_implicit=some", "some");
	refuse("peer=self,peer=00:11.0", "twice");
	refuse("peer=self,colour=red", "colour");
}

static void
driver_is_found_among_other_keys(void **state)
{
	assert_true(mlx5x_devargs_name_us("dv_flow_en=0,driver=mlx5_ext"));
	assert_false(mlx5x_devargs_name_us("dv_flow_en=0"));
	assert_false(mlx5x_devargs_name_us("driver=other"));
	assert_false(mlx5x_devargs_name_us(NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(none_is_a_loopback_over_the_best_wire),
		cmocka_unit_test(all_keys_are_taken),
		cmocka_unit_test(short_peer_address_means_domain_0),
		cmocka_unit_test(other_processes_are_distinguished_from_pci_addresses),
		cmocka_unit_test(numbers_are_accepted_up_to_their_limits),
		cmocka_unit_test(errors_are_named),
		cmocka_unit_test(driver_is_found_among_other_keys),
	};

	return cmocka_run_group_tests(tests, capture_log, release_log);
}
