/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * No function of libibverbs and libmlx5 ends a program that calls it with a device of the model, each
 * in a process of its own: what is not modelled refuses, and says so once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <infiniband/mlx5dv.h>

#include "hca_symbols.h"
#include "rig.h"

enum form { POINTER, ERROR, MINUS, NOTHING };

#define SYMBOL(form, name) {#name, form},

static const struct {
	const char *name;
	enum form form;
} refused[] = {HCA_SYMBOLS(SYMBOL)};

/* As many as any of them has, all of them objects of ours. */
typedef long (*function)(void *, void *, void *, void *, void *, void *);

/* Their types are others, which UBSan tells of since clang 17. */
#ifdef __clang__
#define ANY_TYPE __attribute__((no_sanitize("function")))
#else
#define ANY_TYPE
#endif

static bool
is_refusal(enum form form, long result)
{
	if (errno != EOPNOTSUPP)
		return false;
	switch (form) {
	case POINTER:
		return result == 0;
	case ERROR:
		return (int)result == EOPNOTSUPP;
	case MINUS:
		return (int)result == -1;
	default:
		return true;
	}
}

/* In a child: exit status 0 if each of the calls is refused. */
ANY_TYPE
static int
call_refused(struct rig *rig, size_t i)
{
	void *objects[] = {rig->ctx, rig->pd, rig->qp, rig->send_cq, rig->mr, rig->ctx->device};
	function call;
	void *symbol = dlsym(RTLD_DEFAULT, refused[i].name);
	size_t j;
	long result;

	if (symbol == NULL)
		return 2;
	memcpy(&call, &symbol, sizeof(call));
	for (j = 0; j < sizeof(objects) / sizeof(objects[0]); j++) {
		errno = 0;
		result = call(objects[j], rig->pd, rig->qp, rig->send_cq, rig->mr, rig->mem);
		if (!is_refusal(refused[i].form, result))
			return 1;
	}
	return 0;
}

/* What a child that makes the call writes to stderr, and its status as of waitpid(). */
static int
run(struct rig *rig, int (*call)(struct rig *rig, size_t i), size_t i, char *text, size_t size)
{
	int fds[2], status;
	size_t used = 0;
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(fds[1], STDERR_FILENO);
		close(fds[0]);
		close(fds[1]);
		_exit(call(rig, i));
	}
	close(fds[1]);
	while ((n = read(fds[0], text + used, size - 1 - used)) > 0)
		used += n;
	text[used] = '\0';
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void
what_is_not_modelled_refuses_and_says_so_once(void **state)
{
	char text[4096], wanted[128];
	int failed = 0, status;
	size_t i;

	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		status = run(*state, call_refused, i, text, sizeof(text));
		snprintf(wanted, sizeof(wanted), "softhca: %s() is not modelled\n", refused[i].name);
		if (status == 0 && strcmp(text, wanted) == 0)
			continue;
		print_error("%s: status %#x, \"%s\"\n", refused[i].name, status, text);
		failed++;
	}
	assert_int_equal(failed, 0);
}

static void
query(struct rig *rig)
{
	struct ibv_device_attr attr;
	struct ibv_device_attr_ex attr_ex;
	struct ibv_port_attr port;
	struct ibv_gid_entry entries[2];
	struct ibv_values_ex values = {.comp_mask = IBV_VALUES_MASK_RAW_CLOCK};
	struct mlx5dv_context dv = {.comp_mask = UINT64_MAX};
	union ibv_gid gid;
	__be16 pkey;

	ibv_query_device(rig->ctx, &attr);
	ibv_query_device_ex(rig->ctx, NULL, &attr_ex);
	ibv_query_port(rig->ctx, 1, &port);
	ibv_query_gid(rig->ctx, 1, 0, &gid);
	ibv_query_gid_ex(rig->ctx, 1, 0, entries, 0);
	ibv_query_gid_table(rig->ctx, entries, 2, 0);
	ibv_query_pkey(rig->ctx, 1, 0, &pkey);
	ibv_get_pkey_index(rig->ctx, 1, pkey);
	ibv_query_rt_values_ex(rig->ctx, &values);
	ibv_get_device_guid(rig->ctx->device);
	ibv_get_device_name(rig->ctx->device);
	ibv_get_device_index(rig->ctx->device);
	mlx5dv_is_supported(rig->ctx->device);
	mlx5dv_query_device(rig->ctx, &dv);
}

