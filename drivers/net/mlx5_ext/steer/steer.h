/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * steer.h - flow steering in the device: rules by destination MAC address (filter.h) lead to one
 * RSS QP per class of hashed headers (rss.h), whose indirection table leads to the WQs of the Rx
 * queues.
 *
 * Control path only, not thread-safe: ethdev requires that its callers do not run at once. May
 * sleep.
 * Sources: ibv_create_flow(3), ibv_create_rwq_ind_table(3), ibv_create_qp_ex(3); and restrictions
 * of the kernel's mlx5_ib, create_rss_raw_qp_tir(): a QP without hash fields has one table entry,
 * and the hash fields of a QP are of one IP version and one L4 protocol.
 */
#ifndef MLX5X_STEER_H_
#define MLX5X_STEER_H_

#include <infiniband/verbs.h>

#include "steer/filter.h"
#include "steer/rss.h"

/* One rule per address, unicast and multicast, then those for many addresses. */
enum mlx5x_steer_rule {
	MLX5X_STEER_MAC,
	MLX5X_STEER_GROUP = MLX5X_STEER_MAC + MLX5X_FILTER_MACS,
	MLX5X_STEER_BROADCAST = MLX5X_STEER_GROUP + MLX5X_FILTER_GROUPS,
	MLX5X_STEER_MULTICAST,
	MLX5X_STEER_ALL,
	MLX5X_STEER_RULES,
};

/* The RSS QPs, one per class; frames of a class without one belong to a later class. */
struct mlx5x_rss_qps {
	struct ibv_rwq_ind_table *first;	/* one entry, for frames without a hash */
	struct ibv_rwq_ind_table *reta;		/* for hashed frames; NULL: nothing is hashed */
	struct ibv_qp *qps[MLX5X_RSS_CLASSES];
};

/* Zero: not started. */
struct mlx5x_steer {
	struct mlx5x_rss_qps rss_qps;
	struct ibv_flow *flows[MLX5X_STEER_RULES][MLX5X_RSS_CLASSES];
	/* Of the existing rules, by their numbers. */
	struct rte_ether_addr addresses[MLX5X_FILTER_MACS + MLX5X_FILTER_GROUPS];
};

/* The criteria and the destinations of the rules. */
struct mlx5x_steer_config {
	const char *name;		/* the port's, for the log */
	struct ibv_context *ctx;
	struct ibv_pd *pd;
	const struct mlx5x_filter *filter;
	const struct mlx5x_rss *rss;
	struct ibv_wq *const *wqs;	/* by Rx queue; at least those in the table of rss */
};

/*
 * Frames arrive from here on: requires that the WQs are ready. 0; or -errno of a verb, logged:
 * nothing is left behind.
 */
int mlx5x_steer_start(struct mlx5x_steer *steer, const struct mlx5x_steer_config *config);

/* No frame arrives any more, and the WQs can be destroyed. Does nothing if not started. */
void mlx5x_steer_stop(struct mlx5x_steer *steer);

/*
 * Apply a changed filter; or a changed rss and filter, with the same WQs. Frames may be missed
 * meanwhile. They do nothing if not started. 0 or -errno of a verb. After an error of sync all
 * other changes are applied; after one of rebuild everything is as before, unless a log line says
 * that rules could not be restored.
 */
int mlx5x_steer_sync(struct mlx5x_steer *steer, const struct mlx5x_filter *filter);
int mlx5x_steer_rebuild(struct mlx5x_steer *steer, const struct mlx5x_steer_config *config);

#endif
