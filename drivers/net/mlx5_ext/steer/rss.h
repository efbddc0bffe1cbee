/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rss.h - how a port spreads what it receives over its queues: which headers are hashed, with which
 * key, and which queue each value of the hash leads to. What the application asked for; steer.c
 * makes the device do it.
 *
 * Control path only, under ethdev's rule that its callers do not run at once.
 */
#ifndef MLX5X_RSS_H_
#define MLX5X_RSS_H_

#include <stdint.h>

#include <ethdev_driver.h>
#include <infiniband/verbs.h>

#define MLX5X_RSS_KEY_LEN 40	/* bytes, of Toeplitz over two IPv6 addresses and two ports */
#define MLX5X_RSS_RETA 128u	/* entries at most */

/* Frames of one kind, and what of them is hashed. */
struct mlx5x_rss_class {
	uint64_t asked;		/* any of these RTE_ETH_RSS_... asks for it */
	uint64_t fields;	/* of enum ibv_rx_hash_fields */
	uint16_t ip;		/* enum ibv_flow_spec_type of IPv4 or IPv6, or 0 */
	uint16_t l4;		/* of TCP or UDP, or 0 */
};

/* From the most to the least special one; the last one is all frames, not hashed. */
#define MLX5X_RSS_CLASSES 7
extern const struct mlx5x_rss_class mlx5x_rss_classes[MLX5X_RSS_CLASSES];

struct mlx5x_rss {
	uint64_t asked;		/* RTE_ETH_RSS_...; 0: all to the first entry's queue */
	uint8_t key[MLX5X_RSS_KEY_LEN];
	uint16_t nb_entries;	/* a power of two */
	uint16_t reta[MLX5X_RSS_RETA];
};

/* RTE_ETH_RSS_... that a device that can hash these fields offers. */
uint64_t mlx5x_rss_offered(uint64_t fields);

/*
 * From the configuration of a port whose device hashes these fields and has so many entries: the table
 * spreads over all Rx queues. 0; -EINVAL: a bad key.
 */
int mlx5x_rss_init(struct mlx5x_rss *rss, const struct rte_eth_conf *conf, uint64_t fields,
	uint16_t max_entries, uint16_t nb_queues);

/* len bytes; NULL: the key stays. 0; -EINVAL: not MLX5X_RSS_KEY_LEN. */
int mlx5x_rss_set_key(struct mlx5x_rss *rss, const uint8_t *key, uint8_t len);

#endif
