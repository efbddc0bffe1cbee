/* SPDX-License-Identifier: BSD-3-Clause */
#include <pthread.h>

#include "hold.h"

#define ENDED (UINT32_C(1) << 31)

/* For the ends that wait, of all objects: there are few. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t fewer = PTHREAD_COND_INITIALIZER;

/* What this thread holds, the last taken first. */
static __thread struct mlx5x_holder *innermost;

/* Release; pairs with the acquire in mlx5x_hold_end(). Afterwards *hold may be gone. */
static void
drop(struct mlx5x_hold *hold)
{
	if (!(__atomic_sub_fetch(&hold->word, 1, __ATOMIC_RELEASE) & ENDED))
		return;
	pthread_mutex_lock(&lock);
	pthread_cond_broadcast(&fewer);
	pthread_mutex_unlock(&lock);
}

bool
mlx5x_hold_take(struct mlx5x_hold *hold, struct mlx5x_holder *holder)
{
	*holder = (struct mlx5x_holder){0};
	if (__atomic_fetch_add(&hold->word, 1, __ATOMIC_ACQUIRE) & ENDED) {
		drop(hold);
		return false;
	}
	*holder = (struct mlx5x_holder){.hold = hold, .outer = innermost};
	innermost = holder;
	return true;
}

void
mlx5x_hold_let_go(struct mlx5x_holder *holder)
{
	struct mlx5x_holder **at = &innermost;

	if (holder->hold == NULL)
		return;
	while (*at != holder)
		at = &(*at)->outer;
	*at = holder->outer;
	drop(holder->hold);
	holder->hold = NULL;
}

/* How often this thread holds it; from here on it does not any more. */
static uint32_t
disown(struct mlx5x_hold *hold)
{
	struct mlx5x_holder **at = &innermost, *holder;
	uint32_t n = 0;

	while ((holder = *at) != NULL) {
		if (holder->hold != hold) {
			at = &holder->outer;
			continue;
		}
		*at = holder->outer;
		holder->hold = NULL;
		n++;
	}
	return n;
}

void
mlx5x_hold_end(struct mlx5x_hold *hold)
{
	uint32_t own = disown(hold);

	__atomic_fetch_or(&hold->word, ENDED, __ATOMIC_RELAXED);
	pthread_mutex_lock(&lock);
	while (__atomic_load_n(&hold->word, __ATOMIC_ACQUIRE) != (ENDED | own))
		pthread_cond_wait(&fewer, &lock);
	pthread_mutex_unlock(&lock);
}
