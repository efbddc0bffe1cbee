/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * verbs_ah.c - address handles, which datagrams are sent by.
 */
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "common/checks.h"
#include "common/export.h"
#include "provider/objects.h"
#include "refusals/refusals.h"

/* The MAC address that a link-local GID was made of. */
static void
set_mac(uint8_t mac[6], const union ibv_gid *gid)
{
	memcpy(mac, gid->raw + 8, 3);
	memcpy(mac + 3, gid->raw + 13, 3);
	mac[0] ^= 2;
}

static void
set_vector(struct mlx5_wqe_av *av, const struct ibv_ah_attr *attr)
{
	const struct ibv_global_route *route = &attr->grh;

	av->stat_rate_sl = (attr->sl & 7) << 1;
	av->tclass = route->traffic_class;
	av->hop_limit = route->hop_limit;
	av->grh_gid_fl = htobe32((uint32_t)route->sgid_index << 20 | (route->flow_label & 0xfffff));
	memcpy(av->rgid, &route->dgid, sizeof(av->rgid));
	set_mac(av->rmac, &route->dgid);
}

EXPORT struct ibv_ah *
ibv_create_ah(struct ibv_pd *pd, struct ibv_ah_attr *attr)
{
	enum hca_rule rule = hca_rule_of_ah(attr);
	struct soft_ah *ah;
	int error = hca_refuse(rule);

	if (rule != HCA_RULE_NONE && error == 0)
		return NULL;
	if (error != 0)
		return soft_refuse(error);
	ah = calloc(1, sizeof(*ah));
	if (ah == NULL)
		return soft_refuse(ENOMEM);
	ah->ibv.context = pd->context;
	ah->ibv.pd = pd;
	set_vector(&ah->av, attr);
	hca_device_lock(soft_device(pd->context));
	ah->ibv.handle = hca_device_number(soft_device(pd->context));
	soft_pd(pd)->users++;
	hca_device_unlock(soft_device(pd->context));
	return &ah->ibv;
}

EXPORT int
ibv_destroy_ah(struct ibv_ah *ah)
{
	hca_device_lock(soft_device(ah->context));
	soft_pd(ah->pd)->users--;
	hca_device_unlock(soft_device(ah->context));
	free(ah);
	return 0;
}
