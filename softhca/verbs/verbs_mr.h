/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * verbs_mr.h - the registration of memory, for the verbs that do.
 */
#ifndef SOFTHCA_VERBS_MR_H_
#define SOFTHCA_VERBS_MR_H_

#include "provider/objects.h"

/* Access for which the kernel wants pages that can be written. */
#define SOFT_MR_WRITES                                                                             \
	(IBV_ACCESS_LOCAL_WRITE | IBV_ACCESS_REMOTE_WRITE | IBV_ACCESS_REMOTE_ATOMIC |             \
		IBV_ACCESS_MW_BIND)
/* Access that a peer has. */
#define SOFT_MR_REMOTE                                                                             \
	(IBV_ACCESS_REMOTE_READ | IBV_ACCESS_REMOTE_WRITE | IBV_ACCESS_REMOTE_ATOMIC)

/* What the kernel says of a range's pages before it makes a region of it: 0, or an errno. */
int soft_mr_pin(void *addr, size_t len, unsigned int access);
void soft_mr_unpin(void *addr, size_t len);

/* A region of len bytes at addr, without a key. NULL, with errno: no memory, or it was to fail. */
struct soft_mr *soft_mr_new(struct ibv_pd *pd, void *addr, size_t len);

/* Gives the region a key, by which mem is at iova. 0, or the errno of a refusal. */
int soft_mr_add_key(struct soft_mr *mr, uint64_t iova, void *mem, unsigned int access);

#endif
