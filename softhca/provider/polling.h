/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * polling.h - the functions of an extended CQ: to poll it one completion at a time, and to read the
 * fields of that one. They have no error but those of ibv_start_poll(3).
 */
#ifndef SOFTHCA_POLLING_H_
#define SOFTHCA_POLLING_H_

#include "provider/objects.h"

/*
 * Those by which it is polled, and those that read the fields of wc_flags (enum
 * ibv_create_cq_wc_flags); the others are NULL, as by libmlx5. alone: who polls is one thread, and
 * no lock is held between start and end.
 */
void soft_polling_fill(struct soft_cq *cq, uint64_t wc_flags, bool alone);

#endif
