/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * implicit.c over the MR table and fake verbs, with a made-up heap: the registrations and look-ups
 * caused by a packet, a buffer or a mempool.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <string.h>

#include <cmocka.h>

#include <ethdev_driver.h>

#include "implicit_fixture.h"
#include "log_lines.h"

static struct rte_mbuf
packet(struct fake_pool *fake, uintptr_t addr, uint16_t len)
{
	return (struct rte_mbuf){
		.pool = &fake->pool, .buf_addr = (void *)addr, .data_len = len, .pkt_len = len,
		.nb_segs = 1};
}

static int
send_packet(struct rte_mbuf *pkt, struct mlx5x_range *failed)
{
	memset(failed, 0, sizeof(*failed));
	return mlx5x_implicit_packet(&implicit, pkt, failed);
}

static void
check_span(uintptr_t at, uintptr_t start, size_t len)
{
	assert_true(has_key(at));
	assert_int_equal(mlx5x_mr_find(&table, at)->start, start);
	assert_int_equal(mlx5x_mr_find(&table, at)->len, len);
}

static void
a_packet_registers_its_pool(void **state)
{
	struct rte_mbuf pkt = packet(&normal, HEAP + PAGE, 100);
	struct mlx5x_range failed;

	assert_int_equal(send_packet(&pkt, &failed), 0);
	check_span(HEAP + PAGE, HEAP + PAGE / 2, 2 * PAGE);
	check_span(HEAP + 5 * PAGE, HEAP + 5 * PAGE, PAGE / 2);
	assert_int_equal(registrations, 2);
	assert_int_equal(send_packet(&pkt, &failed), 0);
	assert_int_equal(registrations, 2);
}

static void
with_eal_it_registers_its_page(void **state)
{
	struct rte_mbuf pkt = packet(&normal, HEAP + PAGE, 100);
	struct mlx5x_range failed;

	implicit.mode = MLX5X_IMPLICIT_EAL;
	assert_int_equal(send_packet(&pkt, &failed), 0);
	check_span(HEAP + PAGE, HEAP + PAGE, PAGE);
	assert_int_equal(registrations, 1);
}

static void
a_clone_registers_the_pool_of_its_data(void **state)
{
	struct rte_mbuf *direct = (struct rte_mbuf *)&memory[PAGE];
	struct rte_mbuf clone = packet(&pinned, (uintptr_t)&direct[1], 100);
	struct mlx5x_range failed;

	*direct = packet(&normal, (uintptr_t)&direct[1], 100);
	clone.ol_flags = RTE_MBUF_F_INDIRECT;
	assert_ptr_equal(rte_mbuf_from_indirect(&clone), direct);
	assert_int_equal(send_packet(&clone, &failed), 0);
	check_span(HEAP + PAGE, HEAP + PAGE / 2, 2 * PAGE);
	assert_int_equal(registrations, 2);
}

static void
an_attached_buffer_registers_its_page_only(void **state)
{
	struct rte_mbuf pkt = packet(&normal, HEAP + 3 * PAGE + 10, 100);
	struct mlx5x_range failed;

	pkt.ol_flags = RTE_MBUF_F_EXTERNAL;
	assert_int_equal(send_packet(&pkt, &failed), 0);
	check_span(HEAP + 3 * PAGE, HEAP + 3 * PAGE, PAGE);
	assert_int_equal(registrations, 1);
	/* Memory with an lkey keeps it when the page is registered. */
	assert_int_equal(mlx5x_implicit_pool(&implicit, &normal.pool), 0);
	pkt.buf_addr = (void *)(HEAP + 5 * PAGE + PAGE / 2);
	assert_int_equal(send_packet(&pkt, &failed), 0);
	check_span(HEAP + 6 * PAGE - 1, HEAP + 5 * PAGE + PAGE / 2, PAGE / 2);
	retire(HEAP + 5 * PAGE, PAGE / 2);
	assert_false(has_key(HEAP + 5 * PAGE));
	assert_true(has_key(HEAP + 6 * PAGE - 1));
}

