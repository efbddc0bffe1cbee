/* SPDX-License-Identifier: BSD-3-Clause */
#include <endian.h>
#include <string.h>

#include <infiniband/mlx5dv.h>

#include "queue/scatter.h"

struct hca_segment
hca_segment_at(const uint8_t *list, uint32_t index)
{
	struct mlx5_wqe_data_seg seg;

	memcpy(&seg, list + index * HCA_SEGMENT, sizeof(seg));
	return (struct hca_segment){be32toh(seg.byte_count), be32toh(seg.lkey), be64toh(seg.addr)};
}

bool
hca_segment_ends_list(const struct hca_segment *seg)
{
	return seg->len == 0 && seg->key == MLX5_INVALID_LKEY;
}

enum hca_check
hca_scatter_map(const struct hca_scatter *scatter, uint64_t len, struct hca_spans *spans,
	struct hca_segment *bad)
{
	struct hca_segment seg;
	enum hca_check check;
	uint32_t i;

	for (i = 0; len != 0 && i < scatter->count; i++) {
		seg = hca_segment_at(scatter->list, i);
		if (hca_segment_ends_list(&seg))
			break;
		if (seg.len > len)
			seg.len = len;
		*bad = seg;
		check = hca_keys_check(scatter->keys, seg.key, seg.addr, seg.len, scatter->pd,
			true);
		if (check != HCA_FINE)
			return check;
		hca_spans_add(spans, hca_keys_memory(scatter->keys, seg.key, seg.addr), seg.len);
		len -= seg.len;
	}
	return len == 0 ? HCA_FINE : HCA_RQ_LENGTH;
}
