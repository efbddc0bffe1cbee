/* SPDX-License-Identifier: BSD-3-Clause */
/* polling.h - the functions of an extended CQ by which it is polled. Any thread. */
#ifndef SOFTHCA_POLLING_H_
#define SOFTHCA_POLLING_H_

#include <infiniband/verbs.h>

/* Not modelled: it begins with that error, so that there is nothing to read. */
void soft_polling_fill(struct ibv_cq_ex *cq);

#endif
