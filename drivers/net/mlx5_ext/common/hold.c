/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/hold.h"

pthread_mutex_t mlx5x_hold_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t fewer = PTHREAD_COND_INITIALIZER;	/* an ended object lost a holder */

bool
mlx5x_hold_take_locked(struct mlx5x_hold *hold, struct mlx5x_holder *holder)
{
	*holder = (struct mlx5x_holder){.thread = pthread_self()};
	if (hold->ended)
		return false;
	holder->hold = hold;
	LIST_INSERT_HEAD(&hold->holders, holder, next);
	return true;
}

bool
mlx5x_hold_take(struct mlx5x_hold *hold, struct mlx5x_holder *holder)
{
	bool taken;

	pthread_mutex_lock(&mlx5x_hold_lock);
	taken = mlx5x_hold_take_locked(hold, holder);
	pthread_mutex_unlock(&mlx5x_hold_lock);
	return taken;
}

void
mlx5x_hold_let_go(struct mlx5x_holder *holder)
{
	if (holder->hold == NULL)
		return;
	pthread_mutex_lock(&mlx5x_hold_lock);
	LIST_REMOVE(holder, next);
	if (holder->hold->ended)
		pthread_cond_broadcast(&fewer);
	pthread_mutex_unlock(&mlx5x_hold_lock);
	holder->hold = NULL;
}

/* Under the lock. Ends the holds of this thread, which are not waited for. */
static void
disown(struct mlx5x_hold *hold)
{
	struct mlx5x_holder *holder, *next;

	for (holder = LIST_FIRST(&hold->holders); holder != NULL; holder = next) {
		next = LIST_NEXT(holder, next);
		if (!pthread_equal(holder->thread, pthread_self()))
			continue;
		LIST_REMOVE(holder, next);
		holder->hold = NULL;
	}
}

void
mlx5x_hold_end(struct mlx5x_hold *hold)
{
	pthread_mutex_lock(&mlx5x_hold_lock);
	hold->ended = true;
	disown(hold);
	while (!LIST_EMPTY(&hold->holders))
		pthread_cond_wait(&fewer, &mlx5x_hold_lock);
	pthread_mutex_unlock(&mlx5x_hold_lock);
}
