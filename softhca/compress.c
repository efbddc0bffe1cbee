/* SPDX-License-Identifier: BSD-3-Clause */
#include <endian.h>
#include <string.h>

#include "compress.h"
#include "device.h"
#include "strides.h"

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

/* The next one says the same, and is of the WQE after it; or, of a striding queue, of the same. */
static bool
goes_with(const struct hca_cq *cq, const struct mlx5_cqe64 *cqe, const struct mlx5_cqe64 *next)
{
	const struct mlx5_cqe64 one = common(cqe), other = common(next);

	return (has_strides(cq) ||
		(uint16_t)(be16toh(cqe->wqe_counter) + 1) == be16toh(next->wqe_counter)) &&
		memcmp(&one, &other, sizeof(one)) == 0;
}

/* It is of a frame, whole, and can be put together with others. */
static bool
is_plain(struct hca_cq *cq, uint32_t index)
{
	return hca_cq_opcode(cq, index) == MLX5_CQE_RESP_SEND &&
		(be32toh(hca_cq_entry(cq, index)->byte_cnt) & HCA_CQE_FILLER) == 0;
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
	while (n < most &&
		is_plain(cq, cq->shown + n) &&
		(n == 0 ||
			goes_with(cq, hca_cq_entry(cq, cq->shown + n - 1),
				hca_cq_entry(cq, cq->shown + n))))
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

uint32_t
hca_compress(struct hca_cq *cq)
{
	struct mini minis[HCA_COMPRESSED_MAX];
	struct mlx5_cqe64 *cqe;
	uint32_t n = count(cq), i;

	if (n < LEAST)
		return 0;
	for (i = 0; i < n; i++) {
		cqe = hca_cq_entry(cq, cq->shown + i);
		minis[i] = make_mini(cq, cqe);
	}
	for (i = 0; i < n; i++)
		array(cq, i / MINIS)[i % MINIS] = minis[i];
	hca_cq_entry(cq, cq->shown)->byte_cnt = htobe32(n);
	hca_cq_show(cq, HCA_CQE_COMPRESSED, n);
	cq->dev->counters.compressed += n;
	return n;
}
