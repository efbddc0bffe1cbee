/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * verbs_gid.c - the addresses of a port for RDMA: its GUID and its two GIDs, which are the same
 * address for RoCE v1 and v2; and its one partition key, that of all.
 */
#include <endian.h>
#include <string.h>

#include "common/export.h"
#include "device/gid.h"
#include "provider/objects.h"

/* The type of a GID as ibv_query_gid_type(3) tells it, which is not in the headers. */
enum { SYSFS_TYPE_ROCE_V1, SYSFS_TYPE_ROCE_V2 };

EXPORT int ibv_query_gid_type(struct ibv_context *context, uint8_t number, unsigned int index,
	int *type);

EXPORT __be64
ibv_get_device_guid(struct ibv_device *device)
{
	return htobe64(hca_device_guid((struct hca_device *)device));
}

static void
describe(const struct ibv_context *context, uint32_t index, struct ibv_gid_entry *entry)
{
	*entry = (struct ibv_gid_entry){
		.gid = soft_device(context)->gid,
		.gid_index = index,
		.port_num = 1,
		.gid_type = index == 0 ? IBV_GID_TYPE_ROCE_V1 : IBV_GID_TYPE_ROCE_V2,
	};
}

EXPORT int
_ibv_query_gid_ex(struct ibv_context *context, uint32_t number, uint32_t index,
	struct ibv_gid_entry *entry, uint32_t flags, size_t size)
{
	struct ibv_gid_entry found;

	if (number != 1 || index >= SOFT_GIDS_MAX || flags != 0)
		return EINVAL;
	if (index >= SOFT_GIDS)
		return ENODATA;
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

/* Here an empty entry is no error. */
EXPORT int
ibv_query_gid(struct ibv_context *context, uint8_t number, int index, union ibv_gid *gid)
{
	struct ibv_gid_entry entry = {.gid_index = 0};
	int error = _ibv_query_gid_ex(context, number, index, &entry, 0, sizeof(entry));

	if (error != 0 && error != ENODATA) {
		errno = error;
		return -1;
	}
	*gid = entry.gid;
	return 0;
}

int
ibv_query_gid_type(struct ibv_context *context, uint8_t number, unsigned int index, int *type)
{
	if (number != 1 || index >= SOFT_GIDS_MAX) {
		errno = EINVAL;
		return -1;
	}
	*type = index == 1 ? SYSFS_TYPE_ROCE_V2 : SYSFS_TYPE_ROCE_V1;
	return 0;
}

EXPORT int
ibv_query_pkey(struct ibv_context *context, uint8_t number, int index, __be16 *pkey)
{
	if (number != 1 || index >= SOFT_PKEYS) {
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
