/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * verbs_domain.c - thread domains, and parent domains, which join one to a protection domain. They
 * are libmlx5's, and the kernel does not hear of them.
 *
 * Allocators of a parent domain are not called: the rings are the model's own.
 */
#include <stdlib.h>

#include "provider/objects.h"
#include "refusals/refusals.h"

static struct ibv_td *
alloc_td(struct ibv_context *context, struct ibv_td_init_attr *attr)
{
	struct soft_td *td;

	if (attr->comp_mask != 0)
		return soft_refuse(hca_refuse(HCA_RULE_TD_COMP_MASK));
	td = calloc(1, sizeof(*td));
	if (td == NULL)
		return soft_refuse(ENOMEM);
	td->ibv.context = context;
	hca_device_lock(soft_device(context));
	soft_context(context)->users++;
	hca_device_unlock(soft_device(context));
	return &td->ibv;
}

static int
dealloc_td(struct ibv_td *ibv)
{
	struct hca_device *dev = soft_device(ibv->context);
	struct soft_td *td = (struct soft_td *)ibv;
	bool busy;

	hca_device_lock(dev);
	busy = td->users != 0;
	if (!busy)
		soft_context(ibv->context)->users--;
	hca_device_unlock(dev);
	if (busy)
		return hca_refuse(HCA_RULE_TD_BUSY);
	free(td);
	return 0;
}

static enum hca_rule
rule_of(const struct ibv_parent_domain_init_attr *attr)
{
	const uint32_t known = IBV_PARENT_DOMAIN_INIT_ATTR_ALLOCATORS |
		IBV_PARENT_DOMAIN_INIT_ATTR_PD_CONTEXT;

	if (attr->pd == NULL)
		return HCA_RULE_PARENT_DOMAIN_NO_PD;
	return (attr->comp_mask & ~known) != 0 ? HCA_RULE_PARENT_DOMAIN_COMP_MASK : HCA_RULE_NONE;
}

static struct ibv_pd *
alloc_parent_domain(struct ibv_context *context, struct ibv_parent_domain_init_attr *attr)
{
	int error = hca_refuse(rule_of(attr));
	struct soft_pd *domain;

	if (error != 0)
		return soft_refuse(error);
	domain = calloc(1, sizeof(*domain));
	if (domain == NULL)
		return soft_refuse(ENOMEM);
	domain->of = (struct soft_pd *)attr->pd;
	domain->td = (struct soft_td *)attr->td;
	domain->ibv.context = attr->pd->context;
	domain->ibv.handle = attr->pd->handle;
	hca_device_lock(soft_device(context));
	soft_context(domain->ibv.context)->users++;
	domain->of->domains++;
	if (domain->td != NULL)
		domain->td->users++;
	hca_device_unlock(soft_device(context));
	return &domain->ibv;
}

void
soft_domain_fill(struct verbs_context *verbs)
{
	verbs->alloc_td = alloc_td;
	verbs->dealloc_td = dealloc_td;
	verbs->alloc_parent_domain = alloc_parent_domain;
}
