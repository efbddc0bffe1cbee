/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * provider_wr.h - the functions of an extended QP: ibv_wr_start(3) and what follows it.
 */
#ifndef SOFTHCA_PROVIDER_WR_H_
#define SOFTHCA_PROVIDER_WR_H_

#include "provider/objects.h"

/* All that each QP has, whatever was asked for, as by libmlx5; and a raw packet QP. */
void soft_wr_fill(struct soft_qp *qp);

/* What was built may be posted, or is refused, from now on. */
void soft_wr_allow(struct soft_qp *qp, bool may);

/* The next request, of which the rest is as yet unknown. */
void soft_wr_begin(struct ibv_qp_ex *ex, const struct ibv_send_wr *wr);

#endif
