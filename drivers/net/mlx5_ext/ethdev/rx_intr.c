/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#include <ethdev_driver.h>
#include <rte_interrupts.h>

#include "common/verbs.h"
#include "ethdev/rx_intr.h"
#include "queue/rxq.h"

/* Event i of the handle is queue i. */
static int
add_queues(const struct rte_eth_dev *dev)
{
	const struct mlx5x_rxq *rxq;
	uint16_t i;
	int ret = 0;

	for (i = 0; i < dev->data->nb_rx_queues && ret == 0; i++) {
		rxq = dev->data->rx_queues[i];
		ret = rte_intr_vec_list_index_set(dev->intr_handle, i,
			RTE_INTR_VEC_RXTX_OFFSET + i);
		if (ret == 0)
			ret = rte_intr_efds_index_set(dev->intr_handle, i, rxq->channel->fd);
	}
	return ret;
}

int
mlx5x_rx_intr_start(struct rte_eth_dev *dev)
{
	uint16_t n = dev->data->nb_rx_queues;
	int ret;

	ret = rte_intr_vec_list_alloc(dev->intr_handle, "mlx5_ext rx intr", n);
	if (ret == 0)
		ret = add_queues(dev);
	if (ret == 0)
		ret = rte_intr_nb_efd_set(dev->intr_handle, n);
	/* External: EAL does not read from the descriptors. */
	if (ret == 0)
		ret = rte_intr_type_set(dev->intr_handle, RTE_INTR_HANDLE_EXT);
	if (ret != 0)
		mlx5x_rx_intr_stop(dev);
	return ret;
}

void
mlx5x_rx_intr_stop(struct rte_eth_dev *dev)
{
	/* Removes the descriptors from the application's epoll sets, so before they are closed. */
	rte_intr_free_epoll_fd(dev->intr_handle);
	rte_intr_nb_efd_set(dev->intr_handle, 0);
	rte_intr_vec_list_free(dev->intr_handle);
}

int
mlx5x_rx_intr_enable(struct rte_eth_dev *dev, uint16_t index)
{
	struct mlx5x_rxq *rxq = dev->data->rx_queues[index];
	int ret = 0;

	if (rxq == NULL || rxq->channel == NULL)
		return -EINVAL;
	mlx5x_verbs_drop_cq_events(rxq->channel);
	/* The rings of a queue share its channel; of an earlier start there may be more of them. */
	for (; rxq != NULL && ret == 0; rxq = mlx5x_rxq_more(rxq))
		if (rxq->cq != NULL)
			ret = rxq->dp->rx_arm(rxq);
	return ret;
}

int
mlx5x_rx_intr_disable(struct rte_eth_dev *dev, uint16_t index)
{
	const struct mlx5x_rxq *rxq = dev->data->rx_queues[index];

	if (rxq == NULL || rxq->channel == NULL)
		return -EINVAL;
	mlx5x_verbs_drop_cq_events(rxq->channel);
	return 0;
}
