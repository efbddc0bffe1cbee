/* SPDX-License-Identifier: BSD-3-Clause */
/* verbs.c: three styles of errors in, one out; destruction and clean-up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/verbs.h"
#include "fake_ibverbs.h"

/* From an earlier call, unrelated to the failing verb. */
#define STALE EXDEV

static int pipe_fds[2];

static int
set_up(void **state)
{
	fake_ibverbs_reset();
	if (pipe(pipe_fds) != 0)
		return -1;
	verbs.context.async_fd = pipe_fds[0];
	errno = STALE;
	return 0;
}

static int
tear_down(void **state)
{
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	return 0;
}

static bool
is_nonblocking(int fd)
{
	return (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0;
}

/* Each verb that creates an object, and the one that destroys it. */
static int
open_it(void **out)
{
	return mlx5x_verbs_open("rxe0", (struct ibv_context **)out);
}

static void
close_it(void *it)
{
	mlx5x_verbs_close(it);
}

static int
alloc_pd(void **out)
{
	return mlx5x_verbs_alloc_pd(&verbs.context, (struct ibv_pd **)out);
}

static void
dealloc_pd(void *it)
{
	mlx5x_verbs_dealloc_pd(it);
}

static int
reg_mr(void **out)
{
	return mlx5x_verbs_reg_mr(&object.pd, pipe_fds, 8, true, (struct ibv_mr **)out);
}

static int
reg_word(void **out)
{
	return mlx5x_verbs_reg_word(&object.pd, pipe_fds, sizeof(pipe_fds), (struct ibv_mr **)out);
}

static void
dereg_mr(void *it)
{
	assert_int_equal(mlx5x_verbs_dereg_mr(it), 0);
}

static int
create_channel(void **out)
{
	object.channel.fd = pipe_fds[0];
	return mlx5x_verbs_create_channel(&verbs.context, (struct ibv_comp_channel **)out);
}

static void
destroy_channel(void *it)
{
	mlx5x_verbs_destroy_channel(it);
}

static int
create_cq(void **out)
{
	return mlx5x_verbs_create_cq(&verbs.context, 100, &object.channel, (struct ibv_cq **)out);
}

static void
destroy_cq(void *it)
{
	mlx5x_verbs_destroy_cq(it);
}

static int
create_qp(void **out)
{
	struct ibv_qp_init_attr init = {0};

	return mlx5x_verbs_create_qp(&object.pd, &init, (struct ibv_qp **)out);
}

static void
destroy_qp(void *it)
{
	mlx5x_verbs_destroy_qp(it);
}

static int
make_wq(void **out)
{
	struct ibv_wq_init_attr init = {0};

	return mlx5x_verbs_create_wq(&verbs.context, &init, (struct ibv_wq **)out);
}

static void
end_wq(void *it)
{
	mlx5x_verbs_destroy_wq(it);
}

static struct ibv_wq *wqs[4];

static int
make_reta(void **out)
{
	return mlx5x_verbs_create_reta(&verbs.context, wqs, 2, (struct ibv_rwq_ind_table **)out);
}

static void
end_reta(void *it)
{
	mlx5x_verbs_destroy_reta(it);
}

static uint8_t hash_key[40];
static const struct ibv_rx_hash_conf hash = {
	.rx_hash_function = IBV_RX_HASH_FUNC_TOEPLITZ, .rx_hash_key_len = sizeof(hash_key),
	.rx_hash_key = hash_key, .rx_hash_fields_mask = IBV_RX_HASH_SRC_IPV4};

static int
create_hash_qp(void **out)
{
	return mlx5x_verbs_create_hash_qp(&object.pd, &object.reta, &hash, (struct ibv_qp **)out);
}

static struct ibv_flow_attr rule;

static int
make_flow(void **out)
{
	return mlx5x_verbs_create_flow(&object.qp, &rule, (struct ibv_flow **)out);
}

static void
end_flow(void *it)
{
	mlx5x_verbs_destroy_flow(it);
}

/* fallback: if libibverbs or the provider sets no errno. */
static const struct {
	int (*make)(void **out);
	const char *maker;
	int fallback;
	void (*end)(void *it);
	const char *ender;
} kinds[] = {
	{open_it, "ibv_open_device", -EIO, close_it, "ibv_close_device"},
	{alloc_pd, "ibv_alloc_pd", -ENOMEM, dealloc_pd, "ibv_dealloc_pd"},
	{reg_mr, "ibv_reg_mr_iova2", -ENOMEM, dereg_mr, "ibv_dereg_mr"},
	{reg_word, "ibv_reg_mr", -ENOMEM, dereg_mr, "ibv_dereg_mr"},
	{create_channel, "ibv_create_comp_channel", -ENOMEM, destroy_channel,
		"ibv_destroy_comp_channel"},
	{create_cq, "ibv_create_cq", -ENOMEM, destroy_cq, "ibv_destroy_cq"},
	{create_qp, "ibv_create_qp", -ENOMEM, destroy_qp, "ibv_destroy_qp"},
	{make_wq, "create_wq", -ENOMEM, end_wq, "destroy_wq"},
	{make_reta, "create_reta", -ENOMEM, end_reta, "destroy_reta"},
	{create_hash_qp, "create_qp_ex", -ENOMEM, destroy_qp, "ibv_destroy_qp"},
	{make_flow, "create_flow", -ENOMEM, end_flow, "destroy_flow"},
};

static void
created_objects_are_destroyed(void **state)
{
	unsigned int i;
	void *it;

	for (i = 0; i < RTE_DIM(kinds); i++) {
		made = ended = 0;
		assert_int_equal(kinds[i].make(&it), 0);
		assert_int_equal(made, 1);
		assert_string_equal(made_by, kinds[i].maker);
		kinds[i].end(it);
		assert_int_equal(ended, 1);
		assert_string_equal(ended_by, kinds[i].ender);
	}
}

static void
errno_of_a_verb_is_returned_negative(void **state)
{
	unsigned int i;
	void *it;

	make_error = EPERM;
	for (i = 0; i < RTE_DIM(kinds); i++) {
		it = &object;
		assert_int_equal(kinds[i].make(&it), -EPERM);
		assert_null(it);
	}
	assert_int_equal(ended, 0);
}

/* Never 0 for NULL, and never an errno of another call. */
static void
a_failure_without_an_errno_is_a_failure(void **state)
{
	unsigned int i;
	void *it;

	make_error = NO_ERRNO;
	for (i = 0; i < RTE_DIM(kinds); i++) {
		errno = STALE;
		assert_int_equal(kinds[i].make(&it), kinds[i].fallback);
	}
}

static void
nothing_can_be_ended(void **state)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(kinds); i++)
		kinds[i].end(NULL);
	assert_int_equal(ended, 0);
}

