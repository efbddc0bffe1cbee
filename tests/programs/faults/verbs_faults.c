/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * verbs_faults.c - a preloaded library that makes verbs fail on demand, with the real device
 * below: for invalid requests the kernel returns its own error.
 *
 *   VERBS_FAULT_LKEY=N[,M...]   the N-th, M-th ... packet sent by the process has an invalid lkey:
 *                               its completion is an error, and the QP enters the error state
 *   VERBS_FAULT_POST=N[,M...]   ibv_post_send rejects the chain of the N-th packet, from that packet
 *                               on, as on a full ring
 *   VERBS_FAULT_MODIFY=N[,M...] the N-th ibv_modify_qp fails with EIO
 *   VERBS_FAULT_REG=N[,M...]    the N-th ibv_reg_mr fails with ENOMEM
 *   VERBS_FAULT_FATAL=N         the device dies: device_death.c
 *
 * ibv_post_send is inline and goes through the context's ops, which are replaced.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include <infiniband/verbs.h>

#include "device_death.h"

#define MAX_HITS 16

/* The numbers in one variable, and the present count. */
struct fault {
	uint64_t hits[MAX_HITS];
	unsigned int nb_hits;
	uint64_t count;
};

static struct fault lkey_fault, post_fault, modify_fault, reg_fault, fatal_fault;
static int (*real_post_send)(struct ibv_qp *qp, struct ibv_send_wr *wr, struct ibv_send_wr **bad);

static void
read_fault(struct fault *fault, const char *variable)
{
	const char *text = getenv(variable);
	char *end;

	while (text != NULL && *text != '\0' && fault->nb_hits < MAX_HITS) {
		fault->hits[fault->nb_hits++] = strtoull(text, &end, 10);
		text = *end == ',' ? end + 1 : NULL;
	}
}

__attribute__((constructor)) static void
read_faults(void)
{
	read_fault(&lkey_fault, "VERBS_FAULT_LKEY");
	read_fault(&post_fault, "VERBS_FAULT_POST");
	read_fault(&modify_fault, "VERBS_FAULT_MODIFY");
	read_fault(&reg_fault, "VERBS_FAULT_REG");
	read_fault(&fatal_fault, "VERBS_FAULT_FATAL");
}

/* Counts a call; true if it has to fail. */
static bool
strikes(struct fault *fault)
{
	uint64_t n = __atomic_add_fetch(&fault->count, 1, __ATOMIC_RELAXED);
	unsigned int i;

	for (i = 0; i < fault->nb_hits; i++)
		if (fault->hits[i] == n)
			return true;
	return false;
}

/* Posts the chain up to and excluding the request stop. */
static int
post_until(struct ibv_qp *qp, struct ibv_send_wr *wr, struct ibv_send_wr *before_stop,
	struct ibv_send_wr **bad)
{
	struct ibv_send_wr *stop = before_stop->next;
	int ret;

	before_stop->next = NULL;
	ret = real_post_send(qp, wr, bad);
	before_stop->next = stop;
	if (ret != 0)
		return ret;
	*bad = stop;
	return ENOMEM;
}

static int
faulty_post_send(struct ibv_qp *qp, struct ibv_send_wr *wr, struct ibv_send_wr **bad)
{
	struct ibv_send_wr *w, *previous = NULL;

	for (w = wr; w != NULL; previous = w, w = w->next) {
		if (strikes(&fatal_fault))
			device_death_strike(qp->context);
		if (strikes(&lkey_fault))
			w->sg_list[0].lkey ^= 0xffffff00;
		if (!strikes(&post_fault))
			continue;
		if (previous != NULL)
			return post_until(qp, wr, previous, bad);
		*bad = w;
		return ENOMEM;
	}
	if (device_death_came(qp->context)) {
		*bad = wr;
		return EIO;
	}
	return real_post_send(qp, wr, bad);
}

struct ibv_context *
ibv_open_device(struct ibv_device *device)
{
	struct ibv_context *(*real)(struct ibv_device *) = dlsym(RTLD_NEXT, "ibv_open_device");
	struct ibv_context *ctx = real(device);

	if (ctx != NULL) {
		real_post_send = ctx->ops.post_send;
		ctx->ops.post_send = faulty_post_send;
		device_death_watch(ctx);
	}
	return ctx;
}

int
ibv_modify_qp(struct ibv_qp *qp, struct ibv_qp_attr *attr, int mask)
{
	int (*real)(struct ibv_qp *, struct ibv_qp_attr *, int) = dlsym(RTLD_NEXT, "ibv_modify_qp");

	return strikes(&modify_fault) ? EIO : real(qp, attr, mask);
}

/* What the other one calls, too, in libibverbs. */
struct ibv_mr *
ibv_reg_mr_iova2(struct ibv_pd *pd, void *addr, size_t length, uint64_t iova, unsigned int access)
{
	struct ibv_mr *(*real)(struct ibv_pd *, void *, size_t, uint64_t, unsigned int) =
		dlsym(RTLD_NEXT, "ibv_reg_mr_iova2");

	if (strikes(&reg_fault)) {
		errno = ENOMEM;
		return NULL;
	}
	return real(pd, addr, length, iova, access);
}

/* The inline ibv_reg_mr() of the header calls this one if the access flags are constant. */
#undef ibv_reg_mr
struct ibv_mr *
ibv_reg_mr(struct ibv_pd *pd, void *addr, size_t length, int access)
{
	return ibv_reg_mr_iova2(pd, addr, length, (uintptr_t)addr, access);
}
