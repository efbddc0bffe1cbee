/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * verbs_wq.h - the making of a work queue, for the two verbs that do.
 */
#ifndef SOFTHCA_VERBS_WQ_H_
#define SOFTHCA_VERBS_WQ_H_

#include <infiniband/verbs.h>

/* NULL and errno if it is refused. */
struct ibv_wq *soft_wq_create(struct ibv_context *context, struct ibv_wq_init_attr *attr);

#endif
