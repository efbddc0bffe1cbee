/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>

#include "common/limit.h"
#include "fake_rdmacm.h"
#include "iwarp/cm.h"

#define LONG 20000	/* ms, limit for an immediate event */
#define SHORT 60	/* ms, for a limit that has to expire */
#define QPN 0x123456

static const char hello[] = "private data", answer[] = "granted";
static char got[sizeof(answer)];

static int
set_up(void **state)
{
	rdmacm_reset();
	answers[0] = (struct answer){.event = RDMA_CM_EVENT_ADDR_RESOLVED};
	answers[1] = (struct answer){.event = RDMA_CM_EVENT_ROUTE_RESOLVED};
	answers[2] = (struct answer){RDMA_CM_EVENT_ESTABLISHED, 0, answer, sizeof(answer)};
	return 0;
}

static int
tear_down(void **state)
{
	assert_int_equal(nb_channels, 0);
	assert_int_equal(nb_ids, 0);
	assert_int_equal(nb_acked, nb_taken);
	return 0;
}

static struct mlx5x_cm_address
address_of(const char *ip, unsigned int netdev, uint16_t port)
{
	struct mlx5x_cm_address address = {.netdev = netdev, .port = port};

	assert_int_equal(inet_pton(AF_INET6, ip, address.ip.raw), 1);
	return address;
}

static struct rdma_cm_id *
listen_at(const char *ip)
{
	struct mlx5x_cm_address at = address_of(ip, 7, 99);
	struct rdma_cm_id *listener = NULL;

	assert_int_equal(mlx5x_cm_listen(&at, "siw0", &listener), 0);
	assert_int_equal(at.port, TCP_PORT);
	return listener;
}

static void
listens_at_any_free_port(void **state)
{
	const struct sockaddr_in *bound = (struct sockaddr_in *)&source;
	struct rdma_cm_id *listener = listen_at("::ffff:10.0.0.5");

	assert_int_equal(bound->sin_family, AF_INET);
	assert_int_equal(bound->sin_port, 0);
	assert_int_equal(ntohl(bound->sin_addr.s_addr), 0x0a000005);
	assert_uint_in_range(listen_backlog, 1, 128);
	assert_int_equal(mlx5x_cm_fd(listener), listener->channel->fd);
	mlx5x_cm_close(listener);
	assert_string_equal(order, "ic");
}

static void
only_link_local_addresses_have_a_scope(void **state)
{
	const struct sockaddr_in6 *bound = (struct sockaddr_in6 *)&source;

	mlx5x_cm_close(listen_at("fe80::5054:ff:feab:10"));
	assert_int_equal(bound->sin6_family, AF_INET6);
	assert_int_equal(bound->sin6_scope_id, 7);
	assert_int_equal(bound->sin6_addr.s6_addr[0], 0xfe);
	assert_int_equal(bound->sin6_addr.s6_addr[15], 0x10);
	assert_int_equal(bound->sin6_port, 0);
	mlx5x_cm_close(listen_at("2001:db8::1"));
	assert_int_equal(bound->sin6_family, AF_INET6);
	assert_int_equal(bound->sin6_scope_id, 0);
}

static void
another_device_does_not_listen(void **state)
{
	struct mlx5x_cm_address at = address_of("::ffff:10.0.0.5", 7, 0);
	struct rdma_cm_id *listener;

	bound_to = &other_verbs;
	assert_int_equal(mlx5x_cm_listen(&at, "siw0", &listener), -EXDEV);
	bound_to = NULL;
	assert_int_equal(mlx5x_cm_listen(&at, "siw0", &listener), -EXDEV);
	assert_null(listener);
}

static void
a_failed_listen_leaves_nothing(void **state)
{
	struct mlx5x_cm_address at = address_of("::ffff:10.0.0.5", 7, 0);
	struct rdma_cm_id *listener = NULL;
	int n, ret;

	error = EADDRNOTAVAIL;
	for (n = 0;; n++) {
		calls_left = n;
		ret = mlx5x_cm_listen(&at, "siw0", &listener);
		if (ret == 0)
			break;
		assert_int_equal(ret, -EADDRNOTAVAIL);
		assert_int_equal(nb_channels + nb_ids, 0);
	}
	assert_int_equal(n, 4);
	mlx5x_cm_close(listener);
}

static void
without_rdma_ucm_there_is_no_such_device(void **state)
{
	struct mlx5x_cm_address at = address_of("::ffff:10.0.0.5", 7, 0);
	struct rdma_cm_id *listener;

	calls_left = 0;
	error = ENOENT;
	assert_int_equal(mlx5x_cm_listen(&at, "siw0", &listener), -ENODEV);
	calls_left = 0;
	error = 0;
	assert_int_equal(mlx5x_cm_listen(&at, "siw0", &listener), -ENODEV);
}

