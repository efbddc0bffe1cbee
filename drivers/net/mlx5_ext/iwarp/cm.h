/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cm.h - the one door to librdmacm: it connects QPs that ibv_modify_qp() cannot, which are those of
 * iWARP, where a connection is one of TCP.
 *
 * Functions return 0 or -errno, are system calls, and may be called by any thread. Without the kernel
 * module rdma_ucm: -ENODEV.
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
	union ibv_gid ip;	/* an IPv6 address, or one of IPv4 mapped into IPv6 */
	unsigned int netdev;	/* index of the netdev that a link-local address is of */
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
 * Listens at a free TCP port of the address, and stores it in at->port. -EXDEV: the address belongs to
 * another rdma device than the one of this name.
 */
int mlx5x_cm_listen(struct mlx5x_cm_address *at, const char *rdma, struct rdma_cm_id **listener);

/* A descriptor that is readable when the listener has an event. */
int mlx5x_cm_fd(const struct rdma_cm_id *listener);

/*
 * Gets the next CM event; never waits. Of a connect request, *id is to be accepted or refused, and data
 * holds the first len bytes of its private data. -EBADMSG: the private data was shorter, the request is
 * rejected; -ENOMSG: another event; -EAGAIN: none.
 */
int mlx5x_cm_next(struct rdma_cm_id *listener, struct rdma_cm_id **id, void *data, size_t len);

/* Connects the QP, and answers with len bytes of private data. On failure the request is rejected. */
int mlx5x_cm_accept(struct rdma_cm_id *id, uint32_t qpn, const void *data, size_t len);
void mlx5x_cm_refuse(struct rdma_cm_id *id);

/*
 * Connects the QP within the limit, and waits for the other end: the caller holds no lock that others
 * need. -ECONNREFUSED; -EBADMSG: the answer's private data is too short; -ETIMEDOUT; -ECANCELED when
 * woken; another errno on the way there. After an error there is no connection, and the QP must be
 * replaced.
 *
 * The limit does not end one thing: when TCP has connected and iWARP has not answered, siw of Linux 6.1
 * keeps the id for up to 5 s.
 */
int mlx5x_cm_connect(const struct mlx5x_cm_address *from, const struct mlx5x_cm_address *to,
	uint32_t qpn, const struct mlx5x_cm_private_data *private_data, const struct mlx5x_limit *limit,
	struct rdma_cm_id **id);

/* Ends a listener, or a connection from its connecting end. NULL is allowed. */
void mlx5x_cm_close(struct rdma_cm_id *id);

/* Ends a connection that was accepted, before its listener. NULL is allowed. */
void mlx5x_cm_disconnect(struct rdma_cm_id *id);

#endif
