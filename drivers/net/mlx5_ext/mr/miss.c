/* SPDX-License-Identifier: BSD-3-Clause */
#include "mr/miss.h"

/* A longer time costs fewer attempts, a shorter one notices a raised limit sooner. */
#define RETRY_MS 100

void
mlx5x_miss_note(struct mlx5x_miss *miss, uint32_t losses, const struct mlx5x_range *range,
	int error)
{
	if (miss->nb_failed == 0) {
		miss->until = rte_rdtsc() + rte_get_tsc_hz() / 1000 * RETRY_MS;
		miss->losses = losses;
	}
	miss->failed[miss->nb_failed++] = *range;
	if (miss->first_error != 0)
		return;
	miss->first_addr = mlx5x_miss_addr(miss);
	/* Release; pairs with the acquire in mlx5x_miss_report(). */
	__atomic_store_n(&miss->first_error, error, __ATOMIC_RELEASE);
}

int
mlx5x_miss_report(struct mlx5x_miss *miss, uintptr_t *addr)
{
	int error;

	if (miss->reported)
		return 0;
	error = __atomic_load_n(&miss->first_error, __ATOMIC_ACQUIRE);
	if (error == 0)
		return 0;
	miss->reported = true;
	*addr = miss->first_addr;
	return error;
}
