/* SPDX-License-Identifier: BSD-3-Clause */
/* verbs.c: the registration of a dma-buf. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/verbs.h"
#include "fake_ibverbs.h"

#define FD 7
#define OFFSET 0x3000
#define ADDR 0x5000
#define LEN 100

static int
set_up(void **state)
{
	fake_ibverbs_reset();
	errno = EXDEV;	/* of an earlier call */
	return 0;
}

static int
registering_for(bool writes, struct ibv_mr **mr)
{
	return mlx5x_verbs_reg_dmabuf_mr(&object.pd, FD, OFFSET, (void *)ADDR, LEN, writes,
		mr);
}

static int
registering(struct ibv_mr **mr)
{
	return registering_for(true, mr);
}

static void
the_device_finds_it_at_the_address(void **state)
{
	struct ibv_mr *mr = NULL;

	assert_int_equal(registering(&mr), 0);
	assert_ptr_equal(mr, &object);
	assert_string_equal(made_by, "ibv_reg_dmabuf_mr");
	assert_int_equal(registered.fd, FD);
	assert_int_equal(registered.offset, OFFSET);
	assert_ptr_equal(registered.addr, (void *)ADDR);
	assert_int_equal(registered.len, LEN);
	/* As of memory of the process. */
	assert_int_equal(registered.access, IBV_ACCESS_LOCAL_WRITE);
	assert_int_equal(registering_for(false, &mr), 0);
	assert_int_equal(registered.access, 0);
	assert_int_equal(mlx5x_verbs_dereg_mr(mr), 0);
	assert_string_equal(ended_by, "ibv_dereg_mr");
}

static void
errors_are_those_of_the_kernel(void **state)
{
	static const struct {
		int made, returned;
	} errors[] = {
		{EBADF, -EBADF}, {EINVAL, -EINVAL}, {ENOMEM, -ENOMEM}, {EOPNOTSUPP, -ENOTSUP},
		{EPROTONOSUPPORT, -ENOTSUP},
		{524, -ENOTSUP},	/* the kernel's ENOTSUPP, which libc has no name for */
		{NO_ERRNO, -ENOMEM},
	};
	struct ibv_mr *mr;
	unsigned int i;

	for (i = 0; i < RTE_DIM(errors); i++) {
		make_error = errors[i].made;
		errno = EXDEV;
		assert_int_equal(registering(&mr), errors[i].returned);
		assert_null(mr);
	}
	assert_int_equal(made, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_device_finds_it_at_the_address, set_up),
		cmocka_unit_test_setup(errors_are_those_of_the_kernel, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
