/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * provider.h - the user's side of the rings, as libmlx5 has it: posts work requests as WQEs, polls
 * CQEs as work completions. It knows nothing of the device but the rings.
 */
#ifndef SOFTHCA_PROVIDER_H_
#define SOFTHCA_PROVIDER_H_

#include "provider/objects.h"

/*
 * size: places in the ring, a power of two; limit: requests at a time. The ring's completions come
 * to cq. 0 or -ENOMEM.
 */
int soft_ring_init(struct soft_ring *ring, struct soft_cq *cq, uint32_t number, uint32_t size,
	uint32_t limit, bool receives);
/* Takes it out of its CQ, with its completions. Also of one that init refused or never saw. */
void soft_ring_fini(struct soft_ring *ring, struct soft_cq *cq);
/* Its queue was reset: nothing is posted, and old completions are gone. */
void soft_ring_reset(struct soft_ring *ring, struct soft_cq *cq);

/*
 * Under the CQ's lock: the next completion, and the CQE that it is of, which stays as it is until
 * the device is told that it was consumed. NULL: there is none. Completions of rings that are gone
 * are left out.
 */
struct mlx5_cqe64 *soft_next_completion(struct soft_cq *cq, struct ibv_wc *wc);
void soft_tell_consumed(struct soft_cq *cq);

/* Under the CQ's lock: whoever polls passes over the completions that are there and chosen. */
void soft_disown(struct soft_cq *cq, bool (*chosen)(const struct mlx5_cqe64 *cqe, void *arg),
	void *arg);

/* The operations, as ibv_post_send(3), ibv_poll_cq(3) and the like have them. */
int soft_post_send(struct ibv_qp *qp, struct ibv_send_wr *wr, struct ibv_send_wr **bad);
int soft_post_recv(struct ibv_qp *qp, struct ibv_recv_wr *wr, struct ibv_recv_wr **bad);
int soft_post_wq_recv(struct ibv_wq *wq, struct ibv_recv_wr *wr, struct ibv_recv_wr **bad);
int soft_poll_cq(struct ibv_cq *cq, int count, struct ibv_wc *wc);
int soft_req_notify_cq(struct ibv_cq *cq, int solicited_only);

#endif