/* A positive value could be mistaken for a success; so the result is always 0 or negative. */
static void
a_positive_errno_is_returned_negative(void **state)
{
	struct ibv_qp_attr rts = {.qp_state = IBV_QPS_RTS};

	assert_int_equal(mlx5x_verbs_modify_qp(&object.qp, &rts, IBV_QP_STATE | IBV_QP_PORT), 0);
	assert_int_equal(modified_mask, IBV_QP_STATE | IBV_QP_PORT);
	assert_int_equal(mlx5x_verbs_modify_wq(&object.wq, IBV_WQS_RDY), 0);
	assert_int_equal(wq_attr.wq_state, IBV_WQS_RDY);
	assert_int_equal(wq_attr.attr_mask, IBV_WQ_ATTR_STATE);
	assert_int_equal(mlx5x_verbs_arm_cq(&object.cq), 0);
	/* Each completion raises an event, not only one that the sender requested. */
	assert_int_equal(solicited, 0);
	answer = EINVAL;
	assert_int_equal(mlx5x_verbs_modify_qp(&object.qp, &rts, IBV_QP_STATE), -EINVAL);
	assert_int_equal(mlx5x_verbs_modify_wq(&object.wq, IBV_WQS_RDY), -EINVAL);
	assert_int_equal(mlx5x_verbs_arm_cq(&object.cq), -EINVAL);
	assert_int_equal(mlx5x_verbs_dereg_mr(&object.mr), -EINVAL);
}

static void
a_device_is_opened_by_its_name(void **state)
{
	struct ibv_context *ctx = NULL;

	assert_int_equal(mlx5x_verbs_open("rxe0", &ctx), 0);
	assert_ptr_equal(ctx, &verbs.context);
	assert_ptr_equal(opened, &devices[1]);
	assert_true(is_nonblocking(pipe_fds[0]));
	assert_int_equal(mlx5x_verbs_open("rxe1", &ctx), 0);
	assert_ptr_equal(opened, &devices[0]);
	assert_int_equal(lists, 0);
}

