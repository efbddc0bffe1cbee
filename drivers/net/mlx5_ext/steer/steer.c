/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>

#include <rte_common.h>

#define LOG_COMPONENT "steer"
#include "common/counter.h"
#include "common/log.h"
#include "common/verbs.h"
#include "device/caps.h"
#include "steer/steer.h"

/* A flow rule in the layout of verbs: the specifications right behind the header. */
struct rule {
	struct ibv_flow_attr attr;
	struct ibv_flow_spec_eth eth;
	uint8_t room[sizeof(struct ibv_flow_spec_ipv6) + sizeof(struct ibv_flow_spec_tcp_udp)];
} __attribute__((packed));

/* Adds a specification that matches a header with any values. Returns its size; type 0: 0. */
static size_t
add_any(uint8_t *at, uint16_t type)
{
	struct {
		enum ibv_flow_spec_type type;
		uint16_t size;
	} head = {.type = type};

	if (type == 0)
		return 0;
	head.size = type == IBV_FLOW_SPEC_IPV4 ? sizeof(struct ibv_flow_spec_ipv4) :
		type == IBV_FLOW_SPEC_IPV6 ? sizeof(struct ibv_flow_spec_ipv6) :
		sizeof(struct ibv_flow_spec_tcp_udp);
	memcpy(at, &head, sizeof(head));
	return head.size;
}

static struct rule
make_rule(const struct mlx5x_rss_class *class, const struct rte_ether_addr *mac,
	const struct rte_ether_addr *mask)
{
	struct rule rule = {
		.attr = {
			.type = IBV_FLOW_ATTR_NORMAL,
			.num_of_specs = 1 + (class->ip != 0) + (class->l4 != 0),
			.port = MLX5X_CAPS_PORT,
			/* 0 is the highest: more specific rules match first. */
			.priority = (class->ip == 0) + (class->l4 == 0),
		},
		.eth = {.type = IBV_FLOW_SPEC_ETH, .size = sizeof(rule.eth)},
	};
	size_t size;

	memcpy(rule.eth.val.dst_mac, mac, sizeof(*mac));
	memcpy(rule.eth.mask.dst_mac, mask, sizeof(*mask));
	size = add_any(rule.room, class->ip);
	size += add_any(rule.room + size, class->l4);
	rule.attr.size = offsetof(struct rule, room) + size;
	return rule;
}

static void
remove_rule(struct mlx5x_steer *steer, unsigned int i)
{
	unsigned int class;

	for (class = 0; class < MLX5X_RSS_CLASSES; class++) {
		mlx5x_verbs_destroy_flow(steer->flows[i][class]);
		steer->flows[i][class] = NULL;
	}
}

static bool
has_rule(const struct mlx5x_steer *steer, unsigned int i)
{
	/* The last class, all frames, always has a QP. */
	return steer->flows[i][MLX5X_RSS_CLASSES - 1] != NULL;
}

/* Adds a rule for each RSS class that has a QP; on error for none. */
static int
add_rule(struct mlx5x_steer *steer, unsigned int i, const struct rte_ether_addr *mac,
	const struct rte_ether_addr *mask)
{
	struct rule rule;
	unsigned int class;
	int ret = 0;

	for (class = 0; class < MLX5X_RSS_CLASSES && ret == 0; class++) {
		if (steer->rss_qps.qps[class] == NULL)
			continue;
		rule = make_rule(&mlx5x_rss_classes[class], mac, mask);
		ret = mlx5x_verbs_create_flow(steer->rss_qps.qps[class], &rule.attr,
			&steer->flows[i][class]);
	}
	if (ret != 0)
		remove_rule(steer, i);
	return ret;
}

static int
sync_rule(struct mlx5x_steer *steer, unsigned int i, bool wanted, const struct rte_ether_addr *mac,
	const struct rte_ether_addr *mask)
{
	if (!wanted)
		remove_rule(steer, i);
	return wanted && !has_rule(steer, i) ? add_rule(steer, i, mac, mask) : 0;
}

static int
sync_address(struct mlx5x_steer *steer, unsigned int i, const struct rte_ether_addr *mac)
{
	static const struct rte_ether_addr exactly = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

	if (!rte_is_same_ether_addr(&steer->addresses[i], mac))
		remove_rule(steer, i);
	steer->addresses[i] = *mac;
	return sync_rule(steer, i, !rte_is_zero_ether_addr(mac), mac, &exactly);
}

/* Makes the rules match the filter. Goes on after an error, and returns the first one. */
static int
sync_rules(struct mlx5x_steer *steer, const struct mlx5x_filter *filter)
{
	static const struct rte_ether_addr any = {{0}};
	static const struct rte_ether_addr group = {{0x01}};
	static const struct rte_ether_addr broadcast = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
	int rets[MLX5X_STEER_RULES], i;

	for (i = 0; i < MLX5X_FILTER_MACS; i++)
		rets[MLX5X_STEER_MAC + i] = sync_address(steer, MLX5X_STEER_MAC + i,
			&filter->macs[i]);
	for (i = 0; i < MLX5X_FILTER_GROUPS; i++)
		rets[MLX5X_STEER_GROUP + i] = sync_address(steer, MLX5X_STEER_GROUP + i,
			&filter->groups[i]);
	rets[MLX5X_STEER_BROADCAST] = sync_rule(steer, MLX5X_STEER_BROADCAST, true, &broadcast,
		&broadcast);
	rets[MLX5X_STEER_MULTICAST] = sync_rule(steer, MLX5X_STEER_MULTICAST,
		mlx5x_flag_read(&filter->all_multicast), &group, &group);
	rets[MLX5X_STEER_ALL] = sync_rule(steer, MLX5X_STEER_ALL,
		!mlx5x_flag_read(&filter->active), &any, &any);
	for (i = 0; i < MLX5X_STEER_RULES; i++)
		if (rets[i] != 0)
			return rets[i];
	return 0;
}

