/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * verbs.h - the one door to libibverbs on the control path.
 *
 * Verbs report errors in three styles (NULL and errno; a positive errno returned; a negative
 * value). Everything here returns 0 or -errno, and destroying NULL is allowed. All functions are
 * system calls: may sleep, any thread, no lock of ours needed.
 * Sources: ibv_reg_mr(3), ibv_modify_qp(3), ibv_create_qp(3), ibv_create_cq(3).
 */
#ifndef MLX5X_VERBS_H_
#define MLX5X_VERBS_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <infiniband/verbs.h>

/*
 * Opens the rdma device called name, e.g. "rxe0"; its events do not block. -ENODEV: there is none of
 * that name.
 */
int mlx5x_verbs_open(const char *name, struct ibv_context **ctx);
void mlx5x_verbs_close(struct ibv_context *ctx);

/* The kernel has no such device any more. */
bool mlx5x_verbs_is_gone(struct ibv_context *ctx);

/*
 * The next event of the device, acknowledged already, or else the object that it is of could not be
 * destroyed. -EAGAIN: none waits.
 */
int mlx5x_verbs_next_event(struct ibv_context *ctx, enum ibv_event_type *type);

int mlx5x_verbs_alloc_pd(struct ibv_context *ctx, struct ibv_pd **pd);
void mlx5x_verbs_dealloc_pd(struct ibv_pd *pd);

/*
 * Registers len bytes at addr for local reads and writes.
 * -EFAULT: not backed, or not writable. -ENOMEM: RLIMIT_MEMLOCK or the device's MRs are used up.
 */
int mlx5x_verbs_reg_mr(struct ibv_pd *pd, void *addr, size_t len, struct ibv_mr **mr);

/* For remote writes, too: a few bytes that another end tells something by. */
int mlx5x_verbs_reg_word(struct ibv_pd *pd, void *addr, size_t len, struct ibv_mr **mr);
int mlx5x_verbs_dereg_mr(struct ibv_mr *mr);

/* Where CQs report completions; its descriptor does not block. */
int mlx5x_verbs_create_channel(struct ibv_context *ctx, struct ibv_comp_channel **channel);
void mlx5x_verbs_destroy_channel(struct ibv_comp_channel *channel);

/* Takes in all events that wait there, and acknowledges them: else their CQ could not be destroyed. */
void mlx5x_verbs_drop_cq_events(struct ibv_comp_channel *channel);

/* channel: for the events of the CQ, or NULL. */
int mlx5x_verbs_create_cq(struct ibv_context *ctx, int entries, struct ibv_comp_channel *channel,
	struct ibv_cq **cq);
void mlx5x_verbs_destroy_cq(struct ibv_cq *cq);

/* The next completion, and only that one, makes an event. */
int mlx5x_verbs_arm_cq(struct ibv_cq *cq);

int mlx5x_verbs_create_qp(struct ibv_pd *pd, struct ibv_qp_init_attr *init, struct ibv_qp **qp);
void mlx5x_verbs_destroy_qp(struct ibv_qp *qp);
int mlx5x_verbs_modify_qp(struct ibv_qp *qp, struct ibv_qp_attr *attr, int mask);

/* Receive queues of raw packets. Sources: ibv_create_wq(3), ibv_create_rwq_ind_table(3). */
int mlx5x_verbs_create_wq(struct ibv_context *ctx, struct ibv_wq_init_attr *init,
	struct ibv_wq **wq);
void mlx5x_verbs_destroy_wq(struct ibv_wq *wq);
int mlx5x_verbs_modify_wq(struct ibv_wq *wq, enum ibv_wq_state state);
int mlx5x_verbs_create_reta(struct ibv_context *ctx, struct ibv_wq **wqs, uint32_t log2_n,
	struct ibv_rwq_ind_table **reta);
void mlx5x_verbs_destroy_reta(struct ibv_rwq_ind_table *reta);

/* A QP that hands what it gets to the table, by a hash over fields with the key of key_len bytes. */
int mlx5x_verbs_create_hash_qp(struct ibv_pd *pd, struct ibv_rwq_ind_table *reta,
	const struct ibv_rx_hash_conf *hash, struct ibv_qp **qp);

/* A rule that leads packets to the QP. Source: ibv_create_flow(3). */
int mlx5x_verbs_create_flow(struct ibv_qp *qp, struct ibv_flow_attr *attr, struct ibv_flow **flow);
void mlx5x_verbs_destroy_flow(struct ibv_flow *flow);

#endif
