/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cm.h - the wrapper of librdmacm, which connects QPs of iWARP: a connection is one of TCP, and
 * ibv_modify_qp() cannot make it.
 *
 * An int is 0 or -errno, except that of mlx5x_cm_fd(). All functions make system calls, and may be
 * called by any thread. -ENODEV: the kernel module rdma_ucm is not loaded. After an error the
 * listener or id that a function stores is not valid: it is NULL, unset or destroyed.
 * Sources: rdma_cm(7), rdma_connect(3), rdma_accept(3), rdma_get_cm_event(3).
 */
#ifndef MLX5X_CM_H_
#define MLX5X_CM_H_

#include <stddef.h>
#include <stdint.h>

#include <infiniband/verbs.h>
#include <rdma/rdma_cma.h>

struct mlx5x_limit;

struct mlx5x_cm_address {
	union ibv_gid ip;	/* an IPv6 or IPv4-mapped address */
	unsigned int netdev;	/* interface index, for link-local addresses */
	uint16_t port;		/* TCP, host order */
};

/* The private data of a connect request, and the buffer for that of its answer. */
struct mlx5x_cm_private_data {
	const void *data;
	size_t len;
	void *answer;
	size_t answer_len;
};

/*
 * Listens at a free TCP port of the address, and stores it in at->port. -EXDEV: the address does
 * not belong to the rdma device of this name; -EADDRNOTAVAIL: it is not in use; another -errno.
 */
int mlx5x_cm_listen(struct mlx5x_cm_address *at, const char *rdma, struct rdma_cm_id **listener);

/* A descriptor that is readable when the listener has an event. */
int mlx5x_cm_fd(const struct rdma_cm_id *listener);

/*
 * Gets the next CM event; never waits. 0: a connect request; the caller accepts or rejects *id, and
 * data has the first len bytes of its private data. -EBADMSG: the private data was shorter, the
 * request is rejected; -ENOMSG: another event; -EAGAIN: none; another -errno.
 */
int mlx5x_cm_next(struct rdma_cm_id *listener, struct rdma_cm_id **id, void *data, size_t len);

/*
 * Accepts a connect request with the QP and len bytes of private data. On failure the request is
 * rejected and id destroyed.
 */
int mlx5x_cm_accept(struct rdma_cm_id *id, uint32_t qpn, const void *data, size_t len);

/* Rejects a connect request and destroys its id. */
void mlx5x_cm_refuse(struct rdma_cm_id *id);

/*
 * Connects the QP, and waits for the other end within the limit; call it without locks.
 * -ECONNREFUSED; -EBADMSG: the answer's private data is too short; -ETIMEDOUT; -ECANCELED when
 * woken; another -errno. After an error there is no connection, and the QP must be replaced.
 *
 * May exceed the limit: if TCP is connected and iWARP has not answered, siw of Linux 6.1 holds the
 * id for up to 5 s.
 */
int mlx5x_cm_connect(const struct mlx5x_cm_address *from, const struct mlx5x_cm_address *to,
	uint32_t qpn, const struct mlx5x_cm_private_data *private_data,
	const struct mlx5x_limit *limit, struct rdma_cm_id **id);

/* Destroys a listener, or the id of the active side, with its channel. NULL is allowed. */
void mlx5x_cm_close(struct rdma_cm_id *id);

/* Destroys the id of an accepted connection, before its listener. NULL is allowed. */
void mlx5x_cm_disconnect(struct rdma_cm_id *id);

#endif
