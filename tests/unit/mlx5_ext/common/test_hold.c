/* SPDX-License-Identifier: BSD-3-Clause */
/* The thread that ends an object waits for its holders, but not for itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/hold.h"

#define USERS 3
#define ROUNDS 2000

static bool ended;

static void
an_object_without_holders_ends_at_once(void **state)
{
	struct mlx5x_hold hold = {0};
	struct mlx5x_holder holder;

	assert_true(mlx5x_hold_take(&hold, &holder));
	mlx5x_hold_let_go(&holder);
	mlx5x_hold_end(&hold);
}

static void
an_ended_object_cannot_be_held(void **state)
{
	struct mlx5x_hold hold = {0};
	struct mlx5x_holder holder;

	mlx5x_hold_end(&hold);
	assert_false(mlx5x_hold_take(&hold, &holder));
	assert_false(mlx5x_hold_has(&holder));
	/* Nothing to release. */
	mlx5x_hold_let_go(&holder);
}

static void
holds_are_released_in_any_order(void **state)
{
	struct mlx5x_hold hold = {0}, other = {0};
	struct mlx5x_holder a, b, c;

	assert_true(mlx5x_hold_take(&hold, &a) && mlx5x_hold_take(&other, &b) &&
		mlx5x_hold_take(&hold, &c));
	mlx5x_hold_let_go(&a);
	mlx5x_hold_let_go(&c);
	mlx5x_hold_let_go(&b);
	mlx5x_hold_end(&hold);
	mlx5x_hold_end(&other);
}

/*
 * The application closes a port in a callback, which runs with two holds of it and one of another.
 */
static void
a_thread_does_not_wait_for_itself(void **state)
{
	struct mlx5x_hold hold = {0}, other = {0}, gone;
	struct mlx5x_holder a, b, c;

	assert_true(mlx5x_hold_take(&hold, &a) && mlx5x_hold_take(&other, &b) &&
		mlx5x_hold_take(&hold, &c));
	mlx5x_hold_end(&hold);
	assert_false(mlx5x_hold_has(&a) || mlx5x_hold_has(&c));
	assert_true(mlx5x_hold_has(&b));
	/* The object may have been freed. */
	memset(&hold, 0x5a, sizeof(hold));
	memset(&gone, 0x5a, sizeof(gone));
	mlx5x_hold_let_go(&c);
	mlx5x_hold_let_go(&b);
	mlx5x_hold_let_go(&a);
	assert_memory_equal(&hold, &gone, sizeof(hold));
	mlx5x_hold_end(&other);
}

static void *
end(void *arg)
{
	mlx5x_hold_end(arg);
	__atomic_store_n(&ended, true, __ATOMIC_RELEASE);
	return NULL;
}

/* Once no hold can be taken, the end has begun; then it has many chances to return too early. */
static void
the_end_waits_for_another_thread(void **state)
{
	struct mlx5x_hold hold = {0};
	struct mlx5x_holder holder, late;
	pthread_t ender;
	unsigned int i;

	assert_true(mlx5x_hold_take(&hold, &holder));
	assert_int_equal(pthread_create(&ender, NULL, end, &hold), 0);
	while (mlx5x_hold_take(&hold, &late)) {
		mlx5x_hold_let_go(&late);
		sched_yield();
	}
	for (i = 0; i < ROUNDS; i++) {
		assert_false(__atomic_load_n(&ended, __ATOMIC_ACQUIRE));
		sched_yield();
	}
	mlx5x_hold_let_go(&holder);
	pthread_join(ender, NULL);
	assert_true(ended);
}

/* An object in a list of one, as in device.c. */
struct object {
	struct mlx5x_hold hold;
	uint64_t uses;		/* plain, accessed by users in turn */
	bool alive;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER, use = PTHREAD_MUTEX_INITIALIZER;
static struct object *listed;
static bool stop;

static struct object *
find(struct mlx5x_holder *holder)
{
	struct object *object;

	pthread_mutex_lock(&lock);
	object = listed;
	if (object != NULL && !mlx5x_hold_take(&object->hold, holder))
		object = NULL;
	pthread_mutex_unlock(&lock);
	return object;
}

static void *
user(void *arg)
{
	struct mlx5x_holder holder;
	struct object *object;
	uintptr_t dead = 0;

	while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
		object = find(&holder);
		if (object == NULL) {
			sched_yield();
			continue;
		}
		pthread_mutex_lock(&use);
		dead += !object->alive;
		object->uses++;
		pthread_mutex_unlock(&use);
		mlx5x_hold_let_go(&holder);
	}
	return (void *)dead;
}

static uint64_t
live_and_end(void)
{
	struct object *object = calloc(1, sizeof(*object));
	uint64_t uses;

	assert_non_null(object);
	object->alive = true;
	pthread_mutex_lock(&lock);
	listed = object;
	pthread_mutex_unlock(&lock);
	sched_yield();
	pthread_mutex_lock(&lock);
	listed = NULL;
	pthread_mutex_unlock(&lock);
	mlx5x_hold_end(&object->hold);
	/* Without a lock: no other thread has it now, as the sanitizers check. */
	object->alive = false;
	uses = object->uses;
	free(object);
	return uses;
}

static void
an_ended_object_is_not_used(void **state)
{
	pthread_t threads[USERS];
	uint64_t uses = 0;
	void *dead;
	int i;

	for (i = 0; i < USERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, user, NULL), 0);
	for (i = 0; i < ROUNDS || uses == 0; i++)
		uses += live_and_end();
	__atomic_store_n(&stop, true, __ATOMIC_RELEASE);
	for (i = 0; i < USERS; i++) {
		pthread_join(threads[i], &dead);
		assert_null(dead);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_object_without_holders_ends_at_once),
		cmocka_unit_test(an_ended_object_cannot_be_held),
		cmocka_unit_test(holds_are_released_in_any_order),
		cmocka_unit_test(a_thread_does_not_wait_for_itself),
		cmocka_unit_test(the_end_waits_for_another_thread),
		cmocka_unit_test(an_ended_object_is_not_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
