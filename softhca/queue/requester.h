/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * requester.h - the sending side of a QP with a transport: makes one request of its peer, and turns
 * the answer into what becomes of the WQE.
 *
 * No locks: the caller holds the device's.
 */
#ifndef SOFTHCA_REQUESTER_H_
#define SOFTHCA_REQUESTER_H_

#include <stdbool.h>

#include "queue/qp.h"
#include "queue/wqe.h"

struct hca_verdict {
	bool later;		/* nothing was done: again in a while */
	enum hca_check check;	/* a rule of the rings that was broken; then part is where */
	const struct hca_wqe_part *part;
	uint8_t syndrome;	/* of an error completion; 0: success */
	uint32_t returned;	/* bytes that came back */
};

/* The keys of the WQE's parts have been checked, and their bytes are known. */
struct hca_verdict hca_requester_run(struct hca_qp *qp, const struct hca_wqe *wqe);

#endif
