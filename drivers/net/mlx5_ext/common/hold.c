/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/hold.h"

/* Guards all lists of holders: each is short, and the lock is held for a few instructions. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t fewer = PTHREAD_COND_INITIALIZER;	/* an ended object lost a holder */

bool
mlx5x_hold_take(struct mlx5x_hold *hold, struct mlx5x_holder *holder)
{
	*holder = (struct mlx5x_holder){.thread = pthread_self()};
	pthread_mutex_lock(&lock);
	if (!hold->ended) {
		holder->hold = hold;
		LIST_INSERT_HEAD(&hold->holders, holder, next);
	}
	pthread_mutex_unlock(&lock);
	return holder->hold != NULL;
}

void
mlx5x_hold_let_go(struct mlx5x_holder *holder)
{
	if (holder->hold == NULL)
		return;
	pthread_mutex_lock(&lock);
	LIST_REMOVE(holder, next);
	if (holder->hold->ended)
		pthread_cond_broadcast(&fewer);
	pthread_mutex_unlock(&lock);
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
	pthread_mutex_lock(&lock);
	hold->ended = true;
	disown(hold);
	while (!LIST_EMPTY(&hold->holders))
		pthread_cond_wait(&fewer, &lock);
	pthread_mutex_unlock(&lock);
}
