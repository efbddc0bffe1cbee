/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * verbs_rereg.c - a memory region becomes one of other memory, access or protection domain, and
 * keeps its keys.
 */
#include "common/checks.h"
#include "common/export.h"
#include "provider/objects.h"
#include "refusals/refusals.h"
#include "verbs/verbs_mr.h"

/* What is there once it is done. */
struct change {
	struct ibv_pd *pd;
	void *addr;
	size_t len;
	unsigned int access;
};

/* In libibverbs. */
static enum hca_rule
rule_of_input(const struct soft_mr *mr, int flags, const struct change *wanted)
{
	if (mr->map != NULL)
		return HCA_RULE_REREG_TYPE;
	if ((flags & ~IBV_REREG_MR_FLAGS_SUPPORTED) != 0)
		return HCA_RULE_REREG_FLAGS;
	if ((flags & IBV_REREG_MR_CHANGE_TRANSLATION) != 0 &&
	    (wanted->len == 0 || wanted->addr == NULL))
		return HCA_RULE_REREG_LENGTH;
	return wanted->access != 0 && (flags & IBV_REREG_MR_CHANGE_ACCESS) == 0 ?
		HCA_RULE_REREG_ACCESS : HCA_RULE_NONE;
}

/* In the kernel, of what there will be. */
static enum hca_rule
rule_of_command(const struct soft_mr *mr, int flags, const struct change *change)
{
	enum hca_rule rule;

	if (flags == 0)
		return HCA_RULE_REREG_NOTHING;
	rule = hca_rule_of_mr(change->addr, change->len, (uintptr_t)change->addr, change->access);
	if (rule != HCA_RULE_NONE || (flags & IBV_REREG_MR_CHANGE_TRANSLATION) != 0)
		return rule;
	return (change->access & SOFT_MR_WRITES) != 0 && !mr->writable ?
		HCA_RULE_REREG_WRITABLE : HCA_RULE_NONE;
}

static struct change
change_of(const struct soft_mr *mr, int flags, const struct change *wanted)
{
	struct change change = {mr->ibv.pd, mr->ibv.addr, mr->ibv.length, mr->access};

	if ((flags & IBV_REREG_MR_CHANGE_PD) != 0)
		change.pd = wanted->pd;
	if ((flags & IBV_REREG_MR_CHANGE_ACCESS) != 0)
		change.access = wanted->access;
	if ((flags & IBV_REREG_MR_CHANGE_TRANSLATION) != 0) {
		change.addr = wanted->addr;
		change.len = wanted->len;
	}
	return change;
}

/* Under the device's lock. Other memory is at its own address; else the IOVA stays. */
static void
change_key(struct soft_mr *mr, const struct change *change, bool moves)
{
	struct hca_keys *keys = &soft_device(mr->ibv.context)->keys;
	struct hca_region region = *hca_keys_region(keys, mr->ibv.lkey);
	struct soft_pd *pd = soft_pd(change->pd);

	mr->pd->users--;
	pd->users++;
	mr->pd = pd;
	mr->access = change->access;
	if (moves)
		mr->writable = (change->access & SOFT_MR_WRITES) != 0;
	region.pd = pd;
	region.writable = (change->access & IBV_ACCESS_LOCAL_WRITE) != 0;
	region.remote = change->access & SOFT_MR_REMOTE;
	if (moves) {
		region.addr = (uintptr_t)change->addr;
		region.len = change->len;
		region.mem = change->addr;
	}
	hca_keys_change(keys, mr->ibv.lkey, &region);
}

static void
apply(struct soft_mr *mr, const struct change *change, bool moves)
{
	struct hca_device *dev = soft_device(mr->ibv.context);
	void *old_addr = mr->ibv.addr;
	size_t old_len = mr->ibv.length;

	hca_device_lock(dev);
	change_key(mr, change, moves);
	hca_device_unlock(dev);
	mr->ibv.pd = change->pd;
	mr->ibv.addr = change->addr;
	mr->ibv.length = change->len;
	soft_mr_unpin(old_addr, old_len);
}

static int
fail(int error, int code)
{
	errno = error;
	return code;
}

EXPORT int
ibv_rereg_mr(struct ibv_mr *ibv, int flags, struct ibv_pd *pd, void *addr, size_t len, int access)
{
	const struct change wanted = {pd, addr, len, access};
	struct soft_mr *mr = (struct soft_mr *)ibv;
	int error = hca_refuse(rule_of_input(mr, flags, &wanted));
	struct change change;

	if (error != 0)
		return fail(error, IBV_REREG_MR_ERR_INPUT);
	change = change_of(mr, flags, &wanted);
	error = hca_refuse(rule_of_command(mr, flags, &change));
	if (error == 0)
		error = soft_mr_pin(change.addr, change.len, change.access);
	hca_trace("rereg_mr(key %#x, flags %#x): error %d", ibv->lkey, flags, error);
	if (error != 0)
		return fail(error, IBV_REREG_MR_ERR_CMD);
	apply(mr, &change, (flags & IBV_REREG_MR_CHANGE_TRANSLATION) != 0);
	return 0;
}