/* A connect request arrives at the listener, with len bytes of private data. */
static struct rdma_cm_id *
knock(struct rdma_cm_id *listener, const void *data, uint8_t len)
{
	const struct answer request = {RDMA_CM_EVENT_CONNECT_REQUEST, 0, data, len};
	struct rdma_cm_id *id = make_id(listener->channel);

	push_event(id, &request);
	eventfd_write(listener->channel->fd, 1);
	return id;
}

static void
a_connect_request_is_passed_on(void **state)
{
	struct rdma_cm_id *listener = listen_at("fe80::1"), *first, *second, *id;
	char data[sizeof(hello)] = "";

	assert_int_equal(mlx5x_cm_next(listener, &id, data, sizeof(data)), -EAGAIN);
	first = knock(listener, hello, sizeof(hello));
	second = knock(listener, hello, sizeof(hello));
	assert_int_equal(mlx5x_cm_next(listener, &id, data, sizeof(data)), 0);
	assert_ptr_equal(id, first);
	assert_string_equal(data, hello);
	assert_int_equal(nb_acked, 1);
	assert_int_equal(mlx5x_cm_next(listener, &id, data, 5), 0);
	assert_ptr_equal(id, second);
	assert_int_equal(mlx5x_cm_next(listener, &id, data, sizeof(data)), -EAGAIN);
	assert_int_equal(nb_rejects, 0);
	mlx5x_cm_disconnect(first);
	mlx5x_cm_refuse(second);
	assert_int_equal(nb_rejects, 1);
	assert_int_equal(nb_channels, 1);
	mlx5x_cm_close(listener);
}

static void
short_private_data_is_rejected(void **state)
{
	struct rdma_cm_id *listener = listen_at("fe80::1"), *good, *id;
	char data[sizeof(hello)] = "";

	knock(listener, hello, sizeof(hello) - 1);
	knock(listener, NULL, 0);
	good = knock(listener, hello, sizeof(hello));
	assert_int_equal(mlx5x_cm_next(listener, &id, data, sizeof(data)), -EBADMSG);
	assert_int_equal(mlx5x_cm_next(listener, &id, data, sizeof(data)), -EBADMSG);
	assert_int_equal(nb_rejects, 2);
	assert_int_equal(mlx5x_cm_next(listener, &id, data, sizeof(data)), 0);
	assert_ptr_equal(id, good);
	assert_int_equal(nb_rejects, 2);
	assert_int_equal(nb_ids, 2);
	mlx5x_cm_disconnect(good);
	mlx5x_cm_close(listener);
}

static void
events_of_connections_are_ignored(void **state)
{
	const struct answer gone = {.event = RDMA_CM_EVENT_DISCONNECTED};
	struct rdma_cm_id *listener = listen_at("fe80::1"), *accepted, *good, *id;
	char data[sizeof(hello)] = "";

	accepted = make_id(listener->channel);
	push_event(accepted, &answers[2]);
	push_event(accepted, &gone);
	eventfd_write(listener->channel->fd, 2);
	good = knock(listener, hello, sizeof(hello));
	assert_int_equal(mlx5x_cm_next(listener, &id, data, sizeof(data)), -ENOMSG);
	assert_int_equal(mlx5x_cm_next(listener, &id, data, sizeof(data)), -ENOMSG);
	assert_int_equal(nb_acked, 2);
	assert_int_equal(mlx5x_cm_next(listener, &id, data, sizeof(data)), 0);
	assert_ptr_equal(id, good);
	assert_int_equal(nb_rejects, 0);
	mlx5x_cm_disconnect(accepted);
	mlx5x_cm_disconnect(good);
	mlx5x_cm_close(listener);
}

static void
accept_connects_the_qp(void **state)
{
	struct rdma_cm_id *listener = listen_at("fe80::1");
	struct rdma_cm_id *id = make_id(listener->channel);

	assert_int_equal(mlx5x_cm_accept(id, QPN, answer, sizeof(answer)), 0);
	assert_int_equal(told.qp_num, QPN);
	assert_ptr_equal(told.private_data, answer);
	assert_int_equal(told.private_data_len, sizeof(answer));
	calls_left = 0;
	error = EINVAL;
	assert_int_equal(mlx5x_cm_accept(id, QPN, answer, sizeof(answer)), -EINVAL);
	assert_int_equal(nb_rejects, 1);
	assert_int_equal(nb_ids, 1);
	mlx5x_cm_close(listener);
}

