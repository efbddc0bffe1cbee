/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>

#include "steer/rss.h"

#define FIELDS_IPV4 (IBV_RX_HASH_SRC_IPV4 | IBV_RX_HASH_DST_IPV4)
#define FIELDS_IPV6 (IBV_RX_HASH_SRC_IPV6 | IBV_RX_HASH_DST_IPV6)
#define FIELDS_TCP (IBV_RX_HASH_SRC_PORT_TCP | IBV_RX_HASH_DST_PORT_TCP)
#define FIELDS_UDP (IBV_RX_HASH_SRC_PORT_UDP | IBV_RX_HASH_DST_PORT_UDP)

#define ASKED_IPV4 (RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_FRAG_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_OTHER)
#define ASKED_IPV6 (RTE_ETH_RSS_IPV6 | RTE_ETH_RSS_FRAG_IPV6 | RTE_ETH_RSS_NONFRAG_IPV6_OTHER | \
	RTE_ETH_RSS_IPV6_EX)

const struct mlx5x_rss_class mlx5x_rss_classes[MLX5X_RSS_CLASSES] = {
	{RTE_ETH_RSS_NONFRAG_IPV4_TCP, FIELDS_IPV4 | FIELDS_TCP,
		IBV_FLOW_SPEC_IPV4, IBV_FLOW_SPEC_TCP},
	{RTE_ETH_RSS_NONFRAG_IPV4_UDP, FIELDS_IPV4 | FIELDS_UDP,
		IBV_FLOW_SPEC_IPV4, IBV_FLOW_SPEC_UDP},
	{RTE_ETH_RSS_NONFRAG_IPV6_TCP | RTE_ETH_RSS_IPV6_TCP_EX, FIELDS_IPV6 | FIELDS_TCP,
		IBV_FLOW_SPEC_IPV6, IBV_FLOW_SPEC_TCP},
	{RTE_ETH_RSS_NONFRAG_IPV6_UDP | RTE_ETH_RSS_IPV6_UDP_EX, FIELDS_IPV6 | FIELDS_UDP,
		IBV_FLOW_SPEC_IPV6, IBV_FLOW_SPEC_UDP},
	{ASKED_IPV4, FIELDS_IPV4, IBV_FLOW_SPEC_IPV4, 0},
	{ASKED_IPV6, FIELDS_IPV6, IBV_FLOW_SPEC_IPV6, 0},
	{0, 0, 0, 0},
};

/* The key of Microsoft's RSS verification suite, so that hashes can be compared with its table. */
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

int
mlx5x_rss_set_key(struct mlx5x_rss *rss, const uint8_t *key, uint8_t len)
{
	if (key == NULL)
		return 0;
	if (len != MLX5X_RSS_KEY_LEN)
		return -EINVAL;
	memcpy(rss->key, key, len);
	return 0;
}

int
mlx5x_rss_init(struct mlx5x_rss *rss, const struct rte_eth_conf *conf, uint64_t fields,
	uint16_t max_entries, uint16_t nb_queues)
{
	const struct rte_eth_rss_conf *rss_conf = &conf->rx_adv_conf.rss_conf;
	bool on = (conf->rxmode.mq_mode & RTE_ETH_MQ_RX_RSS_FLAG) != 0;
	uint16_t i;

	rss->nb_entries = RTE_MIN(max_entries, MLX5X_RSS_RETA);
	rss->asked = on ? rss_conf->rss_hf & mlx5x_rss_offered(fields) : 0;
	for (i = 0; i < rss->nb_entries; i++)
		rss->reta[i] = on && nb_queues != 0 ? i % nb_queues : 0;
	memcpy(rss->key, default_key, sizeof(rss->key));
	return on ? mlx5x_rss_set_key(rss, rss_conf->rss_key, rss_conf->rss_key_len) : 0;
}
