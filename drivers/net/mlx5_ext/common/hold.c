/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/hold.h"

#define ENDED 1
#define ONE 2

/* For the wait of mlx5x_hold_end(), which the last holder wakes. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t fewer = PTHREAD_COND_INITIALIZER;

/* The holds of this thread, of all objects. */
static __thread LIST_HEAD(, mlx5x_holder) own = LIST_HEAD_INITIALIZER(own);

/*
 * Release; pairs with the acquire in mlx5x_hold_end(): the holder's accesses come before those of
 * the thread that ends the object. The object may be freed once the count has changed.
 */
static void
drop(struct mlx5x_hold *hold)
{
	if (__atomic_fetch_sub(&hold->users, ONE, __ATOMIC_RELEASE) != (ONE | ENDED))
		return;
	pthread_mutex_lock(&lock);
	pthread_cond_broadcast(&fewer);
	pthread_mutex_unlock(&lock);
}

bool
mlx5x_hold_take(struct mlx5x_hold *hold, struct mlx5x_holder *holder)
{
	holder->hold = NULL;
	if (__atomic_fetch_add(&hold->users, ONE, __ATOMIC_ACQUIRE) & ENDED) {
		drop(hold);
		return false;
	}
	holder->hold = hold;
	LIST_INSERT_HEAD(&own, holder, next);
	return true;
}

void
mlx5x_hold_let_go(struct mlx5x_holder *holder)
{
	struct mlx5x_hold *hold = holder->hold;

	if (hold == NULL)
		return;
	LIST_REMOVE(holder, next);
	holder->hold = NULL;
	drop(hold);
}

/* Ends the holds of this thread, which need no wait; returns their part of the count. */
static uint32_t
disown(const struct mlx5x_hold *hold)
{
	struct mlx5x_holder *holder, *next;
	uint32_t users = 0;

	for (holder = LIST_FIRST(&own); holder != NULL; holder = next) {
		next = LIST_NEXT(holder, next);
		if (holder->hold != hold)
			continue;
		LIST_REMOVE(holder, next);
		holder->hold = NULL;
		users += ONE;
	}
	return users;
}

void
mlx5x_hold_end(struct mlx5x_hold *hold)
{
	__atomic_fetch_add(&hold->users, ENDED - disown(hold), __ATOMIC_RELAXED);
	pthread_mutex_lock(&lock);
	/* Acquire; pairs with the release in drop(). */
	while (__atomic_load_n(&hold->users, __ATOMIC_ACQUIRE) != ENDED)
		pthread_cond_wait(&fewer, &lock);
	pthread_mutex_unlock(&lock);
}
