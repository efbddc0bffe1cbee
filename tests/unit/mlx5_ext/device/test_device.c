/* SPDX-License-Identifier: BSD-3-Clause */
/* The life of a device: each step of its opening fails in turn, it dies with and without a port. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <ethdev_driver.h>

#include "common/counter.h"
#include "common/verbs.h"
#include "device/async.h"
#include "device/device.h"
#include "device/open.h"

int mlx5x_logtype;

/* Objects of the fakes that are not released, as letters: "C" a context, "P", "T", "A" ... */
static char there[16];
static char gone[32];		/* order of their release */
static char fail_at;

static void
append(char *letters, char what)
{
	size_t n = strlen(letters);

	letters[n] = what;
	letters[n + 1] = '\0';
}

static int
make(char what)
{
	if (fail_at == what)
		return -EIO;
	append(there, what);
	return 0;
}

static void
unmake(char what)
{
	size_t last = strlen(there) - 1;

	assert_true(there[0] != '\0');
	assert_int_equal(there[last], what);
	there[last] = '\0';
	append(gone, what);
}

int
mlx5x_discover(const char *pci, struct mlx5x_discovery *found)
{
	strcpy(found->rdma, "rdma0");
	return fail_at == 'D' ? -ENOENT : 0;
}

static struct ibv_context context;
static struct ibv_pd the_pd;

int
mlx5x_verbs_open(const char *name, struct ibv_context **ctx)
{
	*ctx = &context;
	return make('C');
}

void
mlx5x_verbs_close(struct ibv_context *ctx)
{
	assert_ptr_equal(ctx, &context);
	unmake('C');
}

int
mlx5x_caps_query(struct ibv_context *ctx, const char *netdev, struct mlx5x_caps *caps)
{
	return fail_at == 'Q' ? -EIO : 0;
}

int
mlx5x_verbs_alloc_pd(struct ibv_context *ctx, struct ibv_pd **pd)
{
	*pd = &the_pd;
	return make('P');
}

void
mlx5x_verbs_dealloc_pd(struct ibv_pd *pd)
{
	assert_ptr_equal(pd, &the_pd);
	unmake('P');
}

int
mlx5x_mr_init(struct mlx5x_mr_table *table, struct ibv_pd *pd, size_t max_size)
{
	return make('T');
}

void
mlx5x_mr_fini(struct mlx5x_mr_table *table)
{
	unmake('T');
}

int
mlx5x_async_start(struct mlx5x_device *device, const struct mlx5x_async_handlers *handlers)
{
	return make('A');
}

void
mlx5x_async_stop(struct mlx5x_device *device)
{
	unmake('A');
}

static const struct rte_pci_addr addr = {.bus = 3}, other_addr = {.bus = 4};
static struct mlx5x_device *device;

/* A device with its minimum of members. */
struct mlx5x_port {
	struct mlx5x_device *device;
	struct mlx5x_hold hold;
	uint16_t id;
};

static struct mlx5x_port port;

static bool
attach(struct mlx5x_port *to)
{
	return mlx5x_device_attach(to->device, to, &to->hold, to->id);
}

static int
set_up(void **state)
{
	fail_at = '\0';
	there[0] = gone[0] = '\0';
	if (mlx5x_device_open(&addr, "0000:03:00.0", NULL, &device) != 0)
		return -1;
	port = (struct mlx5x_port){.device = device, .id = 7};
	return 0;
}

static void
check_gone(void)
{
	struct mlx5x_holder holder;
	struct mlx5x_device *none;

	assert_string_equal(there, "");
	assert_int_equal(mlx5x_device_find(&addr, &holder, &none), -ENOENT);
	assert_null(mlx5x_device_at(&addr));
}

static void
each_step_of_opening_fails(void **state)
{
	const char *step;

	mlx5x_device_close(device);
	for (step = "DCQPTA"; *step != '\0'; step++) {
		fail_at = *step;
		assert_int_not_equal(mlx5x_device_open(&addr, "0000:03:00.0", NULL, &device), 0);
		check_gone();
	}
}

static void
all_objects_end_in_reverse_order(void **state)
{
	assert_string_equal(there, "CPTA");
	mlx5x_device_close(device);
	assert_string_equal(gone, "ATPC");
	check_gone();
}

