/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * compat.h - all differences between DPDK releases that matter to this driver. No other file has an
 * #if on a version.
 */
#ifndef MLX5X_COMPAT_H_
#define MLX5X_COMPAT_H_

#include <rte_version.h>
#include <bus_pci_driver.h>
#include <ethdev_driver.h>
#include <rte_lcore.h>
#include <rte_telemetry.h>
#include <rte_thread.h>

#if RTE_VERSION >= RTE_VERSION_NUM(26, 7, 0, 0)
#define MLX5X_PCI_DEV(eth_dev) RTE_CLASS_TO_BUS_DEVICE(eth_dev, struct rte_pci_device)
#else
#define MLX5X_PCI_DEV(eth_dev) RTE_ETH_DEV_TO_PCI(eth_dev)
#endif

/* From 25.11 on stats_get has an argument of its own for per-queue counters. */
#if RTE_VERSION >= RTE_VERSION_NUM(25, 11, 0, 0)
#define MLX5X_STATS_GET_ARGS \
	struct rte_eth_dev *dev, struct rte_eth_stats *stats, struct eth_queue_stats *per_queue
/* For callers that pass no per-queue counters. */
static __rte_unused uint64_t mlx5x_stats_discard;
#define MLX5X_QUEUE_STAT(field, index) \
	(per_queue != NULL ? &per_queue->field[index] : &mlx5x_stats_discard)
#else
#define MLX5X_STATS_GET_ARGS struct rte_eth_dev *dev, struct rte_eth_stats *stats
#define MLX5X_QUEUE_STAT(field, index) (&stats->field[index])
#endif

/* A control thread: not on the cores of EAL's workers. */
#if RTE_VERSION >= RTE_VERSION_NUM(23, 11, 0, 0)
#define MLX5X_THREAD_RESULT uint32_t
typedef rte_thread_t mlx5x_thread;

static inline int
mlx5x_compat_thread_create(mlx5x_thread *thread, const char *name,
	MLX5X_THREAD_RESULT (*run)(void *arg), void *arg)
{
	return -rte_thread_create_control(thread, name, run, arg);
}

static inline void
mlx5x_compat_thread_join(mlx5x_thread thread)
{
	rte_thread_join(thread, NULL);
}
#else
#define MLX5X_THREAD_RESULT void *
typedef pthread_t mlx5x_thread;

static inline int
mlx5x_compat_thread_create(mlx5x_thread *thread, const char *name,
	MLX5X_THREAD_RESULT (*run)(void *arg), void *arg)
{
	return rte_ctrl_thread_create(thread, name, NULL, run, arg);
}

static inline void
mlx5x_compat_thread_join(mlx5x_thread thread)
{
	pthread_join(thread, NULL);
}
#endif

/* From 24.03 on the list of packet types has a length; before, a terminator, which is kept here. */
#if RTE_VERSION >= RTE_VERSION_NUM(24, 3, 0, 0)
#define MLX5X_PTYPES_GET_ARGS struct rte_eth_dev *dev, size_t *count
#define MLX5X_PTYPES_SET_COUNT(n) (*count = (n))
#else
#define MLX5X_PTYPES_GET_ARGS struct rte_eth_dev *dev
#define MLX5X_PTYPES_SET_COUNT(n) RTE_SET_USED(n)
#endif

/* The result of rx_queue_count. */
#if RTE_VERSION >= RTE_VERSION_NUM(25, 11, 0, 0)
#define MLX5X_RX_COUNT int
#else
#define MLX5X_RX_COUNT uint32_t
#endif

static inline int
mlx5x_compat_tel_add_u64(struct rte_tel_data *d, const char *name, uint64_t value)
{
#if RTE_VERSION >= RTE_VERSION_NUM(23, 3, 0, 0)
	return rte_tel_data_add_dict_uint(d, name, value);
#else
	return rte_tel_data_add_dict_u64(d, name, value);
#endif
}

#endif
