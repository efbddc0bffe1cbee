/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * verbs_pd.c - protection domains, and the registration of memory in them.
 */
#include <stdlib.h>
#include <sys/mman.h>

#include "common/checks.h"
#include "common/export.h"
#include "common/pages.h"
#include "common/settings.h"
#include "device/faults.h"
#include "memory/pins.h"
#include "provider/objects.h"
#include "refusals/refusals.h"
#include "verbs/verbs_mr.h"

EXPORT struct ibv_pd *
ibv_alloc_pd(struct ibv_context *context)
{
	struct soft_pd *pd = calloc(1, sizeof(*pd));

	if (pd == NULL)
		return soft_refuse(ENOMEM);
	pd->ibv.context = context;
	hca_device_lock(soft_device(context));
	pd->ibv.handle = hca_device_number(soft_device(context));
	soft_context(context)->users++;
	hca_device_unlock(soft_device(context));
	return &pd->ibv;
}

/* What is made of it keeps it. Under the device's lock, as is the other. */
static enum hca_rule
rule_of_dealloc(const struct soft_pd *pd)
{
	if (pd->domains != 0)
		return pd->of != NULL ? HCA_RULE_PARENT_DOMAIN_BUSY : HCA_RULE_PD_DOMAINS;
	return pd->users != 0 ? HCA_RULE_PD_BUSY : HCA_RULE_NONE;
}

static void
forget(struct soft_pd *pd)
{
	soft_context(pd->ibv.context)->users--;
	if (pd->of != NULL)
		pd->of->domains--;
	if (pd->td != NULL)
		pd->td->users--;
}

EXPORT int
ibv_dealloc_pd(struct ibv_pd *ibv)
{
	struct hca_device *dev = soft_device(ibv->context);
	struct soft_pd *pd = (struct soft_pd *)ibv;
	enum hca_rule rule;

	hca_device_lock(dev);
	rule = rule_of_dealloc(pd);
	if (rule == HCA_RULE_NONE)
		forget(pd);
	hca_device_unlock(dev);
	if (rule != HCA_RULE_NONE)
		return hca_refuse(rule);
	free(pd);
	return 0;
}

int
soft_mr_pin(void *addr, size_t len, unsigned int access)
{
	if (!hca_pages_populate(addr, len, (access & SOFT_MR_WRITES) != 0))
		return hca_refuse(HCA_RULE_MR_PAGES);
	if (hca_settings()->pin && hca_pins_add(addr, len) != 0)
		return hca_refuse(HCA_RULE_MR_LOCKED);
	return 0;
}

void
soft_mr_unpin(void *addr, size_t len)
{
	if (hca_settings()->pin)
		hca_pins_remove(addr, len);
}

struct soft_mr *
soft_mr_new(struct ibv_pd *pd, void *addr, size_t len)
{
	struct soft_mr *mr;

	if (hca_faults_hit(soft_device(pd->context), HCA_FAULT_REG_MR))
		return soft_refuse(ENOMEM);
	mr = calloc(1, sizeof(*mr));
	if (mr == NULL)
		return soft_refuse(ENOMEM);
	mr->ibv = (struct ibv_mr){.context = pd->context, .pd = pd, .addr = addr, .length = len};
	mr->pd = soft_pd(pd);
	return mr;
}

int
soft_mr_add_key(struct soft_mr *own, uint64_t iova, void *mem, unsigned int access)
{
	struct ibv_mr *mr = &own->ibv;
	struct hca_device *dev = soft_device(mr->context);
	struct hca_region region = {
		.addr = iova,
		.len = mr->length,
		.mem = mem,
		.pd = own->pd,
		.writable = (access & IBV_ACCESS_LOCAL_WRITE) != 0,
		.remote = access & SOFT_MR_REMOTE,
	};
	int ret;

	own->access = access;
	own->writable = (access & SOFT_MR_WRITES) != 0;
	hca_device_lock(dev);
	ret = hca_keys_add(&dev->keys, &region, &mr->lkey);
	if (ret == 0)
		own->pd->users++;
	hca_device_unlock(dev);
	mr->rkey = mr->handle = mr->lkey;
	return ret != 0 ? hca_refuse(HCA_RULE_MR_LIMIT) : 0;
}

EXPORT struct ibv_mr *
ibv_reg_mr_iova2(struct ibv_pd *pd, void *addr, size_t len, uint64_t iova, unsigned int access)
{
	struct soft_mr *mr;
	int error;

	error = hca_refuse(hca_rule_of_mr(addr, len, iova, access));
	if (error != 0)
		return soft_refuse(error);
	mr = soft_mr_new(pd, addr, len);
	if (mr == NULL)
		return NULL;
	error = soft_mr_pin(addr, len, access);
	if (error != 0)
		goto err_free;
	error = soft_mr_add_key(mr, iova, addr, access);
	if (error != 0)
		goto err_unpin;
	hca_trace("reg_mr(%p, %#zx, iova %#lx, access %#x): key %#x", addr, len, iova, access,
		mr->ibv.lkey);
	return &mr->ibv;

err_unpin:
	soft_mr_unpin(addr, len);
err_free:
	free(mr);
	hca_trace("reg_mr(%p, %#zx, access %#x): error %d", addr, len, access, error);
	return soft_refuse(error);
}

#undef ibv_reg_mr
EXPORT struct ibv_mr *
ibv_reg_mr(struct ibv_pd *pd, void *addr, size_t len, int access)
{
	return ibv_reg_mr_iova2(pd, addr, len, (uintptr_t)addr, access);
}

#undef ibv_reg_mr_iova
EXPORT struct ibv_mr *
ibv_reg_mr_iova(struct ibv_pd *pd, void *addr, size_t len, uint64_t iova, int access)
{
	return ibv_reg_mr_iova2(pd, addr, len, iova, access);
}

/* Hardware would not mind; but then a posted WQE has a dead key, and whoever took it away erred. */
static void
check_use(struct hca_device *dev, uint32_t key)
{
	struct hca_place place = {dev->ibv.name, "mr", key, 0, NULL, 0};
	struct hca_srq *srq;
	struct hca_sq *sq;
	struct hca_rq *rq;

	TAILQ_FOREACH(sq, &dev->sqs, next)
		if (hca_sq_uses_key(sq, key))
			hca_violation(HCA_KEY_IN_USE, &place, "by sq %#x", sq->number);
	TAILQ_FOREACH(rq, &dev->rqs, next)
		if (hca_rq_uses_key(rq, key))
			hca_violation(HCA_KEY_IN_USE, &place, "by rq %#x", rq->number);
	TAILQ_FOREACH(srq, &dev->srqs, next)
		if (hca_srq_uses_key(srq, key))
			hca_violation(HCA_KEY_IN_USE, &place, "by srq %#x", srq->number);
}

EXPORT int
ibv_dereg_mr(struct ibv_mr *mr)
{
	struct hca_device *dev = soft_device(mr->context);
	struct soft_mr *own = (struct soft_mr *)mr;

	hca_trace("dereg_mr(key %#x)", mr->lkey);
	hca_device_lock(dev);
	check_use(dev, mr->lkey);
	hca_keys_remove(&dev->keys, mr->lkey);
	own->pd->users--;
	hca_device_unlock(dev);
	if (own->map != NULL)
		munmap(own->map, own->map_len);
	else
		soft_mr_unpin(mr->addr, mr->length);
	free(own);
	return 0;
}
