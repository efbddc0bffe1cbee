/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>

#define LOG_ROOM "rss"
#include "common/log.h"
#include "queue/port.h"
#include "queue/wire.h"
#include "steer/rss.h"

#define FIELDS_IPV4 (IBV_RX_HASH_SRC_IPV4 | IBV_RX_HASH_DST_IPV4)
#define FIELDS_IPV6 (IBV_RX_HASH_SRC_IPV6 | IBV_RX_HASH_DST_IPV6)
#define FIELDS_TCP (IBV_RX_HASH_SRC_PORT_TCP | IBV_RX_HASH_DST_PORT_TCP)
#define FIELDS_UDP (IBV_RX_HASH_SRC_PORT_UDP | IBV_RX_HASH_DST_PORT_UDP)

#define ASKED_IPV4 (RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_FRAG_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_OTHER)
#define ASKED_IPV6 (RTE_ETH_RSS_IPV6 | RTE_ETH_RSS_FRAG_IPV6 | RTE_ETH_RSS_NONFRAG_IPV6_OTHER | \
	RTE_ETH_RSS_IPV6_EX)

const struct mlx5x_rss_class mlx5x_rss_classes[MLX5X_RSS_CLASSES] = {
	{RTE_ETH_RSS_NONFRAG_IPV4_TCP, FIELDS_IPV4 | FIELDS_TCP, IBV_FLOW_SPEC_IPV4, IBV_FLOW_SPEC_TCP},
	{RTE_ETH_RSS_NONFRAG_IPV4_UDP, FIELDS_IPV4 | FIELDS_UDP, IBV_FLOW_SPEC_IPV4, IBV_FLOW_SPEC_UDP},
	{RTE_ETH_RSS_NONFRAG_IPV6_TCP | RTE_ETH_RSS_IPV6_TCP_EX, FIELDS_IPV6 | FIELDS_TCP,
		IBV_FLOW_SPEC_IPV6, IBV_FLOW_SPEC_TCP},
	{RTE_ETH_RSS_NONFRAG_IPV6_UDP | RTE_ETH_RSS_IPV6_UDP_EX, FIELDS_IPV6 | FIELDS_UDP,
		IBV_FLOW_SPEC_IPV6, IBV_FLOW_SPEC_UDP},
	{ASKED_IPV4, FIELDS_IPV4, IBV_FLOW_SPEC_IPV4, 0},
	{ASKED_IPV6, FIELDS_IPV6, IBV_FLOW_SPEC_IPV6, 0},
	{0, 0, 0, 0},
};

/* The key of the verification suite that Microsoft published with RSS: hashes can be looked up. */
static const uint8_t default_key[MLX5X_RSS_KEY_LEN] = {
	0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67,
	0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb,
	0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30,
	0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
};

uint64_t
mlx5x_rss_offered(uint64_t fields)
{
	uint64_t offered = 0;
	unsigned int i;

	for (i = 0; i < MLX5X_RSS_CLASSES; i++)
		if ((mlx5x_rss_classes[i].fields & ~fields) == 0)
			offered |= mlx5x_rss_classes[i].asked;
	return offered;
}

static int
set_key(struct mlx5x_rss *rss, const uint8_t *key, uint8_t len)
{
	if (key == NULL)
		return 0;
	if (len != MLX5X_RSS_KEY_LEN) {
		MLX5X_LOG(ERR, "an RSS key of %u bytes: %u are wanted", len, MLX5X_RSS_KEY_LEN);
		return -EINVAL;
	}
	memcpy(rss->key, key, len);
	return 0;
}

int
mlx5x_rss_configure(struct rte_eth_dev *dev)
{
	const struct rte_eth_conf *conf = &dev->data->dev_conf;
	const struct rte_eth_rss_conf *rss_conf = &conf->rx_adv_conf.rss_conf;
	bool on = (conf->rxmode.mq_mode & RTE_ETH_MQ_RX_RSS_FLAG) != 0;
	struct mlx5x_port *port = dev->data->dev_private;
	struct mlx5x_rss *rss = &port->rss;
	uint16_t i;

	rss->nb_entries = RTE_MIN(port->caps.max_reta, MLX5X_RSS_RETA);
	rss->asked = on ? rss_conf->rss_hf & mlx5x_rss_offered(port->caps.rss_fields) : 0;
	for (i = 0; i < rss->nb_entries; i++)
		rss->reta[i] = on && dev->data->nb_rx_queues != 0 ? i % dev->data->nb_rx_queues : 0;
	memcpy(rss->key, default_key, sizeof(rss->key));
	return on ? set_key(rss, rss_conf->rss_key, rss_conf->rss_key_len) : 0;
}

/* Goes by the new one, on the wire too if it is up; else all is as before. */
static int
replace(struct mlx5x_port *port, const struct mlx5x_rss *rss)
{
	struct mlx5x_rss old = port->rss;
	int ret;

	port->rss = *rss;
	if (port->pairs == NULL)
		return 0;
	ret = port->wire->rss_changed(port);
	if (ret != 0)
		port->rss = old;
	return ret;
}

int
mlx5x_rss_reta_update(struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *conf, uint16_t size)
{
	struct mlx5x_port *port = dev->data->dev_private;
	struct mlx5x_rss rss = port->rss;
	uint16_t i, bit;

	if (port->wire->rss_changed == NULL)
		return -ENOTSUP;
	if (size != rss.nb_entries)
		return -EINVAL;
	for (i = 0; i < size; i++) {
		bit = i % RTE_ETH_RETA_GROUP_SIZE;
		if (!(conf[i / RTE_ETH_RETA_GROUP_SIZE].mask & RTE_BIT64(bit)))
			continue;
		rss.reta[i] = conf[i / RTE_ETH_RETA_GROUP_SIZE].reta[bit];
		if (rss.reta[i] >= dev->data->nb_rx_queues)
			return -EINVAL;
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
	if (size != port->rss.nb_entries)
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
	struct mlx5x_rss rss = port->rss;
	int ret;

	if (port->wire->rss_changed == NULL)
		return -ENOTSUP;
	if (conf->rss_hf & ~mlx5x_rss_offered(port->caps.rss_fields))
		return -EINVAL;
	rss.asked = conf->rss_hf;
	ret = set_key(&rss, conf->rss_key, conf->rss_key_len);
	return ret != 0 ? ret : replace(port, &rss);
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
