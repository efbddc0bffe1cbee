/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOG_ROOM "region"
#include "log.h"
#include "region.h"
#include "verbs.h"

int
mlx5x_region_renew(struct ibv_pd *pd, struct mlx5x_region *region)
{
	struct mlx5x_range piece;
	uint32_t i;
	int ret;

	for (i = 0; i < region->nb_pieces; i++) {
		if (region->pieces[i] != NULL)
			continue;
		piece = mlx5x_region_piece(region, i);
		ret = mlx5x_verbs_reg_mr(pd, (void *)piece.start, piece.len, &region->pieces[i]);
		if (ret != 0)
			return ret;
	}
	return 0;
}

int
mlx5x_region_create(struct ibv_pd *pd, const struct mlx5x_range *range, uint64_t iova,
	size_t max_size, struct mlx5x_region **region)
{
	uint32_t n = (range->len - 1) / max_size + 1;
	struct mlx5x_region *new;
	int ret;

	new = calloc(1, sizeof(*new) + n * sizeof(new->pieces[0]));
	if (new == NULL)
		return -ENOMEM;
	new->refs = 1;
	new->range = *range;
	new->iova = iova;
	new->piece_size = max_size;
	new->nb_pieces = n;
	ret = mlx5x_region_renew(pd, new);
	if (ret != 0) {
		mlx5x_region_destroy(new);
		return ret;
	}
	*region = new;
	return 0;
}

size_t
mlx5x_region_pinned(const struct mlx5x_region *region)
{
	uintptr_t page = sysconf(_SC_PAGESIZE), first, last;
	struct mlx5x_range piece;
	size_t pages = 0;
	uint32_t i;

	for (i = 0; i < region->nb_pieces; i++) {
		piece = mlx5x_region_piece(region, i);
		first = piece.start / page;
		last = (piece.start + (piece.len - 1)) / page;
		pages += last - first + 1;
	}
	return pages * page;
}

int
mlx5x_region_end(struct mlx5x_region *region)
{
	uint32_t i;
	int ret;

	for (i = 0; i < region->nb_pieces; i++) {
		ret = mlx5x_verbs_dereg_mr(region->pieces[i]);
		if (ret != 0)
			return ret;
		region->pieces[i] = NULL;
	}
	return 0;
}

void
mlx5x_region_destroy(struct mlx5x_region *region)
{
	int ret = mlx5x_region_end(region);

	if (ret != 0)
		MLX5X_LOG(ERR, "cannot end the registration of %zu bytes at %#" PRIxPTR ": %s",
			region->range.len, region->range.start, strerror(-ret));
	free(region);
}
