/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mr.h"
#include "mr_cache.h"
#include "verbs.h"

int mlx5x_logtype;

/* The fake neighbour: regions are numbers, and each one that lives is counted. */
static unsigned int live, registrations;
static uint32_t next_lkey;
static int reg_error, dereg_error;
static void (*on_register)(void);

int
mlx5x_verbs_reg_mr(struct ibv_pd *pd, void *addr, size_t len, struct ibv_mr **mr)
{
	void (*hook)(void) = on_register;

	on_register = NULL;
	if (hook != NULL)
		hook();
	if (reg_error != 0)
		return reg_error;
	*mr = calloc(1, sizeof(**mr));
	(*mr)->lkey = ++next_lkey;
	live++;
	registrations++;
	return 0;
}

int
mlx5x_verbs_dereg_mr(struct ibv_mr *mr)
{
	if (mr == NULL)
		return 0;
	if (dereg_error != 0)
		return dereg_error;
	live--;
	free(mr);
	return 0;
}

/* Large enough for all cases but the one that is about it. */
#define MAX_SIZE 4096

static struct ibv_pd pd;
static struct mlx5x_mr_table table;

/* A queue that owns one range, or none if its length is 0. */
struct fake_queue {
	struct mlx5x_mr_user user;
	struct mlx5x_range owned;
};

static struct fake_queue queue;
static uint64_t cache_misses;

static bool
queue_owns(struct mlx5x_mr_user *user, const struct mlx5x_range *range)
{
	struct fake_queue *q = (struct fake_queue *)user;

	/* Asked only with the gate closed. */
	assert_false(mlx5x_gate_enter(&user->gate));
	return q->owned.len != 0 && mlx5x_range_touches(range, q->owned.start, q->owned.len);
}

static int
set_up(void **state)
{
	live = registrations = 0;
	reg_error = dereg_error = 0;
	if (mlx5x_mr_init(&table, &pd, MAX_SIZE) != 0)
		return -1;
	queue = (struct fake_queue){.user = {.owns = queue_owns, .cache = {.misses = &cache_misses}}};
	mlx5x_mr_add_user(&table, &queue.user);
	return 0;
}

static int
tear_down(void **state)
{
	struct mlx5x_mr_usage usage;

	mlx5x_mr_get_usage(&table, &usage);
	assert_int_equal(usage.device_mrs, live);
	mlx5x_mr_remove_user(&table, &queue.user);
	mlx5x_mr_fini(&table);
	assert_int_equal(live, 0);
	assert_int_equal(queue.user.gate.word, 0);
	return 0;
}

static int
map(uintptr_t start, size_t len)
{
	struct mlx5x_range range = {start, len}, conflict;

	return mlx5x_mr_map(&table, &range, start, &conflict);
}

static int
unmap(uintptr_t start, size_t len)
{
	struct mlx5x_range range = {start, len}, conflict;

	return mlx5x_mr_unmap(&table, &range, start, &conflict);
}

static int
cover(uintptr_t start, size_t len)
{
	struct mlx5x_range range = {start, len};

	return mlx5x_mr_cover(&table, &range);
}

static void
forget(uintptr_t start, size_t len)
{
	struct mlx5x_range range = {start, len};

	mlx5x_mr_forget(&table, &range);
}

static bool
has_key(uintptr_t addr)
{
	return mlx5x_mr_find(&table, addr) != NULL;
}

static void
find_past_end_is_null(void **state)
{
	assert_int_equal(map(1000, 100), 0);
	assert_false(has_key(999));
	assert_true(has_key(1000));
	assert_true(has_key(1099));
	assert_false(has_key(1100));
}

static void
the_top_of_memory_does_not_wrap(void **state)
{
	assert_int_equal(map(UINTPTR_MAX - 9, 10), 0);
	assert_true(has_key(UINTPTR_MAX));
	assert_false(has_key(0));
	assert_int_equal(map(0, 10), 0);
	assert_int_equal(unmap(UINTPTR_MAX - 9, 10), 0);
}

static void
the_same_again_is_counted(void **state)
{
	assert_int_equal(map(1000, 100), 0);
	assert_int_equal(map(1000, 100), 0);
	assert_int_equal(registrations, 1);
	assert_int_equal(unmap(1000, 100), 0);
	assert_true(has_key(1000));
	assert_int_equal(unmap(1000, 100), 0);
	assert_false(has_key(1000));
	assert_int_equal(unmap(1000, 100), -ENOENT);
}