static void
an_unknown_device_is_enodev(void **state)
{
	struct ibv_context *ctx;

	assert_int_equal(mlx5x_verbs_open("rxe", &ctx), -ENODEV);
	assert_int_equal(mlx5x_verbs_open("rxe00", &ctx), -ENODEV);
	nb_devices = 1;
	assert_int_equal(mlx5x_verbs_open("rxe0", &ctx), -ENODEV);
	nb_devices = 0;
	assert_int_equal(mlx5x_verbs_open("rxe1", &ctx), -ENODEV);
	assert_null(opened);
	assert_int_equal(lists, 0);
	list_error = ENOSYS;
	assert_int_equal(mlx5x_verbs_open("rxe0", &ctx), -ENOSYS);
	list_error = NO_ERRNO;
	errno = STALE;
	assert_int_equal(mlx5x_verbs_open("rxe0", &ctx), -ENODEV);
}

static void
a_failed_open_frees_the_list(void **state)
{
	struct ibv_context *ctx;

	make_error = EPERM;
	assert_int_equal(mlx5x_verbs_open("rxe0", &ctx), -EPERM);
	assert_int_equal(lists, 0);
	assert_int_equal(ended, 0);
}

/* A descriptor that would block the interrupt thread is closed again. */
static void
a_blocking_descriptor_is_closed(void **state)
{
	struct ibv_comp_channel *channel;
	struct ibv_context *ctx;

	verbs.context.async_fd = -1;
	assert_int_equal(mlx5x_verbs_open("rxe0", &ctx), -EBADF);
	assert_null(ctx);
	assert_string_equal(ended_by, "ibv_close_device");
	object.channel.fd = -1;
	assert_int_equal(mlx5x_verbs_create_channel(&verbs.context, &channel), -EBADF);
	assert_null(channel);
	assert_string_equal(ended_by, "ibv_destroy_comp_channel");
	assert_int_equal(ended, 2);
	object.channel.fd = pipe_fds[1];
	assert_int_equal(mlx5x_verbs_create_channel(&verbs.context, &channel), 0);
	assert_true(is_nonblocking(pipe_fds[1]));
	assert_int_equal(ended, 2);
}

static void
a_device_is_gone_after_eio(void **state)
{
	assert_false(mlx5x_verbs_is_gone(&verbs.context));
	answer = EPERM;
	assert_false(mlx5x_verbs_is_gone(&verbs.context));
	answer = EIO;
	assert_true(mlx5x_verbs_is_gone(&verbs.context));
}

static void
an_event_is_acknowledged(void **state)
{
	enum ibv_event_type type;

	assert_int_equal(mlx5x_verbs_next_event(&verbs.context, &type), 0);
	assert_int_equal(type, IBV_EVENT_PORT_ERR);
	assert_int_equal(acked, 1);
	event_error = EIO;
	assert_int_equal(mlx5x_verbs_next_event(&verbs.context, &type), -EIO);
	event_error = NO_ERRNO;
	errno = STALE;
	assert_int_equal(mlx5x_verbs_next_event(&verbs.context, &type), -EAGAIN);
	assert_int_equal(acked, 1);
}

static void
all_events_of_a_channel_are_acknowledged(void **state)
{
	nb_cq_events = 3;
	mlx5x_verbs_drop_cq_events(&object.channel);
	assert_int_equal(acked_cq_events, 3);
}

static void
memory_is_for_the_device_and_words_for_the_other_end(void **state)
{
	struct ibv_mr *mr;

	assert_int_equal(mlx5x_verbs_reg_mr(&object.pd, &rule, 3, true, &mr), 0);
	assert_true(registered.addr == &rule && registered.len == 3);
	assert_int_equal(registered.access, IBV_ACCESS_LOCAL_WRITE);
	assert_int_equal(mlx5x_verbs_reg_mr(&object.pd, &rule, 2, false, &mr), 0);
	assert_int_equal(registered.access, 0);
	assert_int_equal(mlx5x_verbs_reg_word(&object.pd, &rule, 8, &mr), 0);
	assert_true(registered.addr == &rule && registered.len == 8);
	assert_int_equal(registered.access, IBV_ACCESS_LOCAL_WRITE | IBV_ACCESS_REMOTE_WRITE);
}

