/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * responder.h - the receiving side of a QP with a transport: takes a message, or reads and changes
 * its memory for the peer, as far as the QP, the remote key and the receive WQE allow it.
 *
 * No locks: the caller holds the device's.
 */
#ifndef SOFTHCA_RESPONDER_H_
#define SOFTHCA_RESPONDER_H_

#include "queue/qp.h"
#include "queue/request.h"
#include "queue/spans.h"

enum hca_answer {
	HCA_ACK,
	HCA_NAK_NOT_READY,	/* no buffer: later, perhaps */
	HCA_NAK_INVALID,	/* of no use here: too long, not aligned */
	HCA_NAK_ACCESS,		/* the remote key, or the QP, does not allow it */
	HCA_NAK_OPERATION,	/* the responder erred */
	HCA_NO_SOURCE,		/* the memory of the requester is gone */
};

/* data: the requester's, sent from, or written to by what comes back. from: its QP. */
enum hca_answer hca_responder_take(struct hca_qp *qp, const struct hca_qp *from,
	const struct hca_request *request, const struct hca_spans *data);

#endif