static void
a_packet_over_pages_registers_each(void **state)
{
	struct rte_mbuf pkt = packet(&normal, HEAP + 6 * PAGE - 10, 2 * PAGE), next;
	struct mlx5x_range failed;

	next = packet(&normal, HEAP + 4 * PAGE, 10);
	pkt.ol_flags = next.ol_flags = RTE_MBUF_F_EXTERNAL;
	pkt.next = &next;
	pkt.nb_segs = 2;
	assert_int_equal(send_packet(&pkt, &failed), 0);
	assert_int_equal(registrations, 4);
	assert_true(has_key(HEAP + 5 * PAGE));
	assert_true(has_key(HEAP + 8 * PAGE - 1));
	assert_true(has_key(HEAP + 4 * PAGE));
}

static void
memory_outside_of_heaps_is_rejected_early(void **state)
{
	struct rte_mbuf pkt = packet(&pinned, HEAP + HEAP_LEN + 77, 100);
	struct mlx5x_range failed;

	pkt.ol_flags = RTE_MBUF_F_EXTERNAL;
	add_mbuf(&pinned, 0, HEAP, 100);
	assert_int_equal(send_packet(&pkt, &failed), -EFAULT);
	assert_int_equal(failed.start, HEAP + HEAP_LEN);
	assert_true(failed.len > (size_t)1 << 60);
	assert_int_equal(mbuf_walks, 0);
	assert_int_equal(registrations, 0);
	/* A first segment that is going to have an lkey does not change that. */
	pkt = packet(&normal, HEAP + 4 * PAGE, 10);
	pkt.ol_flags = RTE_MBUF_F_EXTERNAL;
	pkt.next = &(struct rte_mbuf){.pool = &pinned.pool, .buf_addr = (void *)100, .data_len = 9};
	assert_int_equal(send_packet(&pkt, &failed), -EFAULT);
	assert_int_equal(failed.start, 0);
	assert_int_equal(failed.len, HEAP);
	assert_int_equal(mbuf_walks, 0);
}

static void
an_unused_page_is_rejected(void **state)
{
	struct rte_mbuf pkt = packet(&normal, HEAP + 9 * PAGE + 5, 100);
	struct mlx5x_range failed;

	assert_int_equal(send_packet(&pkt, &failed), -EFAULT);
	assert_int_equal(failed.start, HEAP + 9 * PAGE);
	assert_int_equal(failed.len, PAGE);
}

static void
a_failed_registration_returns_the_range(void **state)
{
	struct rte_mbuf pkt = packet(&normal, HEAP + 7 * PAGE, 100);
	struct mlx5x_range failed;

	reg_error = -ENOMEM;
	assert_int_equal(send_packet(&pkt, &failed), -ENOMEM);
	assert_int_equal(failed.start, HEAP + 7 * PAGE);
	assert_int_equal(failed.len, PAGE);
	pkt.buf_addr = (void *)(HEAP + PAGE);
	assert_int_equal(send_packet(&pkt, &failed), -ENOMEM);
	assert_int_equal(failed.start, HEAP + PAGE);
	assert_int_equal(failed.len, PAGE);
	reg_error = 0;
}

/* As if the page had been invalidated again at once: no thread searches for ever. */
static void
attempts_for_a_page_are_limited(void **state)
{
	struct rte_mbuf pkt = packet(&normal, HEAP + 7 * PAGE, 100);
	struct mlx5x_range failed;

	is_misleading = true;
	assert_int_equal(send_packet(&pkt, &failed), -EFAULT);
	assert_false(has_key(HEAP + 7 * PAGE));
}

static void
the_first_failed_segment_is_returned(void **state)
{
	struct rte_mbuf pkt = packet(&normal, HEAP + 9 * PAGE, 100), next;
	struct mlx5x_range failed;

	next = packet(&normal, HEAP + 7 * PAGE, 10);
	pkt.next = &next;
	pkt.nb_segs = 2;
	assert_int_equal(send_packet(&pkt, &failed), -EFAULT);
	assert_int_equal(failed.start, HEAP + 9 * PAGE);
	assert_int_equal(registrations, 0);
}

static void
a_wrapping_length_is_rejected(void **state)
{
	struct rte_mbuf pkt = packet(&normal, UINTPTR_MAX - 10, 100);
	struct mlx5x_range failed;

	assert_int_equal(send_packet(&pkt, &failed), -EFAULT);
	assert_int_equal(registrations, 0);
}

