/* SPDX-License-Identifier: BSD-3-Clause */
#include "mr/miss.h"

#define RETRY_MS 100

bool
mlx5x_miss_note(struct mlx5x_miss *miss, uint32_t news, const struct mlx5x_range *range)
{
	bool told = miss->told;

	if (miss->nb_vain == 0) {
		miss->until = rte_rdtsc() + rte_get_tsc_hz() / 1000 * RETRY_MS;
		miss->news = news;
	}
	miss->vain[miss->nb_vain++] = *range;
	miss->told = true;
	return !told;
}
