/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * verbs_gid.c - the addresses of a port for RDMA: its GUID and its two GIDs, link-local by the MAC
 * address that soft gives the netdev, for RoCE v1 and v2; and its one partition key, that of all.
 * Raw packets have no use for them, but programs that describe a device ask.
 */
#include <endian.h>
#include <string.h>

#include "export.h"
#include "objects.h"

/* The type of a GID as ibv_query_gid_type(3) tells it, which is not in the headers. */
enum { SYSFS_TYPE_ROCE_V1, SYSFS_TYPE_ROCE_V2 };

EXPORT int ibv_query_gid_type(struct ibv_context *context, uint8_t number, unsigned int index,
	int *type);

uint64_t
soft_guid(const struct hca_device *dev)
{
	/* 02:50:00:00:00:00 and on. */
	return 0x025000fffe000000ull + dev->index;
}

EXPORT __be64
ibv_get_device_guid(struct ibv_device *device)
{
	return htobe64(soft_guid((struct hca_device *)device));
}

static void
describe(const struct ibv_context *context, uint32_t index, struct ibv_gid_entry *entry)
{
	/* This bit of an address tells local ones from global ones, the other way round here. */
	uint64_t interface = soft_guid(soft_device(context)) ^ 1ull << 57;

	*entry = (struct ibv_gid_entry){
		.gid_index = index,
		.port_num = 1,
		.gid_type = index == 0 ? IBV_GID_TYPE_ROCE_V1 : IBV_GID_TYPE_ROCE_V2,
	};
	entry->gid.global.subnet_prefix = htobe64(0xfe80ull << 48);
	entry->gid.global.interface_id = htobe64(interface);
}

EXPORT int
_ibv_query_gid_ex(struct ibv_context *context, uint32_t number, uint32_t index,
	struct ibv_gid_entry *entry, uint32_t flags, size_t size)
{
	struct ibv_gid_entry found;

	if (number != 1 || index >= SOFT_GIDS || flags != 0)
		return EINVAL;
	describe(context, index, &found);
	memcpy(entry, &found, size < sizeof(found) ? size : sizeof(found));
	return 0;
}

EXPORT ssize_t
_ibv_query_gid_table(struct ibv_context *context, struct ibv_gid_entry *entries, size_t count,
	uint32_t flags, size_t size)
{
	uint32_t i;
	int error;

	if (count < SOFT_GIDS || size < sizeof(*entries))
		return -EINVAL;
	for (i = 0; i < SOFT_GIDS; i++) {
		error = _ibv_query_gid_ex(context, 1, i,
			(struct ibv_gid_entry *)((char *)entries + i * size), flags, size);
		if (error != 0)
			return -error;
	}
	return SOFT_GIDS;
}

EXPORT int
ibv_query_gid(struct ibv_context *context, uint8_t number, int index, union ibv_gid *gid)
{
	struct ibv_gid_entry entry;
	int error = _ibv_query_gid_ex(context, number, index, &entry, 0, sizeof(entry));

	if (error != 0) {
		errno = error;
		return -1;
	}
	*gid = entry.gid;
	return 0;
}

int
ibv_query_gid_type(struct ibv_context *context, uint8_t number, unsigned int index, int *type)
{
	if (number != 1 || index >= SOFT_GIDS) {
		errno = EINVAL;
		return -1;
	}
	*type = index == 0 ? SYSFS_TYPE_ROCE_V1 : SYSFS_TYPE_ROCE_V2;
	return 0;
}

EXPORT int
ibv_query_pkey(struct ibv_context *context, uint8_t number, int index, __be16 *pkey)
{
	if (number != 1 || index != 0) {
		errno = EINVAL;
		return -1;
	}
	*pkey = htobe16(UINT16_MAX);
	return 0;
}

EXPORT int
ibv_get_pkey_index(struct ibv_context *context, uint8_t number, __be16 pkey)
{
	if (number == 1 && pkey == UINT16_MAX)
		return 0;
	errno = EINVAL;
	return -1;
}
