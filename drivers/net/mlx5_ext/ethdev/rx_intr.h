/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rx_intr.h - Rx interrupts: a thread sleeps until its queue has a packet, instead of polling.
 *
 * Only on a port that is started with intr_conf.rxq. Each Rx queue then has a completion channel,
 * whose descriptor is in dev->intr_handle: rte_eth_dev_rx_intr_ctl_q() adds it to an epoll set.
 * Stop removes it, so that this call is necessary after each start.
 *
 * A CQE raises an event only if it is written after the CQ was armed. A packet that arrives between
 * the last poll and enable raises none: enable, poll once more, and only then sleep.
 */
#ifndef MLX5X_RX_INTR_H_
#define MLX5X_RX_INTR_H_

#include <stdint.h>

struct rte_eth_dev;

/* The queues have their channels: stores them in dev->intr_handle. 0 or -errno, all undone. */
int mlx5x_rx_intr_start(struct rte_eth_dev *dev);

/* Before the channels are destroyed; also if not started. */
void mlx5x_rx_intr_stop(struct rte_eth_dev *dev);

/*
 * The ethdev ops, by the thread that polls the queue. They take one or two system calls, and no
 * lock. enable: the next CQE makes the descriptor readable, once. Discards earlier events. disable:
 * discards events. A CQ stays armed until its event, which may still follow. 0; -EINVAL: the port
 * is not started, or without intr_conf.rxq; -errno of the device.
 */
int mlx5x_rx_intr_enable(struct rte_eth_dev *dev, uint16_t index);
int mlx5x_rx_intr_disable(struct rte_eth_dev *dev, uint16_t index);

#endif