static int wake = -1;	/* wake-up descriptor of the limit */

static int
connect_within(unsigned int limit_ms, struct rdma_cm_id **id)
{
	const struct mlx5x_limit limit = {mlx5x_limit_now() + limit_ms, wake};
	const struct mlx5x_cm_address from = address_of("fe80::1", 7, 0);
	const struct mlx5x_cm_address to = address_of("fe80::2", 7, TCP_PORT);
	const struct mlx5x_cm_private_data private_data = {hello, sizeof(hello), got, sizeof(got)};

	memset(got, 0, sizeof(got));
	return mlx5x_cm_connect(&from, &to, QPN, &private_data, &limit, id);
}

/* The error, and that no object is left. */
static int
fail_to_connect(unsigned int limit_ms)
{
	struct rdma_cm_id *id = NULL;
	int ret = connect_within(limit_ms, &id);

	assert_null(id);
	assert_int_equal(nb_channels + nb_ids, 0);
	assert_int_equal(nb_acked, nb_taken);
	return ret;
}

static void
connect_exchanges_private_data(void **state)
{
	const struct sockaddr_in6 *src = (struct sockaddr_in6 *)&source;
	const struct sockaddr_in6 *dst = (struct sockaddr_in6 *)&target;
	struct rdma_cm_id *id;

	assert_int_equal(connect_within(LONG, &id), 0);
	assert_string_equal(got, answer);
	assert_int_equal(told.qp_num, QPN);
	assert_ptr_equal(told.private_data, hello);
	assert_int_equal(told.private_data_len, sizeof(hello));
	assert_int_equal(src->sin6_addr.s6_addr[15], 1);
	assert_int_equal(src->sin6_port, 0);
	assert_int_equal(dst->sin6_addr.s6_addr[15], 2);
	assert_int_equal(ntohs(dst->sin6_port), TCP_PORT);
	assert_int_equal(src->sin6_scope_id, 7);
	assert_int_equal(dst->sin6_scope_id, 7);
	assert_uint_in_range(timeouts[0], 1, LONG);
	assert_uint_in_range(timeouts[1], 1, LONG);
	mlx5x_cm_close(id);
	assert_string_equal(order, "ic");
}

static void
over_ipv4_it_is_the_same(void **state)
{
	const struct mlx5x_cm_address from = address_of("::ffff:10.0.0.5", 7, 0);
	const struct mlx5x_cm_address to = address_of("::ffff:10.0.0.6", 7, TCP_PORT);
	const struct mlx5x_cm_private_data private_data = {hello, sizeof(hello), got, sizeof(got)};
	const struct mlx5x_limit limit = {mlx5x_limit_now() + LONG, -1};
	const struct sockaddr_in *dst = (struct sockaddr_in *)&target;
	struct rdma_cm_id *id;

	assert_int_equal(mlx5x_cm_connect(&from, &to, QPN, &private_data, &limit, &id), 0);
	assert_int_equal(dst->sin_family, AF_INET);
	assert_int_equal(ntohs(dst->sin_port), TCP_PORT);
	assert_int_equal(ntohl(dst->sin_addr.s_addr), 0x0a000006);
	mlx5x_cm_close(id);
}

static void
a_failed_connect_leaves_nothing(void **state)
{
	struct rdma_cm_id *id;
	int n;

	error = ENOBUFS;
	for (n = 0;; n++) {
		set_up(NULL);
		calls_left = n;
		error = ENOBUFS;
		if (connect_within(LONG, &id) == 0)
			break;
		calls_left = n;
		nb_events = nb_taken = nb_acked = 0;
		assert_int_equal(fail_to_connect(LONG), -ENOBUFS);
	}
	assert_int_equal(n, 8);
	mlx5x_cm_close(id);
}

static void
a_rejected_end_is_notified(void **state)
{
	answers[2] = (struct answer){RDMA_CM_EVENT_REJECTED, -ECONNRESET, answer, sizeof(answer)};
	assert_int_equal(fail_to_connect(LONG), -ECONNREFUSED);
	answers[2] = (struct answer){RDMA_CM_EVENT_ESTABLISHED, 0, answer, sizeof(answer) - 1};
	assert_int_equal(fail_to_connect(LONG), -EBADMSG);
	assert_int_equal(got[0], '\0');
}