static void
with_none_nothing_is_registered(void **state)
{
	struct rte_mbuf pkt = packet(&normal, HEAP + PAGE, 100);
	const struct mlx5x_range buffer = {HEAP, 100};
	struct mlx5x_range failed;

	implicit.mode = MLX5X_IMPLICIT_NONE;
	assert_int_equal(send_packet(&pkt, &failed), -EFAULT);
	assert_int_equal(failed.len, SIZE_MAX);
	assert_int_equal(mlx5x_implicit_buffer(&implicit, &normal.pool, &buffer, &failed), -EFAULT);
	assert_int_equal(failed.len, SIZE_MAX);
	assert_int_equal(mlx5x_implicit_pool(&implicit, &normal.pool), 0);
	assert_int_equal(registrations, 0);
}

/* Whichever page of the mempool had an lkey before. */
static void
a_pool_has_each_chunk_under_one_key(void **state)
{
	assert_int_equal(cover(HEAP, PAGE), 0);
	assert_int_equal(cover(HEAP + 2 * PAGE, PAGE), 0);
	assert_int_equal(mlx5x_implicit_new_pool(&implicit, &normal.pool), 0);
	check_span(HEAP + PAGE, HEAP + PAGE / 2, 2 * PAGE);
	assert_true(has_key(HEAP));
	assert_true(has_key(HEAP + 3 * PAGE - 1));
	retire(HEAP + PAGE / 2, 2 * PAGE);
	assert_true(has_key(HEAP));
	assert_false(has_key(HEAP + PAGE));
	assert_true(has_key(HEAP + 3 * PAGE - 1));
}

/* Only its application may map it. */
static void
a_pool_on_registered_memory_is_not_registered(void **state)
{
	struct rte_mbuf pkt = packet(&normal, REGISTERED + 10, 100);
	struct mlx5x_range failed;

	make_pool(&normal, 0);
	add_chunk(&normal, 0, REGISTERED, PAGE);
	assert_int_equal(mlx5x_implicit_pool(&implicit, &normal.pool), 0);
	assert_int_equal(send_packet(&pkt, &failed), -EFAULT);
	assert_int_equal(registrations, 0);
	/* A byte of it is enough. */
	make_pool(&normal, 0);
	add_chunk(&normal, 0, UNKNOWN - 1, PAGE);
	assert_int_equal(mlx5x_implicit_pool(&implicit, &normal.pool), 0);
	assert_int_equal(registrations, 0);
}

static void
a_pool_on_memory_unknown_to_eal_is_registered(void **state)
{
	struct rte_mbuf pkt = packet(&normal, UNKNOWN + 10, 100);
	struct mlx5x_range failed;

	make_pool(&normal, 0);
	add_chunk(&normal, 0, UNKNOWN, PAGE + 77);
	/* The application may register it with EAL, and map it, before its first use. */
	assert_int_equal(mlx5x_implicit_new_pool(&implicit, &normal.pool), 0);
	assert_int_equal(registrations, 0);
	assert_int_equal(mlx5x_implicit_pool(&implicit, &normal.pool), 0);
	check_span(UNKNOWN + 10, UNKNOWN, PAGE + 77);
	assert_int_equal(registrations, 1);
	/* Behind the chunk the memory is nobody's. */
	assert_int_equal(send_packet(&pkt, &failed), 0);
	pkt.buf_addr = (void *)(UNKNOWN + PAGE + 77);
	assert_int_equal(send_packet(&pkt, &failed), -EFAULT);
	assert_int_equal(registrations, 1);
	/* The pool has ended. */
	retire(UNKNOWN, PAGE + 77);
	assert_false(has_key(UNKNOWN));
}

static void
its_first_packet_or_buffer_registers_it_too(void **state)
{
	struct rte_mbuf pkt = packet(&normal, UNKNOWN + 10, 100);
	const struct mlx5x_range buffer = {UNKNOWN + 10, 100};
	struct mlx5x_range failed;

	make_pool(&normal, 0);
	add_chunk(&normal, 0, UNKNOWN, PAGE);
	assert_int_equal(send_packet(&pkt, &failed), 0);
	check_span(UNKNOWN + 10, UNKNOWN, PAGE);
	retire(UNKNOWN, PAGE);
	assert_int_equal(mlx5x_implicit_buffer(&implicit, &normal.pool, &buffer, &failed), 0);
	check_span(UNKNOWN + 10, UNKNOWN, PAGE);
	/* External data is not the pool's, wherever it is. */
	retire(UNKNOWN, PAGE);
	pkt.ol_flags = RTE_MBUF_F_EXTERNAL;
	assert_int_equal(send_packet(&pkt, &failed), -EFAULT);
	assert_int_equal(registrations, 2);
}

