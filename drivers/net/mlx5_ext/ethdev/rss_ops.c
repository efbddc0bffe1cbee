/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define LOG_COMPONENT "rss"
#include "common/log.h"
#include "ethdev/rss_ops.h"
#include "queue/port.h"
#include "queue/wire.h"
#include "steer/rss.h"

static int
explain_key(const struct rte_eth_dev *dev, const struct rte_eth_rss_conf *conf, int ret)
{
	if (ret == -EINVAL)
		MLX5X_LOG(ERR, "%s: an RSS key of %u bytes: it must have %u", dev->data->name,
			conf->rss_key_len, MLX5X_RSS_KEY_LEN);
	return ret;
}

static int
check_size(const struct rte_eth_dev *dev, uint16_t size)
{
	const struct mlx5x_port *port = dev->data->dev_private;

	if (size == port->rss.nb_entries)
		return 0;
	MLX5X_LOG(ERR, "%s: an RSS table of %u entries: the port has %u (reta_size)",
		dev->data->name, size, port->rss.nb_entries);
	return -EINVAL;
}

int
mlx5x_rss_configure(struct rte_eth_dev *dev)
{
	struct mlx5x_port *port = dev->data->dev_private;
	const struct rte_eth_conf *conf = &dev->data->dev_conf;
	int ret;

	ret = mlx5x_rss_init(&port->rss, conf, port->caps.rss_fields, port->caps.max_reta,
		dev->data->nb_rx_queues);
	return explain_key(dev, &conf->rx_adv_conf.rss_conf, ret);
}

/* Sets the new RSS, and in the device if the port is started; on failure the old one stays. */
static int
replace(struct mlx5x_port *port, const struct mlx5x_rss *rss)
{
	struct mlx5x_rss old = port->rss;
	int ret;

	port->rss = *rss;
	if (port->pairs == NULL)
		return 0;
	ret = port->wire->rss_changed(port);
	if (ret != 0) {
		port->rss = old;
		MLX5X_LOG(ERR, "%s: cannot change RSS (%s): it is as before",
			port->dev->data->name, strerror(-ret));
	}
	return ret;
}

static int
refuse_queue(const struct rte_eth_dev *dev, uint16_t entry, uint16_t queue)
{
	MLX5X_LOG(ERR, "%s: entry %u of the RSS table names queue %u: there are %u",
		dev->data->name, entry, queue, dev->data->nb_rx_queues);
	return -EINVAL;
}

static int
refuse_fields(const struct rte_eth_dev *dev, uint64_t fields)
{
	MLX5X_LOG(ERR, "%s: cannot hash by %#" PRIx64 ": not in flow_type_rss_offloads",
		dev->data->name, fields);
	return -EINVAL;
}

int
mlx5x_rss_reta_update(struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *conf, uint16_t size)
{
	struct mlx5x_port *port = dev->data->dev_private;
	struct mlx5x_rss rss = port->rss;
	uint16_t i, bit;

	if (port->wire->rss_changed == NULL)
		return -ENOTSUP;
	if (check_size(dev, size) != 0)
		return -EINVAL;
	for (i = 0; i < size; i++) {
		bit = i % RTE_ETH_RETA_GROUP_SIZE;
		if (!(conf[i / RTE_ETH_RETA_GROUP_SIZE].mask & RTE_BIT64(bit)))
			continue;
		rss.reta[i] = conf[i / RTE_ETH_RETA_GROUP_SIZE].reta[bit];
		if (rss.reta[i] >= dev->data->nb_rx_queues)
			return refuse_queue(dev, i, rss.reta[i]);
	}
	return replace(port, &rss);
}

int
mlx5x_rss_reta_query(struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *conf, uint16_t size)
{
	const struct mlx5x_port *port = dev->data->dev_private;
	uint16_t i, bit;

	if (port->wire->rss_changed == NULL)
		return -ENOTSUP;
	if (check_size(dev, size) != 0)
		return -EINVAL;
	for (i = 0; i < size; i++) {
		bit = i % RTE_ETH_RETA_GROUP_SIZE;
		if (conf[i / RTE_ETH_RETA_GROUP_SIZE].mask & RTE_BIT64(bit))
			conf[i / RTE_ETH_RETA_GROUP_SIZE].reta[bit] = port->rss.reta[i];
	}
	return 0;
}

int
mlx5x_rss_hash_update(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf)
{
	struct mlx5x_port *port = dev->data->dev_private;
	uint64_t offered = mlx5x_rss_offered(port->caps.rss_fields);
	struct mlx5x_rss rss = port->rss;
	int ret;

	if (port->wire->rss_changed == NULL)
		return -ENOTSUP;
	if (conf->rss_hf & ~offered)
		return refuse_fields(dev, conf->rss_hf & ~offered);
	rss.asked = conf->rss_hf;
	ret = mlx5x_rss_set_key(&rss, conf->rss_key, conf->rss_key_len);
	return ret != 0 ? explain_key(dev, conf, ret) : replace(port, &rss);
}

int
mlx5x_rss_hash_conf_get(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf)
{
	const struct mlx5x_port *port = dev->data->dev_private;

	if (port->wire->rss_changed == NULL)
		return -ENOTSUP;
	conf->rss_hf = port->rss.asked;
	if (conf->rss_key != NULL && conf->rss_key_len >= MLX5X_RSS_KEY_LEN)
		memcpy(conf->rss_key, port->rss.key, MLX5X_RSS_KEY_LEN);
	conf->rss_key_len = MLX5X_RSS_KEY_LEN;
	return 0;
}
