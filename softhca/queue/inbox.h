/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * inbox.h - where a QP with a transport receives messages: its own queue, or a shared one; and its
 * CQ, which is told of them.
 *
 * No locks: the caller holds the device's.
 */
#ifndef SOFTHCA_INBOX_H_
#define SOFTHCA_INBOX_H_

#include "queue/qp.h"
#include "queue/spans.h"

/* What a completion says. */
struct hca_receipt {
	uint8_t opcode;		/* MLX5_CQE_RESP_* */
	uint32_t imm, source;	/* source: flags_rqpn of a CQE */
	uint64_t len;
};

/* There is a buffer. */
bool hca_inbox_is_ready(struct hca_qp *qp);

/*
 * Then: the memory that len bytes go to. Not HCA_FINE: an error completion, and the QP has failed.
 */
enum hca_check hca_inbox_map(struct hca_qp *qp, uint64_t len, struct hca_spans *spans);

/* Then: the buffer is used, and that completes. */
void hca_inbox_complete(struct hca_qp *qp, const struct hca_receipt *receipt);

/* Instead: an error completion, and the QP has failed. A violation, unless check is HCA_FINE. */
void hca_inbox_fail(struct hca_qp *qp, uint8_t syndrome, enum hca_check check);

#endif
