/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * verbs_cq.h - the making of an extended completion queue, for the two verbs that do.
 */
#ifndef SOFTHCA_VERBS_CQ_H_
#define SOFTHCA_VERBS_CQ_H_

#include <infiniband/verbs.h>

/* NULL and errno if it is refused. */
struct ibv_cq_ex *soft_cq_create(struct ibv_context *context,
	const struct ibv_cq_init_attr_ex *attr);

#endif
