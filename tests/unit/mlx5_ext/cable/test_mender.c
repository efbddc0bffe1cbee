/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/resource.h>

#include <cmocka.h>
#include <rte_eal.h>

#include "cable/mender.h"
#include "cable/wanted.h"
#include "queue/port.h"

static struct mlx5x_port port;
static struct mlx5x_mender *mender;
static pthread_t caller;
static int nb_mended[MLX5X_PORT_PAIRS];
static sem_t began, goes_on;

/* Takes as long as the test requires. */
static void
mend(struct mlx5x_port *of, uint16_t index)
{
	assert_ptr_equal(of, &port);
	assert_false(pthread_equal(pthread_self(), caller));
	nb_mended[index]++;
	sem_post(&began);
	sem_wait(&goes_on);
}

static int
set_up(void **state)
{
	memset(nb_mended, 0, sizeof(nb_mended));
	sem_init(&began, 0, 0);
	sem_init(&goes_on, 0, 0);
	caller = pthread_self();
	mender = NULL;
	return mlx5x_wanted_create(&port.wanted);
}

static int
tear_down(void **state)
{
	mlx5x_mender_stop(mender);
	mlx5x_wanted_destroy(port.wanted);
	return 0;
}

/* The requesting thread continues meanwhile, and may request again. */
static void
a_request_does_not_wait(void **state)
{
	assert_int_equal(mlx5x_mender_start(&port, mend, &mender), 0);
	mlx5x_wanted_add(port.wanted, 3);
	sem_wait(&began);
	mlx5x_wanted_add(port.wanted, 63);
	mlx5x_wanted_add(port.wanted, 3);
	mlx5x_wanted_add(port.wanted, 3);
	sem_post(&goes_on);
	sem_wait(&began);
	sem_post(&goes_on);
	sem_wait(&began);
	sem_post(&goes_on);
	mlx5x_mender_stop(mender);
	mender = NULL;
	assert_int_equal(nb_mended[3], 2);
	assert_int_equal(nb_mended[63], 1);
}

static void
earlier_requests_are_recovered(void **state)
{
	mlx5x_wanted_add(port.wanted, 1);
	assert_int_equal(mlx5x_mender_start(&port, mend, &mender), 0);
	sem_wait(&began);
	sem_post(&goes_on);
}

static void
starts_and_stops_follow_each_other(void **state)
{
	int i;

	for (i = 0; i < 200; i++) {
		assert_int_equal(mlx5x_mender_start(&port, mend, &mender), 0);
		mlx5x_mender_stop(mender);
	}
	mender = NULL;
}

static void
without_a_descriptor_it_does_not_start(void **state)
{
	struct rlimit before, none;

	getrlimit(RLIMIT_NOFILE, &before);
	none = (struct rlimit){.rlim_max = before.rlim_max};
	setrlimit(RLIMIT_NOFILE, &none);
	assert_int_equal(mlx5x_mender_start(&port, mend, &mender), -EMFILE);
	setrlimit(RLIMIT_NOFILE, &before);
	assert_null(mender);
}

static int
set_up_group(void **state)
{
	char args[][16] = {"test", "--no-pci", "--no-huge", "--no-shconf", "--no-telemetry", "-m",
		"32", "-l", "0", "--log-level=4"};
	char *argv[RTE_DIM(args)];
	unsigned int i;

	for (i = 0; i < RTE_DIM(args); i++)
		argv[i] = args[i];
	return rte_eal_init(RTE_DIM(argv), argv) < 0 ? -1 : 0;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_request_does_not_wait),
		CASE(earlier_requests_are_recovered),
		CASE(starts_and_stops_follow_each_other),
		CASE(without_a_descriptor_it_does_not_start),
	};

	return cmocka_run_group_tests(tests, set_up_group, NULL);
}