/* Another pool may be next to it, for which the result is not the same. */
static void
its_failure_is_that_of_its_chunk(void **state)
{
	struct rte_mbuf pkt = packet(&normal, UNKNOWN + 10, 100);
	struct mlx5x_range failed;

	make_pool(&normal, 0);
	add_chunk(&normal, 0, UNKNOWN, PAGE);
	reg_error = -ENOMEM;
	assert_int_equal(send_packet(&pkt, &failed), -ENOMEM);
	assert_int_equal(failed.start, UNKNOWN);
	assert_int_equal(failed.len, PAGE);
	reg_error = 0;
}

static void
with_eal_memory_unknown_to_it_is_not_registered(void **state)
{
	struct rte_mbuf pkt = packet(&normal, UNKNOWN + 10, 100);
	struct mlx5x_range failed;

	implicit.mode = MLX5X_IMPLICIT_EAL;
	make_pool(&normal, 0);
	add_chunk(&normal, 0, UNKNOWN, PAGE);
	assert_int_equal(mlx5x_implicit_pool(&implicit, &normal.pool), 0);
	assert_int_equal(send_packet(&pkt, &failed), -EFAULT);
	assert_int_equal(registrations, 0);
}

static void
pinned_buffers_in_a_row_are_one_region(void **state)
{
	unsigned int i;

	for (i = 0; i < MBUFS; i++)
		add_mbuf(&pinned, i, HEAP + 100 + i * 3000, 2500);
	assert_int_equal(mlx5x_implicit_pool(&implicit, &pinned.pool), 0);
	assert_int_equal(registrations, 1);
	check_span(HEAP + 100, HEAP, 6 * PAGE);
	assert_int_equal(mbuf_walks, 1);
}

/*
 * Each up to the last byte of its page, where the next one begins; the page after them is not in
 * use.
 */
static void
pinned_buffers_that_fill_pages_are_one_region(void **state)
{
	unsigned int i;

	for (i = 0; i < 3; i++)
		add_mbuf(&pinned, i, HEAP + (6 + i) * PAGE, PAGE);
	add_mbuf(&pinned, 3, HEAP, 0);
	assert_int_equal(mlx5x_implicit_pool(&implicit, &pinned.pool), 0);
	check_span(HEAP + 6 * PAGE, HEAP + 6 * PAGE, 3 * PAGE);
}

/* Across the pages 2 and 3, then 1 and 2, whose MR overlaps the first one. */
static void
pinned_buffers_that_a_later_region_cut_have_one_key_again(void **state)
{
	add_mbuf(&pinned, 0, HEAP + 3 * PAGE - 10, 100);
	add_mbuf(&pinned, 1, HEAP + 2 * PAGE - 20, 100);
	add_mbuf(&pinned, 2, HEAP + 7 * PAGE, 100);
	assert_int_equal(mlx5x_implicit_pool(&implicit, &pinned.pool), 0);
	assert_int_equal(lkey_at(HEAP + 3 * PAGE - 10), lkey_at(HEAP + 3 * PAGE + 89));
	assert_int_equal(lkey_at(HEAP + 2 * PAGE - 20), lkey_at(HEAP + 2 * PAGE + 79));
}

static void
a_failed_registration_of_a_pool_is_logged(void **state)
{
	log_open();
	reg_error = -ENOMEM;
	strcpy(normal.pool.name, "mine");
	assert_int_equal(mlx5x_implicit_pool(&implicit, &normal.pool), -ENOMEM);
	assert_true(log_has("fake: cannot register "));
	assert_true(log_has(" of pool 'mine': Cannot allocate memory: RLIMIT_MEMLOCK"));
	reg_error = 0;
	log_close();
}

/* Its private data is undefined then. */
static void
a_pool_of_no_mbufs_has_no_pinned_buffers(void **state)
{
	assert_true(mlx5x_implicit_is_pinned(&pinned.pool));
	assert_false(mlx5x_implicit_is_pinned(&normal.pool));
	pinned.pool.private_data_size = sizeof(pinned.private) - 1;
	assert_false(mlx5x_implicit_is_pinned(&pinned.pool));
}