static void
the_same_at_another_iova_is_eexist(void **state)
{
	struct mlx5x_range range = {1000, 100}, conflict;

	assert_int_equal(mlx5x_mr_map(&table, &range, 1, &conflict), 0);
	assert_int_equal(mlx5x_mr_map(&table, &range, 2, &conflict), -EEXIST);
	assert_int_equal(mlx5x_mr_unmap(&table, &range, 2, &conflict), -EINVAL);
	assert_int_equal(mlx5x_mr_unmap(&table, &range, 1, &conflict), 0);
}

static void
overlap_is_eexist_and_named(void **state)
{
	const struct mlx5x_range shapes[] = {
		{950, 100}, {1050, 100}, {1010, 10}, {900, 300}, {1000, 99}, {1000, 101},
	};
	struct mlx5x_range conflict;
	unsigned int i;

	assert_int_equal(map(1000, 100), 0);
	for (i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		assert_int_equal(mlx5x_mr_map(&table, &shapes[i], shapes[i].start, &conflict), -EEXIST);
		assert_int_equal(conflict.start, 1000);
		assert_int_equal(conflict.len, 100);
	}
	assert_int_equal(live, 1);
	assert_int_equal(map(900, 100), 0);
	assert_int_equal(map(1100, 100), 0);
}

static void
unmap_of_anything_but_one_mapping_is_einval(void **state)
{
	assert_int_equal(map(1000, 100), 0);
	assert_int_equal(map(1100, 100), 0);
	assert_int_equal(unmap(1000, 99), -EINVAL);
	assert_int_equal(unmap(1000, 101), -EINVAL);
	assert_int_equal(unmap(1010, 90), -EINVAL);
	assert_int_equal(unmap(1000, 200), -EINVAL);
	assert_int_equal(unmap(900, 500), -EINVAL);
	assert_int_equal(unmap(900, 100), -ENOENT);
	assert_int_equal(live, 2);
}

static void
registration_errors_come_through(void **state)
{
	reg_error = -EFAULT;
	assert_int_equal(map(1000, 100), -EFAULT);
	reg_error = -ENOMEM;
	assert_int_equal(map(1000, 100), -ENOMEM);
	assert_int_equal(cover(1000, 100), -ENOMEM);
	assert_false(has_key(1000));
	reg_error = 0;
	assert_int_equal(map(1000, 100), 0);
}

static void
map_the_same_meanwhile(void)
{
	assert_int_equal(map(1000, 100), 0);
}

static void
map_another_meanwhile(void)
{
	assert_int_equal(map(1050, 100), 0);
}

static void
who_comes_second_counts_or_is_undone(void **state)
{
	on_register = map_the_same_meanwhile;
	assert_int_equal(map(1000, 100), 0);
	assert_int_equal(live, 1);
	assert_int_equal(unmap(1000, 100), 0);
	assert_int_equal(unmap(1000, 100), 0);
	on_register = map_another_meanwhile;
	assert_int_equal(map(1000, 100), -EEXIST);
	assert_int_equal(live, 1);
}

static void
what_a_queue_owns_is_ebusy(void **state)
{
	assert_int_equal(map(1000, 100), 0);
	queue.owned = (struct mlx5x_range){1099, 10};
	assert_int_equal(unmap(1000, 100), -EBUSY);
	assert_true(has_key(1000));
	assert_true(mlx5x_gate_enter(&queue.user.gate));
	mlx5x_gate_leave(&queue.user.gate);
	queue.owned = (struct mlx5x_range){1100, 10};
	assert_int_equal(unmap(1000, 100), 0);
}

static void
unmap_clears_the_caches_of_that_region_alone(void **state)
{
	uint32_t lkey;

	cache_misses = 0;
	assert_int_equal(map(1000, 100), 0);
	assert_int_equal(map(2000, 100), 0);
	assert_int_equal(mlx5x_mr_cache_find(&queue.user.cache, &table, 1010, &lkey), 90);
	assert_int_equal(unmap(2000, 100), 0);
	assert_int_equal(queue.user.cache.len, 100);
	assert_int_equal(unmap(1000, 100), 0);
	assert_int_equal(mlx5x_mr_cache_find(&queue.user.cache, &table, 1010, &lkey), 0);
	assert_int_equal(cache_misses, 2);
}

static void
cover_fills_the_gaps_only(void **state)
{
	assert_int_equal(map(1100, 100), 0);
	assert_int_equal(cover(1000, 400), 0);
	assert_int_equal(live, 3);
	assert_int_equal(cover(1000, 400), 0);
	assert_int_equal(live, 3);
	assert_true(has_key(1000));
	assert_true(has_key(1399));
	assert_false(has_key(1400));
	assert_int_equal(cover(900, 200), 0);
	assert_int_equal(live, 4);
}

