/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rss.h - the RSS configuration of a port, as the application requested it: hashed headers, key and
 * redirection table. steer.c configures the device by it.
 *
 * Control path only, not thread-safe: ethdev requires that its callers do not run at once.
 */
#ifndef MLX5X_RSS_H_
#define MLX5X_RSS_H_

#include <stdint.h>

#include <ethdev_driver.h>
#include <infiniband/verbs.h>

#define MLX5X_RSS_KEY_LEN 40	/* bytes, of Toeplitz over two IPv6 addresses and two ports */
#define MLX5X_RSS_RETA 128u	/* entries at most */

/* A class of frames, and its hashed fields. */
struct mlx5x_rss_class {
	uint64_t asked;		/* requested by any of these RTE_ETH_RSS_... */
	uint64_t fields;	/* of enum ibv_rx_hash_fields */
	uint16_t ip;		/* enum ibv_flow_spec_type of IPv4 or IPv6, or 0 */
	uint16_t l4;		/* of TCP or UDP, or 0 */
};

/* From the most to the least specific one; the last one is all frames, not hashed. */
#define MLX5X_RSS_CLASSES 7
extern const struct mlx5x_rss_class mlx5x_rss_classes[MLX5X_RSS_CLASSES];

struct mlx5x_rss {
	uint64_t asked;		/* RTE_ETH_RSS_...; 0: all to the queue of reta[0] */
	uint8_t key[MLX5X_RSS_KEY_LEN];
	uint16_t nb_entries;	/* a power of two */
	uint16_t reta[MLX5X_RSS_RETA];
};

/* The RTE_ETH_RSS_... offered by a device that can hash these fields. */
uint64_t mlx5x_rss_offered(uint64_t fields);

/*
 * Fills *rss from the configuration of a port. fields, max_entries: the capabilities of its device.
 * The table distributes over all Rx queues. 0; -EINVAL: a key of another length.
 */
int mlx5x_rss_init(struct mlx5x_rss *rss, const struct rte_eth_conf *conf, uint64_t fields,
	uint16_t max_entries, uint16_t nb_queues);

/* len: bytes of the key; key NULL: no change. 0; -EINVAL: len is not MLX5X_RSS_KEY_LEN. */
int mlx5x_rss_set_key(struct mlx5x_rss *rss, const uint8_t *key, uint8_t len);

#endif