static void
allocate(struct rig *rig)
{
	struct ibv_cq_init_attr_ex cq = {.cqe = 1};
	struct ibv_td_init_attr td = {0};
	struct ibv_parent_domain_init_attr domain = {.pd = rig->pd};
	struct ibv_alloc_dm_attr dm = {.length = 64};
	struct ibv_counters_init_attr counters = {0};
	struct ibv_xrcd_init_attr xrcd = {0};
	struct ibv_srq_init_attr_ex srq = {.comp_mask = IBV_SRQ_INIT_ATTR_PD, .pd = rig->pd};
	struct ibv_flow_action_esp_attr esp = {0};
	struct ibv_ah_attr ah = {0};
	struct ibv_wc wc = {0};
	struct ibv_sge sge = {(uintptr_t)rig->mem, 1, rig->mr->lkey};
	struct ibv_modify_cq_attr moderate = {0};

	ibv_create_cq_ex(rig->ctx, &cq);
	ibv_alloc_td(rig->ctx, &td);
	ibv_alloc_parent_domain(rig->ctx, &domain);
	ibv_alloc_dm(rig->ctx, &dm);
	ibv_alloc_mw(rig->pd, IBV_MW_TYPE_2);
	ibv_alloc_null_mr(rig->pd);
	ibv_create_counters(rig->ctx, &counters);
	ibv_open_xrcd(rig->ctx, &xrcd);
	ibv_create_srq_ex(rig->ctx, &srq);
	ibv_create_flow_action_esp(rig->ctx, &esp);
	ibv_create_ah(rig->pd, &ah);
	ibv_create_ah_from_wc(rig->pd, &wc, NULL, 1);
	ibv_advise_mr(rig->pd, IBV_ADVISE_MR_ADVICE_PREFETCH, 0, &sge, 1);
	ibv_modify_cq(rig->send_cq, &moderate);
}

/* Extended objects that ours are taken for. */
static void
extend(struct rig *rig)
{
	struct ibv_cq_init_attr_ex init = {.cqe = 1};
	struct mlx5dv_cq_init_attr more = {0};
	struct ibv_cq_ex *cq = mlx5dv_create_cq(rig->ctx, &init, &more);
	struct ibv_poll_cq_attr attr = {0};

	ibv_start_poll(cq, &attr);
	ibv_qp_to_qp_ex(rig->qp);
	ibv_query_qp_data_in_order(rig->qp, IBV_WR_SEND, 0);
}

static void (*const groups[])(struct rig *rig) = {query, allocate, extend};

static int
call_group(struct rig *rig, size_t i)
{
	groups[i](rig);
	return 0;
}

static void
what_headers_have_inline_does_not_crash(void **state)
{
	char text[4096];
	size_t i;

	for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		assert_int_equal(run(*state, call_group, i, text, sizeof(text)), 0);
}

static void
a_port_has_two_gids_and_a_key(void **state)
{
	struct rig *rig = *state;
	struct ibv_gid_entry entries[4];
	struct ibv_port_attr port;
	union ibv_gid gid, none = {{0}};
	__be16 pkey;

	assert_int_equal(ibv_query_port(rig->ctx, 1, &port), 0);
	assert_int_equal(ibv_query_gid_table(rig->ctx, entries, 4, 0), 2);
	assert_int_equal(port.gid_tbl_len, 256);
	assert_int_equal(entries[0].gid_type, IBV_GID_TYPE_ROCE_V1);
	assert_int_equal(entries[1].gid_type, IBV_GID_TYPE_ROCE_V2);
	assert_int_equal(ibv_query_gid(rig->ctx, 1, 1, &gid), 0);
	assert_memory_equal(&gid, &entries[1].gid, sizeof(gid));
	assert_int_equal(ibv_query_gid_ex(rig->ctx, 1, 2, entries, 0), ENODATA);
	assert_int_equal(ibv_query_gid_ex(rig->ctx, 1, 256, entries, 0), EINVAL);
	/* As ever, an empty entry is an address of zeros, of the first type. */
	assert_int_equal(ibv_query_gid(rig->ctx, 1, 255, &gid), 0);
	assert_memory_equal(&gid, &none, sizeof(gid));
	assert_int_equal(ibv_query_gid(rig->ctx, 1, 256, &gid), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(ibv_query_pkey(rig->ctx, 1, 0, &pkey), 0);
	assert_int_equal(ibv_get_pkey_index(rig->ctx, 1, pkey), 0);
	assert_int_equal(ibv_query_pkey(rig->ctx, 1, port.pkey_tbl_len, &pkey), -1);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)
	const struct CMUnitTest tests[] = {
		CASE(what_is_not_modelled_refuses_and_says_so_once),
		CASE(what_headers_have_inline_does_not_crash),
		CASE(a_port_has_two_gids_and_a_key),
	};

	rig_environment(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
