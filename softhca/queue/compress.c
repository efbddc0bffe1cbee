/* SPDX-License-Identifier: BSD-3-Clause */
#include <endian.h>
#include <string.h>

#include "device/device.h"
#include "queue/compress.h"
#include "queue/strides.h"

/* Of two completions it takes a title and an array: nothing is saved. */
#define LEAST 3u
/* Of an array, which is an entry. */
#define MINIS 8u
/* The hash, which mlx5dv.h does not name. */
#define HASH_AT 12u

struct mini {
	uint8_t own[4];		/* the hash; or the checksum, not modelled, and the stride */
	uint32_t byte_cnt;
};

/* What may differ is left out. */
static struct mlx5_cqe64
common(const struct mlx5_cqe64 *cqe)
{
	struct mlx5_cqe64 all = *cqe;

	memset((uint8_t *)&all + HASH_AT, 0, sizeof(all.imm_inval_pkey));
	all.byte_cnt = 0;
	all.timestamp = 0;
	all.wqe_counter = 0;
	all.op_own = 0;
	return all;
}

static bool
has_strides(const struct hca_cq *cq)
{
	return (cq->compresses & MLX5DV_CQE_RES_FORMAT_CSUM_STRIDX) != 0;
}

/*
 * The one n behind the title is of a frame, whole, and says the same; and is of the WQE n behind,
 * or, of a striding queue, of the same.
 */
static bool
goes_with(struct hca_cq *cq, const struct mlx5_cqe64 *title, uint32_t n)
{
	const struct mlx5_cqe64 *cqe = hca_cq_entry(cq, cq->shown + n);
	const struct mlx5_cqe64 one = common(title), other = common(cqe);

	return hca_cq_opcode(cq, cq->shown + n) == MLX5_CQE_RESP_SEND &&
		(be32toh(cqe->byte_cnt) & HCA_CQE_FILLER) == 0 &&
		(has_strides(cq) ||
			(uint16_t)(be16toh(title->wqe_counter) + n) == be16toh(cqe->wqe_counter)) &&
		memcmp(&one, &other, sizeof(one)) == 0;
}

/*
 * Completions from the next to be shown on that go together. Not across the ring's end: the vector
 * code of net_mlx5 goes on behind it.
 */
static uint32_t
count(struct hca_cq *cq)
{
	uint32_t most = cq->entries - (cq->shown & (cq->entries - 1)), n = 0;

	if (most > cq->written - cq->shown)
		most = cq->written - cq->shown;
	if (most > HCA_COMPRESSED_MAX)
		most = HCA_COMPRESSED_MAX;
	while (n < most && goes_with(cq, hca_cq_entry(cq, cq->shown), n))
		n++;
	return n;
}

/* Where array i is: behind the title, then where the completion would be that it begins with. */
static struct mini *
array(struct hca_cq *cq, uint32_t i)
{
	return (struct mini *)hca_cq_entry(cq, cq->shown + (i == 0 ? 1 : i * MINIS));
}

static struct mini
make_mini(const struct hca_cq *cq, const struct mlx5_cqe64 *cqe)
{
	struct mini mini = {.byte_cnt = cqe->byte_cnt};

	if (has_strides(cq))
		memcpy(mini.own + 2, &cqe->wqe_counter, sizeof(cqe->wqe_counter));
	else
		memcpy(mini.own, (const uint8_t *)cqe + HASH_AT, sizeof(mini.own));
	return mini;
}

/* The next completions that are written, as one title. */
static uint32_t
compress(struct hca_cq *cq)
{
	struct mini minis[HCA_COMPRESSED_MAX];
	uint32_t n = count(cq), i;

	if (n < LEAST)
		return 0;
	for (i = 0; i < n; i++)
		minis[i] = make_mini(cq, hca_cq_entry(cq, cq->shown + i));
	for (i = 0; i < n; i++)
		array(cq, i / MINIS)[i % MINIS] = minis[i];
	hca_cq_entry(cq, cq->shown)->byte_cnt = htobe32(n);
	hca_cq_show(cq, HCA_CQE_COMPRESSED, n);
	cq->dev->counters.compressed += n;
	return n;
}

void
hca_compress_init(struct hca_cq *cq, uint8_t format)
{
	cq->compresses = format;
	cq->compress = format != 0 ? compress : NULL;
}
