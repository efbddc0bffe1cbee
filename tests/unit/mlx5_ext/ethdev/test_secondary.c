/* SPDX-License-Identifier: BSD-3-Clause */
/* secondary.c: the ports it attaches to, and what they refuse. ethdev's part is faked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <string.h>

#include <cmocka.h>

#include <ethdev_driver.h>
#include <ethdev_pci.h>

#include "common/compat.h"
#include "ethdev/info.h"
#include "ethdev/secondary.h"
#include "ethdev/stats.h"
#include "log_lines.h"
#include "queue/port.h"
#include "queue/rxq.h"
#include "queue/txq.h"
#include "wire/wires.h"

int mlx5x_logtype;

/* Ops of other files, which the table refers to. */
#define OP(name, ...) int name(__VA_ARGS__) { return -EXDEV; }
OP(mlx5x_info_get, struct rte_eth_dev *d, struct rte_eth_dev_info *i)
OP(mlx5x_info_firmware, struct rte_eth_dev *d, char *v, size_t n)
OP(mlx5x_info_burst_mode, struct rte_eth_dev *d, uint16_t q, struct rte_eth_burst_mode *m)
OP(mlx5x_stats_get, MLX5X_STATS_GET_ARGS)
OP(mlx5x_xstats_get, struct rte_eth_dev *d, struct rte_eth_xstat *s, unsigned int n)
OP(mlx5x_xstats_get_names, struct rte_eth_dev *d, struct rte_eth_xstat_name *s, unsigned int n)

const uint32_t *
mlx5x_info_ptypes(MLX5X_PTYPES_GET_ARGS)
{
	return NULL;
}

void
mlx5x_rxq_info(struct rte_eth_dev *d, uint16_t index, struct rte_eth_rxq_info *info)
{
}

void
mlx5x_txq_info(struct rte_eth_dev *d, uint16_t index, struct rte_eth_txq_info *info)
{
}

static const struct mlx5x_wire wire = {.name = "uc"};

const struct mlx5x_wire *
mlx5x_wires_named(const char *name)
{
	return strcmp(name, "uc") == 0 ? &wire : NULL;
}

static struct rte_pci_device pci = {.name = "0000:03:00.0"};
static struct mlx5x_port port;
static struct rte_eth_dev_data data;
static struct rte_eth_dev dev;
static bool has_port;		/* the primary process */
static unsigned int nb_released, nb_finished;

struct rte_eth_dev *
rte_eth_dev_attach_secondary(const char *name)
{
	assert_string_equal(name, pci.name);
	dev.data = &data;
	return has_port ? &dev : NULL;
}

int
rte_eth_dev_release_port(struct rte_eth_dev *which)
{
	assert_ptr_equal(which, &dev);
	nb_released++;
	return 0;
}

void
rte_eth_dev_probing_finish(struct rte_eth_dev *which)
{
	/* Bursts may be called from here on. */
	assert_non_null(which->dev_ops);
	assert_non_null(which->rx_pkt_burst);
	nb_finished++;
}

enum rte_proc_type_t
rte_eal_process_type(void)
{
	return RTE_PROC_SECONDARY;
}

static int
set_up(void **state)
{
	port = (struct mlx5x_port){.mark = MLX5X_PORT_MARK, .wire_name = "uc"};
	data = (struct rte_eth_dev_data){.dev_private = &port};
	dev = (struct rte_eth_dev){0};
	has_port = true;
	nb_released = nb_finished = 0;
	log_open();
	return 0;
}

static void
a_port_of_this_driver_is_attached(void **state)
{
	struct rte_mbuf *pkt;

	assert_int_equal(mlx5x_secondary_attach(&pci), 0);
	assert_int_equal(nb_finished, 1);
	assert_ptr_equal(dev.process_private, &wire);
	assert_ptr_equal(dev.device, &pci.device);
	assert_int_equal(dev.dev_ops->is_removed(&dev), 0);
	mlx5x_flag_set(&port.dead, true);
	assert_int_equal(dev.dev_ops->is_removed(&dev), 1);
	/* The primary's port is untouched. */
	assert_int_equal(dev.dev_ops->dev_close(&dev), 0);
	assert_ptr_equal(data.dev_private, &port);
	assert_int_equal(count_lines(), 0);
	assert_int_equal(dev.rx_pkt_burst(NULL, &pkt, 1), 0);
	assert_int_equal(dev.tx_pkt_burst(NULL, &pkt, 1), 0);
	assert_true(log_has("a secondary process can neither send nor receive"));
	assert_int_equal(count_lines(), 1);
}

static void
what_changes_a_port_is_refused(void **state)
{
	assert_int_equal(mlx5x_secondary_attach(&pci), 0);
	assert_null(dev.dev_ops->dev_configure);
	assert_null(dev.dev_ops->dev_start);
	assert_null(dev.dev_ops->dev_stop);
	assert_null(dev.dev_ops->dev_reset);
	assert_null(dev.dev_ops->rx_queue_setup);
	assert_null(dev.dev_ops->tx_queue_setup);
	assert_null(dev.dev_ops->promiscuous_enable);
	assert_null(dev.dev_ops->mac_addr_set);
	assert_null(dev.dev_ops->tx_done_cleanup);
	assert_null(dev.rx_queue_count);
}

static void
other_ports_are_left_to_other_drivers(void **state)
{
	has_port = false;
	assert_int_equal(mlx5x_secondary_attach(&pci), 1);
	assert_int_equal(nb_released, 0);
	has_port = true;
	port.mark++;
	assert_int_equal(mlx5x_secondary_attach(&pci), 1);
	assert_int_equal(nb_released, 1);
	data.dev_private = NULL;
	assert_int_equal(mlx5x_secondary_attach(&pci), 1);
	assert_int_equal(nb_released, 2);
	assert_int_equal(nb_finished, 0);
	assert_int_equal(count_lines(), 0);
}

/* Built with -Dmlx5_ext_soft=false. */
static void
a_driver_without_the_wire_tells(void **state)
{
	strcpy(port.wire_name, "rc");
	assert_int_equal(mlx5x_secondary_attach(&pci), -ENOTSUP);
	assert_true(log_has("0000:03:00.0: this process has a driver without wire rc"));
	assert_int_equal(nb_released, 1);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, log_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_port_of_this_driver_is_attached),
		CASE(what_changes_a_port_is_refused),
		CASE(other_ports_are_left_to_other_drivers),
		CASE(a_driver_without_the_wire_tells),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
