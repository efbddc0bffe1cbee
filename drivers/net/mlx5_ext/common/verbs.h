/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * verbs.h - wrappers of libibverbs for the control path, with one style of errors.
 *
 * Verbs report errors in three styles (NULL and errno; a positive errno; a negative value). All
 * functions here return 0 or -errno, and destroying NULL does nothing. Errors without a comment are
 * the kernel's or the provider's errno; -ENOMEM if a provider returns NULL without one. All
 * functions are system calls: they may sleep, any thread, no lock of the driver needed.
 * Sources: ibv_reg_mr(3), ibv_modify_qp(3), ibv_create_qp(3), ibv_create_cq(3).
 */
#ifndef MLX5X_VERBS_H_
#define MLX5X_VERBS_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <infiniband/verbs.h>

/*
 * Selects the access of memory that packets are in, as the CPU wants (cpu.h), and lets libibverbs
 * free its part of an object although the kernel's part went with a removed device: nothing leaks,
 * and the memory can be unmapped. Sets RDMAV_ALLOW_DISASSOC_DESTROY, as DPDK's mlx4 PMD does,
 * unless the user has set it; libibverbs reads it at the first ibv_get_device_list(). Once, from a
 * constructor.
 */
void mlx5x_verbs_init(void);

/*
 * Opens the rdma device of that name, e.g. "rxe0"; reading its events does not block. -ENODEV:
 * there is none, or no rdma support at all; -EIO: cannot be opened, for an unknown reason.
 */
int mlx5x_verbs_open(const char *name, struct ibv_context **ctx);
void mlx5x_verbs_close(struct ibv_context *ctx);

/* True if the kernel has removed the device. */
bool mlx5x_verbs_is_gone(struct ibv_context *ctx);

/*
 * Gets the next event of the device. It is acknowledged at once, as otherwise its object could not
 * be destroyed. -EAGAIN: no event is pending.
 */
int mlx5x_verbs_next_event(struct ibv_context *ctx, enum ibv_event_type *type);

int mlx5x_verbs_alloc_pd(struct ibv_context *ctx, struct ibv_pd **pd);
void mlx5x_verbs_dealloc_pd(struct ibv_pd *pd);

/*
 * Registers len bytes at addr for local reads and, if writes, local writes, with relaxed ordering:
 * what the device writes may be seen in another order, but before the completion, whose own write
 * passes nothing. libibverbs leaves it out for a kernel without, and software devices take no
 * notice. -EFAULT: not backed, or not with that permission; reason.c has more. -ENOMEM:
 * RLIMIT_MEMLOCK or the device's MRs are used up.
 */
int mlx5x_verbs_reg_mr(struct ibv_pd *pd, void *addr, size_t len, bool writes, struct ibv_mr **mr);

/*
 * The same for len bytes of a dma-buf from offset on, which are at addr for work requests; addr and
 * offset must be at the same place in their pages. fd can be closed after it.
 * -EBADF: fd is not open. -EINVAL: it is no dma-buf, or ends before. -EOPNOTSUPP: the kernel's
 * driver of the rdma device, or of the memory, cannot, or libibverbs's provider.
 */
int mlx5x_verbs_reg_dmabuf_mr(struct ibv_pd *pd, int fd, uint64_t offset, void *addr, size_t len,
	bool writes, struct ibv_mr **mr);

/*
 * mlx5x_verbs_reg_mr() for remote writes, too, without relaxed ordering: for a few bytes that the
 * peer writes, in their order.
 */
int mlx5x_verbs_reg_word(struct ibv_pd *pd, void *addr, size_t len, struct ibv_mr **mr);

/* On error the MR stays registered. */
int mlx5x_verbs_dereg_mr(struct ibv_mr *mr);

/* A completion channel; reading its events does not block. */
int mlx5x_verbs_create_channel(struct ibv_context *ctx, struct ibv_comp_channel **channel);
void mlx5x_verbs_destroy_channel(struct ibv_comp_channel *channel);

/* Reads and acknowledges all pending events: otherwise their CQs could not be destroyed. */
void mlx5x_verbs_drop_cq_events(struct ibv_comp_channel *channel);

/* channel: for the events of the CQ; NULL: none. */
int mlx5x_verbs_create_cq(struct ibv_context *ctx, int entries, struct ibv_comp_channel *channel,
	struct ibv_cq **cq);
void mlx5x_verbs_destroy_cq(struct ibv_cq *cq);

/* Requests one event, for the next CQE. */
int mlx5x_verbs_arm_cq(struct ibv_cq *cq);

int mlx5x_verbs_create_qp(struct ibv_pd *pd, struct ibv_qp_init_attr *init, struct ibv_qp **qp);
void mlx5x_verbs_destroy_qp(struct ibv_qp *qp);

/* On error nothing of the QP is modified (ibv_modify_qp(3)). */
int mlx5x_verbs_modify_qp(struct ibv_qp *qp, struct ibv_qp_attr *attr, int mask);

/* Receive queues of raw packets. Sources: ibv_create_wq(3), ibv_create_rwq_ind_table(3). */
int mlx5x_verbs_create_wq(struct ibv_context *ctx, struct ibv_wq_init_attr *init,
	struct ibv_wq **wq);
void mlx5x_verbs_destroy_wq(struct ibv_wq *wq);
int mlx5x_verbs_modify_wq(struct ibv_wq *wq, enum ibv_wq_state state);
int mlx5x_verbs_create_reta(struct ibv_context *ctx, struct ibv_wq **wqs, uint32_t log2_n,
	struct ibv_rwq_ind_table **reta);
void mlx5x_verbs_destroy_reta(struct ibv_rwq_ind_table *reta);

/* An RSS QP: distributes its packets over the table by a hash with these fields and this key. */
int mlx5x_verbs_create_hash_qp(struct ibv_pd *pd, struct ibv_rwq_ind_table *reta,
	const struct ibv_rx_hash_conf *hash, struct ibv_qp **qp);

/* A flow rule that steers packets to the QP. Source: ibv_create_flow(3). */
int mlx5x_verbs_create_flow(struct ibv_qp *qp, struct ibv_flow_attr *attr, struct ibv_flow **flow);
void mlx5x_verbs_destroy_flow(struct ibv_flow *flow);

#endif
