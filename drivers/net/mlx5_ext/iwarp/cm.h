/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cm.h - the one door to librdmacm: it connects QPs that ibv_modify_qp() cannot, which are those of
 * iWARP, where a connection is one of TCP.
 *
 * Everything returns 0 or -errno. All functions are system calls; any thread. The kernel module
 * rdma_ucm has to be there: -ENODEV if it is not.
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

/* What the connecting end tells, and where it wants the answer. */
struct mlx5x_cm_greeting {
	const void *data;
	size_t len;
	void *answer;
	size_t answer_len;
};

/*
 * Listens at any free port of the address, which it is told of. -EXDEV: another rdma device than that
 * of this name answers for the address.
 */
int mlx5x_cm_listen(struct mlx5x_cm_address *at, const char *rdma, struct rdma_cm_id **listener);

/* Readable when somebody has come. */
int mlx5x_cm_fd(const struct rdma_cm_id *listener);

/*
 * Takes the next thing that has happened there: somebody has come, with the len bytes that it tells, to
 * be accepted or refused. -EBADMSG: it told less, and was refused; -ENOMSG: something else; -EAGAIN:
 * nothing. Never waits.
 */
int mlx5x_cm_next(struct rdma_cm_id *listener, struct rdma_cm_id **id, void *data, size_t len);

/* Connects the QP to it. On failure it is as refused. */
int mlx5x_cm_accept(struct rdma_cm_id *id, uint32_t qpn, const void *data, size_t len);
void mlx5x_cm_refuse(struct rdma_cm_id *id);

/*
 * Connects the QP within the limit, and waits for the other end: no lock that others need may
 * be held. -ECONNREFUSED; -EBADMSG: the answer is shorter than one of ours; -ETIMEDOUT; -ECANCELED when
 * woken; another error of the way there. After an error there is nothing, and the QP is to be made anew.
 *
 * One thing is left that the limit does not end: where TCP has been answered, and iWARP has not, siw
 * of Linux 6.1 keeps the id for 5 s since then.
 */
int mlx5x_cm_connect(const struct mlx5x_cm_address *from, const struct mlx5x_cm_address *to,
	uint32_t qpn, const struct mlx5x_cm_greeting *greeting, const struct mlx5x_limit *limit,
	struct rdma_cm_id **id);

/* Ends a listener, or a connection from its connecting end. NULL is allowed. */
void mlx5x_cm_close(struct rdma_cm_id *id);

/* Ends a connection that was accepted, before its listener. NULL is allowed. */
void mlx5x_cm_leave(struct rdma_cm_id *id);

#endif
