/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * verbs_async.h - events of objects, which are to be acknowledged.
 */
#ifndef SOFTHCA_VERBS_ASYNC_H_
#define SOFTHCA_VERBS_ASYNC_H_

#include "common/checks.h"
#include "provider/objects.h"

/*
 * An object is about to be destroyed, of which no event will come any more: libibverbs waits until
 * all that were read are acknowledged. A violation of that check if some are not.
 */
void soft_told_end(const struct soft_told *told, enum hca_check check,
	const struct hca_place *place);

#endif
