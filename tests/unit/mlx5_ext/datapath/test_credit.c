/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rte_common.h>

#include "credit_fixture.h"

/* The receiver posts up to pi, and a sender connects. */
static uint32_t
connect_at(uint32_t size, uint32_t pi)
{
	mlx5x_grants_reset(&grants, size);
	assert_int_equal(mlx5x_grants_give(&grants, pi, 0), 0);
	assert_int_equal(nb_posted, 0);
	grants.qp = &qp;
	grants.addr = UINT64_C(0x1122334455667788);
	grants.rkey = 0x99aabbcc;
	return mlx5x_grants_connect(&grants);
}

static void
the_word_is_a_count_and_its_check(void **state)
{
	const uint8_t wanted[] = {0x01, 0x02, 0x03, 0x04, 0xfe, 0xfd, 0xfc, 0xfb};

	mlx5x_credits_start(&credits, 7, 0x01020304);
	assert_int_equal(sizeof(word), sizeof(wanted));
	assert_memory_equal(&word, wanted, sizeof(wanted));
	mlx5x_credits_refresh(&credits);
	assert_int_equal(credits.limit, 7 + 0x01020304);
}

static void
no_more_than_granted_are_left(void **state)
{
	mlx5x_credits_start(&credits, UINT32_MAX - 1, 5);
	assert_int_equal(mlx5x_credits_left(&credits, UINT32_MAX - 1, 0), 0);
	assert_int_equal(mlx5x_credits_left(&credits, UINT32_MAX - 1, 4), 4);
	assert_int_equal(mlx5x_credits_left(&credits, UINT32_MAX - 1, 32), 5);
	assert_int_equal(mlx5x_credits_left(&credits, 1, 32), 2);
	assert_int_equal(mlx5x_credits_left(&credits, 3, 32), 0);
	word.granted = rte_cpu_to_be_32(6);
	assert_int_equal(mlx5x_credits_left(&credits, 3, 32), 0);
	word.check = ~word.granted;
	assert_int_equal(mlx5x_credits_left(&credits, 3, 32), 1);
}

static void
reset_forgets_all_but_the_cq(void **state)
{
	uint32_t size;

	for (size = 1; size <= 1024; size *= 2) {
		memset(&grants, 0x55, sizeof(grants));
		grants.cq = &cq;
		mlx5x_grants_reset(&grants, size);
		assert_int_equal(grants.posted, 0);
		assert_int_equal(grants.granted, 0);
		assert_uint_in_range(grants.step, 1, size);
		assert_false(grants.connected);
		assert_null(grants.qp);
		assert_ptr_equal(grants.cq, &cq);
	}
}

static void
a_connected_sender_may_use_posted_buffers(void **state)
{
	assert_int_equal(connect_at(64, 40), 40);
	assert_int_equal(mlx5x_grants_give(&grants, 40, 0), 0);
	assert_int_equal(nb_posted, 0);
}

static void
a_count_is_written_to_the_sender_s_address(void **state)
{
	connect_at(64, 64);
	assert_int_equal(mlx5x_grants_give(&grants, 128, 64), 0);
	assert_int_equal(nb_posted, 1);
	assert_int_equal(rte_be_to_cpu_32(counts[0].granted), 128);
	assert_int_equal(counts[0].check, (rte_be32_t)~counts[0].granted);
	assert_int_equal(last_wr.opcode, IBV_WR_RDMA_WRITE);
	assert_int_equal(last_wr.send_flags, IBV_SEND_SIGNALED | IBV_SEND_INLINE);
	assert_true(last_wr.wr.rdma.remote_addr == UINT64_C(0x1122334455667788));
	assert_int_equal(last_wr.wr.rdma.rkey, 0x99aabbcc);
	assert_null(last_wr.next);
	assert_int_equal(grants.granted, 128);
}

/* A message per buffer would cost more than the frames. */
static void
counts_are_batched(void **state)
{
	uint32_t n;

	connect_at(64, 64);
	for (n = 1; nb_posted == 0; n++)
		assert_int_equal(mlx5x_grants_give(&grants, 64 + n, n), 0);
	assert_int_equal(n - 1, 64 / 4);
	assert_int_equal(mlx5x_grants_give(&grants, 64 + n - 1, n), 0);
	assert_int_equal(nb_posted, 1);
}

/* Few buffers: the sender gets a message when it has used half of them, and does not stop. */
static void
few_credits_are_updated_more_often(void **state)
{
	connect_at(64, 8);
	assert_int_equal(mlx5x_grants_give(&grants, 11, 3), 0);
	assert_int_equal(nb_posted, 0);
	assert_int_equal(mlx5x_grants_give(&grants, 12, 4), 0);
	assert_int_equal(nb_posted, 1);
	assert_int_equal(rte_be_to_cpu_32(counts[0].granted), 12);
}