/* Any other event, at any step. */
static void
other_events_are_errors(void **state)
{
	static const struct {
		enum rdma_cm_event_type event;
		int status, wanted;
	} others[] = {
		{RDMA_CM_EVENT_ADDR_ERROR, -ENODEV, -ENODEV},
		{RDMA_CM_EVENT_ROUTE_ERROR, 0, -EHOSTUNREACH},
		{RDMA_CM_EVENT_UNREACHABLE, -ETIMEDOUT, -ETIMEDOUT},
		{RDMA_CM_EVENT_CONNECT_ERROR, 7, -EHOSTUNREACH},
		{RDMA_CM_EVENT_DISCONNECTED, 0, -EHOSTUNREACH},
		{RDMA_CM_EVENT_DEVICE_REMOVAL, 0, -EHOSTUNREACH},
		{RDMA_CM_EVENT_ESTABLISHED, -ECONNRESET, -ECONNRESET},
	};
	unsigned int i, step;

	for (step = 0; step < 3; step++) {
		for (i = 0; i < RTE_DIM(others); i++) {
			set_up(NULL);
			answers[step].event = others[i].event;
			answers[step].status = others[i].status;
			assert_int_equal(fail_to_connect(LONG), others[i].wanted);
			assert_int_equal(nb_taken, step + 1);
		}
	}
}

static void
a_silent_end_is_not_waited_for(void **state)
{
	uint64_t before;
	int step;

	for (step = 0; step < 3; step++) {
		set_up(NULL);
		answers[step].silent = true;
		before = mlx5x_limit_now();
		assert_int_equal(fail_to_connect(SHORT), -ETIMEDOUT);
		assert_uint_in_range(mlx5x_limit_now() - before, SHORT - 1, LONG);
	}
}

static void
a_wake_up_ends_it_at_each_step(void **state)
{
	int step;

	wake = eventfd(1, 0);
	for (step = 0; step < 3; step++) {
		set_up(NULL);
		answers[step].silent = true;
		assert_int_equal(fail_to_connect(LONG), -ECANCELED);
	}
	close(wake);
	wake = -1;
}

static void *
fail_in_thread(void *arg)
{
	*(int *)arg = fail_to_connect(LONG);
	return NULL;
}

static void
a_blocked_call_is_cancelled_by_a_wake_up(void **state)
{
	pthread_t thread;
	int ret;

	rdmacm_get_stuck();
	wake = eventfd(0, 0);
	assert_int_equal(pthread_create(&thread, NULL, fail_in_thread, &ret), 0);
	pthread_barrier_wait(&is_stuck);
	eventfd_write(wake, 1);
	pthread_join(thread, NULL);
	assert_int_equal(ret, -ECANCELED);
	assert_int_equal(nb_taken, 2);
	close(wake);
	wake = -1;
	rdmacm_get_free();
}

static void *
pass_barrier(void *arg)
{
	pthread_barrier_wait(&is_stuck);
	return NULL;
}

static void
a_blocked_call_is_limited(void **state)
{
	pthread_t thread;

	rdmacm_get_stuck();
	assert_int_equal(pthread_create(&thread, NULL, pass_barrier, NULL), 0);
	assert_int_equal(fail_to_connect(SHORT), -ETIMEDOUT);
	pthread_join(thread, NULL);
	rdmacm_get_free();
}

static void
a_late_return_is_valid(void **state)
{
	struct rdma_cm_id *id;
	pthread_t thread;

	rdmacm_get_stuck();
	assert_int_equal(write(stuck[1], "", 1), 1);
	assert_int_equal(pthread_create(&thread, NULL, pass_barrier, NULL), 0);
	assert_int_equal(connect_within(LONG, &id), 0);
	pthread_join(thread, NULL);
	mlx5x_cm_close(id);
	rdmacm_get_free();
}

static void
nothing_can_be_ended(void **state)
{
	mlx5x_cm_close(NULL);
	mlx5x_cm_disconnect(NULL);
	assert_string_equal(order, "");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(listens_at_any_free_port),
		CASE(only_link_local_addresses_have_a_scope),
		CASE(another_device_does_not_listen),
		CASE(a_failed_listen_leaves_nothing),
		CASE(without_rdma_ucm_there_is_no_such_device),
		CASE(a_connect_request_is_passed_on),
		CASE(short_private_data_is_rejected),
		CASE(events_of_connections_are_ignored),
		CASE(accept_connects_the_qp),
		CASE(connect_exchanges_private_data),
		CASE(over_ipv4_it_is_the_same),
		CASE(a_failed_connect_leaves_nothing),
		CASE(a_rejected_end_is_notified),
		CASE(other_events_are_errors),
		CASE(a_silent_end_is_not_waited_for),
		CASE(a_wake_up_ends_it_at_each_step),
		CASE(a_blocked_call_is_cancelled_by_a_wake_up),
		CASE(a_blocked_call_is_limited),
		CASE(a_late_return_is_valid),
		CASE(nothing_can_be_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