/* More than are queried in one call, and a hole. */
#define PAGES 600

static int
registering(uint8_t *addr, size_t len)
{
	struct ibv_mr *mr;

	return mlx5x_verbs_reg_mr(&object.pd, addr, len, true, &mr);
}

static void
missing_memory_is_efault_for_any_errno(void **state)
{
	size_t page = sysconf(_SC_PAGESIZE);
	uint8_t *area = mmap(NULL, PAGES * page, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0), *hole = area + (PAGES - 1) * page;

	assert_true(area != MAP_FAILED);
	make_error = ENOMEM;
	assert_int_equal(registering(area, PAGES * page), -ENOMEM);
	assert_int_equal(munmap(hole, page), 0);
	assert_int_equal(registering(area, PAGES * page), -EFAULT);
	assert_int_equal(registering(hole - 1, 2), -EFAULT);
	assert_int_equal(registering(hole + 5, 1), -EFAULT);
	assert_int_equal(registering(area, (PAGES - 1) * page), -ENOMEM);
	assert_int_equal(registering(area + 5, (PAGES - 1) * page - 5), -ENOMEM);
	assert_int_equal(registering(hole - 1, 1), -ENOMEM);
	make_error = EFAULT;
	assert_int_equal(registering(area, page), -EFAULT);
	make_error = EINVAL;
	assert_int_equal(registering(hole, page), -EFAULT);
	assert_int_equal(registering(area, page), -EINVAL);
	make_error = EAGAIN; /* of madvise(), at vm.max_map_count */
	assert_int_equal(registering(area, page), -ENOMEM);
}

static void
a_cq_has_its_entries_and_channel(void **state)
{
	struct ibv_cq *cq;

	assert_int_equal(mlx5x_verbs_create_cq(&verbs.context, 77, &object.channel, &cq), 0);
	assert_int_equal(cq_entries, 77);
	assert_ptr_equal(cq_channel, &object.channel);
	assert_int_equal(mlx5x_verbs_create_cq(&verbs.context, 1, NULL, &cq), 0);
	assert_null(cq_channel);
}

static void
frames_are_spread_as_requested(void **state)
{
	void *it;

	assert_int_equal(make_reta(&it), 0);
	assert_int_equal(reta_init.log_ind_tbl_size, 2);
	assert_ptr_equal(reta_init.ind_tbl, wqs);
	assert_int_equal(create_hash_qp(&it), 0);
	assert_int_equal(qp_init.qp_type, IBV_QPT_RAW_PACKET);
	assert_int_equal(qp_init.comp_mask, IBV_QP_INIT_ATTR_PD | IBV_QP_INIT_ATTR_IND_TABLE |
		IBV_QP_INIT_ATTR_RX_HASH);
	assert_ptr_equal(qp_init.pd, &object.pd);
	assert_ptr_equal(qp_init.rwq_ind_tbl, &object.reta);
	assert_memory_equal(&qp_init.rx_hash_conf, &hash, sizeof(hash));
	assert_int_equal(make_flow(&it), 0);
	assert_ptr_equal(flow_attr, &rule);
}

static void
libibverbs_frees_without_the_device(void **state)
{
	unsetenv("RDMAV_ALLOW_DISASSOC_DESTROY");
	mlx5x_verbs_init();
	assert_string_equal(getenv("RDMAV_ALLOW_DISASSOC_DESTROY"), "1");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(created_objects_are_destroyed),
		CASE(errno_of_a_verb_is_returned_negative),
		CASE(a_failure_without_an_errno_is_a_failure),
		CASE(nothing_can_be_ended),
		CASE(a_positive_errno_is_returned_negative),
		CASE(a_device_is_opened_by_its_name),
		CASE(an_unknown_device_is_enodev),
		CASE(a_failed_open_frees_the_list),
		CASE(a_blocking_descriptor_is_closed),
		CASE(a_device_is_gone_after_eio),
		CASE(an_event_is_acknowledged),
		CASE(all_events_of_a_channel_are_acknowledged),
		CASE(memory_is_for_the_device_and_words_for_the_other_end),
		CASE(missing_memory_is_efault_for_any_errno),
		CASE(a_cq_has_its_entries_and_channel),
		CASE(frames_are_spread_as_requested),
		CASE(libibverbs_frees_without_the_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
