/* SPDX-License-Identifier: BSD-3-Clause */
/* wire_dv.c: its own part beside wire_raw.c, with mlx5dv faked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <string.h>

#include <cmocka.h>
#include <infiniband/mlx5dv.h>

#include "datapath/dp_dv.h"
#include "queue/recover.h"
#include "wire/wire_raw.h"
#include "wire/wires.h"

const struct mlx5x_datapath mlx5x_dp_dv;

static struct ibv_device device;
static struct ibv_context ctx = {.device = &device};
static struct mlx5x_port port = {.ctx = &ctx};
static struct ibv_comp_channel channel;
static const struct mlx5x_wire *const wire = &mlx5x_wire_dv;

static bool is_supported;
static int query_error, cq_error;
static const char *raw_answer;
static struct ibv_cq_ex cq_ex;
static struct ibv_cq_init_attr_ex cq_init;
static struct mlx5dv_cq_init_attr dv_init;
static uint32_t segments;

bool
mlx5dv_is_supported(struct ibv_device *of)
{
	assert_ptr_equal(of, &device);
	return is_supported;
}

int
mlx5dv_query_device(struct ibv_context *of, struct mlx5dv_context *out)
{
	assert_ptr_equal(of, &ctx);
	/* No attribute is requested that mlx5dv may not know. */
	assert_int_equal(out->comp_mask, 0);
	return query_error;
}

struct ibv_cq_ex *
mlx5dv_create_cq(struct ibv_context *of, struct ibv_cq_init_attr_ex *init,
	struct mlx5dv_cq_init_attr *dv)
{
	assert_ptr_equal(of, &ctx);
	cq_init = *init;
	dv_init = *dv;
	if (cq_error > 0)
		errno = cq_error;
	return cq_error == 0 ? &cq_ex : NULL;
}

const char *
mlx5x_wire_raw_check(const struct mlx5x_port *of)
{
	assert_ptr_equal(of, &port);
	return raw_answer;
}

int
mlx5x_wire_raw_create(struct mlx5x_pair *pair, uint32_t max_sge)
{
	segments = max_sge;
	return -EPERM;
}

void
mlx5x_wire_raw_destroy(struct mlx5x_pair *pair)
{
}

int
mlx5x_wire_raw_prepare(struct mlx5x_pair *pair, enum mlx5x_side sides)
{
	return 0;
}

int
mlx5x_wire_raw_connect(struct mlx5x_pair *pair, const struct mlx5x_remote *remote,
	enum mlx5x_side sides)
{
	return 0;
}

int
mlx5x_wire_raw_up(struct mlx5x_port *of, struct mlx5x_pair *pairs, uint16_t n)
{
	return 0;
}

void
mlx5x_wire_raw_down(struct mlx5x_port *of)
{
}

int
mlx5x_wire_raw_filter_changed(struct mlx5x_port *of)
{
	return 0;
}

int
mlx5x_wire_raw_rss_changed(struct mlx5x_port *of)
{
	return 0;
}

void
mlx5x_recover_alone(struct mlx5x_port *of, uint16_t index)
{
}

static int
set_up(void **state)
{
	is_supported = true;
	query_error = cq_error = 0;
	raw_answer = NULL;
	return 0;
}

static void
it_is_of_devices_whose_rings_are_known(void **state)
{
	assert_null(wire->check(&port));
	raw_answer = "there are no raw packet queues";
	assert_ptr_equal(wire->check(&port), raw_answer);
	query_error = EOPNOTSUPP;
	assert_non_null(strstr(wire->check(&port), "cannot query"));
	is_supported = false;
	assert_non_null(strstr(wire->check(&port), "does not support"));
}

/* Whichever MLX5_CQE_SIZE is in the environment: bursts support only this size. */
static void
completions_have_sixty_four_bytes(void **state)
{
	struct ibv_cq *cq = NULL;

	assert_int_equal(wire->create_cq(&ctx, 77, &channel, &cq), 0);
	assert_ptr_equal(cq, &cq_ex);
	assert_int_equal(cq_init.cqe, 77);
	assert_ptr_equal(cq_init.channel, &channel);
	assert_int_equal(dv_init.comp_mask, MLX5DV_CQ_INIT_ATTR_MASK_CQE_SIZE);
	assert_int_equal(dv_init.cqe_size, 64);
}

static void
a_failed_cq_is_an_errno(void **state)
{
	struct ibv_cq *cq;

	cq_error = EINVAL;
	assert_int_equal(wire->create_cq(&ctx, 1, NULL, &cq), -EINVAL);
	/* An attribute that mlx5dv does not set must not have the value of an earlier call. */
	cq_error = -1;
	errno = EXDEV;
	assert_int_equal(wire->create_cq(&ctx, 1, NULL, &cq), -ENOMEM);
}

static void
a_ring_has_room_for_packets_of_one_segment(void **state)
{
	struct mlx5x_pair pair = {0};

	assert_int_equal(wire->create(&pair), -EPERM);
	assert_int_equal(segments, 1);
}

static void
the_network_is_that_of_wire_raw(void **state)
{
	assert_string_equal(wire->name, "dv");
	assert_ptr_equal(wire->dp, &mlx5x_dp_dv);
	assert_true(wire->apart);
	assert_false(wire->cable || wire->iwarp || wire->mutual);
	assert_null(wire->reach);
	assert_ptr_equal(wire->destroy, mlx5x_wire_raw_destroy);
	assert_ptr_equal(wire->prepare, mlx5x_wire_raw_prepare);
	assert_ptr_equal(wire->connect, mlx5x_wire_raw_connect);
	assert_ptr_equal(wire->recover, mlx5x_recover_alone);
	assert_ptr_equal(wire->up, mlx5x_wire_raw_up);
	assert_ptr_equal(wire->down, mlx5x_wire_raw_down);
	assert_ptr_equal(wire->filter_changed, mlx5x_wire_raw_filter_changed);
	assert_ptr_equal(wire->rss_changed, mlx5x_wire_raw_rss_changed);
}

#define CASE(name) cmocka_unit_test_setup(name, set_up)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(it_is_of_devices_whose_rings_are_known),
		CASE(completions_have_sixty_four_bytes),
		CASE(a_failed_cq_is_an_errno),
		CASE(a_ring_has_room_for_packets_of_one_segment),
		CASE(the_network_is_that_of_wire_raw),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
