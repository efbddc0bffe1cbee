/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rig.h - a looped device of the model, stepped by the test: after a post and softhca_step() the
 * device is idle.
 */
#ifndef RIG_H_
#define RIG_H_

#include <stdbool.h>
#include <stdint.h>

#include <infiniband/verbs.h>

#define RIG_MEM	  (64u << 10)
#define RIG_WQES  16u
#define RIG_FRAME 100u
/* Offsets in mem: buffers to send from, and to receive into. */
#define RIG_SENT     0u
#define RIG_RECEIVED 8192u

struct rig {
	struct ibv_context *ctx;
	struct ibv_pd *pd;
	struct ibv_cq *send_cq, *recv_cq;
	struct ibv_qp *qp;	/* raw packet, RIG_WQES each way, in RTS; two segments */
	struct ibv_flow *flow;	/* everything to qp */
	struct ibv_mr *mr;	/* of mem */
	uint8_t *mem;
};

/*
 * Before anything else in the process: creates a folder with that many devices, in step mode,
 * strict.
 */
void rig_environment(int devices);

/* After that: the PCI id of a device, from 0 on. */
void rig_model(int device, const char *id);

/* For cmocka: struct rig ** as state. */
int rig_set_up(void **state);
int rig_tear_down(void **state);

/* Takes the QP from RESET to RTS. */
void rig_start(struct ibv_qp *qp);

/* A flow rule for every frame. */
struct ibv_flow *rig_take_all(struct ibv_qp *qp);

/* Fills RIG_FRAME bytes at at with a pattern by seed. */
void rig_fill(uint8_t *at, uint8_t seed);

/* One segment each; the wr_id is the offset in mem. They return the result of ibv_post_*. */
int rig_send(struct rig *rig, uint32_t offset, uint32_t len, uint32_t key);
int rig_recv(struct rig *rig, uint32_t offset, uint32_t len, uint32_t key);

/* One frame is sent and received, with a completion at each end. */
void rig_round_trip(struct rig *rig);

/* The next completion, which must exist; and that there is none. */
struct ibv_wc rig_wc(struct ibv_cq *cq);
void rig_no_wc(struct ibv_cq *cq);

/* Since the last call, or the set-up, this rule was violated n times, and no other was. */
void rig_expect(const char *name, uint64_t times);

#endif
