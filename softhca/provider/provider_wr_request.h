/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * provider_wr_request.h - the functions of an extended QP that only transports have: operations
 * with more than data to them, and the address of a datagram.
 */
#ifndef SOFTHCA_PROVIDER_WR_REQUEST_H_
#define SOFTHCA_PROVIDER_WR_REQUEST_H_

#include <infiniband/verbs.h>

/* All of them; a raw packet QP has none. */
void soft_wr_fill_requests(struct ibv_qp_ex *ex);

#endif
