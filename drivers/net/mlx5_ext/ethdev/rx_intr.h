/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rx_intr.h - Rx interrupts: a thread sleeps until its queue has a packet, instead of polling.
 *
 * Only on a port that is started with intr_conf.rxq. Each Rx queue has a completion channel then,
 * whose descriptor ethdev finds in dev->intr_handle: rte_eth_dev_rx_intr_ctl_q() adds it to an
 * epoll set. Stop takes it out again, so that this call is due after each start.
 *
 * A completion raises an event only if it comes after the queue was armed. So a packet that came
 * between the last poll and enable waits in silence: enable, poll once more, and only then sleep.
 */
#ifndef MLX5X_RX_INTR_H_
#define MLX5X_RX_INTR_H_

#include <stdint.h>

struct rte_eth_dev;

/* The queues have their channels: make them known to ethdev. 0 or -errno. */
int mlx5x_rx_intr_start(struct rte_eth_dev *dev);

/* Before the channels go; also of what was never started. */
void mlx5x_rx_intr_stop(struct rte_eth_dev *dev);

/*
 * The ethdev ops, by the thread that polls the queue. They take a system call or two, and no lock.
 * enable: the next completion makes the descriptor readable, once. Events of before are forgotten.
 * disable: forgets events. A queue stays armed until an event, which may still come.
 * 0; -EINVAL: the port is not started, or without intr_conf.rxq; -errno of the device.
 */
int mlx5x_rx_intr_enable(struct rte_eth_dev *dev, uint16_t index);
int mlx5x_rx_intr_disable(struct rte_eth_dev *dev, uint16_t index);

#endif
