/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * provider_srq.h - the user's side of a shared receive queue: a list of free WQEs, and the CQs of
 * the QPs that receive by it.
 */
#ifndef SOFTHCA_PROVIDER_SRQ_H_
#define SOFTHCA_PROVIDER_SRQ_H_

#include "provider/objects.h"

/* Links the WQEs of a new ring: all are free. 0 or -ENOMEM. */
int soft_srq_link(struct soft_srq *srq);

/* As ibv_post_srq_recv(3). */
int soft_post_srq_recv(struct ibv_srq *srq, struct ibv_recv_wr *wr, struct ibv_recv_wr **bad);

/* The QP's completions of its shared queue come to cq from now on. */
void soft_share_add(struct soft_share *share, struct soft_cq *cq);
/* And no more, those that are there included; or these alone, as the QP was reset. */
void soft_share_remove(struct soft_share *share, struct soft_cq *cq);
void soft_share_reset(struct soft_share *share, struct soft_cq *cq);

/* Under the CQ's lock: *wc is that of the CQE, whose WQE is free again. False: it is of none. */
bool soft_share_complete(struct soft_cq *cq, const struct mlx5_cqe64 *cqe, struct ibv_wc *wc);

#endif
