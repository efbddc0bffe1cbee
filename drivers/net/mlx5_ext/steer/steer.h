/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * steer.h - has the device sort the frames of the network: rules by destination (filter.h) lead to a
 * QP per class of headers that are hashed (rss.h), and its indirection table to the WQs of a port's
 * Rx queues.
 *
 * Control path only, under ethdev's rule that its callers do not run at once. May sleep.
 * Sources: ibv_create_flow(3), ibv_create_rwq_ind_table(3), ibv_create_qp_ex(3); and what the kernel's
 * mlx5_ib refuses: a QP without fields to hash over more than one entry, and fields of two versions of
 * IP or of two protocols at once (create_rss_raw_qp_tir()).
 */
#ifndef MLX5X_STEER_H_
#define MLX5X_STEER_H_

#include <infiniband/verbs.h>

#include "steer/filter.h"
#include "steer/rss.h"

/* One for each MAC address, then those of all ports of Ethernet. */
enum mlx5x_steer_rule {
	MLX5X_STEER_MAC,
	MLX5X_STEER_BROADCAST = MLX5X_STEER_MAC + MLX5X_FILTER_MACS,
	MLX5X_STEER_MULTICAST,
	MLX5X_STEER_ALL,
	MLX5X_STEER_RULES,
};

/* The RSS QPs, one for each class; without one the frames of a class are those of a later class. */
struct mlx5x_rss_qps {
	struct ibv_rwq_ind_table *first;	/* of one entry, for frames that are not hashed */
	struct ibv_rwq_ind_table *reta;		/* for those that are; NULL: none is */
	struct ibv_qp *qps[MLX5X_RSS_CLASSES];
};

/* Zero: nothing is sorted. */
struct mlx5x_steer {
	struct mlx5x_rss_qps rss_qps;
	struct ibv_flow *flows[MLX5X_STEER_RULES][MLX5X_RSS_CLASSES];
	struct rte_ether_addr macs[MLX5X_FILTER_MACS];	/* of the rules that are there */
};

/* What the frames are sorted by, and into what. */
struct mlx5x_steer_config {
	const char *name;		/* the port's, for the log */
	struct ibv_context *ctx;
	struct ibv_pd *pd;
	const struct mlx5x_filter *filter;
	const struct mlx5x_rss *rss;
	struct ibv_wq *const *wqs;	/* by Rx queue; those that entries of rss lead to */
};

/* The WQs take buffers: frames come from here on. 0 or -errno, and then nothing is left of it. */
int mlx5x_steer_start(struct mlx5x_steer *steer, const struct mlx5x_steer_config *config);

/* No frame comes any more, the WQs are free. Also of what was not started. */
void mlx5x_steer_stop(struct mlx5x_steer *steer);

/*
 * By a changed filter; or by a changed rss and filter, of the same WQs. Frames may be missed meanwhile.
 * Nothing where it was not started. 0 or -errno: of sync, what can be had is changed; of rebuild, all
 * is as before.
 */
int mlx5x_steer_sync(struct mlx5x_steer *steer, const struct mlx5x_filter *filter);
int mlx5x_steer_rebuild(struct mlx5x_steer *steer, const struct mlx5x_steer_config *config);

#endif
