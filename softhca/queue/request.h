/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * request.h - a send WQE of a QP with a transport: what is between its control segment and its
 * data. Pure functions on a copy.
 */
#ifndef SOFTHCA_REQUEST_H_
#define SOFTHCA_REQUEST_H_

#include <stdbool.h>
#include <stdint.h>

#include <infiniband/verbs.h>

#include "queue/wqe.h"

struct hca_request {
	uint8_t opcode;			/* MLX5_OPCODE_* */
	uint32_t imm;			/* big endian, as it came */
	/* RDMA and atomics */
	uint64_t addr;
	uint32_t key;
	uint64_t operand, compare;	/* to be added, or swapped in */
	/* Datagrams */
	uint32_t peer, qkey;
	union ibv_gid gid;
	uint32_t flow_label;
	uint8_t traffic_class, hop_limit;
};

/* In the place of hca_wqe_parse(). HCA_FINE, or the rule that is broken. */
enum hca_check hca_request_parse(struct hca_wqe *wqe, enum ibv_qp_type type);

/* Of a WQE that was fine. */
struct hca_request hca_request_of(const struct hca_wqe *wqe, enum ibv_qp_type type);

/* Its own segments are written to, by what comes back. */
bool hca_request_returns(uint8_t opcode);

#endif