static void
remove_rules(struct mlx5x_steer *steer)
{
	unsigned int i;

	for (i = 0; i < MLX5X_STEER_RULES; i++)
		remove_rule(steer, i);
}

static void
destroy_qps(struct mlx5x_rss_qps *rss_qps)
{
	unsigned int class;

	for (class = 0; class < MLX5X_RSS_CLASSES; class++)
		mlx5x_verbs_destroy_qp(rss_qps->qps[class]);
	mlx5x_verbs_destroy_reta(rss_qps->reta);
	mlx5x_verbs_destroy_reta(rss_qps->first);
	*rss_qps = (struct mlx5x_rss_qps){0};
}

static int
create_tables(const struct mlx5x_steer_config *config, struct mlx5x_rss_qps *rss_qps)
{
	const struct mlx5x_rss *rss = config->rss;
	struct ibv_wq *wqs[MLX5X_RSS_RETA];
	unsigned int i;
	int ret;

	for (i = 0; i < rss->nb_entries; i++)
		wqs[i] = config->wqs[rss->reta[i]];
	ret = mlx5x_verbs_create_reta(config->ctx, wqs, 0, &rss_qps->first);
	return ret != 0 || rss->asked == 0 ? ret :
		mlx5x_verbs_create_reta(config->ctx, wqs, rte_log2_u32(rss->nb_entries),
			&rss_qps->reta);
}

static int
create_qp(const struct mlx5x_steer_config *config, const struct mlx5x_rss_class *class,
	struct mlx5x_rss_qps *rss_qps, struct ibv_qp **qp)
{
	struct ibv_rx_hash_conf hash = {
		.rx_hash_function = IBV_RX_HASH_FUNC_TOEPLITZ,
		.rx_hash_key_len = MLX5X_RSS_KEY_LEN,
		.rx_hash_key = (uint8_t *)(uintptr_t)config->rss->key,
		.rx_hash_fields_mask = class->fields,
	};

	return mlx5x_verbs_create_hash_qp(config->pd,
		class->fields != 0 ? rss_qps->reta : rss_qps->first, &hash, qp);
}

static int
create_qps(const struct mlx5x_steer_config *config, struct mlx5x_rss_qps *rss_qps)
{
	const struct mlx5x_rss_class *class;
	unsigned int i;
	int ret;

	*rss_qps = (struct mlx5x_rss_qps){0};
	ret = create_tables(config, rss_qps);
	for (i = 0; i < MLX5X_RSS_CLASSES && ret == 0; i++) {
		class = &mlx5x_rss_classes[i];
		if ((class->asked & config->rss->asked) || class->fields == 0)
			ret = create_qp(config, class, rss_qps, &rss_qps->qps[i]);
	}
	if (ret != 0)
		destroy_qps(rss_qps);
	return ret;
}

int
mlx5x_steer_start(struct mlx5x_steer *steer, const struct mlx5x_steer_config *config)
{
	int ret;

	ret = create_qps(config, &steer->rss_qps);
	if (ret == 0)
		ret = sync_rules(steer, config->filter);
	if (ret != 0) {
		mlx5x_steer_stop(steer);
		MLX5X_LOG(ERR, "%s: cannot create RSS tables and flow rules: %s", config->name,
			strerror(-ret));
	}
	return ret;
}

void
mlx5x_steer_stop(struct mlx5x_steer *steer)
{
	remove_rules(steer);
	destroy_qps(&steer->rss_qps);
}

int
mlx5x_steer_sync(struct mlx5x_steer *steer, const struct mlx5x_filter *filter)
{
	return steer->rss_qps.first != NULL ? sync_rules(steer, filter) : 0;
}

int
mlx5x_steer_rebuild(struct mlx5x_steer *steer, const struct mlx5x_steer_config *config)
{
	struct mlx5x_rss_qps old = steer->rss_qps, new;
	int ret;

	if (old.first == NULL)
		return 0;
	ret = create_qps(config, &new);
	if (ret != 0)
		return ret;
	/*
	 * A frame that matches an old and a new rule would be received twice: remove the old first.
	 */
	remove_rules(steer);
	steer->rss_qps = new;
	ret = sync_rules(steer, config->filter);
	if (ret != 0) {
		remove_rules(steer);
		steer->rss_qps = old;
		old = new;
		if (sync_rules(steer, config->filter) != 0)
			MLX5X_LOG(ERR, "%s: cannot restore all flow rules, frames are missed: "
				"stop and start the port", config->name);
	}
	destroy_qps(&old);
	return ret;
}