/* Across the pages 2 and 3, 1 and 2, 3 and 4, 1 and 2 again, 0, and none of the heap's. */
static void
pinned_buffers_in_disorder_have_one_key_each(void **state)
{
	const uintptr_t starts[] = {
		HEAP + 3 * PAGE - 10, HEAP + 2 * PAGE - 20, HEAP + 4 * PAGE - 10, HEAP + 2 * PAGE - 90,
		HEAP + 5, 50};
	const struct mlx5x_mr_entry *entry;
	unsigned int i;

	for (i = 0; i < RTE_DIM(starts); i++)
		add_mbuf(&pinned, i, starts[i], 100);
	assert_int_equal(mlx5x_implicit_pool(&implicit, &pinned.pool), 0);
	for (i = 0; i < RTE_DIM(starts) - 1; i++) {
		entry = mlx5x_mr_find(&table, starts[i]);
		assert_non_null(entry);
		assert_true(starts[i] - entry->start + 100 <= entry->len);
	}
	assert_false(has_key(50));
}

static int
post_buffer(struct fake_pool *fake, uintptr_t start, size_t len, struct mlx5x_range *failed)
{
	const struct mlx5x_range buffer = {start, len};

	return mlx5x_implicit_buffer(&implicit, &fake->pool, &buffer, failed);
}

static void
a_buffer_gets_one_key(void **state)
{
	const struct mlx5x_mr_entry *entry;
	struct mlx5x_range failed;
	unsigned int i;

	for (i = 0; i < MBUFS; i++)
		add_mbuf(&pinned, i, HEAP + 7 * PAGE, 2500);
	assert_int_equal(post_buffer(&pinned, HEAP + 7 * PAGE - 50, 100, &failed), 0);
	entry = mlx5x_mr_find(&table, HEAP + 7 * PAGE - 50);
	assert_true(entry->len - (HEAP + 7 * PAGE - 50 - entry->start) >= 100);
	assert_int_equal(post_buffer(&normal, HEAP + 5 * PAGE, 100, &failed), 0);
	check_span(HEAP + PAGE, HEAP + PAGE / 2, 2 * PAGE);
	assert_int_equal(mbuf_walks, 0);
}

static void
a_buffer_without_a_possible_key_is_rejected(void **state)
{
	struct mlx5x_range failed;

	assert_int_equal(post_buffer(&pinned, 50, 100, &failed), -EFAULT);
	assert_int_equal(failed.start, 0);
	assert_int_equal(failed.len, HEAP);
	assert_int_equal(map(1000, 100), 0);
	assert_int_equal(map(1100, 100), 0);
	assert_int_equal(post_buffer(&pinned, 1050, 100, &failed), -EFAULT);
	assert_int_equal(failed.start, 1050);
	assert_int_equal(failed.len, 100);
	reg_error = -ENOMEM;
	assert_int_equal(post_buffer(&pinned, HEAP, 100, &failed), -ENOMEM);
	assert_int_equal(failed.start, HEAP);
	reg_error = 0;
	assert_int_equal(mbuf_walks, 0);
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, begin, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_packet_registers_its_pool),
		CASE(with_eal_it_registers_its_page),
		CASE(a_clone_registers_the_pool_of_its_data),
		CASE(an_attached_buffer_registers_its_page_only),
		CASE(a_packet_over_pages_registers_each),
		CASE(memory_outside_of_heaps_is_rejected_early),
		CASE(an_unused_page_is_rejected),
		CASE(a_failed_registration_returns_the_range),
		CASE(attempts_for_a_page_are_limited),
		CASE(the_first_failed_segment_is_returned),
		CASE(a_wrapping_length_is_rejected),
		CASE(with_none_nothing_is_registered),
		CASE(a_pool_has_each_chunk_under_one_key),
		CASE(a_pool_on_registered_memory_is_not_registered),
		CASE(a_pool_on_memory_unknown_to_eal_is_registered),
		CASE(its_first_packet_or_buffer_registers_it_too),
		CASE(its_failure_is_that_of_its_chunk),
		CASE(with_eal_memory_unknown_to_it_is_not_registered),
		CASE(pinned_buffers_in_a_row_are_one_region),
		CASE(pinned_buffers_that_fill_pages_are_one_region),
		CASE(pinned_buffers_in_disorder_have_one_key_each),
		CASE(pinned_buffers_that_a_later_region_cut_have_one_key_again),
		CASE(a_failed_registration_of_a_pool_is_logged),
		CASE(a_pool_of_no_mbufs_has_no_pinned_buffers),
		CASE(a_buffer_gets_one_key),
		CASE(a_buffer_without_a_possible_key_is_rejected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