static void
explicit_and_implicit_do_not_disturb_each_other(void **state)
{
	uint32_t implied;

	assert_int_equal(cover(1000, 100), 0);
	implied = mlx5x_mr_find(&table, 1000)->lkey;
	assert_int_equal(unmap(1000, 100), -ENOENT);
	assert_int_equal(map(1000, 100), 0);
	assert_int_equal(live, 2);
	assert_int_equal(unmap(1000, 100), 0);
	assert_int_equal(mlx5x_mr_find(&table, 1000)->lkey, implied);
}

static void
forget_takes_implicit_regions_whole(void **state)
{
	uint32_t lkey;

	assert_int_equal(map(2000, 100), 0);
	assert_int_equal(cover(1000, 100), 0);
	assert_int_equal(cover(1100, 100), 0);
	assert_int_not_equal(mlx5x_mr_cache_find(&queue.user.cache, &table, 1150, &lkey), 0);
	forget(1190, 1000);
	assert_true(has_key(1000));
	assert_false(has_key(1100));
	assert_true(has_key(2000));
	assert_int_equal(queue.user.cache.len, 0);
	assert_int_equal(live, 2);
}

static void
what_the_kernel_keeps_stays_mapped(void **state)
{
	assert_int_equal(map(1000, 100), 0);
	dereg_error = -EIO;
	assert_int_equal(unmap(1000, 100), -EIO);
	assert_true(has_key(1000));
	assert_int_equal(map(1000, 100), 0);
	assert_int_equal(unmap(1000, 100), 0);
	assert_int_equal(unmap(1000, 100), -EIO);
	dereg_error = 0;
	assert_int_equal(unmap(1000, 100), 0);
	assert_false(has_key(1000));
	assert_int_equal(live, 0);
}

static void
usage_and_list_tell_what_there_is(void **state)
{
	struct mlx5x_mr_usage usage;
	struct mlx5x_mr_info list[4];

	assert_int_equal(map(2000, 100), 0);
	assert_int_equal(map(2000, 100), 0);
	assert_int_equal(map(1000, 50), 0);
	assert_int_equal(cover(2050, 200), 0);
	mlx5x_mr_get_usage(&table, &usage);
	assert_int_equal(usage.mapped_regions, 2);
	assert_int_equal(usage.mapped_bytes, 150);
	assert_int_equal(usage.implied_regions, 1);
	assert_int_equal(usage.implied_bytes, 150);
	assert_int_equal(mlx5x_mr_list(&table, list, 4), 3);
	assert_int_equal(list[0].range.start, 1000);
	assert_int_equal(list[1].refs, 2);
	assert_false(list[1].implied);
	assert_int_equal(list[2].range.start, 2100);
	assert_true(list[2].implied);
	assert_int_equal(mlx5x_mr_list(&table, list, 1), 1);
}

static void
more_than_one_mr_holds_is_cut_in_pieces(void **state)
{
	const struct mlx5x_mr_entry *entry;

	assert_int_equal(map(1000, 2 * MAX_SIZE + 1), 0);
	assert_int_equal(live, 3);
	entry = mlx5x_mr_find(&table, 1000 + MAX_SIZE);
	assert_int_equal(entry->start, 1000 + MAX_SIZE);
	assert_int_equal(entry->len, MAX_SIZE);
	assert_int_equal(mlx5x_mr_find(&table, 1000 + 2 * MAX_SIZE)->len, 1);
	assert_false(has_key(1001 + 2 * MAX_SIZE));
	assert_int_equal(unmap(1000 + MAX_SIZE, MAX_SIZE), -EINVAL);
	assert_int_equal(unmap(1000, 2 * MAX_SIZE + 1), 0);
	assert_int_equal(live, 0);
}

static int registrations_left;

static void
fail_after_some(void)
{
	if (registrations_left-- == 0)
		reg_error = -ENOMEM;
	else
		on_register = fail_after_some;
}

static void
a_piece_that_fails_undoes_the_others(void **state)
{
	registrations_left = 2;
	on_register = fail_after_some;
	assert_int_equal(map(1000, 4 * MAX_SIZE), -ENOMEM);
	assert_int_equal(live, 0);
	assert_false(has_key(1000));
	reg_error = 0;
	assert_int_equal(map(1000, 4 * MAX_SIZE), 0);
}