static void
a_function_has_one_device(void **state)
{
	struct mlx5x_device *second;

	assert_int_equal(mlx5x_device_open(&addr, "0000:03:00.0", NULL, &second), -EEXIST);
	assert_int_equal(mlx5x_device_open(&other_addr, "0000:04:00.0", NULL, &second), 0);
	assert_int_not_equal(second->serial, device->serial);
	mlx5x_device_close(second);
	mlx5x_device_close(device);
	check_gone();
}

/* Each takes a hold when it finds the device. */
static void
it_is_found_by_all_its_names(void **state)
{
	struct mlx5x_holder holder, port_holder;
	struct mlx5x_device *found;

	assert_null(mlx5x_device_of_port(7, &holder));
	assert_false(attach(&port));
	assert_int_equal(mlx5x_device_find(&addr, &holder, &found), 0);
	assert_ptr_equal(found, device);
	assert_ptr_equal(mlx5x_device_port(device, &port_holder), &port);
	mlx5x_hold_let_go(&port_holder);
	mlx5x_hold_let_go(&holder);
	assert_ptr_equal(mlx5x_device_numbered(device->serial, &holder), device);
	mlx5x_hold_let_go(&holder);
	assert_ptr_equal(mlx5x_device_of_port(7, &holder), device);
	mlx5x_hold_let_go(&holder);
	assert_null(mlx5x_device_of_port(8, &holder));
	assert_null(mlx5x_device_numbered(device->serial + 1, &holder));
	mlx5x_device_detach(port.device);
	mlx5x_device_detached(port.device);
	assert_null(mlx5x_device_of_port(7, &holder));
	mlx5x_device_close(device);
	check_gone();
}

static void
each_port_is_iterated_once(void **state)
{
	struct mlx5x_port second = {.id = 9}, *met;
	struct mlx5x_holder holder;
	uintptr_t serial = 0;
	uint16_t ids[2];

	assert_false(attach(&port));
	assert_int_equal(mlx5x_device_open(&other_addr, "0000:04:00.0", NULL, &second.device), 0);
	assert_false(attach(&second));
	assert_int_equal(mlx5x_device_list_ports(ids, 2), 2);
	assert_int_equal(ids[0] + ids[1], 7 + 9);
	met = mlx5x_device_next_port(&serial, &holder);
	assert_ptr_equal(met, &port);
	mlx5x_hold_let_go(&holder);
	/* The device is removed meanwhile. */
	mlx5x_device_detach(port.device);
	mlx5x_device_detached(port.device);
	met = mlx5x_device_next_port(&serial, &holder);
	assert_ptr_equal(met, &second);
	mlx5x_hold_let_go(&holder);
	assert_null(mlx5x_device_next_port(&serial, &holder));
	mlx5x_device_detach(second.device);
	mlx5x_device_detached(second.device);
	mlx5x_device_close(second.device);
	mlx5x_device_close(device);
	check_gone();
}

/* Mappings belong to the device. */
static void
it_outlives_its_port(void **state)
{
	struct mlx5x_holder holder;
	struct mlx5x_device *found;

	assert_false(attach(&port));
	mlx5x_device_detach(port.device);
	mlx5x_device_detached(port.device);
	mlx5x_device_leave(device);
	assert_string_equal(there, "CPTA");
	assert_int_equal(mlx5x_device_find(&addr, &holder, &found), 0);
	assert_null(mlx5x_device_port(found, &holder));
	mlx5x_hold_let_go(&holder);
	mlx5x_device_close(device);
	check_gone();
}

/* The kernel waits for the close of the rdma device; the function is detached later. */
static void
a_dead_device_ends_with_its_port(void **state)
{
	struct mlx5x_holder holder;
	struct mlx5x_device *found;

	assert_false(attach(&port));
	mlx5x_flag_set(&device->dead, true);
	mlx5x_device_leave(device);
	assert_string_equal(there, "CPTA");
	mlx5x_device_detach(port.device);
	mlx5x_device_detached(port.device);
	mlx5x_device_leave(device);
	assert_string_equal(there, "");
	assert_int_equal(mlx5x_device_find(&addr, &holder, &found), -EIO);
	assert_null(mlx5x_device_numbered(device->serial, &holder));
	/* And only once. */
	mlx5x_device_leave(device);
	assert_int_equal(mlx5x_device_open(&addr, "0000:03:00.0", NULL, &found), -EEXIST);
	mlx5x_device_close(device);
	assert_string_equal(gone, "ATPC");
	check_gone();
}

