/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * provoke.h - a call for each rule of softhca/rules that is refused by it. The objects that it needs
 * are gone when it returns.
 */
#ifndef TEST_SOFTHCA_PROVOKE_H_
#define TEST_SOFTHCA_PROVOKE_H_

#include <errno.h>
#include <stddef.h>

#include "refusals/refusals.h"
#include "rig.h"

/* For the result of a verb that returns an object: its errno, or NOT_REFUSED. */
#define NOT_REFUSED (-1)
#define ERRNO_OF(call) (errno = 0, (call) == NULL ? errno : NOT_REFUSED)

struct provocation {
	enum hca_rule rule;
	int (*call)(struct rig *rig);	/* returns the error */
};

/* Each ends with HCA_RULE_NONE. */
extern const struct provocation provoke_cq[], provoke_mr[], provoke_qp[], provoke_rss[],
	provoke_state[], provoke_wq[], provoke_flow[], provoke_post[], provoke_wr[],
	provoke_context[], provoke_domain[], provoke_transport[], provoke_srq[];

/* A WQ of that many requests of one segment, and a table of 2^log entries that are all that WQ. */
struct ibv_wq *provoke_make_wq(struct rig *rig, uint32_t requests);
struct ibv_rwq_ind_table *provoke_make_table(struct rig *rig, struct ibv_wq *wq, uint32_t log);

/* A raw packet QP with these queues. */
struct ibv_qp *provoke_make_qp(struct rig *rig, uint32_t sends, uint32_t receives);

/* call's error on a rig of a device that requires a header inline: without QP and memory. */
int provoke_with_header(int (*call)(struct rig *rig));

/* A QP of a table of one entry, without fields to hash. */
struct ibv_qp *provoke_make_rss_qp(struct rig *rig, struct ibv_rwq_ind_table *table);

#endif
