/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pair.h - two QPs with a transport on the rig's device, connected to each other, each with a CQ for
 * both of its queues; and the rig's memory with access for peers.
 */
#ifndef PAIR_H_
#define PAIR_H_

#include "rig.h"

#define PAIR_WQES   16u
#define PAIR_ACCESS                                                                                \
	(IBV_ACCESS_REMOTE_READ | IBV_ACCESS_REMOTE_WRITE | IBV_ACCESS_REMOTE_ATOMIC)
#define PAIR_QKEY 0x1234u

struct pair {
	struct rig *rig;
	enum ibv_qp_type type;
	struct ibv_qp *qps[2];
	struct ibv_cq *cqs[2];
	struct ibv_mr *mr;	/* of all of the rig's memory, with all access */
	struct ibv_ah *ah;	/* the port's own address */
};

/* Both in RTS; and without the QPs. */
void pair_set_up(struct pair *pair, struct rig *rig, enum ibv_qp_type type);
void pair_tear_down(struct pair *pair);

/* A QP in RESET, with four segments each way. */
struct ibv_qp *pair_make_qp(const struct pair *pair, int side);

/* What takes a QP to RTS, connected to that number, in all steps. */
struct ibv_qp_attr pair_attributes(const struct rig *rig, uint32_t peer);
/* The attributes of the step to that state. */
int pair_mask(enum ibv_qp_type type, enum ibv_qp_state state);
/* Through the states from RESET on, as far as that one. */
void pair_start(struct ibv_qp *qp, const struct ibv_qp_attr *attr, enum ibv_qp_state last);

/* From whatever state by RESET to RTS. */
void pair_reconnect(struct ibv_qp *qp, const struct ibv_qp_attr *attr);

/* Both QPs from RESET to RTS again, with that access for the peer. */
void pair_restart(struct pair *pair, unsigned int access);

/* A request of one segment at an offset of the rig's memory, signalled; its id is the offset. */
struct pair_request {
	enum ibv_wr_opcode opcode;
	uint64_t offset;
	uint32_t len;
	uint32_t key;		/* 0: that of mr */
	uint64_t to;		/* RDMA: an offset of the rig's memory */
	uint32_t remote_key;	/* RDMA: 0: that of mr */
	uint32_t imm;
	uint64_t compare_add, swap;
	uint32_t qkey;		/* UD: 0: PAIR_QKEY */
	unsigned int flags;
};

/* By the first QP; the result of ibv_post_send(). */
int pair_post(struct pair *pair, struct pair_request request);
/* By the second one. */
void pair_recv(struct pair *pair, uint32_t offset, uint32_t len);

/* The device works until nothing moves; the next completion of that side has this status. */
struct ibv_wc pair_wc(struct pair *pair, int side, enum ibv_wc_status status);

enum ibv_qp_state pair_state(struct ibv_qp *qp);

#endif