static void
many_are_all_found_while_the_index_grows(void **state)
{
	const unsigned int n = 20000;
	unsigned int i;

	for (i = 0; i < n; i++)
		assert_int_equal(map(i * 3000ul, 2000), 0);
	for (i = 0; i < n; i++) {
		assert_true(has_key(i * 3000ul + 1999));
		assert_false(has_key(i * 3000ul + 2000));
	}
	for (i = 0; i < n; i += 2)
		assert_int_equal(unmap(i * 3000ul, 2000), 0);
	for (i = 0; i < n; i++)
		assert_int_equal(has_key(i * 3000ul), i % 2);
}

/* A naive model of both sets over a small space: every byte knows who holds it. */
#define SPACE 256
#define ROUNDS 200000

struct model {
	struct {
		uint16_t start, len, refs;
	} mapped[SPACE];	/* by start */
	bool implied[SPACE];
	uint16_t holder[SPACE];	/* 1 + start of the explicit mapping; 0: none */
};

static int
model_map(struct model *m, unsigned int start, unsigned int len)
{
	unsigned int i;

	if (m->mapped[start].refs != 0 && m->mapped[start].len == len) {
		m->mapped[start].refs++;
		return 0;
	}
	for (i = start; i < start + len; i++)
		if (m->holder[i] != 0)
			return -EEXIST;
	for (i = start; i < start + len; i++)
		m->holder[i] = start + 1;
	m->mapped[start].len = len;
	m->mapped[start].refs = 1;
	return 0;
}

static int
model_unmap(struct model *m, unsigned int start, unsigned int len)
{
	unsigned int i;

	if (m->mapped[start].refs != 0 && m->mapped[start].len == len) {
		if (--m->mapped[start].refs == 0)
			for (i = start; i < start + len; i++)
				m->holder[i] = 0;
		return 0;
	}
	for (i = start; i < start + len; i++)
		if (m->holder[i] != 0)
			return -EINVAL;
	return -ENOENT;
}

static void
check_bytes(const struct model *m)
{
	const struct mlx5x_mr_entry *entry;
	unsigned int i;

	for (i = 0; i < SPACE; i++) {
		entry = mlx5x_mr_find(&table, i);
		assert_int_equal(entry != NULL, m->holder[i] != 0 || m->implied[i]);
		if (entry != NULL && !m->implied[i])
			assert_int_equal(entry->start, m->holder[i] - 1);
	}
}

static void
random_operations_agree_with_the_model(void **state)
{
	static struct model m;
	unsigned int start, len, round;

	memset(&m, 0, sizeof(m));
	srandom(1);
	for (round = 0; round < ROUNDS; round++) {
		start = random() % SPACE;
		len = 1 + random() % (SPACE - start < 24 ? SPACE - start : 24);
		switch (random() % 8) {
		case 0: case 1: case 2:
			assert_int_equal(map(start, len), model_map(&m, start, len));
			break;
		case 3: case 4: case 5:
			if (random() % 4 != 0 && m.holder[start] != 0) {
				start = m.holder[start] - 1;
				len = m.mapped[start].len;
			}
			assert_int_equal(unmap(start, len), model_unmap(&m, start, len));
			break;
		case 6:
			assert_int_equal(cover(start, len), 0);
			for (unsigned int i = start; i < start + len; i++)
				if (m.holder[i] == 0)
					m.implied[i] = true;
			break;
		default:
			/* All of it, so that the model need not know the regions' borders. */
			if (random() % 64 == 0) {
				forget(0, SPACE);
				memset(m.implied, 0, sizeof(m.implied));
			}
		}
		if (round % 64 == 0)
			check_bytes(&m);
	}
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(find_past_end_is_null),
		CASE(the_top_of_memory_does_not_wrap),
		CASE(the_same_again_is_counted),
		CASE(the_same_at_another_iova_is_eexist),
		CASE(overlap_is_eexist_and_named),
		CASE(unmap_of_anything_but_one_mapping_is_einval),
		CASE(registration_errors_come_through),
		CASE(who_comes_second_counts_or_is_undone),
		CASE(what_a_queue_owns_is_ebusy),
		CASE(unmap_clears_the_caches_of_that_region_alone),
		CASE(cover_fills_the_gaps_only),
		CASE(explicit_and_implicit_do_not_disturb_each_other),
		CASE(forget_takes_implicit_regions_whole),
		CASE(what_the_kernel_keeps_stays_mapped),
		CASE(usage_and_list_tell_what_there_is),
		CASE(more_than_one_mr_holds_is_cut_in_pieces),
		CASE(a_piece_that_fails_undoes_the_others),
		CASE(many_are_all_found_while_the_index_grows),
		CASE(random_operations_agree_with_the_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