/* In the thread of the event, which holds it. */
static void
a_death_without_a_port_ends_at_once(void **state)
{
	struct mlx5x_holder holder;

	assert_false(attach(&port));
	mlx5x_device_detach(port.device);
	mlx5x_device_detached(port.device);
	assert_ptr_equal(mlx5x_device_numbered(device->serial, &holder), device);
	mlx5x_flag_set(&device->dead, true);
	mlx5x_device_leave(device);
	assert_string_equal(there, "");
	assert_false(mlx5x_hold_has(&holder));
	mlx5x_hold_let_go(&holder);
	mlx5x_device_close(device);
	check_gone();
}

/* Events of its memory may be running, and implicit regions are still to be released. */
static void
a_death_during_a_close_waits_for_it(void **state)
{
	struct mlx5x_holder holder;

	assert_false(attach(&port));
	mlx5x_device_detach(device);
	assert_ptr_equal(mlx5x_device_numbered(device->serial, &holder), device);
	mlx5x_flag_set(&device->dead, true);
	assert_null(mlx5x_device_port(device, &(struct mlx5x_holder){0}));
	mlx5x_device_leave(device);
	assert_string_equal(there, "CPTA");
	mlx5x_hold_let_go(&holder);
	mlx5x_device_detached(device);
	mlx5x_device_leave(device);
	assert_string_equal(there, "");
	mlx5x_device_close(device);
	check_gone();
}

static void
a_device_dead_in_probe_waits_for_its_port(void **state)
{
	mlx5x_flag_set(&device->dead, true);
	mlx5x_device_leave(device);
	assert_string_equal(there, "CPTA");
	assert_true(attach(&port));
	mlx5x_device_detach(port.device);
	mlx5x_device_detached(port.device);
	mlx5x_device_leave(device);
	assert_string_equal(there, "");
	mlx5x_device_close(device);
	check_gone();
}

static bool let_go;

/* A mapping thread: the device stays until it is done. */
static void *
hold_for_a_while(void *arg)
{
	struct mlx5x_holder holder;
	struct mlx5x_device *found;
	pthread_barrier_t *taken = arg;
	intptr_t good;

	assert_int_equal(mlx5x_device_find(&addr, &holder, &found), 0);
	pthread_barrier_wait(taken);
	/* Until it cannot be found any more: the other thread is about to wait. */
	while (mlx5x_device_at(&addr) != NULL)
		sched_yield();
	good = strcmp(there, "CPTA") == 0;
	__atomic_store_n(&let_go, true, __ATOMIC_RELEASE);
	mlx5x_hold_let_go(&holder);
	return (void *)good;
}

static void
its_end_waits_for_its_holders(void **state)
{
	pthread_barrier_t taken;
	pthread_t thread;
	void *good;

	pthread_barrier_init(&taken, NULL, 2);
	assert_int_equal(pthread_create(&thread, NULL, hold_for_a_while, &taken), 0);
	pthread_barrier_wait(&taken);
	mlx5x_device_close(device);
	assert_true(__atomic_load_n(&let_go, __ATOMIC_ACQUIRE));
	pthread_join(thread, &good);
	assert_non_null(good);
	pthread_barrier_destroy(&taken);
	check_gone();
}

#define CASE(name) cmocka_unit_test_setup(name, set_up)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(each_step_of_opening_fails),
		CASE(all_objects_end_in_reverse_order),
		CASE(a_function_has_one_device),
		CASE(it_is_found_by_all_its_names),
		CASE(each_port_is_iterated_once),
		CASE(it_outlives_its_port),
		CASE(a_dead_device_ends_with_its_port),
		CASE(a_death_without_a_port_ends_at_once),
		CASE(a_death_during_a_close_waits_for_it),
		CASE(a_device_dead_in_probe_waits_for_its_port),
		CASE(its_end_waits_for_its_holders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