static void
without_credits_each_buffer_is_announced(void **state)
{
	connect_at(64, 8);
	assert_int_equal(mlx5x_grants_give(&grants, 8, 8), 0);
	assert_int_equal(nb_posted, 0);
	assert_int_equal(mlx5x_grants_give(&grants, 9, 8), 0);
	assert_int_equal(nb_posted, 1);
	assert_int_equal(rte_be_to_cpu_32(counts[0].granted), 9);
}

/* A positive errno, as documented, or a negative one, as libsiw returns. */
static void
without_credit_it_waits(void **state)
{
	static const int errors[] = {ENOMEM, -ENOMEM};
	unsigned int i;

	for (i = 0; i < RTE_DIM(errors); i++) {
		set_up(NULL);
		connect_at(64, 64);
		post_error = errors[i];
		assert_int_equal(mlx5x_grants_give(&grants, 128, 64), 0);
		assert_int_equal(grants.granted, 64);
		post_error = 0;
		assert_int_equal(mlx5x_grants_give(&grants, 130, 66), 0);
		assert_int_equal(nb_posted, 1);
		assert_int_equal(rte_be_to_cpu_32(counts[0].granted), 130);
	}
}

static void
an_error_of_the_connection_is_returned(void **state)
{
	connect_at(64, 64);
	post_error = EINVAL;
	assert_int_equal(mlx5x_grants_give(&grants, 128, 64), -EINVAL);
	post_error = -ENOTCONN;
	assert_int_equal(mlx5x_grants_give(&grants, 128, 64), -ENOTCONN);
	assert_int_equal(grants.granted, 64);
	post_error = 0;
	poll_error = -1;
	assert_int_equal(mlx5x_grants_give(&grants, 128, 64), -EIO);
	assert_int_equal(nb_posted, 0);
	poll_error = 0;
	assert_int_equal(mlx5x_grants_give(&grants, 128, 64), 0);
	write_counts(sizeof(word), &word);
	nb_lagging = 0;
	status = IBV_WC_WR_FLUSH_ERR;
	assert_int_equal(mlx5x_grants_give(&grants, 192, 128), -EIO);
}

/*
 * A word across two pages, neither of which is readable: each read of one faults, and before the
 * handler continues the device writes some bytes. The counts have four equal bytes, so that a torn
 * read is detected.
 */
static uint8_t *pages;
static size_t page;

static void
protect(int first, int second)
{
	mprotect(pages, page, first);
	mprotect(pages + page, page, second);
}

static void
get_on(int signal, siginfo_t *info, void *context)
{
	bool first = (uint8_t *)info->si_addr < pages + page;

	protect(PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE);
	write_counts(some(2) != 0 ? some(12) : 0, credits.word);
	protect(first ? PROT_READ : PROT_NONE, first ? PROT_NONE : PROT_READ);
}

static uint32_t
count_of(unsigned int message)
{
	return message % 256 * 0x01010101u;
}

static void
post_count(uint32_t count)
{
	rte_be32_t be = rte_cpu_to_be_32(count);

	counts[nb_posted++ % MLX5X_GRANTS] = (struct mlx5x_credit_word){.granted = be, .check = ~be};
}

static void
a_partly_written_count_is_ignored(void **state)
{
	const struct sigaction ours = {.sa_sigaction = get_on, .sa_flags = SA_SIGINFO};
	struct sigaction before;
	uint32_t last = 0, nb_taken = 0, n;

	page = sysconf(_SC_PAGESIZE);
	pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(pages, MAP_FAILED);
	credits.word = (void *)(pages + page - offsetof(struct mlx5x_credit_word, check));
	mlx5x_credits_start(&credits, 0, 0);
	srandom(3);
	sigaction(SIGSEGV, &ours, &before);
	for (n = 0; n < 5000; n++) {
		while (nb_posted - nb_written < 4)
			post_count(count_of(nb_posted));
		protect(PROT_NONE, PROT_NONE);
		mlx5x_credits_refresh(&credits);
		if (credits.limit != last && credits.limit != count_of(nb_written - 1))
			break;
		nb_taken += credits.limit != last;
		last = credits.limit;
	}
	sigaction(SIGSEGV, &before, NULL);
	assert_int_equal(n, 5000);
	assert_uint_in_range(nb_taken, 100, 5000);
	munmap(pages, 2 * page);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_word_is_a_count_and_its_check, set_up),
		cmocka_unit_test_setup(no_more_than_granted_are_left, set_up),
		cmocka_unit_test_setup(reset_forgets_all_but_the_cq, set_up),
		cmocka_unit_test_setup(a_connected_sender_may_use_posted_buffers, set_up),
		cmocka_unit_test_setup(a_count_is_written_to_the_sender_s_address, set_up),
		cmocka_unit_test_setup(counts_are_batched, set_up),
		cmocka_unit_test_setup(few_credits_are_updated_more_often, set_up),
		cmocka_unit_test_setup(without_credits_each_buffer_is_announced, set_up),
		cmocka_unit_test_setup(without_credit_it_waits, set_up),
		cmocka_unit_test_setup(an_error_of_the_connection_is_returned, set_up),
		cmocka_unit_test_setup(a_partly_written_count_is_ignored, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
